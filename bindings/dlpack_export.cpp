// SPDX-License-Identifier: MIT
#include "dlpack_export.hpp"

#include "attributes.hpp"
#include "dlpack_abi.hpp"
#include "text_conversion.hpp"

#include "driver/context.hpp"
#include "driver/pointer.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

// What a consumer holds: the tensor, and all that it points at.
template <class Managed>
struct Export {
  explicit Export(const BufferView& view) : buffer(view.buffer()), shape(view.shape()), strides(shape.size()) {
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0; stride *= std::max<std::int64_t>(shape[i], 1)) strides[i] = stride;
  }

  Managed managed{};
  py::object buffer;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

template <class Managed>
void delete_export(Managed* managed) {
  auto* exported = static_cast<Export<Managed>*>(managed->context);
#if PY_VERSION_HEX >= 0x030D0000
  const bool is_finalizing = Py_IsFinalizing() != 0;
#else
  const bool is_finalizing = _Py_IsFinalizing() != 0;
#endif
  // A consumer may end after the interpreter: then nothing of Python may be touched, and the process is ending anyway.
  if (is_finalizing || Py_IsInitialized() == 0) return;
  const py::gil_scoped_acquire gil;
  delete exported;
}

// A capsule that nobody has consumed has its first name, and takes its tensor along.
template <class Managed>
void delete_capsule(PyObject* capsule, const char* name) {
  if (PyCapsule_IsValid(capsule, name) == 0) return;
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  managed->deleter(managed);
}
void delete_legacy(PyObject* capsule) { delete_capsule<dlpack::ManagedTensor>(capsule, dlpack::tensor_name); }
void delete_versioned(PyObject* capsule) { delete_capsule<dlpack::VersionedTensor>(capsule, dlpack::versioned_name); }

[[noreturn]] void raise_buffer_error(const std::string& text) {
  PyErr_SetString(PyExc_BufferError, text.c_str());
  throw py::error_already_set();
}

dlpack::DataType data_type(const ElementFormat& format) {
  namespace code = dlpack::type_code;
  const auto bits = static_cast<std::uint8_t>(8 * format.size);
  if (format.size <= 16) {
    switch (format.typestr[1]) {
      case 'b': return {code::boolean, bits, 1};
      case 'i': return {code::signed_integer, bits, 1};
      case 'u': return {code::unsigned_integer, bits, 1};
      case 'f': return {code::floating, bits, 1};
      case 'c': return {code::complex, bits, 1};
      default: break;
    }
  }
  raise_buffer_error(fmt::format("DLPack has no type for elements of '{}'", format.typestr));
}

// Empty memory has no address, and counts as the current device's.
int device_ordinal(const BufferView& view) {
  const auto address = view.address();
  if (driver::device_count() == 1) return 0;
  const auto device = driver::device_of(address);
  return device ? *device : driver::current_device();
}

template <class Managed>
py::object make_capsule(const BufferView& view, dlpack::DataType type, int device, const char* name,
                        PyCapsule_Destructor destructor) {
  auto exported = std::make_unique<Export<Managed>>(view);
  auto& managed = exported->managed;
  managed.context = exported.get();
  managed.deleter = &delete_export<Managed>;
  managed.tensor.data = reinterpret_cast<void*>(static_cast<std::uintptr_t>(view.size() == 0 ? 0 : view.address()));
  managed.tensor.device = {dlpack::device_type::cuda, device};
  managed.tensor.dimensions = static_cast<std::int32_t>(exported->shape.size());
  managed.tensor.type = type;
  managed.tensor.shape = exported->shape.data();
  managed.tensor.strides = exported->strides.data();
  if constexpr (requires { managed.version; }) managed.version = dlpack::our_version;
  PyObject* capsule = PyCapsule_New(&managed, name, destructor);
  if (capsule == nullptr) throw py::error_already_set();
  static_cast<void>(exported.release());
  return py::reinterpret_steal<py::object>(capsule);
}

// The first number of a tuple of numbers; 0 for None.
std::uint64_t first_of(const char* what, py::handle given, std::uint64_t* second = nullptr) {
  if (given.is_none()) return 0;
  std::uint64_t first = 0;
  std::uint64_t ignored = 0;
  if (!PyTuple_Check(given.ptr()) || PyTuple_GET_SIZE(given.ptr()) != 2 ||
      !to_unsigned(PyTuple_GET_ITEM(given.ptr(), 0), first) ||
      !to_unsigned(PyTuple_GET_ITEM(given.ptr(), 1), second == nullptr ? ignored : *second)) {
    throw ArgumentError(fmt::format("__dlpack__(): {} must be a tuple of two numbers, not {}", what, describe(given)),
                        ArgumentError::Kind::type);
  }
  return first;
}

void check_stream(py::handle stream) {
  if (stream.is_none()) return;
  std::uint64_t number = 0;
  const bool asks_for_nothing =
      PyLong_Check(stream.ptr()) && py::reinterpret_borrow<py::object>(stream).equal(py::int_(-1));
  if (asks_for_nothing || (to_unsigned(stream, number) && number != 0)) return;
  throw ArgumentError(
      fmt::format("__dlpack__(): stream must be None, -1, 1, 2 or a CUstream, not {}", describe(stream)),
      ArgumentError::Kind::type);
}

}  // namespace

py::object dlpack_export(const BufferView& view, py::handle stream, py::handle max_version, py::handle wanted_device,
                         py::handle copy) {
  check_stream(stream);
  const int device = device_ordinal(view);
  std::uint64_t wanted_ordinal = 0;
  const auto wanted_type = first_of("dl_device", wanted_device, &wanted_ordinal);
  if (wanted_type != 0 && (wanted_type != static_cast<std::uint64_t>(dlpack::device_type::cuda) ||
                           wanted_ordinal != static_cast<std::uint64_t>(device))) {
    raise_buffer_error(fmt::format("the memory is on CUDA device {}, and is not copied to another", device));
  }
  if (!copy.is_none() && py::cast<bool>(copy)) raise_buffer_error("a DeviceBuffer is shared by DLPack, never copied");
  const auto type = data_type(view.format());
  if (first_of("max_version", max_version) >= dlpack::our_version.major) {
    return make_capsule<dlpack::VersionedTensor>(view, type, device, dlpack::versioned_name, &delete_versioned);
  }
  return make_capsule<dlpack::ManagedTensor>(view, type, device, dlpack::tensor_name, &delete_legacy);
}

py::tuple dlpack_export_device(const BufferView& view) {
  return py::make_tuple(dlpack::device_type::cuda, device_ordinal(view));
}

}  // namespace cujitsu::python
