// SPDX-License-Identifier: MIT
#include "device_memory.hpp"

#include "numbers.hpp"
#include "text_conversion.hpp"

#include <cujitsu/device_buffer.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/event.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

// CU_STREAM_LEGACY: what the array interface calls the stream that a null handle means.
constexpr std::uint64_t legacy_default_stream = 1;

// Numbers, strings and None can have no array interface, and asking them raises and clears an AttributeError.
bool is_plain(py::handle value) {
  PyObject* object = value.ptr();
  return object == Py_None || PyLong_Check(object) || PyFloat_Check(object) || PyComplex_Check(object) ||
         PyUnicode_Check(object) || PyBytes_Check(object);
}

// numpy's integers are plain numbers with a shape of (); its arrays have __index__ as well, whatever their shape.
bool is_array(py::handle value) { return py::hasattr(value, "shape") && py::len(value.attr("shape")) > 0; }

// Bytes of the array. Throws ArgumentError unless its elements lie one after another in C's order.
std::size_t contiguous_bytes(std::string_view function, std::string_view what, const py::dict& interface,
                             std::size_t item_size) {
  const auto shape = py::cast<py::tuple>(interface["shape"]);
  std::vector<std::size_t> extents;
  std::size_t bytes = item_size;
  for (const py::handle extent : shape) {
    extents.push_back(size_argument(function, fmt::format("a dimension of {}", what), extent));
    bytes *= extents.back();
  }
  const py::object strides = interface.attr("get")("strides");
  if (strides.is_none() || bytes == 0) return bytes;

  const auto given = py::cast<py::tuple>(strides);
  std::size_t expected = item_size;
  for (std::size_t i = extents.size(); i-- > 0;) {
    // The stride of a dimension of one element is never used, and libraries differ in what they write there.
    if (extents[i] != 1 && py::cast<long long>(given[i]) != static_cast<long long>(expected)) {
      throw ArgumentError(fmt::format(
          "{}(): {} is an array on the device that is not C-contiguous; make a contiguous copy of it", function, what));
    }
    expected *= extents[i];
  }
  return bytes;
}

DeviceView interface_view(std::string_view function, std::string_view what, const py::object& interface) {
  const auto argument = fmt::format("{}(): {}", function, what);
  try {
    const auto fields = py::cast<py::dict>(interface);
    const auto data = py::cast<py::tuple>(fields["data"]);
    const auto typestr = py::cast<std::string>(fields["typestr"]);
    const ElementType element = element_of_typestr(typestr);
    if (element.size == 0) {
      throw ArgumentError(fmt::format("{}: unknown typestr '{}' in __cuda_array_interface__", argument, typestr));
    }
    const std::uint64_t address = unsigned_argument(function, fmt::format("the address of {}", what), data[0]);
    DeviceView view{DeviceSpan(address, contiguous_bytes(function, what, fields, element.size)), element, std::nullopt};
    const py::object stream = fields.attr("get")("stream");
    if (!stream.is_none()) {
      const auto handle = unsigned_argument(function, fmt::format("the stream of {}", what), stream);
      view.producer = to_stream_handle(handle == legacy_default_stream ? 0 : handle);
    }
    return view;
  } catch (const py::cast_error& error) {
    throw ArgumentError(fmt::format("{}: its __cuda_array_interface__ is malformed ({})", argument, error.what()),
                        type_kind);
  } catch (py::error_already_set& error) {
    throw ArgumentError(fmt::format("{}: its __cuda_array_interface__ is malformed ({})", argument, error.what()),
                        type_kind);
  }
}

}  // namespace

std::optional<DeviceView> device_view(std::string_view function, std::string_view what, py::handle value) {
  if (is_plain(value)) return std::nullopt;
  if (py::isinstance<DeviceBuffer>(value)) {
    return DeviceView{DeviceSpan(py::cast<const DeviceBuffer&>(value)), {}, std::nullopt};
  }
  if (py::isinstance<DeviceSpan>(value)) return DeviceView{py::cast<DeviceSpan>(value), {}, std::nullopt};
  const auto interface =
      py::reinterpret_steal<py::object>(PyObject_GetAttrString(value.ptr(), "__cuda_array_interface__"));
  if (!interface) {
    const py::error_already_set error;
    if (error.matches(PyExc_AttributeError)) return std::nullopt;
    // torch says here why a tensor can not be shared, such as one that requires a gradient.
    throw ArgumentError(fmt::format("{}(): {}: {}", function, what, py::cast<std::string>(py::str(error.value()))),
                        type_kind);
  }
  return interface_view(function, what, interface);
}

DeviceView device_argument(std::string_view usage, std::string_view what, py::handle value) {
  const std::string_view function = usage.substr(0, usage.find('('));
  if (auto view = device_view(function, what, value)) return *view;
  if (PyIndex_Check(value.ptr()) && !PyBool_Check(value.ptr()) && !is_array(value)) {
    return {DeviceSpan(unsigned_argument(function, what, value)), {}, std::nullopt};
  }
  const bool is_host = PyObject_CheckBuffer(value.ptr()) != 0;
  throw ArgumentError(fmt::format("{}: {} must be device memory (a DeviceBuffer, a DeviceSpan, an integer address or "
                                  "an object with __cuda_array_interface__), not {}{}",
                                  usage, what, is_host ? "host memory: " : "", describe(value)),
                      type_kind);
}

void wait_for_producer(const DeviceView& view) {
  if (view.producer) Stream::from_handle(*view.producer).synchronize();
}

void order_after_producer(const DeviceView& view, StreamHandle stream) {
  if (!view.producer || *view.producer == stream) return;
  const Event queued(EventOptions{.timing = false});
  queued.record(*view.producer);
  Stream::from_handle(stream).wait(queued);
}

}  // namespace cujitsu::python
