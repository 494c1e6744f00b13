// SPDX-License-Identifier: MIT
// What cujitsu/batch.py is made of: a batch of compiles, and a single one that runs by itself.
#include "annotations.hpp"
#include "compile_request.hpp"
#include "gil.hpp"
#include "python_call.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include "module/compile_batch.hpp"

#include <cujitsu/compile_many.hpp>
#include <cujitsu/compile_worker.hpp>
#include <cujitsu/errors.hpp>

#include <pybind11/stl.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point deadline_after(std::optional<double> seconds) {
  constexpr double most = 1e9;  // 30 years
  if (!seconds || *seconds >= most) return Clock::time_point::max();
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

CompileMode mode_of(const std::string& mode) {
  if (mode == "auto") return CompileMode::automatic;
  if (mode == "threads") return CompileMode::threads;
  if (mode == "processes") return CompileMode::processes;
  throw ArgumentError(fmt::format("compile_many(): mode must be 'auto', 'threads' or 'processes', not '{}'", mode));
}

/// Keeps the caches that the requests name.
class BatchObject {
 public:
  BatchObject(const py::list& requests, unsigned workers, const std::string& mode) : requests_(requests) {
    const auto chosen = mode_of(mode);
    std::vector<CompileRequest> converted;
    for (const py::handle each : requests) {
      const auto [source, keywords] = py::cast<std::pair<py::object, py::dict>>(each);
      converted.push_back(compile_request("compile_many", source, py::reinterpret_borrow<py::kwargs>(keywords)));
    }
    const GilRelease release;
    batch_.emplace(std::move(converted), workers, chosen);
  }
  ~BatchObject() {
    // What still runs has a cache from there.
    if (batch_ && !has_ended()) requests_.release();
  }
  BatchObject(const BatchObject&) = delete;
  BatchObject& operator=(const BatchObject&) = delete;

  [[nodiscard]] CompileBatch& batch() { return *batch_; }

 private:
  bool has_ended() {
    try {
      return batch_->wait(0, Clock::now()) == batch_->size();
    } catch (const Error&) {  // of the parent of this forked child
      return false;
    }
  }

  py::list requests_;
  std::optional<CompileBatch> batch_;
};

void register_batch(py::module_& module) {
  py::class_<BatchObject>(module, "CompileBatch", "What compile_many is made of.")
      .def(py::init<const py::list&, unsigned, const std::string&>(), py::arg("requests"), py::arg("workers"),
           py::arg("mode"), "Begins to compile pairs of a source and a dict of keywords; workers=0: one for each CPU.")
      .def("__len__", [](BatchObject& self) { return self.batch().size(); })
      .def(
          "wait",
          [](BatchObject& self, std::size_t seen, double seconds) {
            const GilRelease release;
            return self.batch().wait(seen, deadline_after(seconds));
          },
          py::arg("seen"), py::arg("seconds"),
          "Waits until more than `seen` have ended, or all, or the time is up; returns how many have.")
      .def(
          "cancel",
          [](BatchObject& self) {
            const GilRelease release;
            self.batch().cancel();
          },
          "Drops what has not begun, and stops what has.")
      .def(
          "results",
          [](BatchObject& self) {
            const GilRelease release;
            return self.batch().results();
          },
          "The CompiledCode of each, once all have ended. Raises CompileManyError, LoadError, CancelledError.");
}

void register_task(py::module_& module) {
  py::class_<CompileFuture>(module, "CompileTask", py::release_gil_before_calling_cpp_dtor(),
                            "A compile that is under way; CompileFuture is the Python face of it.")
      .def(py::init([](const SourceText& source, const py::kwargs& keywords) {
             auto request = compile_request("SourceModule.compile_async", source, keywords);
             const GilRelease release;
             return compile_async(std::move(request.source), std::move(request.options), request.cache);
           }),
           py::arg("source"), "Starts it, with SourceModule's keywords. A cache must live until it has ended.")
      .def_property_readonly(
          "status", [](const CompileFuture& self) { return text(to_string(self.status())); },
          "'pending', 'running', 'done', 'failed' or 'cancelled'.")
      .def(
          "wait",
          [](const CompileFuture& self, double seconds) {
            const GilRelease release;
            return self.wait_for(std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::duration<double>(std::min(seconds, 1e9))));
          },
          py::arg("seconds"),
          "False when the time was up first. Raises Error in a forked child, unless it had ended before.")
      .def(
          "result",
          [](const CompileFuture& self) {
            const GilRelease release;
            return self.get();
          },
          "Waits; the CompiledCode, or raises what compile() raises, or CancelledError.")
      .def(
          "cancel",
          [](const CompileFuture& self) {
            const GilRelease release;
            return self.cancel();
          },
          "True when it is, or will be, cancelled; False when it had ended.")
      .def(
          "on_done",
          [](const CompileFuture& self, const py::function& function) {
            auto call = python_call(function, py::args());
            const GilRelease release;
            self.on_done(std::move(call));
          },
          py::arg("function"), "Calls it once when this has ended, in the thread that ended it, or now.");
}

}  // namespace

void register_compile_many(py::module_& module) {
  register_batch(module);
  register_task(module);
  module.def(
      "set_worker_command", [](std::vector<std::string> command) { set_worker_command(std::move(command)); },
      py::arg("command"), "The program that compile_many starts as a worker process; [] for the standard one.");
  module.def("worker_command", &worker_command, "The program that would be started now; [] where there is none.");
}

}  // namespace cujitsu::python
