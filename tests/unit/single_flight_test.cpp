// SPDX-License-Identifier: MIT
// Threads that share one compile, and how it may end.
#include "cache/single_flight.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>

#include <pthread.h>

#include <atomic>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cujitsu;
using Turn = SingleFlight::Turn;
using test::same_code;
using test::sample_code;

constexpr int others = 3;

/// For a body: goes on when `count` threads wait for `key`.
void await_waiters(SingleFlight& flights, const std::string& key, std::size_t count) {
  while (flights.waiting(key) != count) std::this_thread::yield();
}

/// Runs `ask` in as many threads as wait, and one more that does what they wait for.
template <class Ask>
void with_waiters(const Ask& ask) {
  std::vector<std::thread> threads;
  for (int i = 0; i < others + 1; ++i) threads.emplace_back(ask);
  for (auto& thread : threads) thread.join();
}

/// One compile that throws `error` to all who ask at once; `check` sees what each of them gets.
template <class E, class Check>
void all_get(const E& error, const Check& check) {
  SingleFlight flights;
  std::atomic<int> bodies{0};
  std::atomic<int> caught{0};
  with_waiters([&] {
    try {
      static_cast<void>(flights.run("key", [&](Turn) -> CompiledCode {
        ++bodies;
        await_waiters(flights, "key", others);
        throw E(error);
      }));
    } catch (const E& seen) {
      if (check(seen)) ++caught;
    }
  });
  CHECK(bodies == 1);
  CHECK(caught == others + 1);
  CHECK(flights.run("key", [](Turn) { return sample_code(); }).code.ptx == sample_code().ptx);  // nothing stays
}

CompileError sample_error(int code = 6) {
  Diagnostic diagnostic{"a.cu", 3, 7, "error", "20", "identifier \"x\" is undefined", "  x = 1;"};
  return {"a.cu does not compile", {"a.cu", "the log", {"-O1", "-G"}, {diagnostic}, "declare x", code}};
}

bool is_sample(const CompileError& error) {
  const auto sample = sample_error();
  return std::string(error.what()) == sample.what() && error.name() == "a.cu" && error.log() == "the log" &&
         error.options() == sample.options() && error.diagnostics().size() == 1 &&
         error.diagnostics().front().text == sample.diagnostics().front().text &&
         error.diagnostics().front().line == 3 && error.hint() == "declare x" && error.code() == 6;
}

}  // namespace

TEST_CASE("threads that ask for one key at once run one body, and all have its result", "[cache][flight][threads]") {
  SingleFlight flights;
  std::atomic<int> bodies{0};
  std::atomic<int> right{0};
  std::atomic<int> waited{0};
  with_waiters([&] {
    const auto result = flights.run("key", [&](Turn turn) {
      ++bodies;
      await_waiters(flights, "key", others);
      return turn == Turn::runs_for_all ? sample_code() : CompiledCode();
    });
    if (same_code(result.code, sample_code())) ++right;
    if (result.waited) ++waited;
  });
  CHECK(bodies == 1);
  CHECK(right == others + 1);
  CHECK(waited == others);
}

TEST_CASE("another key, or the same one later, is another flight", "[cache][flight]") {
  SingleFlight flights;
  int bodies = 0;
  const auto body = [&](Turn) {
    ++bodies;
    return sample_code();
  };
  for (const char* key : {"a", "b", "a"}) CHECK_FALSE(flights.run(key, body).waited);
  CHECK(bodies == 3);
}

TEST_CASE("different keys fly at the same time", "[cache][flight][threads]") {
  SingleFlight flights;
  std::atomic<int> within{0};
  const auto ask = [&](const std::string& key) {
    static_cast<void>(flights.run(key, [&](Turn) {
      ++within;
      while (within < 2) std::this_thread::yield();  // for ever, were a mutex held
      return sample_code();
    }));
  };
  std::thread other(ask, "b");
  ask("a");
  other.join();
  CHECK(within == 2);
}

TEST_CASE("every waiter gets the whole CompileError, as an object of its own", "[cache][flight][threads]") {
  std::mutex mutex;
  std::set<const CompileError*> objects;
  std::atomic<int> alive{0};
  all_get(sample_error(), [&](const CompileError& error) {
    {
      const std::lock_guard lock(mutex);
      objects.insert(&error);
    }
    ++alive;
    while (alive != others + 1) std::this_thread::yield();  // so that no address is used twice
    return is_sample(error);
  });
  CHECK(objects.size() == others + 1);
}

TEST_CASE("every waiter gets the very error, whatever its class", "[cache][flight][threads]") {
  all_get(CompileForbiddenError("forbidden", {}, "3f9a", "nothing is stored"),
          [](const CompileForbiddenError& e) { return e.key() == "3f9a" && e.reason() == "nothing is stored"; });
  all_get(LoadError("no NVRTC", {"/a: missing"}),
          [](const LoadError& e) { return e.tried() == std::vector<std::string>{"/a: missing"}; });
  all_get(OutOfMemoryError("full", {2, "CUDA_ERROR_OUT_OF_MEMORY", "cuMemAlloc", "buffer"}),
          [](const OutOfMemoryError& e) { return e.code() == 2 && e.object() == "buffer"; });
  all_get(LaunchError("faulted", {700, "", "", "k"}), [](const LaunchError& e) { return e.code() == 700; });
  all_get(DriverError("refused", {1, "", "", ""}), [](const DriverError& e) { return e.code() == 1; });
  all_get(ArgumentError("no such arch", ArgumentError::Kind::type),
          [](const ArgumentError& e) { return e.kind() == ArgumentError::Kind::type; });
  all_get(CacheError("folder"), [](const CacheError& e) { return std::string(e.what()) == "folder"; });
  all_get(Error("other"), [](const Error& e) { return std::string(e.what()) == "other"; });
  all_get(std::bad_alloc(), [](const std::bad_alloc&) { return true; });
}

