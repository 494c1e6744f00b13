// SPDX-License-Identifier: MIT
// The bound: what is evicted, when, and what is left alone.
#include "cache/sweep.hpp"

#include "cache/evictions.hpp"
#include "cache/store.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace cujitsu;
using test::Environment;
using test::Faults;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

const std::atomic<bool> never{false};

void set_age(const std::filesystem::path& path, std::int64_t seconds) {
  const timespec then[2] = {{::time(nullptr) - seconds, 0}, {::time(nullptr) - seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), then, 0) == 0);
}

std::int64_t age_of(const std::filesystem::path& path) {
  file::Status status;
  REQUIRE(file::status(path, status) == 0);
  return ::time(nullptr) - status.modified;
}

/// Entries of one size; number i was used i hours ago.
struct Aged {
  explicit Aged(int entries, StoreSettings settings = {}) : store(folder.path(), {}, std::move(settings)) {
    for (int i = 0; i < entries; ++i) {
      keys.push_back(numbered(i));
      REQUIRE(store.save(keys.back(), sample_code(), reason));
      set_age(path(i), 3600 * i + 60);
    }
    bytes = std::filesystem::file_size(path(0));
  }
  static CacheKey numbered(int number) {
    auto material = sample_material();
    material.source = "// program " + std::string(number < 10 ? "0" : "") + std::to_string(number);
    if (number % 2 == 1) material.options.arch = "sm_80";
    return material.key();
  }
  [[nodiscard]] std::filesystem::path path(int number) const {
    const auto& key = keys[static_cast<std::size_t>(number)].hex;
    return store.path() / key.substr(0, 2) / (key.substr(2) + ".entry");
  }
  [[nodiscard]] std::vector<int> left() const {
    std::vector<int> result;
    for (int i = 0; i < static_cast<int>(keys.size()); ++i)
      if (std::filesystem::exists(path(i))) result.push_back(i);
    return result;
  }
  Removed sweep(std::uint64_t max_bytes) const {
    return cujitsu::sweep(store.path().native(), max_bytes, nullptr, never);
  }
  TemporaryFolder folder;
  KernelCache::Store store;
  std::vector<CacheKey> keys;
  std::uint64_t bytes = 0;
  std::string reason;
};

}  // namespace

TEST_CASE("a sweep removes the least recently used, down to 80 % of the bound", "[cache][sweep]") {
  const Aged aged(10);
  CHECK(aged.sweep(10 * aged.bytes).entries == 0);  // at the bound is within it
  CHECK(aged.sweep(0).entries == 0);                // no bound
  const auto removed = aged.sweep(9 * aged.bytes);
  CHECK(removed.entries == 3);  // 7 are within 7.2
  CHECK(removed.bytes == 3 * aged.bytes);
  CHECK(aged.left() == std::vector{0, 1, 2, 3, 4, 5, 6});
  CHECK(aged.sweep(9 * aged.bytes).entries == 0);
}

TEST_CASE("80 % of any bound is computed without overflow", "[cache][sweep]") {
  CHECK(swept_size(100) == 80);
  CHECK(swept_size(1) == 0);
  CHECK(swept_size(std::numeric_limits<std::uint64_t>::max()) == std::numeric_limits<std::uint64_t>::max() / 5 * 4);
}

TEST_CASE("a hit keeps an entry from being evicted", "[cache][sweep]") {
  Aged aged(10);
  REQUIRE(aged.store.load(aged.keys[9], aged.reason).has_value());
  CHECK(age_of(aged.path(9)) < 60);
  aged.sweep(9 * aged.bytes);
  CHECK(aged.left() == std::vector{0, 1, 2, 3, 4, 5, 9});
}

