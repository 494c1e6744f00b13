// SPDX-License-Identifier: MIT
// What threads and processes that want the same get, with a compile that is played.
#include "module/shared_compile.hpp"

#include "base/log.hpp"
#include "cache/layout.hpp"
#include "cache/process_lock.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>

#include <fcntl.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cujitsu;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using test::Faults;
using test::same_code;
using test::sample_code;
using test::Warnings;

constexpr std::string_view variant = "device";

/// A cache folder, and a compile of one key that counts.
struct Played {
  explicit Played(CompileSharing::Settings settings = {}) : sharing(settings) {}

  std::optional<CompiledCode> look_up() {
    std::string reason;
    return store.load(key, reason);
  }
  CompiledCode compile() {
    ++compiles;
    if (before_end) before_end();
    auto code = sample_code();
    code.cache_status = CacheStatus::miss;
    code.cache_reason = "nothing is stored";
    code.cache_key = key.hex;
    std::string reason;
    static_cast<void>(store.save(key, code, reason));
    return code;
  }
  CompiledCode run() {
    return sharing.run(store, key, {[this] { return look_up(); }, [this] { return compile(); }, variant});
  }
  [[nodiscard]] std::string lock_file() const { return layout::lock_file(store.path().native()); }

  test::TemporaryFolder folder;
  KernelCache::Store store{folder / "root"};
  CompileSharing sharing;
  CacheKey key = test::sample_material().key();
  std::atomic<int> compiles{0};
  std::function<void()> before_end;
};

[[noreturn]] void fail() {
  throw CompileError("a.cu does not compile",
                     {"a.cu", "a.cu(1): error: x", {"-O1"}, {{"a.cu", 1, 2, "error", "", "x", ""}}, "mend it", 6});
}

/// Counts the lock calls of a test.
std::atomic<int> locks_asked{0};

Faults& count_locks(Faults& faults) {
  locks_asked = 0;
  faults.calls.fcntl_lock = [](int descriptor, int command, struct ::flock* range) {
    ++locks_asked;
    return ::fcntl(descriptor, command, range);
  };
  faults.install();
  return faults;
}

}  // namespace

TEST_CASE("one of several threads compiles, and the others say that it did", "[cache][sharing][threads]") {
  Played played;
  played.before_end = [&] {
    while (played.sharing.waiting(played.store, played.key, variant) != 3) std::this_thread::yield();
  };
  std::atomic<int> misses{0};
  std::atomic<int> hits{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const auto code = played.run();
      if (!same_code(code, sample_code()) || code.cache_key != played.key.hex) ++wrong;
      if (code.cache_status == CacheStatus::miss && code.cache_reason == "nothing is stored") ++misses;
      if (code.cache_status == CacheStatus::hit && code.cache_reason.starts_with("another thread")) ++hits;
    });
  for (auto& thread : threads) thread.join();
  CHECK(played.compiles == 1);
  CHECK(misses == 1);
  CHECK(hits == 3);
  CHECK(wrong == 0);
  CHECK(played.store.stats().hits == 3);
}

TEST_CASE("what somebody stored since the caller looked is not compiled again", "[cache][sharing]") {
  Played played;
  std::string reason;
  REQUIRE(played.store.save(played.key, sample_code(), reason));
  const auto code = played.run();
  CHECK(code.cache_status == CacheStatus::hit);
  CHECK(played.compiles == 0);
}

TEST_CASE("who waited for another process takes what that stored, and says so", "[cache][sharing]") {
  Played played;
  auto other = std::make_unique<ProcessLock>(*played.store.lock_file(), played.key.hex, 0s);
  Faults faults;
  count_locks(faults);
  std::thread process([&] {
    while (locks_asked < 2) std::this_thread::yield();
    KernelCache::Store store(played.folder / "root");
    std::string reason;
    static_cast<void>(store.save(played.key, sample_code(), reason));
    other.reset();
  });
  const auto code = played.run();
  process.join();
  CHECK(played.compiles == 0);
  CHECK(code.cache_status == CacheStatus::hit);
  CHECK_THAT(code.cache_reason, StartsWith("another process compiled it while this one waited"));
}

TEST_CASE("who waited too long compiles, and says so", "[cache][sharing]") {
  Played played({20ms, 10s});
  const ProcessLock other(*played.store.lock_file(), played.key.hex, 0s);
  const auto code = played.run();
  CHECK(played.compiles == 1);
  CHECK(code.cache_status == CacheStatus::miss);
  CHECK_THAT(code.cache_reason, ContainsSubstring("another process was still compiling it after 0.02 s"));
  CHECK(played.look_up().has_value());
}

