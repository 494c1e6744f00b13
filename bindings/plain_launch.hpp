// SPDX-License-Identifier: MIT
// The launch that most are, in one piece: nothing but grid, block, shared memory and stream, and arguments that
// convert_fast knows. Whatever else is asked for goes the long way, from the beginning.
#pragma once

#include "fast_arguments.hpp"
#include "gil.hpp"
#include "launch_keywords.hpp"

#include <pybind11/pybind11.h>

#include <cstddef>

namespace cujitsu::python {

/// `config` is_plain(). False, with nothing done, where the long way must be gone. Throws what Kernel::launch throws.
[[nodiscard, gnu::always_inline]] inline bool launch_fast(const KernelObject& kernel, const LaunchConfig& config,
                                                          PyObject* const* values, std::size_t count) {
  FastArguments arguments;
  if (!arguments.convert(*kernel.plan, values, count)) return false;
  const auto& state = kernel.kernel.state();
  const GilRelease release;
  launch_plain(state, config, arguments.parameters());
  return true;
}

/// Reads grid=, block=, shared= and stream= as most programs give them; `values` are those of the keywords. False for
/// anything else; `config` is then of no use.
[[nodiscard]] inline bool config_fast(PyObject* const* values, PyObject* names, LaunchConfig& config) noexcept {
  const auto& known = detail::keyword_names;
  if (names == nullptr) return false;
  PyObject* block = nullptr;
  const auto count = PyTuple_GET_SIZE(names);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* const name = PyTuple_GET_ITEM(names, i);
    if (name == known.grid) {
      if (!detail::extents_fast(values[i], config.grid)) return false;
    } else if (name == known.block) {
      block = values[i];
      if (!detail::extents_fast(block, config.block)) return false;
    } else if (name == known.stream) {
      if (const auto* stream = exact_value<Stream>(values[i]))
        config.stream = stream->handle();
      else if (values[i] != Py_None)
        return false;
    } else if (name != known.shared || !one_digit(values[i], config.shared)) {
      return false;
    }
  }
  return block != nullptr;
}

}  // namespace cujitsu::python
