// SPDX-License-Identifier: MIT
// What processes count, and how the others learn of it.
#include "cache/usage_files.hpp"

#include "cache/layout.hpp"
#include "cache/store.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace {

using namespace cujitsu;
using test::Faults;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

const auto key = sample_material().key();

Usage counted(std::uint64_t hits) {
  Usage usage;
  usage.counters.hits = hits;
  usage.counters.misses = 1;
  usage.counters.seconds_saved = 0.5;
  usage.hits[key.hex] = hits;
  return usage;
}

std::size_t files_in(const std::string& folder) { return test::files_below(layout::usage_folder(folder)).size(); }

bool keep_all(const std::string&) { return true; }

/// A root with an entry.
struct Used {
  Used() {
    KernelCache::Store store(folder.path());
    REQUIRE(store.save(key, sample_code(), reason));
  }
  TemporaryFolder folder;
  std::string reason;
  std::string entries = folder / "v3";
};

}  // namespace

TEST_CASE("a cache that goes away tells what it counted, and the next one sees it", "[cache][usage]") {
  Used used;
  for (int run = 0; run < 3; ++run) {
    KernelCache::Store store(used.folder.path());
    CHECK(store.load(key, used.reason).has_value());
    CHECK(store.load(key, used.reason).has_value());
    store.count_miss(0.25);
  }
  KernelCache::Store store(used.folder.path());
  CHECK(store.load(key, used.reason).has_value());
  const auto stats = store.stats();
  CHECK(stats.hits == 1);
  CHECK(stats.folder.hits == 7);
  CHECK(stats.folder.misses == 3);
  CHECK(stats.folder.seconds_compiling == 0.75);
  CHECK(stats.folder.bytes_written == stats.bytes);
  CHECK(stats.folder.bytes_read == 7 * stats.bytes);
  REQUIRE(store.list().size() == 1);
  CHECK(store.list()[0].hits == 7);
}

TEST_CASE("a process tells when it exits, and a forked child tells nothing of its parent's", "[cache][usage]") {
  Used used;
  const int code = test::in_child([&] {
    static KernelCache::Store store(used.folder.path());  // as the standard one, never destroyed before exit
    std::string reason;
    if (!store.load(key, reason)) return 1;
    const auto child = ::fork();
    if (child == 0) {
      if (store.stats().hits != 0) std::_Exit(1);  // counts from its own start
      if (!store.load(key, reason)) std::_Exit(2);
      if (store.stats().hits != 1) std::_Exit(3);
      std::exit(0);
    }
    int status = -1;
    if (::waitpid(child, &status, 0) != child || status != 0) return 2;
    std::exit(0);
  });
  CHECK(code == 0);
  CHECK(KernelCache::Store(used.folder.path()).stats().folder.hits == 2);
}

TEST_CASE("a child that ends without exit handlers loses its counts and damages none", "[cache][usage]") {
  Used used;
  CHECK(test::in_child([&] {
          static KernelCache::Store store(used.folder.path());
          std::string reason;
          return store.load(key, reason) ? 0 : 1;
        }) == 0);
  CHECK(KernelCache::Store(used.folder.path()).stats().folder.hits == 0);
}

TEST_CASE("nothing is written where nothing is stored, or nothing was counted", "[cache][usage]") {
  const TemporaryFolder folder;
  {
    KernelCache::Store store(folder / "root");
    store.count_miss(1);
    store.count_bypass(1);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "root"));
  Used used;
  const auto before = test::files_below(used.folder.path()).size();
  { KernelCache::Store store(used.folder.path()); }
  CHECK(test::files_below(used.folder.path()).size() == before);
}

TEST_CASE("merging keeps the sums, and drops what is told to be dropped", "[cache][usage]") {
  Used used;
  for (std::uint64_t i = 1; i <= 4; ++i) REQUIRE(usage_files::publish(used.entries, counted(i), nullptr));
  const auto before = usage_files::read(used.entries, nullptr);
  usage_files::merge(used.entries, nullptr, keep_all);
  CHECK(files_in(used.entries) == 2);  // the total and the lock
  const auto after = usage_files::read(used.entries, nullptr);
  CHECK(after.counters.hits == before.counters.hits);
  CHECK(after.counters.hits >= 10);
  CHECK(after.hits == before.hits);
  CHECK(after.hits.at(key.hex) == 10);
  usage_files::merge(used.entries, nullptr, [](const std::string&) { return false; });
  CHECK(usage_files::read(used.entries, nullptr).hits.empty());
  CHECK(usage_files::read(used.entries, nullptr).counters.hits == before.counters.hits);
}

