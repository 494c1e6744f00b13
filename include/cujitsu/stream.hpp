// SPDX-License-Identifier: MIT
// A queue of work on one device.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>

#include <functional>
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
  /// Calls `function` when all work queued so far has ended, in a thread of the driver; work queued from now on waits for
  /// it. It must not call CUDA, through cujitsu or otherwise, nor wait for a thread that does. What it throws is logged
  /// as an error. It is destroyed in a thread of the driver too, so it must not own device or page-locked memory,
  /// streams, events or graphs. It is not called when a kernel has broken the context.
  ///
  /// In a stream under capture, each launch of the graph calls it: it then lives as long as the graph, what was made of
  /// it and their queued launches. That needs a driver with user objects, as all of CUDA 11.3 and newer have.
  void add_callback(std::function<void()> function) const;

 private:
  struct State;
  explicit Stream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
