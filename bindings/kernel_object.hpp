// SPDX-License-Identifier: MIT
// What Python calls a Kernel.
#pragma once

#include "module/kernel_state.hpp"

#include <cujitsu/kernel.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace cujitsu::python {

namespace py = pybind11;

/// How an argument is converted at first sight; `other` goes the long way, and so does what a fast way does not know.
/// integer4 and integer8 have so many bytes, and take every number of 30 bits; `integer` is looked at closer.
enum class FastConversion : std::uint8_t { pointer, integer4, float32, integer8, float64, integer, other };

struct FastParameter {
  FastConversion conversion = FastConversion::other;
  std::uint8_t size = 0;
  std::uint32_t offset = 0;
  std::int64_t least = 0;    ///< of an integer
  std::int64_t largest = 0;  ///< of an integer, as far as a signed 64-bit number goes
};

/// What is on the stack in a launch; a kernel that takes more has it in allocated memory.
constexpr std::size_t few_parameter_bytes = 512;
constexpr std::size_t few_parameters = 48;

/// How the arguments of a kernel are converted.
struct LaunchPlan {
  std::vector<FastParameter> parameters;
  /// How many there are; a number that no launch has, where they are not few.
  std::size_t fast_count = SIZE_MAX;
};

/// The last kernel[grid, block] and the two objects it was made from: most programs ask for the same again and again.
/// A copy remembers nothing. Used with the GIL held, or by threads of an interpreter that has none.
class LastConfigured {
 public:
  LastConfigured() = default;
  LastConfigured(const LastConfigured&) noexcept {}
  LastConfigured& operator=(const LastConfigured&) = delete;
  ~LastConfigured();

  /// A new reference, or nullptr.
  [[nodiscard]] PyObject* find(PyObject* grid, PyObject* block) noexcept;
  /// `subscript` is the tuple of grid and block, whose objects never change.
  void keep(PyObject* subscript, const py::object& configured);

 private:
  struct Lock;
#ifdef Py_GIL_DISABLED
  PyMutex mutex_{};
#endif
  PyObject* subscript_ = nullptr;
  PyObject* configured_ = nullptr;
};

/// A kernel and how its arguments are converted. Copies share the plan. For any thread.
struct KernelObject {
  Kernel kernel;
  bool check_pointees = true;
  std::shared_ptr<const LaunchPlan> plan;
  LastConfigured last_configured;

  KernelObject(Kernel kernel, bool check_pointees);
  KernelObject(const KernelObject&) = default;
  KernelObject& operator=(const KernelObject&) = delete;
  /// With the GIL held; the last copy unloads the kernel's code without it, for that may wait for the device.
  ~KernelObject();

  [[nodiscard]] const KernelInfo& info() const noexcept { return kernel.state().info; }
};

}  // namespace cujitsu::python