TEST_CASE("many short processes leave few files", "[cache][usage]") {
  Used used;
  for (int i = 0; i < 300; ++i) {
    REQUIRE(usage_files::publish(used.entries, counted(1), nullptr));
    REQUIRE(files_in(used.entries) <= 70);
  }
  CHECK(usage_files::read(used.entries, nullptr).hits.at(key.hex) == 300);
}

TEST_CASE("a merge that dies before it has removed what it counted counts nothing twice", "[cache][usage]") {
  Used used;
  for (std::uint64_t i = 1; i <= 3; ++i) REQUIRE(usage_files::publish(used.entries, counted(i), nullptr));
  for (int round = 0; round < 2; ++round) {
    Faults faults;
    faults.calls.unlink = [](const char*) { return errno = EIO, -1; };
    faults.install();
    usage_files::merge(used.entries, nullptr, keep_all);
    faults.end();
    CHECK(usage_files::read(used.entries, nullptr).hits.at(key.hex) == 6);
  }
  REQUIRE(usage_files::publish(used.entries, counted(4), nullptr));
  usage_files::merge(used.entries, nullptr, keep_all);
  CHECK(usage_files::read(used.entries, nullptr).hits.at(key.hex) == 10);
  CHECK(files_in(used.entries) == 2);
}

TEST_CASE("one merges at a time, and where there are no locks it is merged all the same", "[cache][usage]") {
  Used used;
  for (std::uint64_t i = 1; i <= 3; ++i) REQUIRE(usage_files::publish(used.entries, counted(i), nullptr));
  {
    file::Lock lock;
    REQUIRE(lock.try_to_take(layout::usage_folder(used.entries) + "/lock") == 0);
    const auto before = files_in(used.entries);
    usage_files::merge(used.entries, nullptr, keep_all);
    CHECK(files_in(used.entries) == before);
  }
  Faults faults;
  faults.calls.flock = [](int, int) { return errno = ENOLCK, -1; };
  faults.install();
  usage_files::merge(used.entries, nullptr, keep_all);
  CHECK(usage_files::read(used.entries, nullptr).hits.at(key.hex) == 6);
  CHECK(files_in(used.entries) == 2);
}

TEST_CASE("damaged counters count nothing, and are removed without a word", "[cache][usage]") {
  Used used;
  const Warnings warnings;
  std::filesystem::remove_all(layout::usage_folder(used.entries));
  REQUIRE(usage_files::publish(used.entries, counted(5), nullptr));
  const auto path = test::files_below(layout::usage_folder(used.entries)).front();
  const auto whole = test::contents(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] ^= 1;
    test::write(path, damaged);
    CAPTURE(i);
    REQUIRE(usage_files::read(used.entries, nullptr).hits.empty());
    REQUIRE_FALSE(std::filesystem::exists(path));
  }
  CHECK(warnings.count() == 0);
}

TEST_CASE("counters that can not be written are told later", "[cache][usage]") {
  Used used;
  KernelCache::Store store(used.folder.path());
  CHECK(store.load(key, used.reason).has_value());
  {
    const Warnings warnings;
    Faults faults;
    faults.calls.rename = [](const char*, const char*) { return errno = ENOSPC, -1; };
    faults.install();
    store.end();
    CHECK(warnings.count() == 0);
  }
  CHECK(KernelCache::Store(used.folder.path()).stats().folder.hits == 0);
  CHECK(store.stats().folder.hits == 1);  // its own are known to it
  store.end();
  CHECK(KernelCache::Store(used.folder.path()).stats().folder.hits == 1);
  CHECK(store.stats().folder.hits == 1);
}

TEST_CASE("clear removes the counters with the entries", "[cache][usage]") {
  Used used;
  REQUIRE(usage_files::publish(used.entries, counted(5), nullptr));
  KernelCache::Store store(used.folder.path());
  CHECK(store.clear() == 1);
  CHECK(test::files_below(used.folder.path()).empty());
}
