// SPDX-License-Identifier: MIT
#include "launch.hpp"

#include "arguments.hpp"
#include "gil.hpp"

#include <cujitsu/event.hpp>

namespace cujitsu::python {
namespace {

/// Seconds between the work before the kernel and its end.
double timed(const KernelObject& kernel, const LaunchConfig& config, ArgumentPack& arguments) {
  const Event start;
  const Event end;
  start.record(config.stream);
  cujitsu::launch(kernel.kernel.state(), config, arguments.parameters());
  end.record(config.stream);
  end.synchronize();
  return 1e-3 * static_cast<double>(end.time_since(start));
}

}  // namespace

LaunchOptions options_of(const KernelObject& kernel, const LaunchKeywords& keywords) {
  return {.check_pointees = flag_of(kernel.info().name, "check", keywords.check, kernel.check_pointees),
          .time_kernel = flag_of(kernel.info().name, "time_kernel", keywords.time_kernel, false)};
}

PyObject* launch(const KernelObject& kernel, const LaunchConfig& config, const LaunchOptions& options,
                 PyObject* const* values, std::size_t count) {
  ArgumentPack arguments(kernel, {.check_pointees = options.check_pointees, .stream = config.stream});
  arguments.convert(values, count);
  if (arguments.is_plain() && !options.time_kernel) [[likely]] {
    const GilRelease release;
    cujitsu::launch(kernel.kernel.state(), config, arguments.parameters());
  } else {
    double seconds = 0;
    {
      const GilRelease release;
      arguments.upload();
      if (options.time_kernel)
        seconds = timed(kernel, config, arguments);
      else
        cujitsu::launch(kernel.kernel.state(), config, arguments.parameters());
      arguments.download();
    }
    if (options.time_kernel) return PyFloat_FromDouble(seconds);
  }
  Py_RETURN_NONE;
}

}  // namespace cujitsu::python
