// SPDX-License-Identifier: MIT
// Host memory of a Python object, through the buffer protocol.
#pragma once

#include "element_type.hpp"

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

/// Holds an exported buffer, C- or Fortran-contiguous, and so keeps its owner alive and unresized. Movable, not copyable.
/// Made and destroyed with the GIL held; data() and size() need no GIL.
class HostView {
 public:
  enum class Access { read, write };

  /// `usage` names the function, and may remind of its arguments' order. Throws ArgumentError when the object has no
  /// buffer, or one that is not contiguous, or one that must be written to and can not.
  HostView(std::string_view usage, std::string_view what, py::handle object, Access access);

  [[nodiscard]] void* data() const noexcept { return view_->buf; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(view_->len); }  ///< bytes
  /// Unknown where the object does not tell.
  [[nodiscard]] ElementType element() const;

 private:
  struct Release {
    void operator()(Py_buffer* view) const noexcept;
  };
  // On the heap: an exporter may let shape and strides point into the struct itself.
  std::unique_ptr<Py_buffer, Release> view_;
};

}  // namespace cujitsu::python