TEST_CASE("a hit marks its entry at most once an hour, and never a seed's", "[cache][sweep]") {
  Aged aged(2);
  static int marks = 0;
  marks = 0;
  Faults faults;
  faults.calls.utimensat = [](int folder, const char* path, const struct ::timespec* times, int flags) {
    ++marks;
    return ::utimensat(folder, path, times, flags);
  };
  faults.install();
  for (int i = 0; i < 3; ++i) REQUIRE(aged.store.load(aged.keys[1], aged.reason).has_value());
  CHECK(marks == 1);
  // Used an hour ago by the clock of the file, but this process has marked it.
  set_age(aged.path(1), 4000);
  REQUIRE(aged.store.load(aged.keys[1], aged.reason).has_value());
  CHECK(marks == 1);
  REQUIRE(aged.store.load(aged.keys[0], aged.reason).has_value());  // used a minute ago
  CHECK(marks == 1);

  StoreSettings settings;
  settings.options.seeds = {aged.folder.path()};
  const TemporaryFolder other;
  KernelCache::Store seeded(other.path(), {}, settings);
  REQUIRE(seeded.load(aged.keys[1], aged.reason).has_value());
  CHECK(marks == 1);
}

TEST_CASE("a mark that can not be set is no matter", "[cache][sweep]") {
  Aged aged(2);
  const Warnings warnings;
  Faults faults;
  faults.calls.utimensat = [](int, const char*, const struct ::timespec*, int) { return errno = EROFS, -1; };
  faults.install();
  CHECK(aged.store.load(aged.keys[1], aged.reason).has_value());
  CHECK(warnings.count() == 0);
}

TEST_CASE("what was used since it was listed stays", "[cache][sweep]") {
  const Aged aged(3);
  auto listed = layout::entries(aged.store.path().native());
  set_age(aged.path(2), 0);
  const auto removed = remove_oldest(listed, 1, never);
  CHECK(removed.keys == std::vector{aged.keys[1].hex});
  CHECK(aged.left() == std::vector{0, 2});
}

TEST_CASE("what others have removed counts as freed", "[cache][sweep]") {
  const Aged aged(4);
  const auto listed = layout::entries(aged.store.path().native());
  std::filesystem::remove(aged.path(3));
  const auto removed = remove_oldest(listed, 2 * aged.bytes, never);
  CHECK(removed.entries == 1);
  CHECK(aged.left() == std::vector{0, 1});
}

TEST_CASE("a file in use, or gone stale, is passed over; a read-only folder ends a sweep", "[cache][sweep]") {
  const Aged aged(4);
  const Warnings warnings;
  Faults faults;
  static int calls = 0;
  calls = 0;
  SECTION("EBUSY for the first") {
    faults.calls.unlink = [](const char* path) { return ++calls == 1 ? (errno = EBUSY, -1) : ::unlink(path); };
    faults.install();
    CHECK(aged.sweep(3 * aged.bytes).entries == 2);
    CHECK(aged.left() == std::vector{0, 3});
  }
  SECTION("ESTALE for the first") {
    faults.calls.unlink = [](const char* path) { return ++calls == 1 ? (errno = ESTALE, -1) : ::unlink(path); };
    faults.install();
    CHECK(aged.sweep(3 * aged.bytes).entries == 1);
  }
  SECTION("EROFS") {
    faults.calls.unlink = [](const char*) { return ++calls, errno = EROFS, -1; };
    faults.install();
    CHECK(aged.sweep(3 * aged.bytes).entries == 0);
    CHECK(calls == 1);
  }
  CHECK(warnings.count() == 0);
}

TEST_CASE("a sweep that is told to stop removes nothing more", "[cache][sweep]") {
  const Aged aged(4);
  const std::atomic<bool> stop{true};
  CHECK(cujitsu::sweep(aged.store.path().native(), 1, nullptr, stop).entries == 0);
  CHECK(aged.left().size() == 4);
}

TEST_CASE("notes count and go too, when they are the oldest", "[cache][sweep]") {
  Aged aged(4);
  aged.store.save_note("subject", std::string(1000, 'n'));
  std::filesystem::path note;
  for (const auto& path : test::files_below(aged.folder.path()))
    if (path.extension() == ".note") note = path;
  set_age(note, 100 * 3600);
  const auto removed = aged.sweep(4 * aged.bytes);
  CHECK_FALSE(std::filesystem::exists(note));
  CHECK(removed.keys.size() == removed.entries);
}

