// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "gil.hpp"
#include "numbers.hpp"
#include "registration.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/host_buffer.hpp>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace cujitsu::python {
namespace {

/// A HostBuffer and how many views of it Python holds. `exports` is read and written with the GIL held.
class ExportedHostBuffer {
 public:
  explicit ExportedHostBuffer(std::size_t bytes) : buffer(bytes) {}

  void free() {
    if (exports > 0) {
      throw ArgumentError(
          fmt::format("HostBuffer.free(): {} arrays or memoryviews still use the memory; delete them first", exports));
    }
    // Taken out first, so that no view can be made while the driver frees it without the GIL.
    HostBuffer taken = std::move(buffer);
    const GilRelease release;
    taken.free();
  }

  HostBuffer buffer;
  int exports = 0;
};

int get_buffer(PyObject* exporter, Py_buffer* view, int flags) {
  try {
    auto& self = py::cast<ExportedHostBuffer&>(py::handle(exporter));
    // A buffer of no bytes has no address, but a view must have one.
    static char nothing = 0;
    void* data = self.buffer.data();
    if (data == nullptr) data = &nothing;
    const auto size = static_cast<Py_ssize_t>(self.buffer.size());
    if (PyBuffer_FillInfo(view, exporter, data, size, 0, flags) != 0) return -1;
    ++self.exports;
    return 0;
  } catch (const Error& error) {
    view->obj = nullptr;
    PyErr_SetString(PyExc_BufferError, error.what());
  } catch (const py::cast_error& error) {
    view->obj = nullptr;
    PyErr_SetString(PyExc_BufferError, error.what());
  }
  return -1;
}

void release_buffer(PyObject* exporter, Py_buffer*) { --py::cast<ExportedHostBuffer&>(py::handle(exporter)).exports; }

void set_buffer_protocol(PyHeapTypeObject* type) {
  type->as_buffer.bf_getbuffer = get_buffer;
  type->as_buffer.bf_releasebuffer = release_buffer;
  type->ht_type.tp_as_buffer = &type->as_buffer;
}

std::string repr(const ExportedHostBuffer& self) {
  if (self.buffer.is_freed()) return "<HostBuffer freed>";
  return fmt::format("<HostBuffer {}, {} bytes>", self.buffer.data(), self.buffer.size());
}

}  // namespace

void register_host_buffer(py::module_& module) {
  // pybind11's own buffer support has no hook for the release of a view, and so could not refuse free().
  py::class_<ExportedHostBuffer>(module, "HostBuffer", py::release_gil_before_calling_cpp_dtor(),
                                 py::custom_type_setup(&set_buffer_protocol),
                                 R"(Page-locked host memory: copies from and to it run at full speed and asynchronously.

It has the buffer protocol: numpy.asarray(buffer) is an array of its bytes, without a copy, that keeps it alive.
pagelocked_empty makes one of any shape and type. Every context may use it; any thread may free it.
Raises OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().)")
      .def(py::init([](const Integer& bytes) {
             const std::size_t size = size_argument("HostBuffer", "the number of bytes", bytes);
             const GilRelease release;
             return std::make_unique<ExportedHostBuffer>(size);
           }),
           py::arg("bytes"))
      .def_property_readonly(
          "address",
          [](const ExportedHostBuffer& self) { return reinterpret_cast<std::uintptr_t>(self.buffer.data()); },
          "The first byte's address; 0 for a buffer of no bytes. Raises ArgumentError after free().")
      .def_property_readonly(
          "size", [](const ExportedHostBuffer& self) { return self.buffer.size(); }, "Bytes.")
      .def_property_readonly(
          "nbytes", [](const ExportedHostBuffer& self) { return self.buffer.size(); }, "Bytes, under numpy's name.")
      .def_property_readonly("is_freed", [](const ExportedHostBuffer& self) { return self.buffer.is_freed(); })
      .def("free", &ExportedHostBuffer::free,
           "Gives the memory back now. Raises ArgumentError on a second call, and while arrays still use it.")
      .def("__repr__", &repr);
}

}  // namespace cujitsu::python