TEST_CASE("where there are no locks each process compiles, without a warning", "[cache][sharing][faults]") {
  Played played;
  const Warnings warnings;
  static int error;
  error = GENERATE(ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL);
  Faults faults;
  faults.calls.fcntl_lock = [](int, int, struct ::flock*) { return errno = error, -1; };
  faults.install();
  CHECK(played.run().cache_reason == "nothing is stored");
  CHECK(played.run().cache_status == CacheStatus::hit);
  CHECK(played.compiles == 1);
  CHECK(warnings.count() == 0);
}

TEST_CASE("in a folder that can not be made or written to, threads still share", "[cache][sharing][faults][threads]") {
  Played played;
  const Warnings warnings;
  Faults faults;
  SECTION("a read-only file system") {
    faults.calls.mkdir = [](const char*, mode_t) { return errno = EROFS, -1; };
  }
  SECTION("no permission for the lock file, nor for entries") {
    faults.calls.open = [](const char* path, int flags, mode_t mode) {
      if ((flags & O_CREAT) != 0) return errno = EACCES, -1;
      return ::open(path, flags, mode);
    };
  }
  faults.install();
  played.before_end = [&] {
    while (played.sharing.waiting(played.store, played.key, variant) != 1) std::this_thread::yield();
  };
  std::thread other([&] { static_cast<void>(played.run()); });
  CHECK(same_code(played.run(), sample_code()));
  other.join();
  CHECK(played.compiles == 1);
  CHECK(warnings.count() == 1);  // of the save
}

TEST_CASE("a failed compile is the error of all who wait, and of who asks soon after", "[cache][sharing][threads]") {
  Played played;
  played.before_end = [&] {
    while (played.sharing.waiting(played.store, played.key, variant) != 2) std::this_thread::yield();
    fail();
  };
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      try {
        static_cast<void>(played.run());
      } catch (const CompileError& error) {
        if (std::string(error.what()) == "a.cu does not compile" && error.hint() == "mend it" && error.code() == 6 &&
            error.diagnostics().size() == 1)
          ++right;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 3);
  CHECK(played.compiles == 1);

  const auto asks_again = [&](CompileSharing& sharing) {
    try {
      static_cast<void>(sharing.run(played.store, played.key,
                                    {[&] { return played.look_up(); }, [&] { return played.compile(); }, variant}));
      FAIL("it compiles now");
    } catch (const CompileError& error) {
      CHECK(error.log() == "a.cu(1): error: x");
      CHECK_THAT(error.what(), StartsWith("a.cu does not compile\n") && ContainsSubstring("remembered"));
    }
  };
  asks_again(played.sharing);
  CompileSharing other_process({});
  asks_again(other_process);
  CHECK(played.compiles == 1);
}

TEST_CASE("with nothing remembered the next caller after a failure compiles", "[cache][sharing]") {
  Played played({60s, 0s});
  played.before_end = fail;
  CHECK_THROWS_AS(played.run(), CompileError);
  CHECK_THROWS_AS(played.run(), CompileError);
  CHECK(played.compiles == 2);
  played.before_end = nullptr;
  CHECK(played.run().cache_status == CacheStatus::miss);
}

TEST_CASE("other errors than the program's are not remembered", "[cache][sharing]") {
  Played played;
  played.before_end = [] { throw std::bad_alloc(); };
  CHECK_THROWS_AS(played.run(), std::bad_alloc);
  played.before_end = [] { throw LoadError("no NVRTC", {}); };
  CHECK_THROWS_AS(played.run(), LoadError);
  played.before_end = [] { throw CompileForbiddenError("forbidden", {}, "3f9a", "nothing is stored"); };
  CHECK_THROWS_AS(played.run(), CompileForbiddenError);
  played.before_end = nullptr;
  CHECK(same_code(played.run(), sample_code()));
  CHECK(played.compiles == 4);
}

TEST_CASE("compiles that differ outside the key share nothing", "[cache][sharing]") {
  Played played;
  played.before_end = fail;
  CHECK_THROWS_AS(played.run(), CompileError);
  played.before_end = nullptr;
  const auto code = played.sharing.run(
      played.store, played.key, {[&] { return played.look_up(); }, [&] { return played.compile(); }, "explicit"});
  CHECK(code.cache_status == CacheStatus::miss);
}

