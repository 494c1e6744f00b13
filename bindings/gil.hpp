// SPDX-License-Identifier: MIT
// Lets other Python threads run while the library works.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace cujitsu::python {

/// Releases the GIL for its lifetime; usable as a pybind11 call guard.
///
/// A daemon thread may come back from a long call when the interpreter is already being torn down. Taking the GIL then
/// ends the thread by unwinding it, which C++ answers with std::terminate; such a thread is parked instead, as
/// Python 3.14 does by itself, and the process exits under it.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  ~GilRelease() {
    while (must_park()) std::this_thread::sleep_for(std::chrono::hours(1));
    PyEval_RestoreThread(state_);
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

  /// Called by the interpreter's exit handler, in the thread that goes on to finalise it and so must never be parked.
  static void set_finalizing_thread() noexcept { finalizing_thread.store(std::this_thread::get_id()); }

 private:
  [[nodiscard]] static bool must_park() noexcept {
    const auto finalizing = finalizing_thread.load();
    if (finalizing == std::thread::id()) [[likely]]
      return false;
#if PY_VERSION_HEX >= 0x030D0000
    if (Py_IsFinalizing() == 0) return false;
#else
    if (_Py_IsFinalizing() == 0) return false;
#endif
    return finalizing != std::this_thread::get_id();
  }

  static inline std::atomic<std::thread::id> finalizing_thread{};
  PyThreadState* state_;
};

}  // namespace cujitsu::python
