// SPDX-License-Identifier: MIT
// Read-only caches behind the writable one.
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <string>

namespace {

using namespace cujitsu;
using Catch::Matchers::ContainsSubstring;
using test::Faults;
using test::numbered;
using test::sample_code;
using test::TemporaryFolder;
using test::Warnings;

CompiledCode marked(const std::string& mark) {
  auto code = sample_code();
  code.log = mark;
  return code;
}

/// Two seeds and a cache before them.
struct Seeded {
  Seeded() {
    StoreSettings settings;
    settings.options.seeds = {folder / "first", folder / "second"};
    store.emplace(folder / "root", std::string(), settings);
  }
  void put(const std::string& name, int number) {
    KernelCache::Store seed(folder / name);
    REQUIRE(seed.save(numbered(number), marked(name), reason));
  }
  std::string load(int number) {
    const auto code = store->load(numbered(number), reason);
    return code ? code->log : "";
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name, int number) const {
    const auto key = numbered(number).hex;
    return folder.path() / name / "v3" / key.substr(0, 2) / (key.substr(2) + ".entry");
  }
  /// Every file of the seeds with its content.
  [[nodiscard]] std::map<std::string, std::string> seeds() const {
    std::map<std::string, std::string> result;
    for (const char* name : {"first", "second"})
      for (const auto& file : test::files_below(folder / name)) result[file.native()] = test::contents(file);
    return result;
  }
  TemporaryFolder folder;
  std::optional<KernelCache::Store> store;
  std::string reason;
};

}  // namespace

TEST_CASE("the cache is asked before its seeds, and those in their order", "[cache][seed]") {
  Seeded seeded;
  seeded.put("second", 1);
  seeded.put("second", 2);
  seeded.put("second", 3);
  seeded.put("first", 1);
  seeded.put("first", 2);
  const auto before = seeded.seeds();
  CHECK(seeded.load(1) == "first");
  CHECK(seeded.load(3) == "second");
  CHECK(seeded.load(4).empty());
  CHECK(seeded.reason.empty());
  CHECK_FALSE(std::filesystem::exists(seeded.folder / "root"));  // nothing is copied forward
  REQUIRE(seeded.store->save(numbered(2), marked("root"), seeded.reason));
  CHECK(seeded.load(2) == "root");
  CHECK(seeded.load(1) == "first");
  CHECK(seeded.store->stats().hits == 4);
  CHECK(seeded.seeds() == before);
}

TEST_CASE("a hit in a seed says so", "[cache][seed]") {
  Seeded seeded;
  seeded.put("first", 1);
  const auto code = seeded.store->load(numbered(1), seeded.reason);
  REQUIRE(code.has_value());
  CHECK(code->cache_reason.find(seeded.folder / "first") != std::string::npos);
  CHECK(code->cache_status == CacheStatus::hit);
}

TEST_CASE("a damaged entry of a seed is a miss with one warning, and stays", "[cache][seed]") {
  Seeded seeded;
  seeded.put("first", 1);
  auto damaged = test::contents(seeded.path("first", 1));
  damaged[200] ^= 1;
  test::write(seeded.path("first", 1), damaged);
  const Warnings warnings;
  for (int i = 0; i < 2; ++i) {
    CHECK(seeded.load(1).empty());
    CHECK(seeded.reason.find("seed") != std::string::npos);
  }
  CHECK(warnings.count() == 1);
  CHECK(test::contents(seeded.path("first", 1)) == damaged);
  seeded.put("second", 1);  // the next seed may have a whole one
  CHECK(seeded.load(1) == "second");
}

TEST_CASE("a seed that others may write into is not used, with one warning; the rest is", "[cache][seed]") {
  Seeded seeded;
  seeded.put("first", 1);
  seeded.put("second", 1);
  SECTION("its root") { REQUIRE(::chmod((seeded.folder / "first").c_str(), 0777) == 0); }
  SECTION("the folder of its version") { REQUIRE(::chmod((seeded.folder / "first/v3").c_str(), 0775) == 0); }
  SECTION("one of its files") { REQUIRE(::chmod(seeded.path("first", 1).c_str(), 0666) == 0); }
  const Warnings warnings;
  for (int i = 0; i < 2; ++i) CHECK(seeded.load(1) == "second");
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention(seeded.folder / "first"));
  CHECK(seeded.store->enabled());
}

