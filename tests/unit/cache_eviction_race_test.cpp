// SPDX-License-Identifier: MIT
// Eviction while others read, write and evict.
#include "cache/store.hpp"
#include "cache/sweep.hpp"

#include <cujitsu/errors.hpp>

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cujitsu;
using test::numbered;
using test::same_code;
using test::sample_code;
using test::TemporaryFolder;
using test::Warnings;

constexpr int programs = 24;

CompiledCode code_of(int number) {
  auto code = sample_code();
  code.ptx = std::string(2000, static_cast<char>('a' + number));
  code.log = std::to_string(number);
  return code;
}

/// Loads each program, and saves it where it is missing, as a compile does. Returns how often something was wrong.
int compile_all(KernelCache::Store& store, int rounds, int offset) {
  int wrong = 0;
  std::string reason;
  for (int i = 0; i < rounds * programs; ++i) {
    const int number = (i * 7 + offset) % programs;
    const auto loaded = store.load(numbered(number), reason);
    if (loaded && !same_code(*loaded, code_of(number))) ++wrong;
    if (!loaded && !reason.empty()) ++wrong;
    if (!loaded && !store.save(numbered(number), code_of(number), reason)) ++wrong;
  }
  return wrong;
}

/// Room for half of them, so that something is evicted all the time.
constexpr std::uint64_t bound = programs / 2 * 4000;

int sweep_often(const std::string& folder, int rounds) {
  const std::atomic<bool> never{false};
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    try {
      static_cast<void>(sweep(folder, bound, nullptr, never));
    } catch (const CacheError&) {
      ++wrong;
    }
  }
  return wrong;
}

}  // namespace

// Before the tests with threads: a child has only the thread that forked.
TEST_CASE("processes compile while others sweep, and all results are right", "[cache][race][sweep]") {
  const TemporaryFolder folder;
  const auto root = folder / "root";
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const Warnings warnings;
      KernelCache::Store store(root);
      const int wrong = i < 4 ? compile_all(store, 30, i) : sweep_often(store.path().native(), 60);
      store.end();
      ::_exit(wrong == 0 && warnings.count() == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  KernelCache::Store store(root);
  CHECK(store.verify({}).problems.empty());
  static_cast<void>(sweep_often(store.path().native(), 1));
  CHECK(store.stats().bytes <= bound);
  for (const auto& path : test::files_below(root)) CHECK_FALSE(file::is_temporary(path.filename().native()));
  // Each load was a hit or led to nothing; no process told of more than it did.
  CHECK(store.stats().folder.hits <= 4 * 30 * programs);
}

TEST_CASE("threads compile, prune, list and verify one cache at once", "[cache][race][sweep][threads]") {
  const TemporaryFolder folder;
  const Warnings warnings;
  KernelCacheOptions options;
  options.max_bytes = bound;
  KernelCache cache(folder / "root", options);
  std::atomic<int> wrong{0};
  std::atomic<int> compiling{3};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      wrong += compile_all(cache.store(), 10, i);
      --compiling;
    });
  threads.emplace_back([&] {
    while (compiling > 0) static_cast<void>(cache.prune({.max_bytes = bound / 2}));
  });
  threads.emplace_back([&] {
    while (compiling > 0) {
      for (const auto& problem : cache.verify().problems)
        if (problem.damaged) ++wrong;
      for (const auto& entry : cache.list())
        if (entry.arch != "sm_90") ++wrong;
      if (cache.stats().max_bytes != bound) ++wrong;
    }
  });
  for (auto& thread : threads) thread.join();
  cache.store().wait_for_sweep();
  CHECK(wrong == 0);
  CHECK(warnings.all().empty());
  CHECK(cache.verify().problems.empty());
}
