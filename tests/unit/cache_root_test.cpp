// SPDX-License-Identifier: MIT
// Which folder the cache is in, and which folders it refuses.
#include "cache/root.hpp"
#include "cache/trust.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

using namespace cujitsu;
using test::Environment;
using test::Faults;
using test::TemporaryFolder;
using test::Warnings;

}  // namespace

TEST_CASE("the standard folder is CUJITSU_CACHE_DIR, else XDG's, else the home's", "[cache][root]") {
  const Warnings warnings;
  const Environment on("CUJITSU_CACHE_DISABLE", nullptr);
  const Environment home("HOME", "/home/user");
  const Environment caches("XDG_CACHE_HOME", "/var/caches");
  {
    const Environment chosen("CUJITSU_CACHE_DIR", "/data/kernels");
    CHECK(standard_root().path == "/data/kernels");
  }
  {
    const Environment chosen("CUJITSU_CACHE_DIR", "kernels");
    CHECK(standard_root().path == std::filesystem::current_path() / "kernels");
  }
  const Environment chosen("CUJITSU_CACHE_DIR", nullptr);
  CHECK(standard_root().path == "/var/caches/cujitsu");
  {
    const Environment relative("XDG_CACHE_HOME", "caches");
    CHECK(standard_root().path == "/home/user/.cache/cujitsu");
  }
  const Environment none("XDG_CACHE_HOME", nullptr);
  CHECK(standard_root().path == "/home/user/.cache/cujitsu");
  CHECK(standard_root().disabled_reason.empty());
  CHECK(warnings.count() == 0);
}

TEST_CASE("without any folder in the environment there is no cache, and one warning", "[cache][root]") {
  const Warnings warnings;
  const Environment on("CUJITSU_CACHE_DISABLE", nullptr);
  const Environment home("HOME", nullptr);
  const Environment caches("XDG_CACHE_HOME", nullptr);
  const Environment chosen("CUJITSU_CACHE_DIR", nullptr);
  CHECK(standard_root().path.empty());
  CHECK_FALSE(standard_root().disabled_reason.empty());
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention("CUJITSU_CACHE_DIR"));
}

TEST_CASE("CUJITSU_CACHE_DISABLE takes 0 and 1, and warns of anything else", "[cache][root]") {
  const Warnings warnings;
  const Environment chosen("CUJITSU_CACHE_DIR", "/data/kernels");
  {
    const Environment off("CUJITSU_CACHE_DISABLE", "1");
    CHECK(standard_root().path.empty());
    CHECK(standard_root().disabled_reason.find("CUJITSU_CACHE_DISABLE") != std::string::npos);
  }
  {
    const Environment on("CUJITSU_CACHE_DISABLE", "0");
    CHECK(standard_root().path == "/data/kernels");
  }
  CHECK(warnings.count() == 0);
  const Environment odd("CUJITSU_CACHE_DISABLE", "yes");
  CHECK(standard_root().path == "/data/kernels");
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention("yes"));
}

