// SPDX-License-Identifier: MIT
// Lines that several threads and processes add to one file: each once, none lost, none torn.
#include "base/line_file.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"
#include "unit/fault_plan.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using cujitsu::file::LineFile;
using cujitsu::test::contents;
using cujitsu::test::FaultPlan;
using cujitsu::test::Faults;
using cujitsu::test::TemporaryFolder;

std::vector<std::string> lines_of(const std::string& path) {
  std::istringstream stream(contents(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

using Lines = std::vector<std::string>;

/// The disk takes half of the first write, and nothing more.
void fill_up(Faults& faults) {
  static int calls;
  calls = 0;
  faults.calls.write = [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
    if (++calls == 1) return cujitsu::file::real_system_calls().write(descriptor, buffer, bytes / 2);
    errno = ENOSPC;
    return -1;
  };
}

}  // namespace

TEST_CASE("a line file has its first line once, and each line once, whoever adds it") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  LineFile one(path, "first");
  LineFile other(path, "first");
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(one.add("a") == 0);
  CHECK(other.add("b") == 0);
  CHECK(one.add("b") == 0);
  CHECK(other.add("a") == 0);
  CHECK(LineFile(path, "first").add("a") == 0);
  CHECK(lines_of(path) == Lines{"first", "a", "b"});
}

TEST_CASE("lines far longer than a pipe's buffer stay whole when 8 processes of 4 threads add them at once") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  constexpr int processes = 8, threads = 4, lines = 12;
  // Every line is added by every second thread, and is up to 60 KB long.
  const auto line = [](int number) { return std::to_string(number) + ":" + std::string(5000U * (number % 13), 'x'); };
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      LineFile file(path, "first");
      std::atomic<int> failures{0};
      std::vector<std::thread> all;
      for (int thread = 0; thread < threads; ++thread)
        all.emplace_back([&, thread] {
          for (int i = 0; i < lines; ++i)
            if (file.add(line((process + i) % 6 * 100 + thread % 2 * 10 + i)) != 0) ++failures;
        });
      for (auto& each : all) each.join();
      ::_exit(failures.load());
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }
  Lines expected{"first"};
  for (int process = 0; process < processes; ++process)
    for (int thread = 0; thread < threads; ++thread)
      for (int i = 0; i < lines; ++i) expected.push_back(line((process + i) % 6 * 100 + thread % 2 * 10 + i));
  std::sort(expected.begin(), expected.end());
  expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
  auto found = lines_of(path);
  CHECK(found.at(0) == "first");
  std::sort(found.begin(), found.end());
  CHECK((found == expected));
}

TEST_CASE("a line that its writer did not finish does not spoil the next one") {
  const TemporaryFolder folder;
  cujitsu::test::write(folder / "lines", "first\nhalf");
  CHECK(LineFile(folder / "lines", "first").add("whole") == 0);
  CHECK(lines_of(folder / "lines") == Lines{"first", "half", "whole"});
}

TEST_CASE("a full disk takes back the half line, and is told") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  LineFile file(path, "first");
  REQUIRE(file.add("a") == 0);
  Faults faults;
  fill_up(faults);
  faults.install();
  CHECK(file.add("a longer line") == ENOSPC);
  faults.end();
  CHECK(lines_of(path) == Lines{"first", "a"});
  CHECK(file.add("a longer line") == 0);
  CHECK(lines_of(path) == Lines{"first", "a", "a longer line"});
}

TEST_CASE("a file that was removed or written anew is taken as it is now") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  LineFile file(path, "first");
  REQUIRE(file.add("a") == 0);
  std::filesystem::remove(path);
  CHECK(file.add("a") == 0);
  CHECK(lines_of(path) == Lines{"first", "a"});
  cujitsu::test::write(path, "");
  CHECK(file.add("a") == 0);
  CHECK(lines_of(path) == Lines{"first", "a"});
}

TEST_CASE("a holder of the lock that has stopped does not stop others for good") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  cujitsu::test::write(path, "first\n");
  const int holder = ::open(path.c_str(), O_RDONLY);
  REQUIRE(::flock(holder, LOCK_EX) == 0);
  CHECK(LineFile(path, "first").add("a") == 0);
  ::close(holder);
  CHECK(lines_of(path) == Lines{"first", "a"});
}

TEST_CASE("what is no file can not be added to") {
  const TemporaryFolder folder;
  CHECK(LineFile(folder.path().native(), "first").add("a") == EISDIR);
  CHECK(LineFile(folder / "missing/lines", "first").add("a") == ENOENT);
  CHECK(LineFile("/dev/full", "first").add("a") == EINVAL);
}

namespace {

/// A file that somebody else has added to since, so that all is read: the work of one call.
int add_one(const std::string& path) { return LineFile(path, "first").add("new"); }

int calls_of_add() {
  const TemporaryFolder folder(cujitsu::test::fast_parent());
  cujitsu::test::write(folder / "lines", "first\na\n");
  const FaultPlan plan(FaultPlan::Kind::none, -1);
  REQUIRE(add_one(folder / "lines") == 0);
  return plan.made();
}

}  // namespace

TEST_CASE("whichever call fails, a line file keeps its lines, has the new one or says why, and works after") {
  const int calls = calls_of_add();
  REQUIRE(calls > 5);
  for (int at = 0; at < calls; ++at)
    for (const int error : {EIO, ENOSPC, EACCES, EROFS, ESTALE, EINTR, 0}) {
      CAPTURE(at, error);
      const TemporaryFolder folder(cujitsu::test::fast_parent());
      const auto path = folder / "lines";
      cujitsu::test::write(path, "first\na\n");
      int result = 0;
      {
        const FaultPlan plan(error == 0 ? FaultPlan::Kind::partial : FaultPlan::Kind::error, at, error);
        result = add_one(path);
      }
      const auto lines = lines_of(path);
      const Lines with{"first", "a", "new"};
      REQUIRE((lines == with || (result != 0 && lines == Lines{"first", "a"})));
      REQUIRE((result == 0 || result == error));
      REQUIRE(add_one(path) == 0);
      REQUIRE(lines_of(path) == with);
    }
}

TEST_CASE("a process that dies while it adds a line spoils no other line") {
  const int calls = calls_of_add();
  for (int at = 0; at < calls; ++at)
    for (const auto kind : {FaultPlan::Kind::dies, FaultPlan::Kind::dies_half}) {
      CAPTURE(at);
      const TemporaryFolder folder(cujitsu::test::fast_parent());
      const auto path = folder / "lines";
      cujitsu::test::write(path, "first\na\n");
      REQUIRE(cujitsu::test::in_child([&] {
                const FaultPlan plan(kind, at);
                return add_one(path);
              }) == FaultPlan::death);
      REQUIRE(add_one(path) == 0);
      auto lines = lines_of(path);
      std::erase_if(lines,
                    [](const std::string& line) { return line == "ne"; });  // what it had written: no line of ours
      REQUIRE(lines == Lines{"first", "a", "new"});
    }
}

TEST_CASE("a half line that can not be taken back is ended by the next one, and the first error is told") {
  const TemporaryFolder folder;
  const auto path = folder / "lines";
  LineFile file(path, "first");
  REQUIRE(file.add("a") == 0);
  Faults faults;
  fill_up(faults);
  faults.calls.ftruncate = [](int, off_t) {
    errno = EIO;
    return -1;
  };
  faults.install();
  CHECK(file.add("whole") == ENOSPC);
  faults.end();
  CHECK(file.add("whole") == 0);
  CHECK(lines_of(path) == Lines{"first", "a", "who", "whole"});
}
