// SPDX-License-Identifier: MIT
// verify: what it finds, and what it removes.
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace {

using namespace cujitsu;
using test::Faults;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

struct Stored {
  Stored() {
    for (int i = 0; i < 3; ++i) {
      auto material = sample_material();
      material.source = "// program " + std::to_string(i);
      keys.push_back(material.key());
      REQUIRE(store.save(keys.back(), sample_code(), reason));
    }
  }
  [[nodiscard]] std::filesystem::path path(const std::string& key) const {
    return store.path() / key.substr(0, 2) / (key.substr(2) + ".entry");
  }
  TemporaryFolder folder;
  KernelCache::Store store{folder.path()};
  std::vector<CacheKey> keys;
  std::string reason;
};

}  // namespace

TEST_CASE("a whole cache verifies, and one that is not there does too", "[cache][verify]") {
  Stored stored;
  stored.store.save_note("subject", "text");
  const auto report = stored.store.verify({});
  CHECK(report.entries == 3);
  CHECK(report.bytes == stored.store.stats().bytes);
  CHECK(report.problems.empty());
  const TemporaryFolder empty;
  CHECK(KernelCache(empty.path()).verify().entries == 0);
}

TEST_CASE("each kind of damage is found, named, and removed only on request", "[cache][verify]") {
  Stored stored;
  const auto& key = stored.keys[1].hex;
  const auto path = stored.path(key);
  auto bytes = test::contents(path);
  std::string phrase;
  SECTION("a flipped byte") {
    bytes[bytes.size() - 40] ^= 1;
    phrase = "checksum";
  }
  SECTION("cut short") {
    bytes.resize(10);
    phrase = "too short";
  }
  SECTION("another program's, under its name") {
    bytes = test::contents(stored.path(stored.keys[0].hex));
    phrase = "its name is not its key";
  }
  SECTION("whole, but with content that can not be decoded") {
    FrameWriter frame("ENTR", 0);
    frame.section("KEYM", "rubbish");
    bytes = std::move(frame).finish();
    phrase = "missing";
  }
  test::write(path, bytes);
  const Warnings warnings;
  const auto report = stored.store.verify({});
  CHECK(report.entries == 3);
  REQUIRE(report.problems.size() == 1);
  const auto& problem = report.problems.front();
  CHECK(problem.key == key);
  CHECK(problem.path == path);
  CHECK(problem.problem.find(phrase) != std::string::npos);
  CHECK(problem.damaged);
  CHECK_FALSE(problem.removed);
  CHECK(std::filesystem::exists(path));
  const auto removed = stored.store.verify({.remove_damaged = true});
  REQUIRE(removed.problems.size() == 1);
  CHECK(removed.problems.front().removed);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(stored.store.verify({}).problems.empty());
  CHECK(stored.store.verify({}).entries == 2);
  CHECK(warnings.count() == 0);
}

TEST_CASE("a damaged note is found too", "[cache][verify]") {
  Stored stored;
  stored.store.save_note("subject", "text");
  for (const auto& path : test::files_below(stored.folder.path()))
    if (path.extension() == ".note") test::write(path, "rubbish");
  const auto report = stored.store.verify({.remove_damaged = true});
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems.front().key.empty());
  CHECK(report.problems.front().removed);
}

TEST_CASE("what can not be read is a problem and no damage; what is gone is neither", "[cache][verify]") {
  Stored stored;
  Faults faults;
  static std::string unreadable;
  static int error = 0;
  unreadable = stored.path(stored.keys[1].hex);
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if (path == unreadable) return errno = error, -1;
    return ::open(path, flags, mode);
  };
  faults.install();
  error = EIO;
  const auto report = stored.store.verify({.remove_damaged = true});
  CHECK(report.entries == 3);
  REQUIRE(report.problems.size() == 1);
  CHECK_FALSE(report.problems.front().damaged);
  for (const int gone : {ENOENT, ESTALE}) {
    error = gone;
    CHECK(stored.store.verify({}).entries == 2);
    CHECK(stored.store.verify({}).problems.empty());
  }
  faults.calls.open = [](const char*, int, mode_t) { return errno = EACCES, -1; };
  CHECK_THROWS_AS(stored.store.verify({}), CacheError);
}

TEST_CASE("a damaged file that can not be removed says so", "[cache][verify]") {
  Stored stored;
  test::write(stored.path(stored.keys[1].hex), "rubbish");
  Faults faults;
  faults.calls.unlink = [](const char*) { return errno = EACCES, -1; };
  faults.install();
  const auto report = stored.store.verify({.remove_damaged = true});
  REQUIRE(report.problems.size() == 1);
  CHECK_FALSE(report.problems.front().removed);
  CHECK(report.problems.front().problem.find("Permission denied") != std::string::npos);
}
