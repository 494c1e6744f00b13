// SPDX-License-Identifier: MIT
// What a process has read of the cache it reads again only when the file may be another.
#include "cache/layout.hpp"
#include "cache/store.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace {

using namespace cujitsu;
using namespace cujitsu::test;

int opened = 0;
int seconds_older = 0;

void age(struct ::stat* status) {
  status->st_mtim.tv_sec -= seconds_older;
  status->st_ctim.tv_sec -= seconds_older;
}

/// Entries that are opened are counted, and every file is some seconds older than it is.
class Watched {
 public:
  explicit Watched(int older = 10) {
    opened = 0;
    seconds_older = older;
    faults_.calls.open = [](const char* path, int flags, mode_t mode) {
      if (std::string_view(path).ends_with(".entry")) ++opened;
      return file::real_system_calls().open(path, flags, mode);
    };
    faults_.calls.stat = [](const char* path, struct ::stat* status) {
      const int result = file::real_system_calls().stat(path, status);
      age(status);
      return result;
    };
    faults_.calls.fstat = [](int descriptor, struct ::stat* status) {
      const int result = file::real_system_calls().fstat(descriptor, status);
      age(status);
      return result;
    };
    faults_.install();
  }

 private:
  Faults faults_;
};

struct Stored {
  Stored() { REQUIRE(store.save(key, sample_code(), reason)); }
  [[nodiscard]] bool is_hit() {
    const auto code = store.load(key, reason);
    if (code) CHECK(same_code(*code, sample_code()));
    return code.has_value();
  }

  TemporaryFolder folder;
  KernelCache::Store store{folder.path()};
  CacheKey key = sample_material().key();
  std::string reason;
  std::string path = layout::entry(layout::version_folder(folder.path().native()), key.hex).path();
};

}  // namespace

TEST_CASE("an entry is read once while its file is the same", "[cache][memo]") {
  Stored stored;
  const Watched watched;
  for (int i = 0; i < 3; ++i) CHECK(stored.is_hit());
  CHECK(opened == 1);
  CHECK(stored.store.stats().hits == 3);
  CHECK(stored.store.stats().bytes_read == 3 * std::filesystem::file_size(stored.path));
}

TEST_CASE("an entry that has just been written is read each time", "[cache][memo]") {
  Stored stored;
  const Watched watched(0);
  CHECK(stored.is_hit());
  CHECK(stored.is_hit());
  CHECK(opened == 2);
  write(stored.path, "another file of another size");  // within the clock's resolution
  CHECK_FALSE(stored.is_hit());
}

TEST_CASE("what has become of an entry's file since is seen", "[cache][memo]") {
  Stored stored;
  const Watched watched;
  REQUIRE(stored.is_hit());
  const auto content = contents(stored.path);

  SECTION("it is damaged in its place") {
    auto damaged = content;
    damaged[damaged.size() / 2] ^= 1;
    write(stored.path, damaged);
    CHECK_FALSE(stored.is_hit());
    CHECK(stored.reason.find("damaged") != std::string::npos);
  }
  SECTION("it is replaced by one of the same size") {
    auto other = sample_code();
    other.ptx.back() = '#';
    REQUIRE(stored.store.save(stored.key, other, stored.reason));
    const auto code = stored.store.load(stored.key, stored.reason);
    REQUIRE(code);
    CHECK(code->ptx == other.ptx);
  }
  SECTION("it is gone") {
    std::filesystem::remove(stored.path);
    CHECK_FALSE(stored.is_hit());
    CHECK(stored.reason.empty());
  }
  SECTION("the cache is cleared") {
    CHECK(stored.store.clear() == 1);
    CHECK_FALSE(stored.is_hit());
  }
}

TEST_CASE("a seed's entry that others may write to since is not used", "[cache][memo][trust]") {
  Stored stored;
  const TemporaryFolder own;
  StoreSettings settings;
  settings.options.seeds = {stored.folder.path()};
  KernelCache::Store store(own.path(), {}, settings);
  const Watched watched;
  const Warnings warnings;
  std::string reason;
  REQUIRE(store.load(stored.key, reason));
  std::filesystem::permissions(stored.path, std::filesystem::perms::others_write, std::filesystem::perm_options::add);
  CHECK_FALSE(store.load(stored.key, reason));
  CHECK(warnings.mention("is not used"));
}

TEST_CASE("a forked child reads for itself", "[cache][memo]") {
  Stored stored;
  const Watched watched;
  REQUIRE(stored.is_hit());
  CHECK(in_child([&] {
          opened = 0;
          std::string reason;
          return stored.store.load(stored.key, reason) && opened == 1 ? 0 : 1;
        }) == 0);
}
