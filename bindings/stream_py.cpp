// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "gil.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/event.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <memory>

namespace cujitsu::python {

void register_stream(py::module_& module) {
  // Event is registered later, and Stream.wait names it in its signature.
  py::class_<Event> event(module, "Event", py::release_gil_before_calling_cpp_dtor(),
                          R"(A mark in a stream: something to wait for, or a time stamp. For any thread.

`timing` keeps time stamps; without them an event is cheaper. `blocking_sync` lets synchronize() sleep instead of spin.
All methods raise DriverError and LoadError.)");

  py::class_<Stream> stream(module, "Stream", py::release_gil_before_calling_cpp_dtor(),
                            R"(A queue of work on the current device. For any thread.

`non_blocking`: does not wait for the legacy default stream, nor that for it. `priority`: lower numbers run first.
The stream is destroyed with the last reference; the driver lets queued work finish. Other libraries take it by its
__cuda_stream__. All methods raise DriverError and LoadError.)");
  stream
      .def(py::init([](bool non_blocking, int priority) {
             const GilRelease release;
             return std::make_unique<Stream>(StreamOptions{non_blocking, priority});
           }),
           py::arg("non_blocking") = false, py::arg("priority") = 0)
      .def_static(
          "from_handle",
          [](const Integer& handle) {
            return Stream::from_handle(to_stream_handle(unsigned_argument("Stream.from_handle", "handle", handle)));
          },
          py::arg("handle"),
          "Wraps a CUstream of someone else, who must keep it alive. 0 is the legacy default stream.")
      .def_property_readonly(
          "handle", [](const Stream& self) { return to_integer(self.handle()); }, "The CUstream as an integer.")
      .def("synchronize", &Stream::synchronize, py::call_guard<GilRelease>(),
           "Waits until all work queued so far has ended.")
      .def("is_done", &Stream::is_done, py::call_guard<GilRelease>(), "Whether all work queued so far has ended.")
      .def("wait", &Stream::wait, py::arg("event"), py::call_guard<GilRelease>(),
           "Work queued from now on waits for what `event` has recorded.")
      .def("wait_for_event", &Stream::wait, py::arg("event"), py::call_guard<GilRelease>(),
           "wait(event) under its PyCUDA name.")
      .def(
          "__cuda_stream__", [](const Stream& self) { return py::make_tuple(0, to_integer(self.handle())); },
          "The CUDA stream protocol: (0, handle).")
      .def("__repr__", [](const Stream& self) { return fmt::format("<Stream {:#x}>", to_integer(self.handle())); });
}

}  // namespace cujitsu::python
