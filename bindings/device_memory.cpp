// SPDX-License-Identifier: MIT
#include "device_memory.hpp"

#include "attributes.hpp"
#include "buffer_view.hpp"
#include "cuda_array_interface.hpp"
#include "dlpack.hpp"
#include "native_object.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"
#include "torch_tensor.hpp"

#include "driver/context.hpp"
#include "driver/pointer.hpp"

#include "runtime/capture_info.hpp"

#include <cujitsu/device_buffer.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/event.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <string>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

PyObject* array_interface_name() {
  static PyObject* const name = interned("__cuda_array_interface__");
  return name;
}

// Numbers, strings, None and classes are no arrays, whatever attributes the classes' instances have.
bool is_plain(py::handle value) {
  PyObject* object = value.ptr();
  return object == Py_None || PyLong_Check(object) || PyFloat_Check(object) || PyComplex_Check(object) ||
         PyUnicode_Check(object) || PyBytes_Check(object) || PyType_Check(object);
}

// numpy's integers are plain numbers with a shape of (); its arrays have __index__ as well, whatever their shape.
bool is_array(py::handle value) { return py::hasattr(value, "shape") && py::len(value.attr("shape")) > 0; }

std::optional<DeviceView> own_view(const Place& place, py::handle value) {
  try {
    if (const auto* buffer = native_object<DeviceBuffer>(value))
      return DeviceView{DeviceSpan(*buffer), {}, std::nullopt};
    if (const auto* view = native_object<BufferView>(value)) {
      return DeviceView{DeviceSpan(view->address(), view->size()), view->format().element, std::nullopt};
    }
    if (const auto* span = native_object<DeviceSpan>(value)) return DeviceView{*span, {}, std::nullopt};
  } catch (const ArgumentError& error) {  // use after free()
    throw ArgumentError(fmt::format("{}: {}", place.text(), error.what()), error.kind());
  }
  return std::nullopt;
}

std::optional<DeviceView> foreign_view(const Place& place, py::handle value, std::optional<StreamHandle> consumer) {
  std::string refusal;
  try {
    const py::object interface = optional_attribute(value, array_interface_name());
    if (interface && !interface.is_none()) return array_interface_view(place, interface);
  } catch (const py::error_already_set& error) {
    // A library says here why an array can not be shared in this way; some can by DLPack, such as those of bfloat16.
    refusal = exception_text(error);
  }
  if (auto view = dlpack_view(place, value, consumer)) return view;
  if (!refusal.empty()) throw ArgumentError(fmt::format("{}: {}", place.text(), refusal), type_kind);
  return std::nullopt;
}

// Memory of any device, and nothing for all that is on the CPU.
std::optional<DeviceView> find_view(const Place& place, py::handle value, std::optional<StreamHandle> consumer) {
  if (is_plain(value)) return std::nullopt;
  if (auto view = own_view(place, value)) return view;
  if (is_torch_tensor(value)) return torch_view(place, value);
  return foreign_view(place, value, consumer);
}

// A launch in a stream of its own runs on the stream's device; in one of the driver's (null, 1, 2) on the current one.
bool runs_on_current_device(StreamHandle stream) { return to_integer(stream) <= 2; }

}  // namespace

std::optional<DeviceView> device_view(const Place& place, py::handle value, std::optional<StreamHandle> consumer) {
  auto view = find_view(place, value, consumer);
  if (view) {
    if (consumer && runs_on_current_device(*consumer)) check_device(place, *view);
  } else if (is_torch_tensor(value) && has_dimensions(value)) {
    throw ArgumentError(
        fmt::format("{}: given a CPU tensor ({}); move it to the GPU with .cuda(), or pass In(t.numpy()), "
                    "Out(t.numpy()) or InOut(t.numpy()), which copy",
                    place.text(), describe(value)),
        type_kind);
  }
  return view;
}

std::optional<DeviceView> device_view(std::string_view function, std::string_view what, py::handle value,
                                      std::optional<StreamHandle> consumer) {
  return device_view([&] { return fmt::format("{}(): {}", function, what); }, value, consumer);
}

DeviceView device_argument(std::string_view usage, std::string_view what, py::handle value,
                           std::optional<StreamHandle> consumer) {
  const std::string_view function = usage.substr(0, usage.find('('));
  const auto place = [&] { return fmt::format("{}(): {}", function, what); };
  if (auto view = find_view(place, value, consumer)) return *std::move(view);
  const bool is_tensor = is_torch_tensor(value);
  if (PyIndex_Check(value.ptr()) && !PyBool_Check(value.ptr()) && !is_tensor && !is_array(value)) {
    return {DeviceSpan(unsigned_argument(function, what, value)), {}, std::nullopt};
  }
  const bool is_host = PyObject_CheckBuffer(value.ptr()) != 0;
  throw ArgumentError(
      fmt::format("{}: {} must be device memory (a DeviceBuffer or a view of one, a DeviceSpan, an integer address, a "
                  "CUDA tensor of torch or an object with __cuda_array_interface__ or __dlpack__), not {}{}",
                  usage, what,
                  is_tensor ? "a CPU tensor: "
                  : is_host ? "host memory: "
                            : "",
                  describe(value)),
      type_kind);
}

bool is_device_memory(py::handle value) {
  if (is_plain(value)) return false;
  if (native_object<DeviceBuffer>(value) || native_object<BufferView>(value) || native_object<DeviceSpan>(value)) {
    return true;
  }
  try {
    if (is_torch_tensor(value)) return is_cuda_tensor(value);
    return optional_attribute(value, array_interface_name()) || is_device_type(dlpack_device_type(value));
  } catch (const py::error_already_set& error) {
    static_cast<void>(exception_text(error));
    return true;  // who refuses to share an array on the device, has one
  }
}

void check_device(const Place& place, const DeviceView& view) {
  if (view.span.address() == 0) return;
  const bool is_only_device = driver::device_count() == 1;
  if (is_only_device && view.device.value_or(0) == 0) return;
  const auto device = view.device ? view.device : driver::device_of(view.span.address());
  if (!device) return;
  const int current = is_only_device ? 0 : driver::current_device();
  if (*device == current) return;
  throw ArgumentError(
      fmt::format("{}: the memory is on device {}, and the current device is {}; make a copy there, or "
                  "Device({}).make_current() before",
                  place.text(), *device, current, *device));
}

void wait_for_producer(const DeviceView& view) {
  if (view.producer) Stream::from_handle(*view.producer).synchronize();
}

void order_after_producer(const DeviceView& view, StreamHandle stream) {
  if (!view.producer || *view.producer == stream) return;
  // What is captured runs later, when its graph is launched, and whoever launches it orders that. A wait for work outside
  // the capture would make it invalid.
  if (is_outside_of_capture(*view.producer, stream)) return;
  const Event queued(EventOptions{.timing = false});
  queued.record(*view.producer);
  Stream::from_handle(stream).wait(queued);
}

}  // namespace cujitsu::python
