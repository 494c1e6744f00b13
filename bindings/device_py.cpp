// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "equality.hpp"
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/device.hpp>

#include <pybind11/stl.h>

#include <fmt/format.h>

namespace cujitsu::python {
namespace {

// The library's text, made without the GIL: it may have to start the driver first.
template <class Getter>
py::str text_without_gil(Getter getter) {
  const auto value = [&] {
    const GilRelease release;
    return getter();
  }();
  return text(value);
}

IntegerTuple compute_capability(const Device& device) {
  const auto capability = [&] {
    const GilRelease release;
    return device.compute_capability();
  }();
  return IntegerTuple(py::make_tuple(capability.major, capability.minor));
}

}  // namespace

void register_device(py::module_& module) {
  py::class_<Device> device(module, "Device",
                            R"(One CUDA device by its ordinal, and its primary context. For any thread.

The primary context is retained on first use and kept until the process ends; a context that is already current in the
calling thread is respected. Raises LoadError (no driver), ArgumentError (no such device), DriverError.)");
  define_equality(device);
  device.def(py::init<int>(), py::arg("ordinal") = 0, py::call_guard<GilRelease>())
      .def_static("count", &Device::count, py::call_guard<GilRelease>(),
                  "How many there are. Raises LoadError when there is no usable driver.")
      .def_static("all", &Device::all, py::call_guard<GilRelease>(), "Every device.")
      .def_static("current", &Device::current, py::call_guard<GilRelease>(),
                  "The device of this thread's current context; device 0 where none is current.")
      .def_property_readonly("ordinal", &Device::ordinal, "Its number, from 0.")
      .def(
          "name", [](const Device& self) { return text_without_gil([&] { return self.name(); }); },
          "As the driver names it.")
      .def("compute_capability", &compute_capability, "(major, minor).")
      .def("total_memory", &Device::total_memory, py::call_guard<GilRelease>(), "Bytes.")
      .def("free_memory", &Device::free_memory, py::call_guard<GilRelease>(), "Bytes, now.")
      .def("multiprocessor_count", &Device::multiprocessor_count, py::call_guard<GilRelease>(), "How many it has.")
      .def(
          "uuid", [](const Device& self) { return text_without_gil([&] { return self.uuid(); }); },
          "'GPU-...', as nvidia-smi prints it.")
      .def(
          "pci_bus_id", [](const Device& self) { return text_without_gil([&] { return self.pci_bus_id(); }); },
          "Such as '0000:41:00.0'.")
      .def("attribute", &Device::attribute, py::arg("cu_device_attribute"), py::call_guard<GilRelease>(),
           "Any CUdevice_attribute by its number.")
      .def("make_current", &Device::make_current, py::call_guard<GilRelease>(),
           "Makes the primary context current in the calling thread.")
      .def("synchronize", &Device::synchronize, py::call_guard<GilRelease>(),
           "Waits for all work of the primary context.")
      .def("__hash__", &Device::ordinal)
      .def("__repr__", [](const Device& self) { return fmt::format("Device({})", self.ordinal()); });

  module.def("synchronize", &synchronize, py::call_guard<GilRelease>(),
             "Waits for all work of the current context (device 0's primary context where none is current).");
  module.def("driver_version", &driver_version, py::call_guard<GilRelease>(),
             "The CUDA version that the driver supports, as 1000 * major + 10 * minor. Raises LoadError.");
}

}  // namespace cujitsu::python
