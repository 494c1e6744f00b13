// SPDX-License-Identifier: MIT
#include "dlpack.hpp"

#include "array_extent.hpp"
#include "attributes.hpp"
#include "protocol_stream.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

struct Names {
  PyObject* dlpack = interned("__dlpack__");
  PyObject* dlpack_device = interned("__dlpack_device__");
  PyObject* stream_and_version = py::make_tuple("stream", "max_version").release().ptr();
  PyObject* stream = py::make_tuple("stream").release().ptr();
  PyObject* version = py::make_tuple(dlpack::our_version.major, dlpack::our_version.minor).release().ptr();
};

const Names& names() {
  static const Names instance;
  return instance;
}

[[noreturn]] void refuse(const Place& place, std::string_view what) {
  throw ArgumentError(fmt::format("{}: {}", place.text(), what), type_kind);
}

[[noreturn]] void refuse_exception(const Place& place, py::handle value, const py::error_already_set& error) {
  refuse(place, fmt::format("{} can not be shared by DLPack: {}", describe(value), exception_text(error)));
}

// Gives a tensor back to its library, which may touch Python objects then.
template <class Managed>
struct Deleter {
  void operator()(Managed* managed) const {
    if (managed->deleter == nullptr) return;
    const py::gil_scoped_acquire gil;
    managed->deleter(managed);
  }
};

// The tensor of the capsule, which from now on is ours to delete.
template <class Managed>
std::shared_ptr<Managed> take(const py::object& capsule, const char* name, const char* used_name) {
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (managed == nullptr || PyCapsule_SetName(capsule.ptr(), used_name) != 0) throw py::error_already_set();
  return {managed, Deleter<Managed>()};
}

py::object call_dlpack(py::handle value, py::handle stream) {
  PyObject* arguments[] = {value.ptr(), stream.ptr(), names().version};
  PyObject* capsule = PyObject_VectorcallMethod(names().dlpack, arguments, 1, names().stream_and_version);
  if (capsule == nullptr && PyErr_ExceptionMatches(PyExc_TypeError) != 0) {
    // A producer from before version 1 knows no max_version.
    PyErr_Clear();
    capsule = PyObject_VectorcallMethod(names().dlpack, arguments, 1, names().stream);
  }
  if (capsule == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(capsule);
}

DeviceView take_view(const Place& place, const py::object& capsule) {
  if (PyCapsule_IsValid(capsule.ptr(), dlpack::versioned_name) != 0) {
    auto managed = take<dlpack::VersionedTensor>(capsule, dlpack::versioned_name, dlpack::used_versioned_name);
    if (managed->version.major != dlpack::our_version.major) {
      refuse(place, fmt::format("its __dlpack__ gives DLPack {}.{}, and cujitsu knows version {}",
                                managed->version.major, managed->version.minor, dlpack::our_version.major));
    }
    DeviceView view = dlpack_tensor_view(place, managed->tensor);
    view.read_only = (managed->flags & dlpack::flag_read_only) != 0;
    view.loan = std::move(managed);
    return view;
  }
  if (PyCapsule_IsValid(capsule.ptr(), dlpack::tensor_name) != 0) {
    auto managed = take<dlpack::ManagedTensor>(capsule, dlpack::tensor_name, dlpack::used_tensor_name);
    DeviceView view = dlpack_tensor_view(place, managed->tensor);
    view.loan = std::move(managed);
    return view;
  }
  refuse(place, fmt::format("its __dlpack__ gives {}, not a fresh DLPack capsule", describe(capsule)));
}

}  // namespace

void prepare_dlpack() { static_cast<void>(names()); }