TEST_CASE("a sweep clears what dead writers left, after ten minutes, and nothing that is not ours", "[cache][sweep]") {
  const Aged aged(1);
  const auto shard = aged.path(0).parent_path();
  const auto folder = aged.store.path();
  const std::vector<std::filesystem::path> stale = {shard / ".cujitsu-1-0123-0.tmp", folder / ".cujitsu-1-0123-1.tmp",
                                                    folder / "notes/.cujitsu-1-0123-2.tmp"};
  const std::vector<std::filesystem::path> kept = {shard / ".cujitsu-2-0123-0.tmp",
                                                   shard / "old.tmp",
                                                   folder / "other/.cujitsu-1-0123-0.tmp",
                                                   aged.folder / "v2/ab/.cujitsu-1-0123-0.tmp",
                                                   aged.folder / ("v2/ab/" + std::string(30, 'a') + ".entry"),
                                                   aged.folder / ("v4/ab/" + std::string(30, 'a') + ".entry")};
  for (const auto& path : stale) test::write(path, "half an ent");
  for (const auto& path : kept) test::write(path, "other");
  for (const auto& path : stale) set_age(path, 660);
  for (std::size_t i = 1; i < kept.size(); ++i) set_age(kept[i], 7200);
  set_age(kept[0], 540);
  aged.sweep(1);  // evicts every entry of this version
  for (const auto& path : stale) CHECK_FALSE(std::filesystem::exists(path));
  for (const auto& path : kept) CHECK(std::filesystem::exists(path));
  CHECK(aged.left().empty());
}

TEST_CASE("what was evicted is remembered, with its time", "[cache][sweep]") {
  Aged aged(3);
  CHECK_FALSE(aged.store.evicted(aged.keys[2].hex).has_value());
  aged.sweep(2 * aged.bytes);
  const auto time = aged.store.evicted(aged.keys[2].hex);
  REQUIRE(time.has_value());
  CHECK(::time(nullptr) - *time < 60);
  CHECK_FALSE(aged.store.evicted(aged.keys[0].hex).has_value());
  CHECK(aged.store.clear() == 1);
  CHECK_FALSE(aged.store.evicted(aged.keys[2].hex).has_value());
}

TEST_CASE("the list of the evicted is bounded, and a damaged one is an empty one", "[cache][sweep]") {
  const TemporaryFolder folder;
  const auto name = [](std::size_t number) { return to_hex(hash128(std::to_string(number))); };
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < evictions::most + 10; ++i) keys.push_back(name(i));
  evictions::add(folder.path(), keys, 100, nullptr);
  CHECK_FALSE(evictions::time_of(folder.path(), name(9), nullptr).has_value());
  CHECK(evictions::time_of(folder.path(), name(10), nullptr) == 100);
  evictions::add(folder.path(), {name(10)}, 200, nullptr);
  CHECK(evictions::time_of(folder.path(), name(10), nullptr) == 200);
  CHECK(evictions::time_of(folder.path(), name(11), nullptr) == 100);
  CHECK(std::filesystem::file_size(folder / "evicted") < 100'000);
  test::write(folder / "evicted", "rubbish");
  CHECK_FALSE(evictions::time_of(folder.path(), name(11), nullptr).has_value());
  evictions::add(folder.path(), {name(1)}, 300, nullptr);
  CHECK(evictions::time_of(folder.path(), name(1), nullptr) == 300);
}

TEST_CASE("a save sweeps in the background, at most hourly for each folder", "[cache][sweep][threads]") {
  Aged aged(10);
  KernelCacheOptions options;
  options.max_bytes = 5 * aged.bytes;
  const auto save_one = [&] {
    KernelCache cache(aged.folder.path(), options);  // a new one, as a new process would have
    REQUIRE(cache.store().save(aged.keys[0], sample_code(), aged.reason));
    cache.store().wait_for_sweep();
  };
  save_one();
  CHECK(aged.left() == std::vector{0, 1, 2, 3});
  for (int i = 4; i < 10; ++i)
    REQUIRE(aged.store.save(aged.keys[static_cast<std::size_t>(i)], sample_code(), aged.reason));
  save_one();
  CHECK(aged.left().size() == 10);  // within the hour
  set_age(layout::stamp_file(aged.store.path()), 3700);
  save_one();
  CHECK(aged.left().size() == 4);
  CHECK(age_of(layout::stamp_file(aged.store.path())) < 60);
}

