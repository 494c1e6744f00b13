// SPDX-License-Identifier: MIT
// What DeviceBuffer and DeviceView have in common in Python: slices, views and the array protocols.
#pragma once

#include "annotations.hpp"
#include "buffer_view.hpp"
#include "dlpack_export.hpp"

#include <pybind11/pybind11.h>

#include <string>

namespace cujitsu::python {

using ArrayInterface = Annotated<"dict[str, typing.Any]">;
using BufferObject = Annotated<"cujitsu._core.DeviceBuffer">;
using DeviceAndOrdinal = Annotated<"tuple[int, int]">;
using DTypeLike = Annotated<"cujitsu.typing.DTypeLike">;
using OptionalPair = Annotated<"tuple[int, int] | None">;
using OptionalShape = Annotated<"cujitsu.typing.Shape | None">;
using OptionalFlag = Annotated<"bool | None">;
using Capsule = Annotated<"typing.Any">;
using ShapeTuple = Annotated<"tuple[int, ...]">;
using Slice = Annotated<"slice">;

[[nodiscard]] py::tuple shape_tuple(const BufferView& view);
[[nodiscard]] py::dict array_interface(const BufferView& view);

/// `view_of` makes a BufferView of `self`.
template <class Class, class ViewOf>
void define_views(py::class_<Class>& type, const char* name, ViewOf view_of) {
  const std::string function = std::string(name) + ".view";
  type.def(
          "__getitem__",
          [name, view_of](const py::object& self, const Slice& index) {
            return buffer_slice(view_of(self), name, index);
          },
          py::arg("index"), "A DeviceView of part of it, with the step 1. Raises ArgumentError past the end.")
      .def(
          "view",
          [function, view_of](const py::object& self, const DTypeLike& dtype, const OptionalShape& shape,
                              const Integer& offset) {
            return buffer_view(view_of(self), function.c_str(), dtype, shape, offset);
          },
          py::arg("dtype"), py::arg("shape") = py::none(), py::arg("offset") = 0,
          R"(The memory from byte `offset` on as an array; without a shape, as many elements as are left.

Raises ArgumentError past the end, for memory that is not aligned for the dtype and for a dtype of Python objects.)")
      .def_property_readonly(
          "__cuda_array_interface__",
          [view_of](const py::object& self) { return ArrayInterface(array_interface(view_of(self))); })
      .def("__dlpack_device__",
           [view_of](const py::object& self) { return DeviceAndOrdinal(dlpack_export_device(view_of(self))); })
      .def(
          "__dlpack__",
          [view_of](const py::object& self, const OptionalInteger& stream, const OptionalPair& max_version,
                    const OptionalPair& dl_device, const OptionalFlag& copy) {
            return Capsule(dlpack_export(view_of(self), stream, max_version, dl_device, copy));
          },
          py::kw_only(), py::arg("stream") = py::none(), py::arg("max_version") = py::none(),
          py::arg("dl_device") = py::none(), py::arg("copy") = py::none(),
          R"(The memory for another library, which keeps the DeviceBuffer alive. `stream` is not waited for or in: order
the work on the memory yourself. Raises BufferError for what DLPack has no type for.)");
}

}  // namespace cujitsu::python
