// SPDX-License-Identifier: MIT
// What the cache's tests share: a folder, a program, and faults of the file system.
#pragma once

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "cache/store.hpp"

#include <cujitsu/logging.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::test {

/// An empty folder of its own, for its owner alone; removed with all that is in it.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    auto pattern = (parent / "cujitsu-test-XXXXXX").native();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Of a file or folder in it.
  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).native(); }

 private:
  std::filesystem::path path_;
};

/// For tests that make thousands of files: memory where the system has a file system of it, else the usual place.
inline std::filesystem::path fast_parent() {
  return ::access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path();
}

/// The warnings since it was made; what was said once before may be said again.
class Warnings {
 public:
  Warnings() {
    log::forget_first_times();
    set_log_sink([this](LogLevel level, std::string_view text) {
      const std::lock_guard lock(mutex_);
      if (level >= LogLevel::warning) texts_.emplace_back(text);
    });
  }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;
  ~Warnings() { set_log_sink({}); }
  [[nodiscard]] std::size_t count() const { return texts_.size(); }
  [[nodiscard]] std::string all() const {
    std::string result;
    for (const auto& text : texts_) result += text + '\n';
    return result;
  }
  [[nodiscard]] bool mention(std::string_view part) const { return all().find(part) != std::string::npos; }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

/// System calls to replace: set members of `calls`, then install().
class Faults {
 public:
  Faults() = default;
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  ~Faults() { end(); }
  void install() { file::set_system_calls(&calls); }
  void end() { file::set_system_calls(nullptr); }
  file::SystemCalls calls = file::real_system_calls();
};

/// An environment variable with another value, or without one, for a while.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) {
    if (value != nullptr)
      ::setenv(name_, value, 1);
    else
      ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("can not read " + path.native());
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw std::runtime_error("can not write " + path.native());
}

/// Every regular file below `folder`.
inline std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> result;
  if (!std::filesystem::exists(folder)) return result;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder))
    if (item.is_regular_file()) result.push_back(item.path());
  return result;
}

/// The exit code of a child process that runs `body`, which returns it; 128 and the signal when one ended it. Not for
/// a process that has threads.
template <class Body>
int in_child(const Body& body) {
  const auto child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    int code = 99;
    try {
      code = body();
    } catch (...) {  // the parent sees 99
    }
    ::_exit(code);  // without the parent's exit handlers
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What sample_material's program includes.
inline ClosureRecord sample_closure() {
  ClosureRecord closure;
  closure.headers.push_back(
      {"/opt/headers/b.h", false, strong_hash("#define B 1"), {1, 2, 11, 4, 5, true}, "#define B 1"});
  closure.headers.push_back({"include/c.h", true, strong_hash("other"), {6, 7, 5, 9, 10, false}, ""});
  closure.present = {"/opt/headers/asked.h"};
  closure.absent = {"include/b.h", "/opt/headers/c.h"};
  return closure;
}

inline KeyMaterial sample_material() {
  KeyMaterial material;
  material.source = "template <class T> __global__ void scale(T* x, T a) { x[threadIdx.x] *= a; }\n";
  material.options.options = {"--use_fast_math", "-DN=4"};
  material.options.include_dirs = {"include", "/opt/headers"};
  material.options.headers = {{"one.h", "#define ONE 1\n"}, {"empty.h", ""}};
  material.options.name_expressions = {"scale<float>", "scale<double>"};
  material.options.arch = "sm_90";
  material.options.name = "scale.cu";
  material.compiler_options = {"--gpu-architecture=sm_90", "--use_fast_math", "-DN=4"};
  material.closure.compiler_identity = "libnvrtc.so.13 0123abcd";
  material.closure.set_headers(sample_closure());
  return material;
}

/// One of many programs, by its source.
inline CacheKey numbered(int number) {
  auto material = sample_material();
  material.source = "// program " + std::to_string(number);
  return material.key();
}

inline CompiledCode sample_code() {
  CompiledCode code;
  code.ptx = ".version 9.0\n.target sm_90\n";
  code.cubin = std::string(
      "\x7f"
      "ELF\0\x01\xff",
      7);
  code.log = "scale.cu(1): warning #177-D: variable \"x\" was declared but never referenced\n";
  code.arch = "sm_90";
  code.options = {"--gpu-architecture=sm_90", "--use_fast_math", "-DN=4", "-I/opt/headers"};
  KernelInfo kernel;
  kernel.name = "scale<float>";
  kernel.lowered_name = "_Z5scaleIfEvPT_S0_";
  kernel.signature.kernel = kernel.name;
  kernel.signature.parameters = {{ParameterKind::pointer, 8, 8, 0, "const float*", "x", "float", true},
                                 {ParameterKind::floating, 4, 4, 8, "float", "a", "", false}};
  kernel.resources = {16, 1024, 32, 380};
  KernelInfo plain;
  plain.name = "plain";
  plain.lowered_name = "plain";
  plain.signature.kernel = plain.name;
  plain.signature.parameters = {{ParameterKind::integer, 8, 8, 0, "", "", "", false},
                                {ParameterKind::aggregate, 24, 8, 8, "", "", "", false}};
  code.kernels = {kernel, plain};
  code.lowered_names = {{"scale<float>", "_Z5scaleIfEvPT_S0_"}, {"scale<double>", "_Z5scaleIdEvPT_S0_"}};
  code.globals = {{"ns::table", "_ZN2ns5tableE"}};
  code.compiler = {13, 0, "/usr/local/cuda/lib64/libnvrtc.so.13"};
  code.seconds = 0.0625;
  return code;
}

/// In everything that is stored.
inline bool same_code(const CompiledCode& a, const CompiledCode& b) {
  return a.ptx == b.ptx && a.cubin == b.cubin && a.log == b.log && a.arch == b.arch && a.options == b.options &&
         a.kernels == b.kernels && a.lowered_names == b.lowered_names && a.globals == b.globals &&
         a.compiler.major == b.compiler.major && a.compiler.minor == b.compiler.minor &&
         a.compiler.library == b.compiler.library && a.seconds == b.seconds;
}

inline bool same_options(const CompileOptions& a, const CompileOptions& b) {
  return a.options == b.options && a.include_dirs == b.include_dirs && a.headers == b.headers &&
         a.name_expressions == b.name_expressions && a.arch == b.arch && a.name == b.name;
}

}  // namespace cujitsu::test
