// SPDX-License-Identifier: MIT
#include "nvrtc/toolkit.hpp"
#include "nvrtc/elf_build_id.hpp"
#include "nvrtc/ld_cache.hpp"
#include "support/catch.hpp"

#include <cujitsu/errors.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

using namespace cujitsu;
using namespace cujitsu::nvrtc;

namespace fs = std::filesystem;

namespace {

/// A folder with fake installs, and an environment that shows nothing else.
class Installs {
 public:
  Installs() : root_(fs::temp_directory_path() / ("cujitsu-toolkit-test-" + std::to_string(::getpid()))) {
    for (const char* name : {"CUJITSU_NVRTC", "CUJITSU_TOOLKIT", "CUDA_PATH", "CUDA_HOME", "CONDA_PREFIX",
                             "VIRTUAL_ENV", "LD_LIBRARY_PATH"})
      ::unsetenv(name);
    fs::remove_all(root_);
  }
  ~Installs() {
    fs::remove_all(root_);
    set_wheel_folders({});
  }
  Installs(const Installs&) = delete;
  Installs& operator=(const Installs&) = delete;

  std::string add(const std::string& folder, const std::string& major, const std::string& version) {
    fs::create_directories(root_ / folder);
    std::ofstream(root_ / folder / ("libnvrtc.so." + major)) << "not a library";
    if (!version.empty()) std::ofstream(root_ / folder / ("libnvrtc-builtins.so." + version)) << "nor this";
    return (root_ / folder / ("libnvrtc.so." + major)).string();
  }
  void touch(const std::string& file) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << "x";
  }
  /// As if everything had been installed long ago.
  void age() const {
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
    for (const auto& item : fs::recursive_directory_iterator(root_))
      if (!item.is_symlink()) fs::last_write_time(item.path(), long_ago);
    fs::last_write_time(root_, long_ago);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  /// As a new process would.
  [[nodiscard]] std::shared_ptr<const Toolkit> require(SearchMemo& memo) const {
    set_wheel_folders({});
    set_wheel_folders({path("site-packages")});
    return require_toolkit(16, &memo);  // newer than what the machine may have
  }
  /// Searches anew; the result depends on the wheel folders, which are set here.
  [[nodiscard]] SearchResult find(int driver_major) const {
    set_wheel_folders({});
    set_wheel_folders({path("site-packages")});
    return find_toolkit(driver_major);
  }

 private:
  fs::path root_;
};

class Memo final : public SearchMemo {
 public:
  std::optional<std::string> load(const std::string& inputs) override {
    const auto it = texts.find(inputs);
    return it == texts.end() ? std::nullopt : std::optional(it->second);
  }
  void save(const std::string& inputs, const std::string& text) override {
    texts[inputs] = text;
    ++searches;
  }

  std::map<std::string, std::string> texts;
  int searches = 0;
};

const LibraryCandidate* candidate(const SearchResult& result, const std::string& path) {
  for (const auto& each : result.candidates)
    if (each.path == path) return &each;
  return nullptr;
}

}  // namespace

TEST_CASE("the newest NVRTC that the driver can run is chosen, and the others are listed with a reason") {
  Installs installs;
  const auto newest = installs.add("site-packages/nvidia/cu16/lib", "16", "16.1");
  const auto older = installs.add("site-packages/nvidia/cuda_nvrtc/lib", "15", "15.4");
  const auto broken = installs.add("site-packages/nvidia/cu14/lib", "14", "");
  const auto any = installs.find(0);
  REQUIRE(any.toolkit != nullptr);
  CHECK(any.toolkit->library == newest);
  CHECK(any.toolkit->major == 16);
  CHECK(any.toolkit->minor == 1);
  CHECK(candidate(any, newest)->chosen);
  CHECK(candidate(any, older)->reason.find("not the newest") != std::string::npos);
  CHECK(candidate(any, broken)->reason.find("libnvrtc-builtins") != std::string::npos);

  const auto limited = installs.find(15);
  REQUIRE(limited.toolkit != nullptr);
  CHECK(limited.toolkit->library == older);
  CHECK(candidate(limited, newest)->reason.find("driver, which is of CUDA 15") != std::string::npos);
}

