// SPDX-License-Identifier: MIT
// Loading and saving, and what happens when the disk will not.
#include "cache/store.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>

namespace {

using namespace cujitsu;
using test::Faults;
using test::same_code;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;
using test::Warnings;

std::filesystem::path entry_path(const KernelCache::Store& store, const CacheKey& key) {
  return store.path() / key.hex.substr(0, 2) / (key.hex.substr(2) + ".entry");
}

std::size_t bytes_left = 0;  ///< what the full disk of a test still takes
int calls_made = 0;

/// A root with its one entry.
struct Stored {
  Stored() {
    if (!store.save(key, sample_code(), reason)) throw std::runtime_error(reason);
  }
  TemporaryFolder folder;
  KernelCache::Store store{folder.path()};
  CacheKey key = sample_material().key();
  std::string reason;
  std::filesystem::path path = entry_path(store, key);
};

}  // namespace

TEST_CASE("what is saved is loaded, by this store and by the next", "[cache][store]") {
  Stored stored;
  for (int pass = 0; pass < 2; ++pass) {
    KernelCache::Store next(stored.folder.path());
    auto& store = pass == 0 ? stored.store : next;
    const auto code = store.load(stored.key, stored.reason);
    REQUIRE(code.has_value());
    CHECK(same_code(*code, sample_code()));
    CHECK(code->cache_status == CacheStatus::hit);
    CHECK(code->cache_key == stored.key.hex);
    CHECK_FALSE(code->cache_reason.empty());
  }
  CHECK(std::filesystem::exists(stored.path));
  CHECK(stored.store.stats().entries == 1);
}

TEST_CASE("what was not saved is a miss without a word", "[cache][store]") {
  Stored stored;
  const Warnings warnings;
  auto material = sample_material();
  material.source += "// another\n";
  std::string reason;
  CHECK_FALSE(stored.store.load(material.key(), reason).has_value());
  CHECK(reason.empty());  // nothing is wrong: why it is not there is not for the store to say
  CHECK(warnings.count() == 0);
}

TEST_CASE("saving again replaces the entry", "[cache][store]") {
  Stored stored;
  auto code = sample_code();
  code.log = "another log";
  REQUIRE(stored.store.save(stored.key, code, stored.reason));
  CHECK(stored.store.load(stored.key, stored.reason)->log == "another log");
  CHECK(test::files_below(stored.folder.path()).size() == 1);
}

TEST_CASE("hits, misses and bypasses are counted with their seconds", "[cache][store]") {
  Stored stored;
  CHECK(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(stored.store.load(stored.key, stored.reason).has_value());
  stored.store.count_miss(0.5);
  stored.store.count_bypass(0.25);
  stored.store.count_bypass(0.25);
  stored.store.count_miss(-1);
  const auto stats = stored.store.stats();
  CHECK(stats.hits == 2);
  CHECK(stats.misses == 2);
  CHECK(stats.bypasses == 2);
  CHECK(stats.seconds_compiling == 1.0);
  CHECK(stats.seconds_saved == 0.125);
  CHECK(stats.bytes_read == 2 * std::filesystem::file_size(stored.path));
  CHECK(stats.bytes_written == std::filesystem::file_size(stored.path));
  CHECK(stats.entries == 1);
  CHECK(stats.bytes == std::filesystem::file_size(stored.path));
}

TEST_CASE("an entry with any byte flipped is a miss, is removed, and is stored anew", "[cache][store][damage]") {
  Stored stored;
  const auto whole = test::contents(stored.path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    test::write(stored.path, damaged);
    const Warnings warnings;
    CAPTURE(i);
    REQUIRE_FALSE(stored.store.load(stored.key, stored.reason).has_value());
    REQUIRE(stored.reason.starts_with("the stored entry was damaged ("));
    REQUIRE(stored.reason.ends_with("): it was removed"));
    REQUIRE_FALSE(std::filesystem::exists(stored.path));
    REQUIRE(warnings.count() == 1);
  }
  REQUIRE(stored.store.save(stored.key, sample_code(), stored.reason));
  const auto code = stored.store.load(stored.key, stored.reason);
  REQUIRE(code.has_value());
  CHECK(same_code(*code, sample_code()));
}

TEST_CASE("an entry cut at any length is a miss and is removed", "[cache][store][damage]") {
  Stored stored;
  const auto whole = test::contents(stored.path);
  const Warnings warnings;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    test::write(stored.path, std::string_view(whole).substr(0, length));
    CAPTURE(length);
    REQUIRE_FALSE(stored.store.load(stored.key, stored.reason).has_value());
    REQUIRE_FALSE(std::filesystem::exists(stored.path));
  }
  CHECK(warnings.count() == 1);  // one for each file, however often
}

