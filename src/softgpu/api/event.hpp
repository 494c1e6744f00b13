// SPDX-License-Identifier: MIT
// Events: marks in a stream.
#pragma once

#include "softgpu/api/graph.hpp"

#include <memory>
#include <mutex>

namespace cujitsu::softgpu::api {

class Event {
 public:
  Event(std::weak_ptr<Context> owner, unsigned event_flags) : context(std::move(owner)), flags(event_flags) {}

  const std::weak_ptr<Context> context;
  const unsigned flags;  ///< 1: blocking, 2: no timing, 4: interprocess
  [[nodiscard]] bool has_timing() const noexcept { return (flags & 2) == 0; }

  /// What it was last recorded as: a place in a stream, or in a capture.
  struct Mark {
    TicketPointer ticket;
    std::weak_ptr<Stream> stream;  ///< that can be helped along while waiting
    std::shared_ptr<Capture> capture;
    std::vector<std::shared_ptr<GraphNode>> nodes;
  };
  [[nodiscard]] Mark mark() const {
    const std::lock_guard lock(mutex_);
    return mark_;
  }
  void set_mark(Mark mark) {
    const std::lock_guard lock(mutex_);
    mark_ = std::move(mark);
  }

 private:
  mutable std::mutex mutex_;
  Mark mark_;
};

/// cuEventRecordWithFlags.
void record_event(EventHandle event, StreamHandle stream, unsigned flags);

}  // namespace cujitsu::softgpu::api
