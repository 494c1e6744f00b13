// SPDX-License-Identifier: MIT
// list, find and clear.
#include <cujitsu/errors.hpp>
#include <cujitsu/kernel_cache.hpp>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "cache/store.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace cujitsu;
using test::Faults;
using test::same_code;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

KeyMaterial numbered(int number) {
  auto material = sample_material();
  material.source = "// program " + std::to_string(number);
  return material;
}

/// A cache with entries that are 10 seconds apart, number 0 the oldest.
struct Filled {
  explicit Filled(int entries) {
    for (int i = 0; i < entries; ++i) {
      keys.push_back(numbered(i).key());
      write(keys.back().hex, encode_entry(keys.back().material, sample_code(), 1'700'000'000 + 10 * i));
    }
  }
  void write(const std::string& key, std::string_view bytes) { test::write(path(key), bytes); }
  [[nodiscard]] std::filesystem::path path(const std::string& key) const {
    return cache.path() / key.substr(0, 2) / (key.substr(2) + ".entry");
  }
  TemporaryFolder folder;
  KernelCache cache{folder.path()};
  std::vector<CacheKey> keys;
};

void make_old(const std::filesystem::path& path) {
  const timespec hours_ago[2] = {{::time(nullptr) - 7200, 0}, {::time(nullptr) - 7200, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), hours_ago, 0) == 0);
}

std::string error_of(const KernelCache& cache, const std::string& prefix) {
  try {
    static_cast<void>(cache.find(prefix));
  } catch (const CacheError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the list has every entry, newest first, with what its head says", "[cache][inventory]") {
  Filled filled(3);
  const auto entries = filled.cache.list();
  REQUIRE(entries.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& entry = entries[i];
    const auto number = 2 - i;
    CHECK(entry.key == filled.keys[number].hex);
    CHECK(entry.path == filled.path(entry.key));
    CHECK(entry.origin == CacheOrigin::cache);
    CHECK(entry.file_bytes == std::filesystem::file_size(entry.path));
    CHECK(entry.created == 1'700'000'000 + 10 * static_cast<std::int64_t>(number));
    CHECK(entry.name == "scale.cu");
    CHECK(entry.arch == "sm_90");
    CHECK(entry.kernels == std::vector<std::string>{"scale<float>", "plain"});
    CHECK(entry.options == sample_material().options.options);
    CHECK(entry.compiler_major == 13);
    CHECK(entry.hits == 0);

    const auto whole = filled.cache.find(entry.key);
    CHECK(whole.created == entry.created);
    CHECK(whole.source == "// program " + std::to_string(number));
    CHECK(test::same_options(whole.options, sample_material().options));
    CHECK(same_code(whole.code, sample_code()));
    CHECK(whole.code.cache_key == entry.key);
    CHECK(whole.code.cache_status == CacheStatus::hit);
  }
}

TEST_CASE("the list of a cache that is not there is empty", "[cache][inventory]") {
  const TemporaryFolder folder;
  CHECK(KernelCache(folder.path()).list().empty());
  CHECK(KernelCache(folder / "absent").list().empty());
}

TEST_CASE("the list leaves out what has no head and what is foreign, and removes nothing", "[cache][inventory]") {
  Filled filled(2);
  const Warnings warnings;
  auto damaged = test::contents(filled.path(filled.keys[0].hex));
  damaged[1] = static_cast<char>(damaged[1] + 1);
  filled.write(filled.keys[0].hex, damaged);
  filled.write(std::string(32, 'a'), "short");
  test::write(filled.cache.path() / "aa/notes.txt", "mine");
  test::write(filled.cache.path() / "notes.txt", "mine");
  test::write(filled.cache.path() / "other/x.entry", "mine");
  const auto before = test::files_below(filled.folder.path()).size();
  const auto entries = filled.cache.list();
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().key == filled.keys[1].hex);
  CHECK(test::files_below(filled.folder.path()).size() == before);
  CHECK(warnings.count() == 0);
}

TEST_CASE("a folder that can not be read is a CacheError for list, find and clear", "[cache][inventory]") {
  Filled filled(1);
  Faults faults;
  faults.calls.open = [](const char*, int, mode_t) { return errno = EACCES, -1; };
  faults.install();
  CHECK_THROWS_AS(filled.cache.list(), CacheError);
  CHECK_THROWS_AS(filled.cache.find("0"), CacheError);
  CHECK_THROWS_AS(filled.cache.clear(), CacheError);
  const Warnings warnings;
  CHECK(filled.cache.stats().entries == 0);
  CHECK(warnings.count() == 1);
}

TEST_CASE("one file that can not be read does not hide the others", "[cache][inventory]") {
  Filled filled(2);
  static std::string unreadable;
  unreadable = filled.path(filled.keys[0].hex);
  const Warnings warnings;
  Faults faults;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if (path == unreadable) return errno = EIO, -1;
    return ::open(path, flags, mode);
  };
  faults.install();
  CHECK(filled.cache.list().size() == 1);
  CHECK(warnings.count() == 1);
  CHECK_THROWS_AS(filled.cache.find(filled.keys[0].hex), CacheError);
}

TEST_CASE("an entry is found by its key and by any beginning of it that is its own", "[cache][inventory]") {
  Filled filled(1);
  const auto& key = filled.keys[0].hex;
  for (std::size_t digits = 1; digits <= 32; ++digits) {
    CAPTURE(digits);
    CHECK(filled.cache.find(key.substr(0, digits)).key == key);
  }
  auto upper = key;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(::toupper(c)); });
  CHECK(filled.cache.find(upper).source == "// program 0");
}

