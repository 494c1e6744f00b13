// SPDX-License-Identifier: MIT
// The captures that are going on in the process, and the calls that they forbid: the "potentially unsafe" ones of
// cuThreadExchangeStreamCaptureMode. Which calls these are was asked of driver 580.159.04.
#pragma once

#include "softgpu/api/graph.hpp"

#include <memory>

namespace cujitsu::softgpu::api {

/// CUstreamCaptureMode
enum CaptureMode : int { capture_global = 0, capture_thread_local = 1, capture_relaxed = 2 };

/// From now on the capture forbids calls, until it has ended (Capture::end).
void note_capture(const std::shared_ptr<Capture>& capture);
/// Sets how strict the calling thread is; returns what it was.
int exchange_capture_mode(int mode);
/// Fails, and makes the captures invalid that forbid it, when a call like this is unsafe now.
void check_capture_allows(const char* what);

}  // namespace cujitsu::softgpu::api
