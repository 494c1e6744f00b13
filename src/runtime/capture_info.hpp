// SPDX-License-Identifier: MIT
// Whether a stream is being captured, by cujitsu or by anybody else.
#pragma once

#include "driver/api.hpp"

#include <cstdint>

namespace cujitsu {

struct CaptureInfo {
  bool is_active = false;       ///< false also for a capture that has become invalid
  std::uint64_t id = 0;         ///< of the capture
  GraphHandle graph = nullptr;  ///< what is being made; the capture's own
};

/// Needs a current context. Throws DriverError: also for the legacy default stream while a blocking stream is captured.
[[nodiscard]] CaptureInfo capture_info(StreamHandle stream);

/// Whether `stream` is being captured, and `other` is not, or not by the same capture. Makes a context current.
[[nodiscard]] bool is_outside_of_capture(StreamHandle other, StreamHandle stream);

}  // namespace cujitsu
