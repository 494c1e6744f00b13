// SPDX-License-Identifier: MIT
// Many processes with several threads each on the same and on different keys, while another empties the cache.
#include "module/shared_compile.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cujitsu;

constexpr int process_count = 32;
constexpr int thread_count = 4;
constexpr int shared_keys = 12;
constexpr int rounds = 2;

/// An append-only file, one line for each compile: what all processes write into, whole lines at a time.
class CompileLog {
 public:
  explicit CompileLog(const std::string& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) throw std::runtime_error("no log");
  }
  CompileLog(const CompileLog&) = delete;
  CompileLog& operator=(const CompileLog&) = delete;
  ~CompileLog() { ::close(descriptor_); }
  void add(const std::string& name) const {
    const auto line = name + '\n';
    if (::write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::abort();
  }
  static std::map<std::string, int> counts(const std::string& path) {
    std::map<std::string, int> result;
    std::istringstream lines(test::contents(path));
    for (std::string line; std::getline(lines, line);) ++result[line];
    return result;
  }

 private:
  int descriptor_;
};

/// The one right result for the program `name`.
CompiledCode code_of(const std::string& name) {
  auto code = test::sample_code();
  code.ptx = std::string(20'000 + name.size() * 1000, name.back()) + name;
  code.log = name;
  return code;
}

CompiledCode compile_shared(CompileSharing& sharing, KernelCache::Store& store, const CompileLog& log,
                            const std::string& name) {
  auto material = test::sample_material();
  material.source = name;
  const auto key = material.key();
  const auto look_up = [&] {
    std::string reason;
    return store.load(key, reason);
  };
  const auto compile = [&] {
    log.add(name);
    // Long enough that others come meanwhile; nothing is ordered by it.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (name.starts_with("wrong"))
      throw CompileError(name + " does not compile", {name, name + "(1): error: x", {}, {}, "", 6});
    auto code = code_of(name);
    code.cache_status = CacheStatus::miss;
    std::string reason;
    static_cast<void>(store.save(key, code, reason));
    return code;
  };
  if (auto code = look_up()) return std::move(*code);
  return sharing.run(store, key, {look_up, compile, "device"});
}

/// What one thread does: all shared keys in an order of its own, and keys of its process alone. Counts what is wrong.
int work(CompileSharing& sharing, KernelCache::Store& store, const CompileLog& log, int process, int thread) {
  int wrong = 0;
  for (int round = 0; round < rounds; ++round)
    for (int i = 0; i < shared_keys; ++i) {
      const int n = (i * 5 + thread + process) % shared_keys;
      for (const auto& name : {"shared " + std::to_string(n), fmt::format("own {} {}", process, n % 2)}) {
        const auto code = compile_shared(sharing, store, log, name);
        if (!test::same_code(code, code_of(name))) ++wrong;
      }
      const auto name = "wrong " + std::to_string(n % 3);
      try {
        static_cast<void>(compile_shared(sharing, store, log, name));
        ++wrong;
      } catch (const CompileError& error) {
        if (error.log() != name + "(1): error: x" || error.name() != name) ++wrong;
      }
    }
  return wrong;
}

/// A child that calls `body` again and again until it is killed, or the parent ends. It exits where `body` throws.
pid_t start_endless(const std::function<void()>& body) {
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child != 0) return child;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  try {
    for (;;) body();
  } catch (const std::exception& error) {
    static_cast<void>(!::write(STDERR_FILENO, error.what(), std::strlen(error.what())));
  } catch (...) {  // the exit code tells
  }
  ::_exit(1);
}

/// Whether it had to be killed, as it should.
bool kill_endless(pid_t child) {
  int status = -1;
  ::kill(child, SIGKILL);
  return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

/// Runs the processes, with `disturb` in one more until they have ended; returns how many of all had something wrong.
int race(const std::string& root, const std::string& log_path, const std::function<void()>& disturb) {
  std::vector<pid_t> children;
  for (int process = 0; process < process_count; ++process) {
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
      int wrong = 0;
      try {
        KernelCache::Store store(root);
        CompileSharing sharing({std::chrono::seconds(300), std::chrono::seconds(300)});
        const CompileLog log(log_path);
        std::atomic<int> sum{0};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < thread_count; ++thread)
          threads.emplace_back([&, thread] {
            try {
              sum += work(sharing, store, log, process, thread);
            } catch (...) {
              sum += 1000;
            }
          });
        for (auto& thread : threads) thread.join();
        wrong = sum;
      } catch (...) {
        wrong = 1;
      }
      ::_exit(wrong == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  const auto disturber = disturb ? start_endless(disturb) : -1;
  int bad = 0;
  for (const auto child : children) {
    int status = -1;
    if (::waitpid(child, &status, 0) != child || status != 0) ++bad;
  }
  if (disturber > 0 && !kill_endless(disturber)) ++bad;
  return bad;
}

}  // namespace

TEST_CASE("32 processes with 4 threads each compile each key exactly once", "[cache][sharing][race]") {
  const test::TemporaryFolder folder;
  CHECK(race(folder / "root", folder / "log", {}) == 0);
  const auto counts = CompileLog::counts(folder / "log");
  CHECK(counts.size() == shared_keys + 2 * process_count + 3);
  for (const auto& [name, count] : counts) {
    CAPTURE(name);
    CHECK(count == 1);
  }
  KernelCache::Store store(folder / "root");
  CHECK(store.list().size() == shared_keys + 2 * process_count);
}

TEST_CASE("32 processes with 4 threads each get the right results while entries are removed",
          "[cache][sharing][race]") {
  const test::TemporaryFolder folder;
  KernelCache::Store store(folder / "root");
  const CompileLog log(folder / "log");
  std::function<void()> disturb;
  SECTION("by clear, time and again") {
    disturb = [&] { static_cast<void>(store.clear()); };
  }
  SECTION("with the lock file and the folders, by hand") {
    disturb = [&] {
      std::error_code ignored;
      std::filesystem::remove_all(store.path(), ignored);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    };
  }
  SECTION("by the death of processes that hold locks or write") {
    disturb = [&] {
      int i = 0;
      std::optional<CompileSharing> sharing;
      const auto child = start_endless([&] {
        if (!sharing) sharing.emplace(CompileSharing::Settings{std::chrono::seconds(300), std::chrono::seconds(300)});
        static_cast<void>(compile_shared(*sharing, store, log, fmt::format("shared {}", i++ % shared_keys)));
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
      if (!kill_endless(child)) throw std::runtime_error("a compile failed");
      static_cast<void>(store.clear());
    };
  }
  CHECK(race(folder / "root", folder / "log", disturb) == 0);
  CHECK(CompileLog::counts(folder / "log").size() == shared_keys + 2 * process_count + 3);
}

TEST_CASE("threads of one process race for keys while another empties the cache", "[cache][sharing][race][threads]") {
  const test::TemporaryFolder folder;
  KernelCache::Store store(folder / "root");
  CompileSharing sharing({});
  const CompileLog log(folder / "log");
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) threads.emplace_back([&, i] { wrong += work(sharing, store, log, 0, i); });
  std::thread cleaner([&] {
    while (!done) {
      static_cast<void>(store.clear());
      std::this_thread::yield();
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  cleaner.join();
  CHECK(wrong == 0);
}