TEST_CASE("a wrong clock does not switch the sweep off", "[cache][sweep][threads]") {
  Aged aged(10);
  KernelCacheOptions options;
  options.max_bytes = 5 * aged.bytes;
  test::write(layout::stamp_file(aged.store.path()), "");
  set_age(layout::stamp_file(aged.store.path()), -100 * 24 * 3600);
  KernelCache cache(aged.folder.path(), options);
  REQUIRE(cache.store().save(aged.keys[0], sample_code(), aged.reason));
  cache.store().wait_for_sweep();
  CHECK(aged.left().size() == 4);
}

TEST_CASE("a cache that goes away while it is swept waits for no more than one file", "[cache][sweep][threads]") {
  const Aged aged(10);
  for (int i = 0; i < 20; ++i) {
    KernelCacheOptions options;
    options.max_bytes = 1;
    std::filesystem::remove(layout::stamp_file(aged.store.path()));
    KernelCache cache(aged.folder.path(), options);
    std::string reason;
    REQUIRE(cache.store().save(aged.keys[0], sample_code(), reason));
  }
}

TEST_CASE("prune takes a size, an age, an architecture and a name, and tells before it does", "[cache][prune]") {
  Aged aged(6);
  const auto prune = [&](PruneOptions options) {
    options.dry_run = true;
    const auto before = aged.left();
    const auto told = aged.store.prune(options);
    CHECK(aged.left() == before);
    options.dry_run = false;
    const auto done = aged.store.prune(options);
    CHECK(told.entries == done.entries);
    CHECK(told.bytes == done.bytes);
    return done.entries;
  };
  SECTION("nothing: within the bound") { CHECK(prune({}) == 0); }
  SECTION("a size") {
    CHECK(prune({.max_bytes = 4 * aged.bytes}) == 2);
    CHECK(aged.left() == std::vector{0, 1, 2, 3});
    CHECK(aged.store.evicted(aged.keys[5].hex).has_value());
  }
  SECTION("an age") {
    CHECK(prune({.older_than = std::chrono::hours(3)}) == 3);
    CHECK(aged.left() == std::vector{0, 1, 2});
  }
  SECTION("an architecture") {
    CHECK(prune({.arch = "sm_80"}) == 3);
    CHECK(aged.left() == std::vector{0, 2, 4});
  }
  SECTION("an architecture and a size") {
    CHECK(prune({.max_bytes = 4 * aged.bytes, .arch = "sm_90"}) == 2);
    CHECK(aged.left() == std::vector{0, 1, 3, 5});
  }
  SECTION("a pattern") { CHECK(prune({.arch = "sm_9*"}) == 3); }
  SECTION("the program's name") { CHECK(prune({.name = "scale.cu"}) == 6); }
  SECTION("a kernel's name") { CHECK(prune({.name = "scale<float>"}) == 6); }
  SECTION("a name that nothing has") { CHECK(prune({.name = "scale<int>"}) == 0); }
}

TEST_CASE("prune of nothing brings a cache that has outgrown its bound down to 80 %", "[cache][prune]") {
  StoreSettings settings;
  Aged sized(1);
  settings.options.max_bytes = 5 * sized.bytes;
  Aged aged(10, settings);
  CHECK(aged.store.prune({}).entries == 6);
  CHECK(aged.store.stats().max_bytes == 5 * sized.bytes);
  const TemporaryFolder empty;
  CHECK(KernelCache(empty.path()).prune().entries == 0);
  CHECK(std::filesystem::is_empty(empty.path()));
}
