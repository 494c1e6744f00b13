// SPDX-License-Identifier: MIT
// The arguments that nearly every launch has, converted without a call: for the launch path.
#pragma once

#include "instance.hpp"
#include "kernel_object.hpp"
#include "numpy_scalars.hpp"
#include "small_integer.hpp"

#include <cujitsu/device_buffer.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cujitsu::python {

namespace detail {
/// As convert_fast, for what is not converted at sight: other integers, bools, numpy's other scalars, None.
[[nodiscard]] bool convert_less_fast(const FastParameter& parameter, PyObject* value, std::byte* destination) noexcept;

template <class T>
inline bool store(T value, std::byte* destination) noexcept {
  std::memcpy(destination, &value, sizeof value);
  return true;
}
}  // namespace detail

/// Writes `value` at `destination`, which is aligned for nothing. False, with nothing written, for all but the commonest;
/// calls nothing.
[[nodiscard]] inline bool convert_at_sight(const FastParameter& parameter, PyObject* value,
                                           std::byte* destination) noexcept {
  std::uint32_t digit = 0;
  if (parameter.conversion == FastConversion::pointer) {  // before the jump by a table
    const auto* buffer = exact_value<DeviceBuffer>(value);
    return buffer != nullptr && !buffer->is_freed() && detail::store(buffer->address(), destination);
  }
  switch (parameter.conversion) {
    case FastConversion::integer4:
      if (one_digit(value, digit)) return detail::store(digit, destination);
      return is_numpy<NumpyType::int32>(value) && parameter.least < 0 &&
             detail::store(numpy_value<std::int32_t>(value), destination);
    case FastConversion::integer8:
      if (one_digit(value, digit)) return detail::store(std::uint64_t{digit}, destination);
      return is_numpy<NumpyType::int64>(value) && parameter.least < 0 &&
             detail::store(numpy_value<std::int64_t>(value), destination);
    case FastConversion::float32:
      if (PyFloat_CheckExact(value)) return detail::store(static_cast<float>(PyFloat_AS_DOUBLE(value)), destination);
      return is_numpy<NumpyType::float32>(value) && detail::store(numpy_value<float>(value), destination);
    case FastConversion::float64:
      return PyFloat_CheckExact(value) && detail::store(PyFloat_AS_DOUBLE(value), destination);
    case FastConversion::pointer:
    case FastConversion::integer:
    case FastConversion::other: return false;
  }
  return false;
}

/// False, with nothing written, for what only the long way knows.
[[nodiscard]] inline bool convert_fast(const FastParameter& parameter, PyObject* value,
                                       std::byte* destination) noexcept {
  return convert_at_sight(parameter, value, destination) || detail::convert_less_fast(parameter, value, destination);
}

/// The arguments of one launch, on the stack. Nothing is written before it is needed.
class FastArguments {
 public:
  /// False, after some of them, for a wrong number of arguments, a kernel that takes many, and what only ArgumentPack knows.
  [[nodiscard]] bool convert(const LaunchPlan& plan, PyObject* const* values, std::size_t count) noexcept {
    if (count != plan.fast_count) [[unlikely]]
      return false;
    const FastParameter* const parameters = plan.parameters.data();
    for (std::size_t i = 0; (i = convert_from(i, parameters, values, count)) < count; ++i)
      if (!detail::convert_less_fast(parameters[i], values[i], bytes_ + parameters[i].offset)) [[unlikely]]
        return false;
    return true;
  }
  [[nodiscard]] void** parameters() noexcept { return pointers_; }

 private:
  /// Returns the index of the first argument that is not converted at sight. A function of its own that calls no other, so
  /// that all it works with is in registers.
  [[gnu::noinline]] std::size_t convert_from(std::size_t i, const FastParameter* parameters, PyObject* const* values,
                                             std::size_t count) noexcept {
    for (; i < count; ++i) {
      std::byte* const destination = bytes_ + parameters[i].offset;
      pointers_[i] = destination;
      if (!convert_at_sight(parameters[i], values[i], destination)) break;
    }
    return i;
  }

  void* pointers_[few_parameters];
  alignas(16) std::byte bytes_[few_parameter_bytes];
};

}  // namespace cujitsu::python
