// SPDX-License-Identifier: MIT
#include "buffer_view_py.hpp"
#include "annotations.hpp"
#include "buffer_view.hpp"
#include "registration.hpp"

#include <fmt/format.h>

#include <string>

namespace cujitsu::python {
namespace {

std::string repr(const BufferView& self) {
  if (self.is_freed()) return "<DeviceView of a freed DeviceBuffer>";
  return fmt::format("<DeviceView {:#x}, '{}', shape {}>", self.address(), self.format().typestr,
                     py::cast<std::string>(py::str(shape_tuple(self))));
}

}  // namespace

py::tuple shape_tuple(const BufferView& view) {
  py::tuple shape(view.shape().size());
  for (std::size_t i = 0; i < view.shape().size(); ++i) shape[i] = view.shape()[i];
  return shape;
}

py::dict array_interface(const BufferView& view) {
  using namespace pybind11::literals;
  return py::dict("shape"_a = shape_tuple(view), "typestr"_a = view.format().typestr,
                  "data"_a = py::make_tuple(view.address(), false), "strides"_a = py::none(), "version"_a = 3);
}

void register_buffer_view(py::module_& module) {
  py::class_<BufferView> view(
      module, "DeviceView",
      R"(Part of a DeviceBuffer: bytes, from buffer[start:stop], or an array, from buffer.view(dtype).

It is taken wherever a DeviceBuffer is. A kernel's pointer parameter must fit the dtype of an array; bytes fit any. It
keeps the DeviceBuffer alive; use after the buffer's free() raises ArgumentError.)");
  view.def_property_readonly("address", &BufferView::address,
                             "The first byte's address. Raises ArgumentError after free().")
      .def_property_readonly("size", &BufferView::size, "Bytes, as DeviceBuffer.size.")
      .def_property_readonly("nbytes", &BufferView::size, "Bytes, under numpy's name.")
      .def_property_readonly(
          "shape", [](const BufferView& self) { return ShapeTuple(shape_tuple(self)); },
          "Elements along each dimension, in C's order.")
      .def_property_readonly(
          "typestr", [](const BufferView& self) { return self.format().typestr; },
          "The dtype as numpy.dtype.str has it; '|u1' for bytes.")
      .def_property_readonly(
          "buffer", [](const BufferView& self) { return BufferObject(self.buffer()); }, "The DeviceBuffer.")
      .def_property_readonly("is_freed", &BufferView::is_freed)
      .def("__len__",
           [](const BufferView& self) {
             if (self.shape().empty()) throw py::type_error("a DeviceView without dimensions has no length");
             return self.shape().front();
           })
      .def("__int__", &BufferView::address)
      .def("__index__", &BufferView::address)
      .def("__repr__", &repr);
  define_views(view, "DeviceView", [](const py::object& self) { return py::cast<const BufferView&>(self); });
}

}  // namespace cujitsu::python
