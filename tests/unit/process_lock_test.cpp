// SPDX-License-Identifier: MIT
// One holder among processes, whatever becomes of it, and file systems that know no locks.
#include "cache/process_lock.hpp"

#include "base/file.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace {

using namespace cujitsu;
using namespace std::chrono_literals;
using Outcome = ProcessLock::Outcome;
using test::Faults;
using test::TemporaryFolder;

const std::string key = "0123456789abcdef0123456789abcdef";
const std::string other_key = "0123456789abcdff0123456789abcdef";

bool is_free(const std::string& path) { return ProcessLock(path, key, 0s).outcome() == Outcome::held; }

/// A child process that has the lock of `key`, until it is killed or told to end.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    if (::pipe(to_parent_) != 0 || ::pipe(to_child_) != 0) throw std::runtime_error("pipe failed");
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("fork failed");
    if (child_ == 0) {
      ::close(to_child_[1]);
      int code = 1;
      {
        const ProcessLock lock(path, key, 0s);
        char byte = lock.outcome() == Outcome::held ? 'h' : '-';
        code = ::write(to_parent_[1], &byte, 1) == 1 && ::read(to_child_[0], &byte, 1) == 0 ? 0 : 1;
      }
      ::_exit(code);
    }
    char byte = 0;
    if (::read(to_parent_[0], &byte, 1) != 1 || byte != 'h') throw std::runtime_error("the child has no lock");
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    for (const int descriptor : {to_parent_[0], to_parent_[1], to_child_[0], to_child_[1]})
      if (descriptor >= 0) ::close(descriptor);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  /// Lets it end its scope; returns at once.
  void release() {
    ::close(to_child_[1]);
    to_child_[1] = -1;
  }
  void kill() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  int to_parent_[2] = {-1, -1};
  int to_child_[2] = {-1, -1};
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("one of two has the lock of a key, until it ends", "[cache][lock]") {
  const TemporaryFolder folder;
  const auto path = folder / "locks";
  {
    const ProcessLock first(path, key, 0s);
    CHECK(first.outcome() == Outcome::held);
    CHECK_FALSE(first.waited());
    const ProcessLock second(path, key, 0s);
    CHECK(second.outcome() == Outcome::timed_out);
    CHECK(second.waited());
    CHECK(ProcessLock(path, other_key, 0s).outcome() == Outcome::held);
    CHECK_FALSE(is_free(path));  // what those two closed took nothing from the first
  }
  CHECK(is_free(path));
}

TEST_CASE("keys with the greatest and the least hash can be locked", "[cache][lock]") {
  const TemporaryFolder folder;
  for (const char digit : {'0', 'f'})
    CHECK(ProcessLock(folder / "locks", std::string(32, digit), 0s).outcome() == Outcome::held);
}

TEST_CASE("the lock file is one, empty, private, and stays", "[cache][lock]") {
  const TemporaryFolder folder;
  CHECK(ProcessLock(folder / "locks", key, 0s).outcome() == Outcome::held);
  CHECK(ProcessLock(folder / "locks", other_key, 0s).outcome() == Outcome::held);
  CHECK(test::files_below(folder.path()) == std::vector{folder.path() / "locks"});
  file::Status status;
  REQUIRE(file::status(folder / "locks", status) == 0);
  CHECK(status.bytes == 0);
  CHECK(status.permissions == 0600);
}

TEST_CASE("another process's lock is waited for, and had when it is released", "[cache][lock]") {
  const TemporaryFolder folder;
  Holder holder(folder / "locks");
  CHECK_FALSE(is_free(folder / "locks"));
  holder.release();
  const ProcessLock lock(folder / "locks", key, 60s);
  CHECK(lock.outcome() == Outcome::held);
}

TEST_CASE("the lock of a killed process is free", "[cache][lock]") {
  const TemporaryFolder folder;
  Holder holder(folder / "locks");
  CHECK_FALSE(is_free(folder / "locks"));
  holder.kill();
  CHECK(is_free(folder / "locks"));
}

