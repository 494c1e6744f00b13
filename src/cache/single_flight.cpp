// SPDX-License-Identifier: MIT
#include "cache/single_flight.hpp"

#include <cujitsu/errors.hpp>

#include <exception>
#include <new>
#include <utility>

namespace cujitsu {
namespace {

constexpr int nvrtc_cancelled = 16;  // NVRTC_ERROR_CANCELLED, since NVRTC 12.8

template <class E>
std::function<void()> raiser_of(const E& error) {
  return [copy = E(error)] { throw E(copy); };
}

/// Throws a copy of the exception that is being handled; empty where it is nobody's but its thread's own.
std::function<void()> raiser() {
  const auto error = std::current_exception();
  if (error == nullptr) return {};  // no C++ exception: pthread_cancel unwinds this thread
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError&) {
    return {};  // whoever called the runner's compile off did not mean the others
  } catch (const CompileForbiddenError& known) {
    return raiser_of(known);
  } catch (const CompileError& known) {
    return known.code() == nvrtc_cancelled ? std::function<void()>() : raiser_of(known);
  } catch (const LoadError& known) {
    return raiser_of(known);
  } catch (const OutOfMemoryError& known) {
    return raiser_of(known);
  } catch (const LaunchError& known) {
    return raiser_of(known);
  } catch (const DriverError& known) {
    return raiser_of(known);
  } catch (const ArgumentError& known) {
    return raiser_of(known);
  } catch (const CacheError& known) {
    return raiser_of(known);
  } catch (const Error& known) {
    return raiser_of(known);
  } catch (const std::bad_alloc& known) {
    return raiser_of(known);
  } catch (...) {
    return [error] { std::rethrow_exception(error); };
  }
}

}  // namespace

/// Ends a flight, whichever way its body is left.
class SingleFlight::Landing {
 public:
  Landing(SingleFlight& owner, State& state, const std::string& key, Flight& flight)
      : owner_(owner), state_(state), key_(key), flight_(flight) {}
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;

  ~Landing() {
    // A body that forked also ends in the child, where nobody waits, and where the mutex may be locked for ever.
    if (!owner_.state_.is_current(state_)) return;
    const std::lock_guard lock(state_.mutex);
    leave_map();
    flight_.is_over = true;
    flight_.landed.notify_all();
  }

  /// Nobody joins any more. Whether somebody has.
  [[nodiscard]] bool has_waiters() {
    if (!owner_.state_.is_current(state_)) return false;
    const std::lock_guard lock(state_.mutex);
    leave_map();
    return flight_.waiters != 0;
  }

  template <class Value>
  void set(Value Flight::*member, Value value) {
    const std::lock_guard lock(state_.mutex);
    flight_.*member = std::move(value);
  }

 private:
  void leave_map() {
    if (is_in_map_) state_.flights.erase(key_);
    is_in_map_ = false;
  }

  SingleFlight& owner_;
  State& state_;
  const std::string& key_;
  Flight& flight_;
  bool is_in_map_ = true;
};

/// A thread among those that wait, with the mutex held at both ends (pthread_cancel may unwind the wait).
class SingleFlight::Waiting {
 public:
  Waiting(State& state, Flight& flight) : state_(state), flight_(flight) {
    state_.waits[std::this_thread::get_id()] = &flight;
    ++flight_.waiters;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    --flight_.waiters;
    state_.waits.erase(std::this_thread::get_id());
  }

 private:
  State& state_;
  Flight& flight_;
};

SingleFlight::Result SingleFlight::run(const std::string& key, const Body& body) {
  auto& state = state_.get();
  for (;;) {
    std::unique_lock lock(state.mutex);
    const auto at = state.flights.find(key);
    if (at == state.flights.end()) {
      const auto flight = std::make_shared<Flight>();
      flight->runner = std::this_thread::get_id();
      state.flights.emplace(key, flight);
      lock.unlock();
      return {fly(state, key, flight, body), false};
    }
    const auto flight = at->second;
    if (would_wait_for_itself(state, flight.get())) {
      lock.unlock();
      return {body(Turn::runs_alone), false};
    }
    {
      const Waiting waiting(state, *flight);
      flight->landed.wait(lock, [&] { return flight->is_over; });
    }
    lock.unlock();
    // What is in a flight that is over does not change any more.
    if (flight->code) return {*flight->code, true};
    if (flight->raise) flight->raise();
  }
}

CompiledCode SingleFlight::fly(State& state, const std::string& key, const std::shared_ptr<Flight>& flight,
                               const Body& body) {
  Landing landing(*this, state, key, *flight);
  try {
    auto code = body(Turn::runs_for_all);
    // The copy is made with nothing locked. Where there is no memory for it, the others try themselves.
    if (landing.has_waiters()) try {
        landing.set(&Flight::code, std::optional(code));
      } catch (const std::bad_alloc&) {}
    return code;
  } catch (...) {
    if (landing.has_waiters()) try {
        landing.set(&Flight::raise, raiser());
      } catch (const std::bad_alloc&) {}
    throw;
  }
}

bool SingleFlight::would_wait_for_itself(const State& state, const Flight* flight) {
  while (flight != nullptr) {
    if (flight->runner == std::this_thread::get_id()) return true;
    const auto next = state.waits.find(flight->runner);
    flight = next == state.waits.end() ? nullptr : next->second;
  }
  return false;
}

std::size_t SingleFlight::waiting(const std::string& key) {
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  const auto at = state.flights.find(key);
  return at == state.flights.end() ? 0 : at->second->waiters;
}

}  // namespace cujitsu