TEST_CASE("CUJITSU_NVRTC is taken as it is, and nothing else is looked at") {
  Installs installs;
  installs.add("site-packages/nvidia/cu16/lib", "16", "16.1");
  const auto named = installs.add("named", "12", "12.3");
  ::setenv("CUJITSU_NVRTC", named.c_str(), 1);
  const auto found = installs.find(11);
  REQUIRE(found.toolkit != nullptr);
  CHECK(found.toolkit->library == named);
  CHECK(found.candidates.size() == 1);
  ::setenv("CUJITSU_NVRTC", "/nonexistent/libnvrtc.so.13", 1);
  const auto missing = installs.find(13);
  CHECK(missing.toolkit == nullptr);
  try {
    static_cast<void>(require_toolkit(13));
    FAIL("nothing was thrown");
  } catch (const LoadError& error) {
    CHECK(error.tried().size() == 1);
    CHECK(std::string(error.what()).find("/nonexistent/libnvrtc.so.13 (CUJITSU_NVRTC): no such file") !=
          std::string::npos);
    CHECK(std::string(error.what()).find("cujitsu[cu13]") != std::string::npos);
  }
  ::unsetenv("CUJITSU_NVRTC");
}

TEST_CASE("CUJITSU_TOOLKIT hides installed toolkits or wheels") {
  Installs installs;
  const auto wheel = installs.add("site-packages/nvidia/cu15/lib", "15", "15.0");
  const auto system = installs.add("toolkit/lib64", "16", "16.0");
  ::setenv("CUDA_PATH", installs.path("toolkit").c_str(), 1);
  CHECK(installs.find(0).toolkit->library == system);
  ::setenv("CUJITSU_TOOLKIT", "wheels", 1);
  const auto wheels = installs.find(0);
  CHECK(wheels.toolkit->library == wheel);
  CHECK(candidate(wheels, system)->reason == "excluded by CUJITSU_TOOLKIT=wheels");
  ::setenv("CUJITSU_TOOLKIT", "system", 1);
  CHECK(installs.find(0).toolkit->library == system);
  ::setenv("CUJITSU_TOOLKIT", "nonsense", 1);
  CHECK(installs.find(0).toolkit == nullptr);
  ::unsetenv("CUJITSU_TOOLKIT");
}

TEST_CASE("an NVRTC that is too old, or whose name does not tell its version, is rejected") {
  Installs installs;
  const auto old = installs.add("named", "11.2", "11.8");
  ::setenv("CUJITSU_NVRTC", old.c_str(), 1);
  CHECK(candidate(installs.find(0), old)->reason.find("too old") != std::string::npos);
  installs.touch("named/libother.so");
  ::setenv("CUJITSU_NVRTC", installs.path("named/libother.so").c_str(), 1);
  CHECK(installs.find(0).candidates.at(0).reason.find("does not tell its version") != std::string::npos);
  ::unsetenv("CUJITSU_NVRTC");
}

TEST_CASE("a search is not made again while everything that it looked at is unchanged") {
  Installs installs;
  const auto wheel = installs.add("site-packages/nvidia/cu16/lib", "16", "16.0");
  const auto other = installs.add("toolkit-a/lib64", "15", "15.9");
  installs.add("toolkit-b/lib64", "16", "16.1");
  fs::create_directory_symlink(installs.path("toolkit-a"), installs.path("toolkit"));
  ::setenv("CUDA_HOME", installs.path("toolkit").c_str(), 1);
  ::setenv("CUDA_PATH", installs.path("missing").c_str(), 1);
  installs.age();
  Memo memo;
  const auto first = installs.require(memo);
  REQUIRE(memo.searches == 1);
  const auto again = installs.require(memo);
  CHECK(memo.searches == 1);
  CHECK(again->library == first->library);
  CHECK(again->builtins == first->builtins);
  CHECK(again->origin == first->origin);
  CHECK(again->major == first->major);
  CHECK(again->minor == first->minor);
  CHECK(again->identity == first->identity);

  // each change is seen, and what the search then finds is the answer
  SECTION("a newer library in a folder that was looked into") {
    const auto newer = installs.add("site-packages/nvidia/cu16/lib", "16.2.1", "16.2");
    fs::remove(wheel);
    fs::create_symlink(newer, wheel);
    installs.age();
    CHECK(installs.require(memo)->minor == 2);
  }
  SECTION("a folder that was missing") {
    installs.add("missing/lib64", "16", "16.5");
    installs.age();
    CHECK(installs.require(memo)->minor == 5);
  }
  SECTION("a link that leads elsewhere") {
    fs::remove(installs.path("toolkit"));
    fs::create_directory_symlink(installs.path("toolkit-b"), installs.path("toolkit"));
    CHECK(installs.require(memo)->minor == 1);
  }
  SECTION("a library that is written over") {
    std::ofstream(wheel, std::ios::app) << "another build";
    installs.age();
    CHECK(installs.require(memo)->identity != first->identity);
  }
  SECTION("a library that is removed") {
    fs::remove(wheel);
    CHECK(installs.require(memo)->library == other);
  }
  SECTION("an environment variable") {
    ::setenv("CUJITSU_TOOLKIT", "system", 1);
    CHECK(installs.require(memo)->library == other);
  }
}

