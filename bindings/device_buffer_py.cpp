// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "buffer_view_py.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "numbers.hpp"
#include "registration.hpp"

#include <cujitsu/device_buffer.hpp>

#include <fmt/format.h>

#include <memory>

namespace cujitsu::python {
namespace {

std::unique_ptr<DeviceBuffer> allocate(const char* function, const Integer& bytes, const StreamLike& stream) {
  const std::size_t size = size_argument(function, "the number of bytes", bytes);
  // A Stream is copied, so that the buffer keeps it alive until it is freed in it.
  const bool is_ours = py::isinstance<Stream>(stream);
  const bool is_ordered = !stream.is_none();
  const Stream order = is_ours ? py::cast<Stream>(stream) : Stream::from_handle(stream_argument(function, stream));
  const GilRelease release;
  return is_ordered ? std::make_unique<DeviceBuffer>(size, order) : std::make_unique<DeviceBuffer>(size);
}

std::string repr(const DeviceBuffer& self) {
  if (self.is_freed()) return "<DeviceBuffer freed>";
  return fmt::format("<DeviceBuffer {:#x}, {} bytes>", self.address(), self.size());
}

}  // namespace

void register_device_buffer(py::module_& module) {
  py::class_<DeviceBuffer> buffer(module, "DeviceBuffer", py::release_gil_before_calling_cpp_dtor(),
                                  R"(Device memory that frees itself, of a known size in bytes; int() gives its address.

Without a stream any stream may use it at once, and freeing waits for the device. With one it is stream-ordered and
pooled: use it in that stream, or after an event recorded there; freeing waits for nothing. CuPy, torch and others wrap
it without a copy, as bytes, or as an array that view(dtype) gives, by DLPack or __cuda_array_interface__; buffer[16:32]
is part of it. docs/arrays.md says what is ordered and what is not.
Different threads may use one buffer; freeing while another thread uses it is the caller's error.
Raises OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().)");
  buffer
      .def(py::init(
               [](const Integer& bytes, const StreamLike& stream) { return allocate("DeviceBuffer", bytes, stream); }),
           py::arg("bytes"), py::arg("stream") = py::none())
      .def_property_readonly("address", &DeviceBuffer::address,
                             "The first byte's address; 0 for a buffer of no bytes. Raises ArgumentError after free().")
      .def_property_readonly("size", &DeviceBuffer::size, "Bytes.")
      .def_property_readonly("nbytes", &DeviceBuffer::size, "Bytes, under numpy's name.")
      .def_property_readonly("is_freed", &DeviceBuffer::is_freed)
      .def("free", &DeviceBuffer::free, py::call_guard<GilRelease>(),
           "Gives the memory back now. A second call raises ArgumentError.")
      .def("__int__", &DeviceBuffer::address)
      .def("__index__", &DeviceBuffer::address)
      .def("__repr__", &repr);
  ExactType<DeviceBuffer>::set(buffer);
  define_views(buffer, "DeviceBuffer", [](const py::object& self) { return BufferView(self); });

  module.def(
      "mem_alloc", [](const Integer& bytes, const StreamLike& stream) { return allocate("mem_alloc", bytes, stream); },
      py::arg("bytes"), py::arg("stream") = py::none(),
      R"(Device memory of `bytes` bytes, uninitialised, at least 256-byte aligned; with a stream, stream-ordered.

Raises ArgumentError for a negative size, OutOfMemoryError, DriverError, LoadError.)");
}

}  // namespace cujitsu::python
