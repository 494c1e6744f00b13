// SPDX-License-Identifier: MIT
// A mark in a stream: something to wait for, or a time stamp.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>

#include <memory>

namespace cujitsu {

struct EventOptions {
  bool timing = true;          ///< keeps time stamps; without them an event is cheaper
  bool blocking_sync = false;  ///< synchronize() sleeps instead of spinning
};

/// A handle to an event: copies share it, the last one destroys it. May be used from any thread.
/// Throws DriverError, LoadError.
class CUJITSU_API Event {
 public:
  explicit Event(EventOptions options = {});

  [[nodiscard]] EventHandle handle() const noexcept;

  /// Marks the work that `stream` (default: the legacy default stream) has queued so far; returns *this.
  const Event& record(StreamHandle stream = nullptr) const;
  /// Waits until the recorded work has ended.
  void synchronize() const;
  /// Whether the recorded work has ended.
  [[nodiscard]] bool is_done() const;
  /// Milliseconds from `start` to this event; both must have ended. Resolution about half a microsecond.
  [[nodiscard]] float time_since(const Event& start) const;
  /// Milliseconds from this event to `end`.
  [[nodiscard]] float time_till(const Event& end) const { return end.time_since(*this); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
