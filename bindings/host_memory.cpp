// SPDX-License-Identifier: MIT
#include "host_memory.hpp"

#include "device_memory.hpp"
#include "text_conversion.hpp"
#include "torch_tensor.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <string>

namespace cujitsu::python {
namespace {

// Some element types (numpy's datetime64, ml_dtypes' bfloat16) have no struct format and export a buffer only without it.
bool export_buffer(py::handle object, Py_buffer& view, int flags) {
  if (PyObject_GetBuffer(object.ptr(), &view, flags | PyBUF_FORMAT) == 0) return true;
  PyErr_Clear();
  if (PyObject_GetBuffer(object.ptr(), &view, flags) == 0) return true;
  return false;
}

// The pending Python exception's text; clears it.
std::string take_exception_text() {
  const py::error_already_set error;
  return py::cast<std::string>(py::str(error.value()));
}

[[noreturn]] void refuse(std::string_view usage, std::string_view what, py::handle object, bool writable) {
  constexpr auto type_kind = ArgumentError::Kind::type;
  const std::string reason = take_exception_text();
  if (!PyObject_CheckBuffer(object.ptr())) {
    const bool on_device = is_device_memory(object);
    const bool is_cpu_tensor = !on_device && is_torch_tensor(object);
    throw ArgumentError(fmt::format("{}: {} must be host memory (anything with the buffer protocol, such as a numpy "
                                    "array), not {}{}{}",
                                    usage, what, on_device ? "device memory: " : "", describe(object),
                                    is_cpu_tensor ? "; pass its .numpy()" : ""),
                        type_kind);
  }
  Py_buffer view{};
  if (export_buffer(object, view, PyBUF_STRIDED_RO)) {
    const bool read_only = writable && view.readonly != 0;
    const bool contiguous = PyBuffer_IsContiguous(&view, 'A') != 0;
    PyBuffer_Release(&view);
    if (read_only) {
      throw ArgumentError(fmt::format("{}: {} ({}) is read-only", usage, what, describe(object)));
    }
    if (!contiguous) {
      throw ArgumentError(fmt::format("{}: {} ({}) is not contiguous; copy it with numpy.ascontiguousarray first",
                                      usage, what, describe(object)));
    }
  } else {
    PyErr_Clear();
  }
  throw ArgumentError(fmt::format("{}: {} ({}) gives no usable buffer: {}", usage, what, describe(object), reason));
}

}  // namespace

HostView::HostView(std::string_view usage, std::string_view what, py::handle object, Access access)
    : view_(new Py_buffer{}) {
  const bool writable = access == Access::write;
  const int flags = writable ? PyBUF_ANY_CONTIGUOUS | PyBUF_WRITABLE : PyBUF_ANY_CONTIGUOUS;
  if (!export_buffer(object, *view_, flags)) refuse(usage, what, object, writable);
}

void HostView::Release::operator()(Py_buffer* view) const noexcept {
  if (view->obj != nullptr) PyBuffer_Release(view);
  delete view;
}

ElementType HostView::element() const {
  const auto size = static_cast<std::size_t>(view_->itemsize);
  if (view_->format != nullptr) return element_of_format(view_->format, size);
  const py::handle owner(view_->obj);
  const bool is_bfloat =
      owner && py::hasattr(owner, "dtype") && py::cast<std::string>(py::str(owner.attr("dtype"))) == "bfloat16";
  return is_bfloat ? python::element(ElementType::Kind::bfloat, size) : ElementType{};
}

}  // namespace cujitsu::python
