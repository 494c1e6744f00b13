// SPDX-License-Identifier: MIT
// Whose folders, links and key files are used.
#include "cache/trust.hpp"

#include <cujitsu/errors.hpp>
#include "cache/key_file.hpp"
#include "cache/store.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <sys/stat.h>

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

std::string foreign;  ///< the path that belongs to somebody else

int lstat_with_foreign(const char* path, struct ::stat* result) {
  const int error = ::lstat(path, result);
  if (path == foreign) result->st_uid = ::geteuid() + 1;
  return error;
}

std::string make_folder(const std::string& path, mode_t mode) {
  std::filesystem::create_directories(path);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

std::string refusal(const std::string& path, Owners owners = Owners::user) {
  const auto check = check_folder(path, owners);
  CHECK(check.error == 0);
  return check.refusal;
}

StoreSettings with_key(const std::string& path) {
  StoreSettings settings;
  settings.options.key_file = path;
  return settings;
}

std::string key_file(const TemporaryFolder& folder, const char* name, std::string_view secret, mode_t mode = 0600) {
  auto path = folder / name;
  test::write(path, secret);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

const std::string secret_a(32, 'a');
const std::string secret_b(40, 'b');

}  // namespace

TEST_CASE("a folder above the cache that everybody may write into is named", "[cache][trust]") {
  const TemporaryFolder folder;
  const auto open = make_folder(folder / "open", 0777);
  make_folder(open + "/root", 0700);
  CHECK(refusal(open + "/root").find(open) != std::string::npos);
  REQUIRE(::chmod(open.c_str(), 01777) == 0);  // as /tmp
  CHECK(refusal(open + "/root").empty());
  REQUIRE(::chmod(open.c_str(), 0770) == 0);  // the user's own group, which is the folder's here
  CHECK(refusal(open + "/root").empty());
}

TEST_CASE("a folder above the cache that another group may write into is named", "[cache][trust]") {
  const TemporaryFolder folder;
  const auto open = make_folder(folder / "open", 0770);
  make_folder(open + "/root", 0700);
  foreign = open;
  Faults faults;
  faults.calls.lstat = [](const char* path, struct ::stat* result) {
    const int error = ::lstat(path, result);
    if (path == foreign) result->st_gid = ::getegid() + 1;
    return error;
  };
  faults.install();
  CHECK(refusal(open + "/root").find(open) != std::string::npos);
}

TEST_CASE("a link anywhere in the path must be the user's or root's", "[cache][trust]") {
  const TemporaryFolder folder;
  make_folder(folder / "real/below/root", 0700);
  std::filesystem::create_symlink("real", folder / "first");
  std::filesystem::create_symlink(folder / "first/below", folder / "second");
  const auto root = folder / "second/root";
  CHECK(refusal(root).empty());
  Faults faults;
  faults.calls.lstat = lstat_with_foreign;
  faults.install();
  for (const char* link : {"first", "second"}) {
    CAPTURE(link);
    foreign = folder / link;
    CHECK(refusal(root).find(foreign) != std::string::npos);
  }
  foreign = folder / "real";  // a folder that belongs to somebody else is no link
  CHECK(refusal(root).empty());
}

TEST_CASE("links with dots, slashes and circles are followed as the kernel does", "[cache][trust]") {
  const TemporaryFolder folder;
  make_folder(folder / "a/b/root", 0700);
  std::filesystem::create_symlink("../a/./b//", folder / "a/link");
  CHECK(refusal(folder / "a/link/root").empty());
  CHECK(refusal(folder / "a/link/../b/root/").empty());
  std::filesystem::create_symlink("circle", folder / "circle");
  CHECK(check_folder(folder / "circle", Owners::user).error == ELOOP);
  CHECK(check_folder(folder / "a/absent/root", Owners::user).error == ENOENT);
  test::write(folder / "file", "text");
  CHECK(check_folder(folder / "file/root", Owners::user).error == ENOTDIR);
}

TEST_CASE("what is only read may be root's too, and nobody else's", "[cache][trust]") {
  const TemporaryFolder folder;
  const auto seed = make_folder(folder / "seed", 0755);
  CHECK(refusal(seed, Owners::user_or_root).empty());
  file::Status status;
  REQUIRE(file::status(seed, status) == 0);
  status.owner = 0;
  CHECK(distrust_of_file(status).empty());
  status.owner = ::geteuid() + 1;
  CHECK(distrust_of_file(status).find(std::to_string(status.owner)) != std::string::npos);
  status.owner = ::geteuid();
  status.permissions = 0620;
  CHECK(distrust_of_file(status).find("0620") != std::string::npos);
}

TEST_CASE("a key file that others can open, or that is no key, switches the cache off", "[cache][key]") {
  const TemporaryFolder folder;
  std::string path;
  std::string mentioned;
  SECTION("readable by others") {
    path = key_file(folder, "key", secret_a, 0644);
    mentioned = "chmod 600";
  }
  SECTION("writable by the group") {
    path = key_file(folder, "key", secret_a, 0620);
    mentioned = "chmod 600";
  }
  SECTION("too short") {
    path = key_file(folder, "key", std::string(31, 'a'));
    mentioned = "31 bytes";
  }
  SECTION("not there") {
    path = folder / "key";
    mentioned = "No such file";
  }
  SECTION("a folder") {
    path = make_folder(folder / "key", 0700);
    mentioned = "Is a directory";
  }
  const auto root = folder / "root";
  const auto key = sample_material().key();
  std::string reason;
  {
    KernelCache::Store plain(root);
    REQUIRE(plain.save(key, sample_code(), reason));
  }
  const Warnings warnings;
  for (const bool save_first : {false, true}) {
    KernelCache::Store store(root, {}, with_key(path));
    if (save_first) CHECK_FALSE(store.save(key, sample_code(), reason));
    CHECK_FALSE(store.load(key, reason).has_value());
    CHECK(reason.find(path) != std::string::npos);
    CHECK_FALSE(store.enabled());
    CHECK_FALSE(store.save(key, sample_code(), reason));
  }
  CHECK(warnings.count() == 1);
  CHECK(warnings.mention(mentioned));
  CHECK(warnings.mention("CUJITSU_CACHE_KEY_FILE"));
}

TEST_CASE("with a key file, only entries that were made with it are hits", "[cache][key]") {
  const TemporaryFolder folder;
  const auto root = folder / "root";
  const auto path_a = key_file(folder, "a", secret_a);
  const auto path_b = key_file(folder, "b", secret_b, 0400);
  const auto key = sample_material().key();
  const Warnings warnings;
  std::string reason;
  KernelCache::Store plain(root);
  KernelCache::Store a(root, {}, with_key(path_a));
  KernelCache::Store b(root, {}, with_key(path_b));
  REQUIRE(plain.save(key, sample_code(), reason));
  const auto path = test::files_below(root).front();
  const auto refused = [&](KernelCache::Store& store) {
    const auto before = test::contents(path);
    CHECK_FALSE(store.load(key, reason).has_value());
    CHECK(test::contents(path) == before);  // not removed
    return reason;
  };
  CHECK(refused(a) == "the stored entry is not authenticated by the key file");
  REQUIRE(a.save(key, sample_code(), reason));  // replaces it
  CHECK(a.load(key, reason).has_value());
  CHECK(refused(b) == "the stored entry is not authenticated by the key file");
  CHECK(refused(plain).find("this process has none") != std::string::npos);
  CHECK(a.find(key.hex).key == key.hex);
  CHECK_THROWS_AS(b.find(key.hex), CacheError);
  CHECK(b.list().size() == 1);  // a list verifies nothing
  a.save_note("subject", "text");
  CHECK(a.load_note("subject") == "text");
  CHECK_FALSE(b.load_note("subject").has_value());
  CHECK_FALSE(plain.load_note("subject").has_value());
  CHECK(warnings.count() == 0);
}

TEST_CASE("a damaged entry of the own key is removed", "[cache][key]") {
  const TemporaryFolder folder;
  const auto key = sample_material().key();
  std::string reason;
  KernelCache::Store store(folder / "root", {}, with_key(key_file(folder, "a", secret_a)));
  REQUIRE(store.save(key, sample_code(), reason));
  const auto path = test::files_below(folder / "root").front();
  auto damaged = test::contents(path);
  damaged[damaged.size() / 2] ^= 1;
  test::write(path, damaged);
  const Warnings warnings;
  CHECK_FALSE(store.load(key, reason).has_value());
  CHECK(reason.find("checksum") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(path));
}