TEST_CASE("who waits while the holder is killed has the lock then", "[cache][lock]") {
  const TemporaryFolder folder;
  auto holder = std::make_unique<Holder>(folder / "locks");
  // The killer is started first and kills when the waiter has asked once: a file of its own tells.
  Faults faults;
  static std::atomic<int> asked;
  asked = 0;
  faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
    ++asked;
    return ::fcntl(descriptor, command, range);
  };
  faults.install();
  std::thread killer([&] {
    while (asked < 2) std::this_thread::yield();
    holder->kill();
  });
  const ProcessLock lock(folder / "locks", key, 60s);
  killer.join();
  CHECK(lock.outcome() == Outcome::held);
  CHECK(lock.waited());
}

TEST_CASE("the wait is bounded", "[cache][lock]") {
  const TemporaryFolder folder;
  const ProcessLock holder(folder / "locks", key, 0s);
  const auto start = std::chrono::steady_clock::now();
  const ProcessLock lock(folder / "locks", key, 80ms);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  CHECK(lock.outcome() == Outcome::timed_out);
  CHECK(elapsed >= 80ms);
  CHECK(elapsed < 20s);  // a busy machine
  CHECK(lock.error() == 0);
}

TEST_CASE("a wait asks seldom", "[cache][lock]") {
  const TemporaryFolder folder;
  const ProcessLock holder(folder / "locks", key, 0s);
  Faults faults;
  static int asked;
  asked = 0;
  faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
    ++asked;
    return ::fcntl(descriptor, command, range);
  };
  faults.install();
  CHECK(ProcessLock(folder / "locks", key, 300ms).outcome() == Outcome::timed_out);
  // 8 pauses of 0.5 ms, then each an eighth of what was waited: 8 + ln(300 / 4) / ln(9 / 8), some 45; and the unlock.
  CHECK(asked < 60);
}

TEST_CASE("where there are no locks, that is said at once", "[cache][lock][faults]") {
  const TemporaryFolder folder;
  static int error;
  Faults faults;
  SECTION("the lock") {
    error = GENERATE(ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL, EIO, EBADF);
    faults.calls.fcntl_lock = [](int, int, struct ::flock*) { return errno = error, -1; };
  }
  SECTION("the file") {
    error = GENERATE(EROFS, EACCES, ENOSPC, EMFILE, ELOOP, ENOENT, ENOTDIR, EIO, ESTALE);
    faults.calls.open = [](const char*, int, mode_t) { return errno = error, -1; };
  }
  faults.install();
  const auto start = std::chrono::steady_clock::now();
  const ProcessLock lock(folder / "locks", key, 60s);
  CHECK(lock.outcome() == Outcome::unavailable);
  CHECK(lock.error() == error);
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}

TEST_CASE("an interrupted lock call is repeated", "[cache][lock][faults]") {
  const TemporaryFolder folder;
  static int calls;
  calls = 0;
  Faults faults;
  faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
    if (++calls == 1) return errno = EINTR, -1;
    return ::fcntl(descriptor, command, range);
  };
  faults.install();
  const ProcessLock lock(folder / "locks", key, 0s);
  CHECK(lock.outcome() == Outcome::held);
  CHECK_FALSE(lock.waited());
}

TEST_CASE("a link, a folder or a pipe in the lock file's place is not waited for", "[cache][lock]") {
  const TemporaryFolder folder;
  SECTION("a link") {
    test::write(folder / "foreign", "theirs");
    std::filesystem::create_symlink(folder / "foreign", folder / "locks");
    CHECK(ProcessLock(folder / "locks", key, 60s).outcome() == Outcome::unavailable);
    CHECK(test::contents(folder / "foreign") == "theirs");
  }
  SECTION("a folder") {
    std::filesystem::create_directory(folder / "locks");
    CHECK(ProcessLock(folder / "locks", key, 60s).outcome() == Outcome::unavailable);
  }
  SECTION("a pipe") {
    REQUIRE(::mkfifo((folder / "locks").c_str(), 0600) == 0);
    static_cast<void>(ProcessLock(folder / "locks", key, 0s));
  }
}