TEST_CASE("a compile that asks for its own key compiles it, and waits for no lock", "[cache][sharing]") {
  Played played;
  played.before_end = [&] {
    if (played.compiles == 1) CHECK(same_code(played.run(), sample_code()));
  };
  CHECK(same_code(played.run(), sample_code()));
  CHECK(played.compiles == 2);
}

TEST_CASE("a log sink is called when nothing is locked any more", "[cache][sharing]") {
  Played played;
  played.before_end = [&] {
    log::warning("said while it compiles");
    CHECK(ProcessLock(played.lock_file(), played.key.hex, 0s).outcome() == ProcessLock::Outcome::timed_out);
  };
  int heard = 0;
  set_log_sink([&](LogLevel, std::string_view text) {
    if (text != "said while it compiles") return;
    ++heard;
    CHECK(ProcessLock(played.lock_file(), played.key.hex, 0s).outcome() == ProcessLock::Outcome::held);
    CHECK(same_code(played.run(), sample_code()));  // a hit; for ever, were the flight not over
  });
  CHECK(same_code(played.run(), sample_code()));
  set_log_sink({});
  CHECK(heard == 1);
}

TEST_CASE("a failing compile's messages are written too", "[cache][sharing]") {
  Played played;
  const Warnings warnings;
  played.before_end = [] {
    log::warning("said before the end");
    fail();
  };
  CHECK_THROWS_AS(played.run(), CompileError);
  CHECK(warnings.mention("said before the end"));
}

TEST_CASE("a child that is forked while a thread compiles compiles for itself", "[cache][sharing]") {
  Played played({200ms, 10s});
  std::atomic<bool> compiling{false};
  std::atomic<bool> may_end{false};
  played.before_end = [&] {
    compiling = true;
    while (!may_end) std::this_thread::yield();
  };
  std::thread runner([&] { static_cast<void>(played.run()); });
  while (!compiling) std::this_thread::yield();
  const int code = test::in_child([&] {
    ::alarm(20);
    played.before_end = nullptr;
    // The parent holds the process lock, for longer than this child waits.
    return same_code(played.run(), sample_code()) && played.compiles == 2 ? 0 : 1;
  });
  CHECK(code == 0);
  may_end = true;
  runner.join();
}

TEST_CASE("clearing leaves the lock file, and listing passes over it", "[cache][sharing]") {
  Played played;
  CHECK(same_code(played.run(), sample_code()));
  CHECK(played.store.list().size() == 1);
  CHECK(played.store.clear() == 1);
  CHECK(test::files_below(played.folder.path()) == std::vector<std::filesystem::path>{played.lock_file()});
  CHECK(played.run().cache_status == CacheStatus::miss);
}

TEST_CASE("a root that must be refused gets no lock file", "[cache][sharing]") {
  const test::TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const Warnings warnings;
  KernelCache::Store store(folder.path());
  CHECK_FALSE(store.lock_file());
  CHECK(test::files_below(folder.path()).empty());
  CHECK(warnings.count() == 1);
}

TEST_CASE("the settings are seconds, and what is not is warned of and not used", "[cache][sharing]") {
  const test::Environment none("CUJITSU_CACHE_LOCK_TIMEOUT", nullptr);
  const test::Environment none_either("CUJITSU_CACHE_FAILURES", nullptr);
  const auto standard = CompileSharing::Settings::from_environment();
  CHECK(standard.lock_timeout == 60s);
  CHECK(standard.failures == 10s);
  for (const auto& [text, expected] : {std::pair{"0", 0ms}, {"2.5", 2500ms}, {"1e3", 1'000'000ms}}) {
    const test::Environment timeout("CUJITSU_CACHE_LOCK_TIMEOUT", text);
    const test::Environment failures("CUJITSU_CACHE_FAILURES", text);
    const Warnings warnings;
    const auto settings = CompileSharing::Settings::from_environment();
    CHECK(settings.lock_timeout == expected);
    CHECK(settings.failures == expected);
    CHECK(warnings.count() == 0);
  }
  for (const char* text : {"-1", "soon", "5s", "nan", "inf", "1e9", " 5"}) {
    const test::Environment timeout("CUJITSU_CACHE_LOCK_TIMEOUT", text);
    const Warnings warnings;
    CHECK(CompileSharing::Settings::from_environment().lock_timeout == 60s);
    CHECK(warnings.count() == 1);
    CHECK(warnings.mention(text));
  }
}
