// SPDX-License-Identifier: MIT
#include "cli/disassembler.hpp"

#include "cli/text.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/libraries.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

extern char** environ;

namespace cujitsu::cli {
namespace {

namespace fs = std::filesystem;

using Folders = std::vector<std::string>;

void add(Folders& folders, const fs::path& folder) {
  auto text = folder.lexically_normal().string();
  if (std::ranges::find(folders, text) == folders.end()) folders.push_back(std::move(text));
}

Folders folders_of_path() {
  Folders result;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (folder.starts_with('/')) add(result, folder);  // one that counts from the current folder is no installation
  }
  return result;
}

Folders folders_of_toolkits() {
  Folders result;
  for (const char* name : {"CUDA_PATH", "CUDA_HOME"})
    if (const auto folder = environment_value(name)) add(result, fs::path(*folder) / "bin");
  for (const auto& candidate : nvrtc_report().candidates) {
    if (!candidate.chosen) continue;
    // TOOLKIT/lib64, site-packages/nvidia/cu13/lib; TOOLKIT/targets/x86_64-linux/lib
    for (const char* way : {"../bin", "../../../bin"}) add(result, fs::path(candidate.path).parent_path() / way);
  }
  add(result, "/usr/local/cuda/bin");
  return result;
}

[[noreturn]] void fail(const char* what, int error) {
  throw Error(fmt::format("can not {} for the disassembler: {}", what, std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return value_; }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

/// A file that its owner alone can read, and that goes with this object.
class PrivateFile {
 public:
  explicit PrivateFile(std::string_view content) {
    std::error_code error;
    auto folder = fs::temp_directory_path(error);
    if (error) folder = "/tmp";
    path_ = (folder / "cujitsu-XXXXXX.cubin").string();
    const Descriptor file(::mkostemps(path_.data(), 6, O_CLOEXEC));  // mode 0600
    if (file.get() < 0) fail("make a temporary file", errno);
    while (!content.empty()) {
      const auto written = ::write(file.get(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int reason = errno;
        ::unlink(path_.c_str());
        fail("write a temporary file", reason);
      }
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~PrivateFile() { ::unlink(path_.c_str()); }
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

std::string read_all(int descriptor) {
  std::string text;
  char chunk[1 << 14];
  for (;;) {
    const auto count = ::read(descriptor, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read the output", errno);
    if (count == 0) return text;
    text.append(chunk, static_cast<std::size_t>(count));
  }
}

/// Throws unless the process ended with 0.
void wait_for(pid_t process, const std::string& program) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) fail("wait", errno);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw Error(WIFSIGNALED(status)
                  ? fmt::format("{} was ended by signal {}", program, WTERMSIG(status))
                  : fmt::format("{} failed with exit code {}; what it says is above", program, WEXITSTATUS(status)));
}

}  // namespace

Disassembler find_disassembler() {
  const auto in_path = folders_of_path();
  const auto in_toolkits = folders_of_toolkits();
  for (const auto& [name, arguments] : {Disassembler{"nvdisasm", {"-c"}}, Disassembler{"cuobjdump", {"-sass"}}})
    for (const auto* folders : {&in_path, &in_toolkits})
      for (const auto& folder : *folders) {
        const auto program = folder + '/' + name;
        std::error_code error;
        if (fs::is_regular_file(program, error) && ::access(program.c_str(), X_OK) == 0) return {program, arguments};
      }
  throw Error(fmt::format(
      "no disassembler was found: neither nvdisasm nor cuobjdump is in PATH, nor in {}. They are part of the "
      "CUDA toolkit; `pip install nvidia-cuda-nvdisasm` installs one beside NVIDIA's other Python wheels",
      join(in_toolkits, ", ")));
}

std::string disassemble(const Disassembler& disassembler, std::string_view cubin) {
  const PrivateFile file(cubin);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("make a pipe", errno);
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);

  auto arguments = disassembler.arguments;
  arguments.insert(arguments.begin(), disassembler.program);
  arguments.push_back(file.path());
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  pid_t process = 0;
  const int error =
      ::posix_spawn(&process, disassembler.program.c_str(), &actions, nullptr, pointers.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Error(fmt::format("can not run {}: {}", disassembler.program, std::strerror(error)));
  input.close();  // or the output would never end
  auto text = read_all(output.get());
  wait_for(process, disassembler.program);
  return text;
}

}  // namespace cujitsu::cli