TEST_CASE("every waiter gets an error of an unknown class too", "[cache][flight]") {  // not for TSan: exception_ptr
  all_get(std::runtime_error("foreign"),
          [](const std::runtime_error& e) { return std::string(e.what()) == "foreign"; });
  all_get(42, [](int e) { return e == 42; });
}

TEST_CASE("who waited for a compile that was called off tries itself", "[cache][flight][threads]") {
  SingleFlight flights;
  std::atomic<int> bodies{0};
  std::atomic<int> called_off{0};
  std::atomic<int> right{0};
  with_waiters([&] {
    try {
      const auto result = flights.run("key", [&](Turn) -> CompiledCode {
        if (++bodies > 1) return sample_code();
        await_waiters(flights, "key", others);
        throw sample_error(16);  // NVRTC_ERROR_CANCELLED
      });
      if (same_code(result.code, sample_code())) ++right;
    } catch (const CompileError&) {
      ++called_off;
    }
  });
  CHECK(called_off == 1);
  CHECK(right == others);
  CHECK(bodies >= 2);
}

TEST_CASE("the waiters of a thread that is cancelled are not stuck", "[cache][flight]") {
  SingleFlight flights;
  struct Cancelled {
    SingleFlight& flights;
    std::atomic<bool> runs{false};
  } cancelled{flights};
  pthread_t runner{};
  REQUIRE(::pthread_create(
              &runner, nullptr,
              [](void* data) -> void* {
                auto& self = *static_cast<Cancelled*>(data);
                static_cast<void>(self.flights.run("key", [&](Turn) {
                  self.runs = true;
                  for (;;) ::pause();  // where pthread_cancel unwinds it
                  return CompiledCode();
                }));
                return nullptr;
              },
              &cancelled) == 0);
  while (!cancelled.runs) std::this_thread::yield();
  std::optional<SingleFlight::Result> result;
  std::thread waiter([&] { result = flights.run("key", [](Turn) { return sample_code(); }); });
  await_waiters(flights, "key", 1);
  REQUIRE(::pthread_cancel(runner) == 0);
  REQUIRE(::pthread_join(runner, nullptr) == 0);
  waiter.join();
  REQUIRE(result);
  CHECK_FALSE(result->waited);
  CHECK(same_code(result->code, sample_code()));
}

TEST_CASE("a body may ask for another key, and for its own", "[cache][flight]") {
  SingleFlight flights;
  std::vector<Turn> turns;
  const auto result = flights.run("a", [&](Turn outer) {
    turns.push_back(outer);
    static_cast<void>(flights.run("b", [&](Turn inner) {
      turns.push_back(inner);
      return sample_code();
    }));
    return flights
        .run("a",
             [&](Turn again) {
               turns.push_back(again);
               return sample_code();
             })
        .code;
  });
  CHECK(turns == std::vector{Turn::runs_for_all, Turn::runs_for_all, Turn::runs_alone});
  CHECK(same_code(result.code, sample_code()));
}

TEST_CASE("two bodies that ask for each other's key do not wait for ever", "[cache][flight][threads]") {
  SingleFlight flights;
  std::atomic<int> within{0};
  std::atomic<int> alone{0};
  const auto ask = [&](const std::string& key, const std::string& other) {
    static_cast<void>(flights.run(key, [&](Turn) {
      ++within;
      while (within < 2) std::this_thread::yield();
      return flights
          .run(other,
               [&](Turn turn) {
                 if (turn == Turn::runs_alone) ++alone;
                 return sample_code();
               })
          .code;
    }));
  };
  std::thread thread(ask, "b", "a");
  ask("a", "b");
  thread.join();
  CHECK(alone == 1);
}

TEST_CASE("a child that is forked while threads compile and wait starts afresh", "[cache][flight]") {
  SingleFlight flights;
  std::atomic<bool> runs{false};
  std::atomic<bool> may_end{false};
  std::thread runner([&] {
    static_cast<void>(flights.run("key", [&](Turn) {
      runs = true;
      while (!may_end) std::this_thread::yield();
      return sample_code();
    }));
  });
  while (!runs) std::this_thread::yield();
  std::thread waiter([&] { static_cast<void>(flights.run("key", [](Turn) { return sample_code(); })); });
  await_waiters(flights, "key", 1);
  const int code = test::in_child([&] {
    ::alarm(20);  // in vain, unless it waits for a thread that it does not have
    const auto result =
        flights.run("key", [](Turn turn) { return turn == Turn::runs_for_all ? sample_code() : CompiledCode(); });
    return !result.waited && same_code(result.code, sample_code()) ? 0 : 1;
  });
  CHECK(code == 0);
  may_end = true;
  runner.join();
  waiter.join();
}

TEST_CASE("a body that forks ends in both processes", "[cache][flight]") {
  SingleFlight flights;
  pid_t child = -1;
  const auto parent = ::getpid();
  static_cast<void>(flights.run("key", [&](Turn) {
    child = ::fork();
    if (child == 0) ::alarm(20);
    return sample_code();
  }));
  if (::getpid() != parent) ::_exit(flights.run("key", [](Turn) { return sample_code(); }).waited ? 1 : 0);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
