// SPDX-License-Identifier: MIT
// Several threads and processes in one cache, and processes that die half-way.
#include "cache/store.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cujitsu;
using test::Faults;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

/// One writer's version of the entry: every part of it says which, so that a mixture shows.
CompiledCode version_of(int writer) {
  auto code = sample_code();
  const std::string mark = std::to_string(writer);
  code.ptx = std::string(static_cast<std::size_t>(1000 * (writer + 1)), mark[0]);
  code.log = mark;
  code.arch = mark;
  return code;
}

bool is_whole(const CompiledCode& code) {
  return code.log.size() == 1 && code.arch == code.log &&
         code.ptx == std::string(static_cast<std::size_t>(1000 * (code.log[0] - '0' + 1)), code.log[0]);
}

/// Saves and loads one key many times; returns how often something other than a whole entry came back.
int hammer(KernelCache::Store& store, int writer, int rounds) {
  const auto key = sample_material().key();
  const auto code = version_of(writer);
  std::string reason;
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    if (!store.save(key, code, reason)) ++wrong;
    const auto loaded = store.load(key, reason);
    if (!loaded || !is_whole(*loaded)) ++wrong;
  }
  return wrong;
}

}  // namespace

// Before the tests with threads: a child has only the thread that forked.
TEST_CASE("several processes save and load one key, and each sees whole entries", "[cache][race]") {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (int writer = 0; writer < 4; ++writer) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      KernelCache::Store store(folder / "made/by/all");
      ::_exit(hammer(store, writer, 200) == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("a process that dies between write and rename leaves no entry", "[cache][race]") {
  const TemporaryFolder folder;
  const auto key = sample_material().key();
  std::string reason;
  const int code = test::in_child([&] {
    Faults faults;
    faults.calls.rename = [](const char*, const char*) -> int { ::_exit(42); };
    faults.install();
    KernelCache::Store store(folder.path());
    return store.save(key, sample_code(), reason) ? 1 : 2;
  });
  REQUIRE(code == 42);
  auto left = test::files_below(folder.path());
  REQUIRE(left.size() == 1);
  CHECK(file::is_temporary(left.front().filename().native()));

  const Warnings warnings;
  KernelCache::Store store(folder.path());
  CHECK_FALSE(store.load(key, reason).has_value());
  CHECK(store.list().empty());
  CHECK(store.save(key, sample_code(), reason));
  CHECK(test::same_code(*store.load(key, reason), sample_code()));
  CHECK(warnings.count() == 0);
}

TEST_CASE("a process that dies within a write leaves no entry", "[cache][race]") {
  const TemporaryFolder folder;
  const auto key = sample_material().key();
  std::string reason;
  const int code = test::in_child([&] {
    Faults faults;
    faults.calls.write = [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
      static_cast<void>(!::write(descriptor, buffer, bytes / 2));
      ::_exit(42);
    };
    faults.install();
    KernelCache::Store store(folder.path());
    return store.save(key, sample_code(), reason) ? 1 : 2;
  });
  REQUIRE(code == 42);
  KernelCache::Store store(folder.path());
  CHECK_FALSE(store.load(key, reason).has_value());
  CHECK(store.list().empty());
}

TEST_CASE("several threads use one store for one key", "[cache][race][threads]") {
  const TemporaryFolder folder;
  KernelCache::Store store(folder / "root");
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 4; ++writer) threads.emplace_back([&, writer] { wrong += hammer(store, writer, 200); });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(store.stats().hits == 800);
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("clearing while others save loses entries, and no save fails for it", "[cache][race][threads]") {
  const TemporaryFolder folder;
  KernelCache::Store store(folder / "root");
  const Warnings warnings;
  const auto key = sample_material().key();
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::thread saver([&] {
    std::string reason;
    for (int i = 0; i < 300; ++i) {
      if (!store.save(key, version_of(1), reason)) ++wrong;
      if (const auto loaded = store.load(key, reason); loaded && !is_whole(*loaded)) ++wrong;
    }
    done = true;
  });
  while (!done) static_cast<void>(store.clear());
  saver.join();
  CHECK(wrong == 0);
}

TEST_CASE("a root that must be refused is refused for every thread, with one warning", "[cache][race][threads]") {
  const TemporaryFolder folder;
  REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  const Warnings warnings;
  KernelCache::Store store(folder.path());
  const auto key = sample_material().key();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      std::string reason;
      if (store.load(key, reason) || reason != store.disabled_reason() || store.enabled()) ++wrong;
      if (store.save(key, sample_code(), reason)) ++wrong;
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(warnings.count() == 1);
}