TEST_CASE("a search is not kept when what it looked at has only just changed, or can not be told") {
  Installs installs;
  installs.add("site-packages/nvidia/cu16/lib", "16", "16.0");
  Memo memo;
  CHECK(installs.require(memo) != nullptr);
  CHECK(memo.searches == 0);
  installs.age();
  CHECK(installs.require(memo) != nullptr);
  REQUIRE(memo.searches == 1);
  auto& text = memo.texts.begin()->second;
  const auto whole = text;
  for (const auto& damaged : {std::string(), whole.substr(0, whole.size() / 2), memo.texts.begin()->first,
                              memo.texts.begin()->first + "\n\n\n\n\n\n", "other inputs" + whole}) {
    text = damaged;
    const int before = memo.searches;
    CHECK(installs.require(memo)->minor == 0);
    CHECK(memo.searches == before + 1);
  }
  ::setenv("CUDA_PATH", (installs.path("with\nline break")).c_str(), 1);
  const int before = memo.searches;
  CHECK(installs.require(memo) != nullptr);
  CHECK(memo.searches == before);
}

TEST_CASE("headers belong to the chosen library, in the layouts of toolkits and of both kinds of wheels") {
  Installs installs;
  installs.add("site-packages/nvidia/cu16/lib", "16", "16.0");
  installs.touch("site-packages/nvidia/cu16/include/cuda_fp16.h");
  installs.touch("site-packages/nvidia/cu16/include/cccl/cub/version.cuh");
  const auto cu13_like = installs.find(0).toolkit->include_dirs();
  CHECK(cu13_like == std::vector<std::string>{installs.path("site-packages/nvidia/cu16/include"),
                                              installs.path("site-packages/nvidia/cu16/include/cccl")});
  fs::remove_all(installs.path("site-packages"));
  installs.add("site-packages/nvidia/cuda_nvrtc/lib", "15", "15.0");
  installs.touch("site-packages/nvidia/cuda_runtime/include/cuda_fp16.h");
  installs.touch("site-packages/nvidia/cuda_cccl/include/cub/version.cuh");
  const auto cu12_like = installs.find(0).toolkit->include_dirs();
  CHECK(cu12_like == std::vector<std::string>{installs.path("site-packages/nvidia/cuda_runtime/include"),
                                              installs.path("site-packages/nvidia/cuda_cccl/include")});
}

TEST_CASE("a library is identified by its build id, another file by size and time") {
  const Installs installs;
  const auto self = file_identity("/proc/self/exe");
  CHECK_FALSE(self.empty());
  CHECK(self == file_identity("/proc/self/exe"));
  const auto text = fs::temp_directory_path() / "cujitsu-identity-test";
  std::ofstream(text) << "short";
  CHECK(file_identity(text).starts_with("file:5:"));
  fs::remove(text);
  CHECK(file_identity("/nonexistent").empty());
}

TEST_CASE("the loader's cache is read, and a damaged one is passed over") {
  const auto found = loader_paths("libc.so.");
  if (fs::exists("/etc/ld.so.cache")) CHECK_FALSE(found.empty());
  for (const auto& path : found) CHECK(path.find("libc.so.") != std::string::npos);
  CHECK(loader_paths("libc.so.", "/nonexistent").empty());
  std::ifstream file("/etc/ld.so.cache", std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const auto damaged = fs::temp_directory_path() / "cujitsu-ld-cache-test";
  for (const std::size_t length : {std::size_t{10}, std::size_t{21}, std::size_t{50}, content.size() / 2}) {
    std::ofstream(damaged, std::ios::binary) << content.substr(0, length);
    for (const auto& path : loader_paths("", damaged)) CHECK(path.size() < 4096);
  }
  fs::remove(damaged);
}
