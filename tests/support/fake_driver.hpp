// SPDX-License-Identifier: MIT
// How a test steers the fake driver: these functions are exported by the library that CUJITSU_FAKE_DRIVER_PATH names.
//
// The fake executes nothing. Memory is host memory, a launch only notes its arguments, and every function can be
// made to fail. When it is opened it reads
//   FAKE_DRIVER_VERSION    what cuDriverGetVersion says (default 13000); functions that are newer are hidden
//   FAKE_DRIVER_INIT       what cuInit returns (default 0)
//   FAKE_DRIVER_DEVICES    how many devices there are (default 1), of compute capability 9.0, 8.0, 9.0, …
//   FAKE_DRIVER_HIDE       the name of one function to hide
//   FAKE_DRIVER_LOG        a file to which every call's name is written, for tests that look at a whole process
#pragma once

#include <cstddef>

namespace cujitsu::test {

struct FakeDriverControl {
  /// The next `times` calls of `function` return `code`.
  void (*fail)(const char* function, int code, int times);
  /// How often `function` was called since the last reset.
  int (*calls)(const char* function);
  /// Later launches copy their arguments, which have these sizes, behind one another into `destination`.
  void (*record_arguments)(void* destination, const std::size_t* sizes, std::size_t count);
  /// Device and host memory that was allocated and not freed, in bytes.
  std::size_t (*allocated)();
  /// Every later call but the error texts returns `code`, as after a kernel's fault; 0 ends that.
  void (*break_context)(int code);
  void (*reset)();
  /// The value, as a number, of an attribute of the last cuLaunchKernelEx; -1 where it had none of this id.
  int (*launch_attribute)(int id);
};

}  // namespace cujitsu::test
