// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "gil.hpp"
#include "numbers.hpp"
#include "registration.hpp"

#include <cujitsu/event.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <memory>

namespace cujitsu::python {
namespace {

using EventReference = Annotated<"cujitsu._core.Event">;

EventReference record(const py::object& self, const StreamLike& stream) {
  const auto& event = py::cast<const Event&>(self);
  const StreamHandle handle = stream_argument("Event.record", stream);
  {
    const GilRelease release;
    event.record(handle);
  }
  return EventReference(self);
}

}  // namespace

void register_event(py::module_& module) {
  auto event = py::reinterpret_borrow<py::class_<Event>>(module.attr("Event"));
  event
      .def(py::init([](bool timing, bool blocking_sync) {
             const GilRelease release;
             return std::make_unique<Event>(EventOptions{timing, blocking_sync});
           }),
           py::arg("timing") = true, py::arg("blocking_sync") = false)
      .def_property_readonly(
          "handle",
          [](const Event& self) { return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(self.handle())); },
          "The CUevent as an integer.")
      .def("record", &record, py::arg("stream") = py::none(),
           "Marks the work that `stream` (None: the legacy default stream) has queued so far; returns self.")
      .def("synchronize", &Event::synchronize, py::call_guard<GilRelease>(), "Waits until the recorded work has ended.")
      .def("is_done", &Event::is_done, py::call_guard<GilRelease>(), "Whether the recorded work has ended.")
      .def("query", &Event::is_done, py::call_guard<GilRelease>(), "is_done() under its PyCUDA name.")
      .def("time_since", &Event::time_since, py::arg("start"), py::call_guard<GilRelease>(),
           "Milliseconds from `start` to this event; both must have ended. Resolution about half a microsecond.")
      .def("time_till", &Event::time_till, py::arg("end"), py::call_guard<GilRelease>(),
           "Milliseconds from this event to `end`; both must have ended.")
      .def("__repr__", [](const Event& self) {
        return fmt::format("<Event {:#x}>", reinterpret_cast<std::uintptr_t>(self.handle()));
      });
}

}  // namespace cujitsu::python
