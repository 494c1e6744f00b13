// SPDX-License-Identifier: MIT
// The cache's door to the file system, with faults.
#include "base/file.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace {

using namespace cujitsu;
using test::Faults;
using test::TemporaryFolder;

int calls_made = 0;

}  // namespace

TEST_CASE("a published file holds what was given and can be read by its owner alone", "[file]") {
  const TemporaryFolder folder;
  const std::string content("a\0b\n\xff", 5);
  REQUIRE(file::publish(folder.path(), "name", content) == 0);
  std::string read;
  REQUIRE(file::read(folder / "name", read) == 0);
  CHECK(read == content);
  file::Status status;
  REQUIRE(file::status(folder / "name", status) == 0);
  CHECK(status.type == file::Type::regular);
  CHECK(status.bytes == 5);
  CHECK(status.permissions == 0600);
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("publishing replaces what was there", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(file::publish(folder.path(), "name", "old and longer") == 0);
  REQUIRE(file::publish(folder.path(), "name", "new") == 0);
  CHECK(test::contents(folder / "name") == "new");
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("an empty file is published and read", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(file::publish(folder.path(), "name", "") == 0);
  std::string read = "before";
  REQUIRE(file::read(folder / "name", read) == 0);
  CHECK(read.empty());
}

TEST_CASE("reading what is not a file gives its errno and waits for nothing", "[file]") {
  const TemporaryFolder folder;
  std::string read;
  CHECK(file::read(folder / "absent", read) == ENOENT);
  CHECK(file::read(folder.path(), read) == EISDIR);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(file::read(folder / "pipe", read) == EINVAL);
}

TEST_CASE("a file too large to be an entry is refused unread", "[file]") {
  const TemporaryFolder folder;
  test::write(folder / "huge", "");
  std::filesystem::resize_file(folder / "huge", file::max_bytes + 1);  // sparse: takes no room
  std::string read;
  CHECK(file::read(folder / "huge", read) == EFBIG);
}

TEST_CASE("interrupted and short calls are repeated", "[file]") {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 1000; ++i) content += static_cast<char>(i * 7);
  Faults faults;
  calls_made = 0;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if (++calls_made % 2 == 1) return errno = EINTR, -1;
    return ::open(path, flags, mode);
  };
  faults.calls.write = [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
    if (++calls_made % 2 == 1) return errno = EINTR, -1;
    return ::write(descriptor, buffer, std::min<std::size_t>(bytes, 7));
  };
  faults.calls.read = [](int descriptor, void* buffer, std::size_t bytes) -> ssize_t {
    if (++calls_made % 2 == 1) return errno = EINTR, -1;
    return ::read(descriptor, buffer, std::min<std::size_t>(bytes, 7));
  };
  faults.calls.close = [](int descriptor) {
    ::close(descriptor);  // as Linux does: closed, and interrupted all the same
    return errno = EINTR, -1;
  };
  faults.install();
  REQUIRE(file::publish(folder.path(), "name", content) == 0);
  std::string read;
  REQUIRE(file::read(folder / "name", read) == 0);
  CHECK(read == content);
  CHECK(calls_made > 400);
}

TEST_CASE("a failing step of publish leaves the old file and nothing else", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(file::publish(folder.path(), "name", "old") == 0);
  Faults faults;
  int expected = 0;
  SECTION("write") {
    faults.calls.write = [](int, const void*, std::size_t) -> ssize_t { return errno = ENOSPC, -1; };
    expected = ENOSPC;
  }
  SECTION("a write that takes nothing") {
    faults.calls.write = [](int, const void*, std::size_t) -> ssize_t { return 0; };
    expected = EIO;
  }
  SECTION("close, where network file systems say that the disk is full") {
    faults.calls.close = [](int descriptor) {
      ::close(descriptor);
      return errno = EDQUOT, -1;
    };
    expected = EDQUOT;
  }
  SECTION("rename") {
    faults.calls.rename = [](const char*, const char*) { return errno = EACCES, -1; };
    expected = EACCES;
  }
  SECTION("open") {
    faults.calls.open = [](const char*, int, mode_t) { return errno = EMFILE, -1; };
    expected = EMFILE;
  }
  faults.install();
  CHECK(file::publish(folder.path(), "name", "new") == expected);
  faults.end();
  CHECK(test::contents(folder / "name") == "old");
  CHECK(test::files_below(folder.path()).size() == 1);
}