TEST_CASE("a damaged entry that can not be removed is still a miss", "[cache][store][damage]") {
  Stored stored;
  test::write(stored.path, "rubbish");
  const Warnings warnings;
  Faults faults;
  faults.calls.unlink = [](const char*) { return errno = EACCES, -1; };
  faults.install();
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(stored.reason.find("could not be removed") != std::string::npos);
  CHECK(warnings.count() == 1);
}

TEST_CASE("a note is read by the next process, and is no entry", "[cache][store]") {
  Stored stored;
  stored.store.save_note("a subject", "a text");
  stored.store.save_note("another subject", std::string("line\n\0line", 10));
  KernelCache::Store next(stored.folder.path());
  CHECK(next.load_note("a subject") == "a text");
  CHECK(next.load_note("another subject") == std::string("line\n\0line", 10));
  CHECK_FALSE(next.load_note("a third subject").has_value());
  CHECK(next.list().size() == 1);
  CHECK(next.stats().entries == 1);
  CHECK(next.clear() == 1);
  CHECK_FALSE(next.load_note("a subject").has_value());
  CHECK(test::files_below(stored.folder.path()).empty());
}

TEST_CASE("a damaged note is removed, and one that can not be saved is a warning", "[cache][store][damage]") {
  Stored stored;
  stored.store.save_note("subject", "text");
  std::filesystem::path note;
  for (const auto& path : test::files_below(stored.folder.path()))
    if (path.extension() == ".note") note = path;
  auto damaged = test::contents(note);
  damaged[damaged.size() / 2] ^= 1;
  test::write(note, damaged);
  const Warnings warnings;
  CHECK_FALSE(stored.store.load_note("subject").has_value());
  CHECK_FALSE(std::filesystem::exists(note));
  CHECK(warnings.count() == 1);

  Faults faults;
  faults.calls.rename = [](const char*, const char*) { return errno = EROFS, -1; };
  faults.install();
  stored.store.save_note("subject", "text");
  CHECK(warnings.count() == 2);
  CHECK_FALSE(stored.store.load_note("subject").has_value());
}

TEST_CASE("another program's entry under this key is a miss and stays until it is replaced", "[cache][store]") {
  Stored stored;
  auto other = sample_material();
  other.source = "__global__ void other() {}";
  // What a collision of the hash would look like.
  const auto forged = CacheKey{other.serialize(), stored.key.hex};
  auto code = sample_code();
  code.ptx = "other";
  REQUIRE(stored.store.save(forged, code, stored.reason));
  const Warnings warnings;
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK_FALSE(stored.reason.empty());
  CHECK(std::filesystem::exists(stored.path));
  CHECK(stored.store.load(forged, stored.reason)->ptx == "other");
  CHECK(warnings.count() == 0);
  REQUIRE(stored.store.save(stored.key, sample_code(), stored.reason));
  CHECK(same_code(*stored.store.load(stored.key, stored.reason), sample_code()));
}

TEST_CASE("an I/O error is a miss with one warning and removes nothing", "[cache][store][faults]") {
  Stored stored;
  const Warnings warnings;
  Faults faults;
  SECTION("open: EACCES") {
    faults.calls.open = [](const char*, int, mode_t) { return errno = EACCES, -1; };
  }
  SECTION("open: too many files") {
    faults.calls.open = [](const char*, int, mode_t) { return errno = EMFILE, -1; };
  }
  SECTION("open: a stale handle of a network file system") {
    faults.calls.open = [](const char*, int, mode_t) { return errno = ESTALE, -1; };
  }
  SECTION("read: EIO") {
    faults.calls.read = [](int, void*, std::size_t) -> ssize_t { return errno = EIO, -1; };
  }
  faults.install();
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(stored.reason.find("could not be read") != std::string::npos);
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention(stored.path.native()));
  faults.end();
  CHECK(stored.store.load(stored.key, stored.reason).has_value());
}

TEST_CASE("a root that can not be looked at is a miss, and is looked at again", "[cache][store][faults]") {
  Stored stored;
  const Warnings warnings;
  KernelCache::Store store(stored.folder.path());
  Faults faults;
  faults.calls.lstat = [](const char*, struct ::stat*) { return errno = EACCES, -1; };
  faults.install();
  CHECK_FALSE(store.load(stored.key, stored.reason).has_value());
  CHECK(warnings.count() == 1);
  faults.end();
  CHECK(store.load(stored.key, stored.reason).has_value());
}

TEST_CASE("a folder in an entry's place is neither read, removed nor replaced", "[cache][store][faults]") {
  Stored stored;
  std::filesystem::remove(stored.path);
  std::filesystem::create_directory(stored.path);
  const Warnings warnings;
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(stored.reason.find("could not be read") != std::string::npos);
  CHECK_FALSE(stored.store.save(stored.key, sample_code(), stored.reason));
  CHECK(std::filesystem::is_directory(stored.path));
  CHECK(test::files_below(stored.folder.path()).empty());
  CHECK(warnings.count() == 2);
}