TEST_CASE("a lock file that is removed between its opening and its locking is made anew", "[cache][lock][faults]") {
  const TemporaryFolder folder;
  static std::string path;
  static std::unique_ptr<ProcessLock> quicker;
  static int removals;
  path = folder / "locks";
  removals = 0;
  Faults faults;
  SECTION("and it is the new one that is locked") {
    faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
      if (removals++ == 0) ::unlink(path.c_str());
      return ::fcntl(descriptor, command, range);
    };
    faults.install();
    const ProcessLock lock(path, key, 0s);
    faults.end();
    CHECK(lock.outcome() == Outcome::held);
    CHECK_FALSE(is_free(path));
  }
  SECTION("by another process, which has the lock of the new one: there are not two holders") {
    faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
      if (removals++ == 0) {
        ::unlink(path.c_str());
        quicker = std::make_unique<ProcessLock>(path, key, 0s);
      }
      return ::fcntl(descriptor, command, range);
    };
    faults.install();
    const ProcessLock lock(path, key, 0s);
    faults.end();
    CHECK(quicker->outcome() == Outcome::held);
    CHECK(lock.outcome() == Outcome::timed_out);
    quicker.reset();
  }
  SECTION("each time: it goes on without") {
    faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
      ::unlink(path.c_str());
      return ::fcntl(descriptor, command, range);
    };
    faults.install();
    CHECK(ProcessLock(path, key, 60s).outcome() == Outcome::unavailable);
  }
}

TEST_CASE("a forked child keeps no lock of its parent, and releases none", "[cache][lock]") {
  const TemporaryFolder folder;
  const auto path = folder / "locks";
  int to_child[2];
  REQUIRE(::pipe(to_child) == 0);
  pid_t child = -1;
  {
    auto lock = std::make_unique<ProcessLock>(path, key, 0s);
    REQUIRE(lock->outcome() == Outcome::held);
    SECTION("a child that lives on") {
      child = ::fork();
      if (child == 0) {
        ::close(to_child[1]);
        char byte = 0;
        ::_exit(::read(to_child[0], &byte, 1) == 0 ? 0 : 1);
      }
    }
    SECTION("a child that ends the scope of the lock") {
      child = ::fork();
      if (child == 0) {
        // Another lock takes the number of the descriptor that was closed; the parent's object must leave it alone.
        const ProcessLock own(path, other_key, 0s);
        lock.reset();
        ::_exit(own.outcome() == Outcome::held && ProcessLock(path, other_key, 0s).outcome() == Outcome::timed_out ? 0
                                                                                                                   : 1);
      }
      int status = -1;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(status == 0);
      child = -1;
    }
    CHECK_FALSE(is_free(path));
  }
  CHECK(is_free(path));
  ::close(to_child[1]);
  ::close(to_child[0]);
  if (child > 0) CHECK(::waitpid(child, nullptr, 0) == child);
}

TEST_CASE("a killed process's lock is free although a child that it forked lives on", "[cache][lock]") {
  const TemporaryFolder folder;
  const auto path = folder / "locks";
  int to_parent[2];
  int to_grandchild[2];
  REQUIRE(::pipe(to_parent) == 0);
  REQUIRE(::pipe(to_grandchild) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(to_grandchild[1]);
    const ProcessLock lock(path, key, 0s);
    if (::fork() == 0) {
      char byte = 'g';
      if (::write(to_parent[1], &byte, 1) != 1) ::_exit(1);
      ::close(to_parent[1]);
      ::_exit(::read(to_grandchild[0], &byte, 1) == 0 ? 0 : 1);
    }
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(to_parent[0], &byte, 1) == 1);
  CHECK_FALSE(is_free(path));
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(is_free(path));
  for (const int descriptor : {to_parent[0], to_parent[1], to_grandchild[0], to_grandchild[1]}) ::close(descriptor);
}

TEST_CASE("no descriptor is left open", "[cache][lock]") {
  const TemporaryFolder folder;
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = open_files();
  {
    const ProcessLock holder(folder / "locks", key, 0s);
    static_cast<void>(ProcessLock(folder / "locks", key, 1ms));
    Faults faults;
    faults.calls.fcntl_lock = [](int, int, struct ::flock*) { return errno = ENOLCK, -1; };
    faults.install();
    static_cast<void>(ProcessLock(folder / "locks", key, 0s));
  }
  CHECK(open_files() == before);
}
