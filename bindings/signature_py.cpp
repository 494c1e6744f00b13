// SPDX-License-Identifier: MIT
#include "equality.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/signature.hpp>

#include <pybind11/stl.h>

namespace cujitsu::python {
namespace {

const char* kind_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::integer: return "integer";
    case ParameterKind::floating: return "floating";
    case ParameterKind::pointer: return "pointer";
    case ParameterKind::aggregate: return "aggregate";
    case ParameterKind::unknown: return "unknown";
  }
  return "unknown";
}

}  // namespace

void register_signature(py::module_& module) {
  py::class_<ParameterType> parameter_type(module, "ParameterType",
                                           "One kernel parameter. Sizes and offsets are in bytes.");
  define_equality(parameter_type);
  parameter_type
      .def_property_readonly(
          "kind", [](const ParameterType& self) { return kind_name(self.kind); },
          "'integer', 'floating', 'pointer' or 'aggregate' (a struct, an array or a vector type by value).")
      .def_readonly("size", &ParameterType::size)
      .def_readonly("alignment", &ParameterType::alignment)
      .def_readonly("offset", &ParameterType::offset)
      .def_property_readonly("c_type", text_member(&ParameterType::c_type),
                             "Such as 'const float*'; '' where only PTX or the driver tells.")
      .def_property_readonly("name", text_member(&ParameterType::name),
                             "As the source declares it; '' where it does not.")
      .def_property_readonly(
          "pointee", text_member(&ParameterType::pointee),
          "What a pointer points at, without const and volatile: 'float'; '' where that is not known.")
      .def_readonly("pointee_is_const", &ParameterType::pointee_is_const,
                    "Whether the kernel can not write through the pointer.")
      .def(
          "__hash__",
          [](const ParameterType& self) { return py::hash(py::make_tuple(self.size, self.offset, text(self.c_type))); })
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"name", "kind", "size", "offset", "c_type"}); });

  py::class_<KernelSignature> signature(
      module, "KernelSignature",
      "A kernel's parameters in order; str() writes it as C: 'saxpy(float* y, const float* x, float a, int n)'.");
  define_equality(signature);
  signature.def_property_readonly("kernel", text_member(&KernelSignature::kernel), "The kernel's name.")
      .def_readonly("parameters", &KernelSignature::parameters)
      .def("__len__", [](const KernelSignature& self) { return self.parameters.size(); })
      .def("__hash__", [](const KernelSignature& self) { return py::hash(text(self.to_string())); })
      .def("__str__", [](const KernelSignature& self) { return text(self.to_string()); })
      .def("__repr__", [](const KernelSignature& self) { return text("<KernelSignature " + self.to_string() + ">"); });
}

}  // namespace cujitsu::python
