// SPDX-License-Identifier: MIT
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/libraries.hpp>

#include <pybind11/stl.h>

namespace cujitsu::python {

void register_libraries(py::module_& module) {
  py::class_<LibraryCandidate>(module, "LibraryCandidate", "One library that was looked at.")
      .def_property_readonly("path", text_member(&LibraryCandidate::path), "As it would be, or was, opened.")
      .def_property_readonly("origin", text_member(&LibraryCandidate::origin),
                             "Who named it: 'CUJITSU_NVRTC', 'Python wheel', 'CUDA_PATH', 'system loader', ...")
      .def_readonly("chosen", &LibraryCandidate::chosen, "Whether this one is used.")
      .def_property_readonly("reason", text_member(&LibraryCandidate::reason), "Why it was chosen or rejected.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"path", "origin", "chosen", "reason"}); });

  py::class_<DriverReport>(module, "DriverReport", "Which driver libraries were found, chosen and rejected, and why.")
      .def_readonly("candidates", &DriverReport::candidates, "Every library that was looked at.")
      .def_readonly("usable", &DriverReport::usable, "Whether there is a driver to use.")
      .def_readonly("version", &DriverReport::version, "1000 * major + 10 * minor; 0 when not usable.")
      .def_readonly("is_software", &DriverReport::is_software, "Whether it is softgpu: kernels run on the CPU.")
      .def_property_readonly("missing_features", text_list_member(&DriverReport::missing_features),
                             "Optional driver functions that this driver does not have.")
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"usable", "version", "is_software", "candidates"}); });

  py::class_<NvrtcReport>(module, "NvrtcReport", "Which NVRTC libraries were found, chosen and rejected, and why.")
      .def_readonly("candidates", &NvrtcReport::candidates, "Every library that was looked at.")
      .def_readonly("usable", &NvrtcReport::usable, "Whether there is an NVRTC to use.")
      .def_readonly("major", &NvrtcReport::major, "Its version; 0 when not usable.")
      .def_readonly("minor", &NvrtcReport::minor, "Its version; 0 when not usable.")
      .def_property_readonly("include_dirs", text_list_member(&NvrtcReport::include_dirs),
                             "The toolkit's own header folders, searched after the user's.")
      .def_property_readonly("architectures", text_list_member(&NvrtcReport::architectures),
                             "What it compiles for: 'sm_75', ...")
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"usable", "major", "minor", "candidates"}); });

  module.def("driver_report", &driver_report, py::call_guard<GilRelease>(),
             "Looks for the driver and opens it. Never raises for a missing library: `usable` is False then.");
  module.def("nvrtc_report", &nvrtc_report, py::call_guard<GilRelease>(),
             "Looks for NVRTC and opens the one that would be used. Never raises for a missing library.");
  module.def("set_wheel_folders", &set_wheel_folders, py::arg("folders"),
             "Folders that may hold NVIDIA's Python wheels; replaces the former list. The package calls it on import.");
}

}  // namespace cujitsu::python
