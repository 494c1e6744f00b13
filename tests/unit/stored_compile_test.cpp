// SPDX-License-Identifier: MIT
// Stored compiles against the present. Needs NVRTC, as compile_test does.
#include "module/stored_compile.hpp"

#include "cache/store.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/cache_diff.hpp>
#include <cujitsu/cache_order.hpp>
#include <cujitsu/compile.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/recompile.hpp>
#include <cujitsu/stored_compile.hpp>

#include "support/catch.hpp"

#include <stdexcept>
#include <string>

using namespace cujitsu;

namespace {

constexpr const char* source = "__global__ void twice(float* x) { x[threadIdx.x] *= 2; }\n";

/// Stores other code under the key of an entry, in a sound file: what a compiler that went wrong would leave.
template <class Change>
void falsify(KernelCache& cache, const std::string& key, Change change) {
  auto stored = find_stored_compile(cache, key);
  change(stored.entry.code);
  std::string reason;
  REQUIRE(cache.store().save(stored.material.key(), stored.entry.code, reason, stored.closure));
}

}  // namespace

TEST_CASE("What the compiler makes again is the same, byte by byte") {
  const test::TemporaryFolder folder;
  KernelCache cache(folder / "cache");
  const auto key = compile(source, {.arch = "sm_80"}, &cache).cache_key;
  const auto report = recompile(cache);
  CHECK(report.same == 1);
  CHECK(report.entries.empty());
  CHECK(report.seconds > 0);
}

TEST_CASE("An entry that holds other code than the compiler makes is told, with the place") {
  const test::TemporaryFolder folder;
  KernelCache cache(folder / "cache");
  const auto key = compile(source, {.arch = "sm_80"}, &cache).cache_key;
  falsify(cache, key, [](CompiledCode& code) { code.ptx[7] = '!'; });
  const auto report = recompile(cache);
  REQUIRE(report.differing == 1);
  CHECK(report.entries[0].outcome == RecompileOutcome::differs);
  CHECK(report.entries[0].detail == "PTX differs from byte 7 on");

  falsify(cache, key, [](CompiledCode& code) { code.cubin.resize(100); });
  const auto shorter = recompile(cache);
  REQUIRE(shorter.differing == 1);
  CHECK(shorter.entries[0].detail.find("cubin differs from byte 100 on (100 bytes stored") != std::string::npos);
}

TEST_CASE("An architecture that this NVRTC does not know is skipped") {
  const test::TemporaryFolder folder;
  KernelCache cache(folder / "cache");
  const auto key = compile(source, {.arch = "sm_80"}, &cache).cache_key;
  falsify(cache, key, [](CompiledCode& code) { code.arch = "sm_20"; });
  const auto report = recompile(cache);
  CHECK(report.skipped == 1);
  REQUIRE(report.entries.size() == 1);
  CHECK(report.entries[0].detail.find("does not know sm_20") != std::string::npos);
}

TEST_CASE("What the progress throws ends the recompiling") {
  const test::TemporaryFolder folder;
  KernelCache cache(folder / "cache");
  static_cast<void>(compile(source, {.arch = "sm_80"}, &cache));
  static_cast<void>(compile(source, {.arch = "sm_90"}, &cache));
  std::uint64_t calls = 0;
  CHECK_THROWS_AS(recompile(cache, {},
                            [&](std::uint64_t done, std::uint64_t total) {
                              ++calls;
                              CHECK(done == 1);
                              CHECK(total == 2);
                              throw std::runtime_error("enough");
                            }),
                  std::runtime_error);
  CHECK(calls == 1);
}

TEST_CASE("An entry explains itself, and a diff pairs kernels by their lowered names") {
  const test::TemporaryFolder folder;
  KernelCache cache(folder / "cache");
  const auto before = compile(source, {.arch = "sm_80"}, &cache).cache_key;
  const auto after =
      compile(std::string(source) + "__global__ void twice(double* x) { *x *= 2; }\n", {.arch = "sm_80"}, &cache)
          .cache_key;
  CHECK(explain_entry(before, cache).status == CacheStatus::hit);
  CHECK(explain_entry(before, cache).key == before);
  CHECK(check_headers(before, cache).empty());
  const auto found = diff(before, after, cache);
  REQUIRE(found.kernels.size() == 2);
  CHECK(found.kernels[0].before.has_value());
  CHECK(found.kernels[0].after.has_value());
  CHECK_FALSE(found.kernels[1].before.has_value());
  CHECK(found.kernels[1].name == "twice(double* x)");
  CHECK_FALSE(found.source_diff.empty());
  CHECK_THROWS_AS(diff(before, "0", cache), CacheError);
}

TEST_CASE("Entries are sorted as the order says, and equal ones stay as they were") {
  std::vector<CacheSummary> entries(3);
  entries[0].key = "a", entries[0].file_bytes = 5, entries[0].created = 30, entries[0].hits = 1;
  entries[1].key = "b", entries[1].file_bytes = 9, entries[1].created = 20, entries[1].hits = 1;
  entries[2].key = "c", entries[2].file_bytes = 7, entries[2].created = 10, entries[2].hits = 4;
  const auto sorted = [&](const char* order) {
    auto copy = entries;
    sort_entries(copy, cache_order(order));
    return copy[0].key + copy[1].key + copy[2].key;
  };
  CHECK(sorted("newest") == "abc");
  CHECK(sorted("age") == "cba");
  CHECK(sorted("size") == "bca");
  CHECK(sorted("hits") == "cab");
  CHECK(sorted("seconds") == "abc");
  CHECK_THROWS_AS(cache_order("sizes"), ArgumentError);
}
