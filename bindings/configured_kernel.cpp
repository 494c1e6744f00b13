// SPDX-License-Identifier: MIT
#include "configured_kernel.hpp"

#include "instance.hpp"
#include "launch.hpp"
#include "plain_launch.hpp"
#include "text_conversion.hpp"
#include "vectorcall.hpp"

#include <fmt/format.h>

#include <utility>

namespace cujitsu::python {
namespace {

PyObject* call(PyObject* self, PyObject* const* values, std::size_t flags, PyObject* names) noexcept {
  return translating([&]() -> PyObject* {
    const auto& configured = *instance_value<ConfiguredKernel>(self);
    const auto& kernel = configured.kernel;
    const auto& config = configured.settings.config;
    const auto count = static_cast<std::size_t>(PyVectorcall_NARGS(flags));
    if (names == nullptr && config.is_plain() && launch_fast(kernel, config, values, count)) [[likely]]
      Py_RETURN_NONE;
    LaunchOptions options{.check_pointees = kernel.check_pointees};
    if (names != nullptr) [[unlikely]]
      options =
          options_of(kernel, launch_keywords(kernel.info(), values + count, names, AllowedKeywords::beside_config));
    return launch(kernel, config, options, values, count);
  });
}

/// Whether nothing can change what the object says.
bool is_fixed(PyObject* extents) {
  if (PyLong_CheckExact(extents)) return true;
  if (!PyTuple_CheckExact(extents)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(extents); ++i)
    if (!PyLong_CheckExact(PyTuple_GET_ITEM(extents, i))) return false;
  return true;
}

bool is_pair(PyObject* subscript) { return PyTuple_CheckExact(subscript) && PyTuple_GET_SIZE(subscript) == 2; }

}  // namespace

PyObject* configured_kernel(PyObject* self, PyObject* subscript) noexcept {
  return translating([&]() -> PyObject* {
    auto& kernel = *instance_value<KernelObject>(self);
    const bool pair = is_pair(subscript);
    if (pair)
      if (PyObject* known = kernel.last_configured.find(PyTuple_GET_ITEM(subscript, 0), PyTuple_GET_ITEM(subscript, 1)))
        return known;
    auto configured = py::cast(ConfiguredKernel{kernel, settings_from_subscript(kernel.info().name, subscript)});
    if (pair && is_fixed(PyTuple_GET_ITEM(subscript, 0)) && is_fixed(PyTuple_GET_ITEM(subscript, 1)))
      kernel.last_configured.keep(subscript, configured);
    return configured.release().ptr();
  });
}

void register_configured_kernel(py::module_& module) {
  py::class_<ConfiguredKernel> configured(module, "ConfiguredKernel", vectorcall_setup<&call>(),
                                          "kernel[grid, block]: call it with the kernel's arguments. For any thread.");
  configured.def("__repr__", [](const ConfiguredKernel& self) {
    return text(fmt::format("<ConfiguredKernel {}, {}>", self.kernel.info().name, to_string(self.settings)));
  });
  py::options options;
  options.disable_function_signatures();
  configured.def(
      "__call__",
      [](const py::object& self, const py::args& values, const py::kwargs& keywords) {
        return self(*values, **keywords);
      },
      "__call__(self: cujitsu._core.ConfiguredKernel, *args: typing.Any, check: bool = True, time_kernel: bool = "
      "False) "
      "-> float | None\n\n"
      "Queues the kernel; see Kernel.__call__.");
  finish_vectorcall(configured);
}

}  // namespace cujitsu::python
