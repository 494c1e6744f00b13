// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "gil.hpp"
#include "host_callback.hpp"
#include "instance.hpp"
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
  ExactType<Stream>::set(stream);
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
      .def("add_callback", &add_callback, py::arg("function"),
           R"(Calls function(*args) when all work queued so far has ended; work queued from now on waits for it.

The call is made in a thread of the driver, with the GIL held. It must not call CUDA, through cujitsu or otherwise, nor
wait for a thread that does. What it raises goes to sys.unraisablehook. It is not called when a kernel has broken the
context, nor once the interpreter has begun to exit, which waits for a call that runs. Afterwards the main thread drops
the references. In a stream under capture, each launch of the graph makes the call, and the graph keeps function and
arguments. Raises ArgumentError when `function` can not be called.)")
      .def(
          "__cuda_stream__", [](const Stream& self) { return py::make_tuple(0, to_integer(self.handle())); },
          "The CUDA stream protocol: (0, handle).")
      .def("__repr__", [](const Stream& self) { return fmt::format("<Stream {:#x}>", to_integer(self.handle())); });
}

}  // namespace cujitsu::python
