// SPDX-License-Identifier: MIT
// A queue of work on one device.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>

#include <memory>

namespace cujitsu {

class Event;

struct StreamOptions {
  bool non_blocking = false;  ///< does not wait for the legacy default stream, nor that for it
  int priority = 0;           ///< lower numbers run first; the driver clamps to what the device has
};

/// A handle to a stream: copies share it, the last one destroys it (the driver lets queued work finish).
/// May be used and destroyed from any thread. Throws DriverError, LoadError.
class CUJITSU_API Stream {
 public:
  /// A new stream of the current context.
  explicit Stream(StreamOptions options = {});
  /// Wraps a stream of someone else, which must outlive the wrapper. nullptr is the legacy default stream.
  [[nodiscard]] static Stream from_handle(StreamHandle handle);

  [[nodiscard]] StreamHandle handle() const noexcept;
  operator StreamHandle() const noexcept { return handle(); }

  /// Waits until all work queued so far has ended.
  void synchronize() const;
  /// Whether all work queued so far has ended.
  [[nodiscard]] bool is_done() const;
  /// Work queued from now on waits for what `event` has recorded.
  void wait(const Event& event) const;

 private:
  struct State;
  explicit Stream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
