// SPDX-License-Identifier: MIT
#include "bound_launch.hpp"

#include "annotations.hpp"
#include "arguments.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "launch.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"
#include "vectorcall.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu::python {
namespace {

PyObject* call(PyObject* self, PyObject* const*, std::size_t flags, PyObject* names) noexcept {
  return translating([&]() -> PyObject* {
    const auto& bound = *instance_value<OwningBoundLaunch>(self);
    if (PyVectorcall_NARGS(flags) != 0 || names != nullptr) [[unlikely]] {
      throw ArgumentError(fmt::format("BoundLaunch of {}: a call takes no arguments; replace(index, value) changes one",
                                      bound.kernel.info().name),
                          ArgumentError::Kind::type);
    }
    {
      const GilRelease release;
      const auto& config = bound.launch.config();
      if (config.is_plain()) [[likely]]
        launch_plain(bound.kernel.kernel.state(), config, bound.launch.parameters());
      else
        bound.launch();
    }
    Py_RETURN_NONE;
  });
}

std::vector<KernelArgument> as_bytes(const KernelObject& kernel, ArgumentPack& pack) {
  std::vector<KernelArgument> arguments;
  const auto& parameters = kernel.kernel.state().parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    arguments.push_back({pack.parameters()[i], {ArgumentType::Kind::bytes, false, parameters[i].size, {}}});
  return arguments;
}

void replace(OwningBoundLaunch& self, const Integer& index, const Argument& value) {
  const std::size_t position = size_argument("BoundLaunch.replace", "index", index);
  ArgumentPack arguments(
      self.kernel,
      {.check_pointees = self.check_pointees, .takes_transfers = false, .stream = self.settings.config.stream});
  arguments.convert_one(position, value.ptr());
  arguments.upload();
  const auto& parameter = self.kernel.kernel.state().parameters[position];
  self.launch.replace_packed(
      position, {arguments.parameters()[position], {ArgumentType::Kind::bytes, false, parameter.size, {}}});
  self.loans[position] = arguments.take_loan(position);
  self.arguments[position] = value;
}

}  // namespace

std::unique_ptr<OwningBoundLaunch> bind(const KernelObject& kernel, PyObject* const* values, std::size_t count,
                                        PyObject* names) {
  const auto keywords = launch_keywords(kernel.info(), values + count, names);
  if (keywords.time_kernel != nullptr)
    throw ArgumentError(fmt::format("{}.bind() has no keyword 'time_kernel'", kernel.info().name),
                        ArgumentError::Kind::type);
  LaunchSettings settings{config_of(kernel.info(), keywords)};
  if (keywords.stream != nullptr) settings.stream = py::reinterpret_borrow<py::object>(keywords.stream);
  const bool check = options_of(kernel, keywords).check_pointees;

  ArgumentPack arguments(kernel, {.check_pointees = check, .takes_transfers = false, .stream = settings.config.stream});
  arguments.convert(values, count);
  std::vector<py::object> kept;
  std::vector<std::shared_ptr<void>> loans;
  for (std::size_t i = 0; i < count; ++i) kept.push_back(py::reinterpret_borrow<py::object>(values[i]));
  auto launch = [&] {
    const GilRelease release;
    arguments.upload();
    return kernel.kernel.bind_packed(settings.config, as_bytes(kernel, arguments));
  }();
  for (std::size_t i = 0; i < count; ++i) loans.push_back(arguments.take_loan(i));
  return std::make_unique<OwningBoundLaunch>(
      OwningBoundLaunch{kernel, std::move(launch), std::move(settings), check, std::move(kept), std::move(loans)});
}

void register_bound_launch(py::module_& module) {
  py::class_<OwningBoundLaunch> bound(
      module, "BoundLaunch", vectorcall_setup<&call>(),
      R"(A kernel with its arguments and configuration packed and checked. One thread at a time.

Made by Kernel.bind; keeps the arguments and the stream alive.)");
  bound
      .def("replace", &replace, py::arg("index"), py::arg("value"),
           "Replaces argument `index` (from 0). Raises ArgumentError as a launch does.")
      .def_property_readonly(
          "config", [](const OwningBoundLaunch& self) { return self.settings; }, "Its LaunchConfig.")
      .def("__repr__", [](const OwningBoundLaunch& self) {
        return text(fmt::format("<BoundLaunch {}, {}>", self.kernel.info().name, to_string(self.settings)));
      });
  py::options options;
  options.disable_function_signatures();
  bound.def(
      "__call__", [](const py::object& self) { self(); },
      "__call__(self: cujitsu._core.BoundLaunch) -> None\n\nQueues the kernel. Raises LaunchError, DriverError.");
  finish_vectorcall(bound);
}

}  // namespace cujitsu::python
