// SPDX-License-Identifier: MIT
#include <cujitsu/stream.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"

#include <cujitsu/event.hpp>

#include <utility>

namespace cujitsu {

using driver::api;
using driver::check;

struct Stream::State {
  StreamHandle handle = nullptr;
  ContextHandle context = nullptr;
  bool owned = false;

  State(StreamHandle handle_, ContextHandle context_, bool owned_)
      : handle(handle_), context(context_), owned(owned_) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!owned) return;
    const driver::ContextScope scope(context);
    if (scope.api() != nullptr) driver::report_failure(scope.api()->cuStreamDestroy(handle), "cuStreamDestroy");
  }
};

Stream::Stream(std::shared_ptr<State> state) : state_(std::move(state)) {}

Stream::Stream(StreamOptions options) {
  const auto context = driver::ensure_context();
  StreamHandle handle = nullptr;
  check(api().cuStreamCreateWithPriority(&handle, options.non_blocking ? driver::stream_non_blocking : 0,
                                         options.priority),
        "cuStreamCreateWithPriority");
  state_ = std::make_shared<State>(handle, context, true);
}

Stream Stream::from_handle(StreamHandle handle) { return Stream(std::make_shared<State>(handle, nullptr, false)); }

StreamHandle Stream::handle() const noexcept { return state_->handle; }

void Stream::synchronize() const {
  const auto context = driver::ensure_context();
  check(api().cuStreamSynchronize(handle()), "cuStreamSynchronize");
  driver::launch_history::forget(context, handle());
}

bool Stream::is_done() const {
  driver::ensure_context();
  const auto result = api().cuStreamQuery(handle());
  if (result == driver::result::not_ready) return false;
  check(result, "cuStreamQuery");
  return true;
}

void Stream::wait(const Event& event) const {
  driver::ensure_context();
  check(api().cuStreamWaitEvent(handle(), event.handle(), 0), "cuStreamWaitEvent");
}

}  // namespace cujitsu
