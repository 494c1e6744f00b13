// SPDX-License-Identifier: MIT
#include "cuda_array_interface.hpp"

#include "array_extent.hpp"
#include "attributes.hpp"
#include "protocol_stream.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <limits>
#include <string_view>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;
constexpr std::uint64_t largest_extent = std::numeric_limits<std::int64_t>::max();

struct Names {
  PyObject* data = interned("data");
  PyObject* mask = interned("mask");
  PyObject* shape = interned("shape");
  PyObject* stream = interned("stream");
  PyObject* strides = interned("strides");
  PyObject* typestr = interned("typestr");
  PyObject* version = interned("version");
};

const Names& names() {
  static const Names instance;
  return instance;
}

[[noreturn]] void refuse(const Place& place, std::string_view what) {
  throw ArgumentError(fmt::format("{}: its __cuda_array_interface__ is malformed ({})", place.text(), what), type_kind);
}

py::object required(const Place& place, py::handle interface, PyObject* name) {
  py::object value = dictionary_entry(interface, name);
  if (!value) refuse(place, fmt::format("it has no '{}'", py::cast<std::string>(name)));
  return value;
}

ElementType element_type(const Place& place, py::handle typestr) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_Check(typestr.ptr()) ? PyUnicode_AsUTF8AndSize(typestr.ptr(), &size) : nullptr;
  if (text == nullptr) {
    PyErr_Clear();
    refuse(place, fmt::format("its typestr is {}", describe(typestr)));
  }
  const std::string_view given(text, static_cast<std::size_t>(size));
  const ElementType element = element_of_typestr(given);
  if (element.size == 0) refuse(place, fmt::format("unknown typestr '{}'", given));
  if (given.front() == '>' && element.size > 1) {
    throw ArgumentError(
        fmt::format("{}: its elements are big-endian ('{}'), and the device is not", place.text(), given), type_kind);
  }
  return element;
}

// Bytes. Throws unless the elements lie one after another in C's order.
std::size_t array_size(const Place& place, py::handle interface, std::size_t item_size) {
  const py::object shape = required(place, interface, names().shape);
  if (!PyTuple_Check(shape.ptr())) refuse(place, fmt::format("its shape is {}", describe(shape)));
  const Py_ssize_t dimensions = PyTuple_GET_SIZE(shape.ptr());
  py::object strides = dictionary_entry(interface, names().strides);
  if (strides && strides.is_none()) strides = py::object();
  if (strides && (!PyTuple_Check(strides.ptr()) || PyTuple_GET_SIZE(strides.ptr()) != dimensions)) {
    refuse(place, fmt::format("its strides are {}", describe(strides)));
  }

  ArrayExtent extent(static_cast<std::int64_t>(item_size));
  for (Py_ssize_t i = dimensions; i-- > 0;) {
    std::uint64_t elements = 0;
    if (!to_unsigned(PyTuple_GET_ITEM(shape.ptr(), i), elements, largest_extent)) {
      refuse(place, fmt::format("dimension {} of its shape is {}", i, describe(PyTuple_GET_ITEM(shape.ptr(), i))));
    }
    if (!strides) {
      extent.add(static_cast<std::int64_t>(elements));
      continue;
    }
    const long long stride = PyLong_AsLongLong(PyTuple_GET_ITEM(strides.ptr(), i));
    if (stride == -1 && PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      refuse(place, fmt::format("stride {} is {}", i, describe(PyTuple_GET_ITEM(strides.ptr(), i))));
    }
    extent.add(static_cast<std::int64_t>(elements), stride);
  }
  if (extent.is_too_large()) refuse(place, "its shape has more than 2**63 bytes");
  if (!extent.is_contiguous()) {
    throw ArgumentError(
        fmt::format("{}: an array on the device that is not C-contiguous; make a contiguous copy of it", place.text()));
  }
  return extent.size();
}

// Version 3 has it; in version 2 nobody says anything about streams.
std::optional<StreamHandle> producer_stream(const Place& place, py::handle interface) {
  const py::object version = required(place, interface, names().version);
  std::uint64_t number = 0;
  if (!to_unsigned(version, number)) refuse(place, fmt::format("its version is {}", describe(version)));
  const py::object stream = number >= 3 ? dictionary_entry(interface, names().stream) : py::object();
  if (!stream || stream.is_none()) return std::nullopt;
  std::uint64_t handle = 0;
  if (!to_unsigned(stream, handle)) refuse(place, fmt::format("its stream is {}", describe(stream)));
  if (handle == 0) refuse(place, "its stream is 0, which the protocol forbids: 1 is the legacy default stream");
  return stream_of_protocol(handle);
}

}  // namespace

DeviceView array_interface_view(const Place& place, py::handle interface) {
  if (!PyDict_Check(interface.ptr())) refuse(place, fmt::format("it is {}", describe(interface)));
  const ElementType element = element_type(place, required(place, interface, names().typestr));
  const std::size_t bytes = array_size(place, interface, element.size);

  const py::object data = required(place, interface, names().data);
  std::uint64_t address = 0;
  if (!PyTuple_Check(data.ptr()) || PyTuple_GET_SIZE(data.ptr()) != 2) {
    refuse(place, fmt::format("its data is {}, not a tuple of address and read-only", describe(data)));
  }
  if (!to_unsigned(PyTuple_GET_ITEM(data.ptr(), 0), address)) {
    refuse(place, fmt::format("its address is {}", describe(PyTuple_GET_ITEM(data.ptr(), 0))));
  }
  if (address == 0 && bytes > 0) refuse(place, "its address is 0");
  const py::object mask = dictionary_entry(interface, names().mask);
  if (mask && !mask.is_none()) {
    throw ArgumentError(fmt::format("{}: a masked array; pass its data and its mask as two arguments", place.text()),
                        type_kind);
  }
  DeviceView view{DeviceSpan(address, bytes), element, producer_stream(place, interface)};
  view.read_only = is_true(py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(data.ptr(), 1)));
  return view;
}

}  // namespace cujitsu::python