TEST_CASE("a folder that can not be written to costs one warning and is not tried again", "[cache][store][faults]") {
  const TemporaryFolder folder;
  const auto key = sample_material().key();
  const Warnings warnings;
  Faults faults;
  SECTION("no permission to open") {
    faults.calls.open = [](const char*, int flags, mode_t) {
      ++calls_made;
      return errno = (flags & O_CREAT) != 0 ? EACCES : ENOENT, -1;
    };
  }
  SECTION("read-only file system") {
    faults.calls.mkdir = [](const char*, mode_t) {
      ++calls_made;
      return errno = EROFS, -1;
    };
  }
  SECTION("no permission to rename") {
    faults.calls.rename = [](const char*, const char*) {
      ++calls_made;
      return errno = EPERM, -1;
    };
  }
  calls_made = 0;
  faults.install();
  KernelCache::Store store(folder.path());
  std::string reason;
  for (int i = 0; i < 3; ++i) {
    reason.clear();
    CHECK_FALSE(store.save(key, sample_code(), reason));
    CHECK(reason.find(folder.path().native()) != std::string::npos);
  }
  CHECK(calls_made == 1);
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention(folder.path().native()));
  CHECK(warnings.mention("CUJITSU_CACHE_DIR"));
  CHECK(test::files_below(folder.path()).empty());
  CHECK(store.enabled());  // what is stored can still be read
}

TEST_CASE("a cache below a file is a miss, and one warning when something is to be stored", "[cache][store][faults]") {
  const TemporaryFolder folder;
  test::write(folder / "file", "text");
  const Warnings warnings;
  KernelCache::Store store(folder / "file/root");
  std::string reason;
  CHECK_FALSE(store.load(sample_material().key(), reason).has_value());
  CHECK(warnings.count() == 0);
  CHECK_FALSE(store.save(sample_material().key(), sample_code(), reason));
  CHECK(reason.find("Not a directory") != std::string::npos);
  CHECK_FALSE(store.save(sample_material().key(), sample_code(), reason));
  CHECK(warnings.count() == 1);
}

TEST_CASE("a disk that is full at any write leaves nothing, and is tried again", "[cache][store][faults]") {
  const TemporaryFolder folder;
  const auto key = sample_material().key();
  const Warnings warnings;
  KernelCache::Store store(folder.path());
  Faults faults;
  faults.calls.write = [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
    if (bytes_left == 0) return errno = ENOSPC, -1;
    const auto count = ::write(descriptor, buffer, std::min({bytes, bytes_left, std::size_t{64}}));
    if (count > 0) bytes_left -= static_cast<std::size_t>(count);
    return count;
  };
  faults.install();
  std::string reason;
  std::size_t room = 0;
  for (;; room += 50) {
    bytes_left = room;
    if (store.save(key, sample_code(), reason)) break;
    REQUIRE(reason.find("No space left") != std::string::npos);
    REQUIRE(test::files_below(folder.path()).empty());
  }
  CHECK(room > 1000);
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention("with room"));
  CHECK(same_code(*store.load(key, reason), sample_code()));
}

TEST_CASE("a folder that vanishes while the process runs is made again", "[cache][store]") {
  Stored stored;
  const Warnings warnings;
  std::filesystem::remove_all(stored.folder.path());
  CHECK_FALSE(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(stored.store.save(stored.key, sample_code(), stored.reason));
  CHECK(stored.store.load(stored.key, stored.reason).has_value());
  CHECK(warnings.count() == 0);
}

TEST_CASE("a folder that vanishes and comes back open to others is refused", "[cache][store]") {
  Stored stored;
  const Warnings warnings;
  std::filesystem::remove_all(stored.folder.path());
  std::filesystem::create_directory(stored.folder.path());
  std::filesystem::permissions(stored.folder.path(), std::filesystem::perms::all);
  CHECK_FALSE(stored.store.save(stored.key, sample_code(), stored.reason));
  CHECK_FALSE(stored.store.enabled());
  CHECK(warnings.count() == 1);
  CHECK(test::files_below(stored.folder.path()).empty());
}

TEST_CASE("a disabled store reads and writes nothing, and says why", "[cache][store]") {
  Stored stored;
  KernelCache::Store store(stored.folder.path(), "because");
  std::string reason;
  CHECK_FALSE(store.enabled());
  CHECK_FALSE(store.load(stored.key, reason).has_value());
  CHECK(reason == "because");
  reason.clear();
  CHECK_FALSE(store.save(stored.key, sample_code(), reason));
  CHECK(reason == "because");
  CHECK(store.path().empty());
  CHECK(store.list().empty());
  CHECK(store.clear() == 0);
  CHECK(store.stats().entries == 0);
  CHECK(test::files_below(stored.folder.path()).size() == 1);
}