TEST_CASE("a temporary name that is taken is not used", "[file]") {
  const TemporaryFolder folder;
  Faults faults;
  calls_made = 0;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if ((flags & O_EXCL) != 0 && ++calls_made <= 3) return errno = EEXIST, -1;
    return ::open(path, flags, mode);
  };
  faults.install();
  CHECK(file::publish(folder.path(), "name", "text") == 0);
  CHECK(calls_made == 4);
  faults.calls.open = [](const char*, int, mode_t) { return errno = EEXIST, -1; };
  CHECK(file::publish(folder.path(), "other", "text") == EEXIST);  // gives up in the end
}

TEST_CASE("publishing into a folder that is missing makes none", "[file]") {
  const TemporaryFolder folder;
  CHECK(file::publish(folder / "absent", "name", "text") == ENOENT);
  CHECK_FALSE(std::filesystem::exists(folder / "absent"));
}

TEST_CASE("private folders are made with their parents, for their owner alone", "[file]") {
  const TemporaryFolder folder;
  REQUIRE(file::make_private_folder(folder / "a/b/c") == 0);
  for (const char* name : {"a", "a/b", "a/b/c"}) {
    file::Status status;
    REQUIRE(file::status(folder / name, status) == 0);
    CHECK(status.type == file::Type::folder);
    CHECK(status.permissions == 0700);
  }
  CHECK(file::make_private_folder(folder / "a/b/c") == 0);
  CHECK(file::make_private_folder(folder / "a/d/") == 0);
}

TEST_CASE("a folder can not be made where a file or a link to nowhere is", "[file]") {
  const TemporaryFolder folder;
  test::write(folder / "file", "text");
  CHECK(file::make_private_folder(folder / "file") == ENOTDIR);
  CHECK(file::make_private_folder(folder / "file/below") == ENOTDIR);
  std::filesystem::create_symlink("nowhere", folder / "link");
  CHECK(file::make_private_folder(folder / "link") == ENOENT);
}

TEST_CASE("a folder that is there already is no error on a read-only file system", "[file]") {
  const TemporaryFolder folder;
  Faults faults;
  faults.calls.mkdir = [](const char*, mode_t) { return errno = EROFS, -1; };
  faults.install();
  CHECK(file::make_private_folder(folder.path()) == 0);
  CHECK(file::make_private_folder(folder / "new") == EROFS);
}

TEST_CASE("a folder's list has each item with its status", "[file]") {
  const TemporaryFolder folder;
  test::write(folder / "file", "12345");
  std::filesystem::create_directory(folder / "folder");
  std::filesystem::create_symlink("file", folder / "link");
  std::vector<file::FolderItem> items;
  REQUIRE(file::list(folder.path(), items) == 0);
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  REQUIRE(items.size() == 3);
  CHECK(items[0].name == "file");
  CHECK(items[0].status.type == file::Type::regular);
  CHECK(items[0].status.bytes == 5);
  CHECK(items[1].status.type == file::Type::folder);
  CHECK(items[2].status.type == file::Type::link);
  CHECK(file::list(folder / "absent", items) == ENOENT);
  CHECK(file::list(folder / "file", items) == ENOTDIR);
}

TEST_CASE("only publish's own names are temporary ones", "[file]") {
  const TemporaryFolder folder;
  Faults faults;
  faults.calls.rename = [](const char*, const char*) { return errno = EIO, -1; };
  faults.calls.unlink = [](const char*) { return errno = EIO, -1; };
  faults.install();
  CHECK(file::publish(folder.path(), "name", "text") == EIO);
  faults.end();
  const auto left = test::files_below(folder.path());
  REQUIRE(left.size() == 1);
  CHECK(file::is_temporary(left.front().filename().native()));
  for (const char* name : {"name", ".cujitsu-.tmp", "cujitsu-1.tmp", ".cujitsu-1", ""})
    CHECK_FALSE(file::is_temporary(name));
}