TEST_CASE("a beginning that several keys share is refused with their list", "[cache][inventory]") {
  Filled filled(40);
  // Of 40 keys two must share their first digit.
  std::string shared;
  std::vector<std::string> sharing;
  for (const auto& key : filled.keys) {
    sharing.clear();
    for (const auto& other : filled.keys)
      if (other.hex[0] == key.hex[0]) sharing.push_back(other.hex);
    shared = key.hex.substr(0, 1);
    if (sharing.size() > 1) break;
  }
  REQUIRE(sharing.size() > 1);
  const auto text = error_of(filled.cache, shared);
  for (const auto& key : sharing) CHECK(text.find(key) != std::string::npos);
}

TEST_CASE("find says what is wrong with a key", "[cache][inventory]") {
  Filled filled(1);
  const auto& key = filled.keys[0].hex;
  const auto absent = std::string(1, key[0] == '0' ? '1' : '0');
  CHECK(error_of(filled.cache, absent).find("no entry") != std::string::npos);
  for (const auto& text : {std::string(), std::string("xyz"), std::string("../ab"), key + "0", std::string("a\0", 2)})
    CHECK(error_of(filled.cache, text).find("not a cache key") != std::string::npos);
  const TemporaryFolder empty;
  CHECK(error_of(KernelCache(empty.path()), "0").find("no entry") != std::string::npos);
  filled.write(key, "rubbish");
  CHECK(error_of(filled.cache, key).find("damaged") != std::string::npos);
  CHECK(std::filesystem::exists(filled.path(key)));
}

TEST_CASE("clear removes entries and says how many", "[cache][inventory]") {
  Filled filled(5);
  filled.write(std::string(32, 'b'), "a damaged one counts too");
  CHECK(filled.cache.clear() == 6);
  CHECK(test::files_below(filled.folder.path()).empty());
  CHECK(filled.cache.clear() == 0);
  std::string reason;
  CHECK(filled.cache.store().save(filled.keys[0], sample_code(), reason));
  CHECK(filled.cache.list().size() == 1);
}

TEST_CASE("clear leaves what is not the cache's own", "[cache][inventory]") {
  Filled filled(2);
  const auto folder = filled.cache.path();
  const auto shard = folder / filled.keys[0].hex.substr(0, 2);
  const std::vector<std::filesystem::path> foreign = {
      filled.folder / "notes.txt", filled.folder / "v3/ab/x.entry", folder / "notes.txt",
      shard / "notes.txt",         shard / "short.entry",           folder / "zz" / (std::string(30, 'a') + ".entry"),
      folder / "other/notes.txt",  folder / "compilers/notes.txt",  shard / (std::string(30, 'A') + ".entry"),
  };
  for (const auto& path : foreign) test::write(path, "mine");
  std::filesystem::create_directory(shard / (std::string(30, 'c') + ".entry"));
  std::filesystem::create_symlink("notes.txt", shard / (std::string(30, 'd') + ".entry"));
  CHECK(filled.cache.clear() == 2);
  for (const auto& path : foreign) CHECK(test::contents(path) == "mine");
  CHECK(std::filesystem::is_directory(shard / (std::string(30, 'c') + ".entry")));
  CHECK(std::filesystem::is_symlink(shard / (std::string(30, 'd') + ".entry")));
  CHECK(test::files_below(filled.folder.path()).size() == foreign.size() + 1);  // the link's file counts as a file
}

TEST_CASE("clear removes old temporary files and leaves those that may be in use", "[cache][inventory]") {
  Filled filled(1);
  const auto shard = filled.cache.path() / filled.keys[0].hex.substr(0, 2);
  const auto old_file = shard / ".cujitsu-1-0123-0.tmp";
  const auto new_file = shard / ".cujitsu-2-0123-0.tmp";
  const auto foreign = shard / "old.tmp";
  for (const auto& path : {old_file, new_file, foreign}) test::write(path, "half an ent");
  make_old(old_file);
  make_old(foreign);
  CHECK(filled.cache.list().size() == 1);
  CHECK(filled.cache.stats().entries == 1);
  CHECK(filled.cache.clear() == 1);
  CHECK_FALSE(std::filesystem::exists(old_file));
  CHECK(std::filesystem::exists(new_file));
  CHECK(std::filesystem::exists(foreign));
}

TEST_CASE("clear says which file it could not remove", "[cache][inventory]") {
  Filled filled(1);
  Faults faults;
  faults.calls.unlink = [](const char*) { return errno = EBUSY, -1; };
  faults.install();
  try {
    filled.cache.clear();
    FAIL("clear threw nothing");
  } catch (const CacheError& error) {
    CHECK(std::string(error.what()).find(filled.path(filled.keys[0].hex).native()) != std::string::npos);
  }
}