TEST_CASE("the standard cache is in the standard folder", "[cache][root]") {
  const TemporaryFolder folder;
  const Environment on("CUJITSU_CACHE_DISABLE", nullptr);
  const Environment chosen("CUJITSU_CACHE_DIR", folder.path().c_str());
  // In a process of its own: the environment is read once.
  CHECK(test::in_child([&] {
          auto& cache = KernelCache::standard();
          return cache.path() == folder.path() / "v3" && cache.list().empty() && cache.disabled_reason().empty() ? 0
                                                                                                                 : 1;
        }) == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a cache needs a folder's name, and makes it absolute", "[cache][root]") {
  CHECK_THROWS_AS(KernelCache(""), ArgumentError);
  CHECK(KernelCache("kernels").path() == std::filesystem::current_path() / "kernels/v3");
  CHECK(KernelCache("/data/kernels/").path() == "/data/kernels/v3");
}

TEST_CASE("a folder that others may write into, or that is another user's, is refused", "[cache][root]") {
  const TemporaryFolder folder;
  const auto root = folder / "root";
  std::filesystem::create_directory(root);
  REQUIRE(::chmod(root.c_str(), 0700) == 0);
  Faults faults;
  SECTION("the group may write") { REQUIRE(::chmod(root.c_str(), 0770) == 0); }
  SECTION("everybody may write") { REQUIRE(::chmod(root.c_str(), 01707) == 0); }
  SECTION("another user's") {
    faults.calls.lstat = [](const char* path, struct ::stat* result) {
      const int error = ::lstat(path, result);
      result->st_uid = ::geteuid() + 1;
      return error;
    };
    faults.install();
  }
  SECTION("another user's, through a link of one's own") {
    std::filesystem::rename(root, folder / "elsewhere");
    std::filesystem::create_symlink("elsewhere", root);
    faults.calls.lstat = [](const char* path, struct ::stat* result) {
      const int error = ::lstat(path, result);
      if (std::string_view(path).ends_with("/elsewhere")) result->st_uid = ::geteuid() + 1;
      return error;
    };
    faults.install();
  }
  SECTION("another user's link") {
    std::filesystem::rename(root, folder / "elsewhere");
    std::filesystem::create_symlink("elsewhere", root);
    faults.calls.lstat = [](const char* path, struct ::stat* result) {
      const int error = ::lstat(path, result);
      if (S_ISLNK(result->st_mode)) result->st_uid = ::geteuid() + 1;
      return error;
    };
    faults.install();
  }
  SECTION("a file") {
    std::filesystem::remove(root);
    test::write(root, "text");
  }
  CHECK(check_folder(root, Owners::user).error == 0);
  CHECK_FALSE(check_folder(root, Owners::user).refusal.empty());

  const auto key = test::sample_material().key();
  std::string reason;
  // Whatever a compile asks for first must find it out.
  for (const char* first : {"load", "save"}) {
    INFO(first);
    const Warnings warnings;
    KernelCache::Store store(root);
    CHECK(store.enabled());
    if (first == std::string("load")) CHECK_FALSE(store.load(key, reason).has_value());
    reason.clear();
    CHECK_FALSE(store.save(key, test::sample_code(), reason));
    CHECK(reason == store.disabled_reason());
    reason.clear();
    CHECK_FALSE(store.load(key, reason).has_value());
    CHECK(reason == store.disabled_reason());
    CHECK_FALSE(store.enabled());
    CHECK_THROWS_AS(store.list(), CacheError);
    CHECK_THROWS_AS(store.find("0"), CacheError);
    CHECK_THROWS_AS(store.clear(), CacheError);
    CHECK(store.stats().entries == 0);
    CHECK(warnings.mention(root));
    CHECK(warnings.mention("CUJITSU_CACHE_DIR"));
    CHECK_FALSE(std::filesystem::exists(root + "/v3"));
  }
}

TEST_CASE("the refusal is one warning and lasts as long as the store", "[cache][root]") {
  const TemporaryFolder folder;
  const auto root = folder / "root";
  std::filesystem::create_directory(root);
  REQUIRE(::chmod(root.c_str(), 0777) == 0);
  const Warnings warnings;
  const auto key = test::sample_material().key();
  std::string reason;
  KernelCache::Store store(root);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(store.save(key, test::sample_code(), reason));
  CHECK(warnings.count() == 1);
  REQUIRE(::chmod(root.c_str(), 0700) == 0);
  CHECK_FALSE(store.save(key, test::sample_code(), reason));
  KernelCache::Store later(root);
  CHECK(later.save(key, test::sample_code(), reason));
  CHECK(warnings.count() == 1);
}

TEST_CASE("one's own link to one's own folder is followed", "[cache][root]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  REQUIRE(::chmod((folder / "elsewhere").c_str(), 0700) == 0);
  std::filesystem::create_symlink("elsewhere", folder / "root");
  CHECK(check_folder(folder / "root", Owners::user).refusal.empty());
  KernelCache::Store store(folder / "root");
  std::string reason;
  CHECK(store.save(test::sample_material().key(), test::sample_code(), reason));
  CHECK(std::filesystem::exists(folder / "elsewhere/v3"));
}

TEST_CASE("a folder that others may read is no danger", "[cache][root]") {
  const TemporaryFolder folder;
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  CHECK(check_folder(folder.path(), Owners::user).refusal.empty());
}

TEST_CASE("a folder that is not there yet is no error, and only storing makes it", "[cache][root]") {
  const TemporaryFolder folder;
  const auto root = folder / "not/yet";
  CHECK(check_folder(root, Owners::user).error == ENOENT);
  const Warnings warnings;
  KernelCache::Store store(root);
  std::string reason;
  CHECK_FALSE(store.load(test::sample_material().key(), reason).has_value());
  CHECK(store.list().empty());
  CHECK(store.clear() == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "not"));
  CHECK(store.save(test::sample_material().key(), test::sample_code(), reason));
  file::Status status;
  REQUIRE(file::status(root, status) == 0);
  CHECK(status.permissions == 0700);
  CHECK(store.load(test::sample_material().key(), reason).has_value());
  CHECK(warnings.count() == 0);
}