ElementType element_of_dlpack(dlpack::DataType type) {
  namespace code = dlpack::type_code;
  using Kind = ElementType::Kind;
  const std::size_t bits = std::size_t{type.bits} * type.lanes;
  if (bits % 8 != 0) return {};
  const ElementType unknown = element(Kind::unknown, bits / 8);
  if (type.lanes != 1) return unknown;
  switch (type.code) {
    case code::signed_integer:
    case code::unsigned_integer:
    case code::boolean: return element(Kind::integer, bits / 8);
    case code::floating: return element(Kind::floating, bits / 8);
    case code::complex: return element(Kind::complex, bits / 8);
    case code::bfloat: return element(Kind::bfloat, bits / 8);
    // The float8 types: only their own C types fit them.
    default: return unknown;
  }
}

bool is_device_type(std::int64_t type) {
  return type == dlpack::device_type::cuda || type == dlpack::device_type::cuda_host ||
         type == dlpack::device_type::cuda_managed;
}

DeviceView dlpack_tensor_view(const Place& place, const dlpack::Tensor& tensor) {
  if (!is_device_type(tensor.device.type)) {
    refuse(place, fmt::format("its DLPack tensor is on a device of type {}", tensor.device.type));
  }
  if (tensor.dimensions < 0 || (tensor.dimensions > 0 && tensor.shape == nullptr)) {
    refuse(place, "its DLPack tensor has no shape");
  }
  ArrayExtent extent(1);
  for (std::int32_t i = tensor.dimensions; i-- > 0;) {
    if (tensor.shape[i] < 0) refuse(place, fmt::format("its DLPack tensor has the dimension {}", tensor.shape[i]));
    if (tensor.strides == nullptr) {
      extent.add(tensor.shape[i]);
    } else {
      extent.add(tensor.shape[i], tensor.strides[i]);
    }
  }
  if (!extent.is_contiguous()) {
    throw ArgumentError(
        fmt::format("{}: an array on the device that is not C-contiguous; make a contiguous copy of it", place.text()));
  }
  std::uint64_t bits = 0;
  if (extent.is_too_large() ||
      __builtin_mul_overflow(extent.size(), std::uint64_t{tensor.type.bits} * tensor.type.lanes, &bits)) {
    refuse(place, "its DLPack tensor has more than 2**61 bytes");
  }
  const std::uint64_t bytes = (bits + 7) / 8;
  const std::uint64_t address = reinterpret_cast<std::uintptr_t>(tensor.data) + tensor.byte_offset;
  if (tensor.data == nullptr && bytes > 0) refuse(place, "its DLPack tensor has no address");
  DeviceView view{DeviceSpan(tensor.data == nullptr ? 0 : address, bytes), element_of_dlpack(tensor.type),
                  std::nullopt};
  if (tensor.device.type == dlpack::device_type::cuda) view.device = tensor.device.id;
  return view;
}

std::int64_t dlpack_device_type(py::handle value) {
  const py::object method = optional_attribute(value, names().dlpack_device);
  if (!method) return 0;
  const py::object device = py::reinterpret_steal<py::object>(PyObject_CallNoArgs(method.ptr()));
  if (!device) throw py::error_already_set();
  std::uint64_t type = 0;
  if (!PyTuple_Check(device.ptr()) || PyTuple_GET_SIZE(device.ptr()) != 2 ||
      !to_unsigned(PyTuple_GET_ITEM(device.ptr(), 0), type)) {
    return 0;
  }
  return static_cast<std::int64_t>(type);
}

std::optional<DeviceView> dlpack_view(const Place& place, py::handle value, std::optional<StreamHandle> consumer) {
  try {
    const auto type = dlpack_device_type(value);
    if (!is_device_type(type)) return std::nullopt;
    // Page-locked memory is the CPU's to the protocol, which has no streams there.
    const bool has_stream = type != dlpack::device_type::cuda_host;
    const py::object stream =
        has_stream ? py::object(py::int_(protocol_stream(consumer.value_or(nullptr)))) : py::none();
    DeviceView view = take_view(place, call_dlpack(value, stream));
    if (has_stream && !consumer) view.producer = nullptr;
    return view;
  } catch (const py::error_already_set& error) {
    refuse_exception(place, value, error);
  }
}

}  // namespace cujitsu::python
