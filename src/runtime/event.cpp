// SPDX-License-Identifier: MIT
#include <cujitsu/event.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"

namespace cujitsu {

using driver::api;
using driver::check;

struct Event::State {
  EventHandle handle = nullptr;
  ContextHandle context = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (handle == nullptr) return;
    const driver::ContextScope scope(context);
    if (scope.api() != nullptr) driver::report_failure(scope.api()->cuEventDestroy(handle), "cuEventDestroy");
  }
};

Event::Event(EventOptions options) : state_(std::make_shared<State>()) {
  state_->context = driver::ensure_context();
  const unsigned flags =
      (options.timing ? 0 : driver::event_disable_timing) | (options.blocking_sync ? driver::event_blocking_sync : 0);
  check(api().cuEventCreate(&state_->handle, flags), "cuEventCreate");
}

EventHandle Event::handle() const noexcept { return state_->handle; }

const Event& Event::record(StreamHandle stream) const {
  driver::ensure_context();
  check(api().cuEventRecord(handle(), stream), "cuEventRecord");
  return *this;
}

void Event::synchronize() const {
  driver::ensure_context();
  check(api().cuEventSynchronize(handle()), "cuEventSynchronize");
}

bool Event::is_done() const {
  driver::ensure_context();
  const auto result = api().cuEventQuery(handle());
  if (result == driver::result::not_ready) return false;
  check(result, "cuEventQuery");
  return true;
}

float Event::time_since(const Event& start) const {
  driver::ensure_context();
  float milliseconds = 0;
  const auto result = api().cuEventElapsedTime(&milliseconds, start.handle(), handle());
  if (result == driver::result::not_ready)
    driver::raise(result, "cuEventElapsedTime", {},
                  "One of the two events has not ended yet: synchronize() the later one first");
  if (result != driver::result::success)
    driver::raise(result, "cuEventElapsedTime", {}, "Both events must have been recorded, and made with timing");
  return milliseconds;
}

}  // namespace cujitsu