TEST_CASE("a seed that is not there, or can not be read, is passed over", "[cache][seed]") {
  Seeded seeded;
  seeded.put("second", 1);
  const Warnings warnings;
  CHECK(seeded.load(1) == "second");
  CHECK(warnings.count() == 0);
  seeded.put("first", 1);
  static std::string unreadable;
  unreadable = seeded.path("first", 1);
  Faults faults;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if (path == unreadable) return errno = EIO, -1;
    return ::open(path, flags, mode);
  };
  faults.install();
  CHECK(seeded.load(1) == "second");
  CHECK(warnings.count() == 1);
}

TEST_CASE("lists, finds and verifies see the seeds; clear and prune leave them", "[cache][seed]") {
  Seeded seeded;
  seeded.put("first", 1);
  seeded.put("first", 2);
  seeded.put("second", 2);
  REQUIRE(seeded.store->save(numbered(1), marked("root"), seeded.reason));
  const auto before = seeded.seeds();
  const auto entries = seeded.store->list();
  REQUIRE(entries.size() == 2);  // each key once, from where load would take it
  for (const auto& entry : entries)
    CHECK(entry.origin == (entry.key == numbered(1).hex ? CacheOrigin::cache : CacheOrigin::seed));
  CHECK(seeded.store->find(numbered(2).hex).code.log == "first");
  CHECK(seeded.store->find(numbered(1).hex).code.log == "root");
  const auto stats = seeded.store->stats();
  CHECK(stats.entries == 1);
  CHECK(stats.seed_entries == 1);
  CHECK(seeded.store->verify({}).entries == 2);
  CHECK(seeded.store->prune({.max_bytes = 0}).entries == 1);
  CHECK(seeded.store->clear() == 0);
  CHECK(seeded.seeds() == before);

  auto damaged = test::contents(seeded.path("first", 2));
  damaged.back() ^= 1;
  test::write(seeded.path("first", 2), damaged);
  const auto report = seeded.store->verify({.remove_damaged = true});
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].damaged);
  CHECK_FALSE(report.problems[0].removed);
  CHECK(std::filesystem::exists(seeded.path("first", 2)));
}

TEST_CASE("a seed whose folder can not be read is told by a list with one warning, and is a problem of verify",
          "[cache][seed]") {
  Seeded seeded;
  seeded.put("second", 1);
  const Warnings warnings;
  static std::string unreadable;
  unreadable = seeded.folder / "first";
  Faults faults;
  faults.calls.lstat = [](const char* path, struct ::stat* result) {
    if (path == unreadable) return errno = EIO, -1;
    return file::real_system_calls().lstat(path, result);
  };
  faults.install();
  for (int i = 0; i < 2; ++i) CHECK(seeded.store->list().size() == 1);
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention(unreadable));
  const auto report = seeded.store->verify({});
  CHECK(report.entries == 1);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].path == unreadable);
  CHECK_THAT(report.problems[0].problem, ContainsSubstring("can not be read"));
  CHECK_FALSE(report.problems[0].damaged);
}

TEST_CASE("candidates are the root's, newest first, then each seed's", "[cache][seed]") {
  Seeded seeded;
  for (int i = 0; i < 40; ++i) {
    REQUIRE(seeded.store->save(numbered(i), marked("root"), seeded.reason));
    seeded.put("first", i);
  }
  const auto shard = numbered(0).hex.substr(0, 2);
  const auto found = seeded.store->candidates(shard);
  REQUIRE(found.size() >= 2);
  CHECK(found.size() % 2 == 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].key.starts_with(shard));
    CHECK(found[i].is_in_seed == (i >= found.size() / 2));
    auto loaded = seeded.store->read_entry(found[i], seeded.reason);
    REQUIRE(loaded.has_value());
    CHECK(loaded->entry().code.log == (found[i].is_in_seed ? "first" : "root"));
    CHECK(seeded.store->take_hit(std::move(*loaded)).cache_key == found[i].key);
  }
  CHECK(seeded.store->candidates(numbered(0).hex.substr(0, 12)).size() == 2);
}
