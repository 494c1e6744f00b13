// SPDX-License-Identifier: MIT
#include "host_transfer.hpp"

#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/memory.hpp>

#include <fmt/format.h>

namespace cujitsu::python {
namespace {

template <class Transfer>
void register_transfer(py::module_& module, const char* name, const char* documentation) {
  py::class_<Transfer>(module, name, documentation)
      .def(py::init([](const HostMemory& array) { return Transfer(array); }), py::arg("array"))
      .def_property_readonly(
          "array", [](const Transfer& self) { return HostMemory(self.array); }, "What is copied.")
      .def("__repr__",
           [](const Transfer& self) { return text(fmt::format("{}({})", self.name(), describe(self.array))); });
}

}  // namespace

DevicePointer ActiveTransfer::upload(StreamHandle stream) {
  device_.emplace(host_.size());
  if (in_ && host_.size() > 0) memcpy_htod_async(*device_, host_.data(), host_.size(), stream);
  return device_->address();
}

void ActiveTransfer::download() const {
  if (out_ && host_.size() > 0) memcpy_dtoh(host_.data(), *device_, host_.size());
}

void register_host_transfer(py::module_& module) {
  register_transfer<In>(module, "In", R"(A host array that a launch copies to the device first: kernel(In(a), ...).

Anything with the buffer protocol, contiguous. The device memory lives for that one launch, which then returns only
when the kernel has ended.)");
  register_transfer<Out>(module, "Out",
                         R"(A writable host array that a launch fills from the device: kernel(Out(a), ...).

The kernel sees uninitialised device memory of its size; the launch returns when the array is filled.)");
  register_transfer<InOut>(module, "InOut",
                           "A writable host array that a launch copies to the device first and back afterwards.");
}

}  // namespace cujitsu::python
