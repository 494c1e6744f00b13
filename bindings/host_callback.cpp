// SPDX-License-Identifier: MIT
#include "host_callback.hpp"

#include "gil.hpp"
#include "python_call.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu::python {

void add_callback(const Stream& stream, const py::object& function, const py::args& arguments) {
  if (PyCallable_Check(function.ptr()) == 0)
    throw ArgumentError(fmt::format("Stream.add_callback: function must be callable, not {}", describe(function)),
                        ArgumentError::Kind::type);
  auto call = python_call(function, arguments);
  const GilRelease release;
  stream.add_callback(std::move(call));
}

}  // namespace cujitsu::python
