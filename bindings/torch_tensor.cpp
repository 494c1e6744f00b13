// SPDX-License-Identifier: MIT
#include "torch_tensor.hpp"

#include "attributes.hpp"
#include "dlpack.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

using Kind = ElementType::Kind;

struct Names {
  PyObject* torch = interned("torch");
  PyObject* tensor = interned("Tensor");
  PyObject* exchange_api = interned("__dlpack_c_exchange_api__");
  PyObject* data_ptr = interned("data_ptr");
  PyObject* dtype = interned("dtype");
  PyObject* get_device = interned("get_device");
  PyObject* is_complex = interned("is_complex");
  PyObject* is_conj = interned("is_conj");
  PyObject* is_contiguous = interned("is_contiguous");
  PyObject* is_cuda = interned("is_cuda");
  PyObject* is_floating_point = interned("is_floating_point");
  PyObject* is_meta = interned("is_meta");
  PyObject* is_neg = interned("is_neg");
  PyObject* is_pinned = interned("is_pinned");
  PyObject* itemsize = interned("itemsize");
  PyObject* layout = interned("layout");
  PyObject* nbytes = interned("nbytes");
  PyObject* ndim = interned("ndim");
};

const Names& names() {
  static const Names instance;
  return instance;
}

// Found once torch has been imported, and kept until the process ends. Read and written with the GIL held.
struct Torch {
  PyTypeObject* tensor = nullptr;
  const dlpack::ExchangeApi* exchange = nullptr;
  std::vector<std::pair<PyObject*, ElementType>> element_types;  // by dtype object: torch has one of each
};

Torch& torch() {
  static auto* instance = new Torch;
  return *instance;
}

// Null unless torch's tensors can be described without a Python object: torch 2.10 and newer.
const dlpack::ExchangeApi* exchange_api(py::handle tensor_type) {
  const py::object capsule = optional_attribute(tensor_type, names().exchange_api);
  if (!capsule || PyCapsule_IsValid(capsule.ptr(), dlpack::exchange_api_name) == 0) return nullptr;
  const auto* api =
      static_cast<const dlpack::ExchangeApi*>(PyCapsule_GetPointer(capsule.ptr(), dlpack::exchange_api_name));
  while (api != nullptr && api->version.major != dlpack::our_version.major) api = api->previous;
  return api != nullptr && api->tensor_from_object != nullptr ? api : nullptr;
}

void find_torch() {
  const py::object module = dictionary_entry(PyImport_GetModuleDict(), names().torch);
  if (!module) return;
  const py::object type = optional_attribute(module, names().tensor);  // none while torch is being imported
  if (!type || !PyType_Check(type.ptr())) return;
  torch().exchange = exchange_api(type);
  torch().tensor = reinterpret_cast<PyTypeObject*>(py::object(type).release().ptr());
}

std::uint64_t unsigned_value(const py::object& value) {
  std::uint64_t result = 0;
  if (to_unsigned(value, result)) return result;
  PyErr_SetString(PyExc_TypeError, fmt::format("{} is no size or address", describe(value)).c_str());
  throw py::error_already_set();
}

ElementType make_element_type(py::handle dtype) {
  const std::size_t size = unsigned_value(attribute(dtype, names().itemsize));
  const auto name = py::cast<std::string>(py::str(dtype));
  const auto starts_with = [&](std::string_view word) { return name.starts_with(fmt::format("torch.{}", word)); };
  if (starts_with("bfloat")) return element(Kind::bfloat, size);
  if (starts_with("float8") || starts_with("float4")) return element(Kind::unknown, size);
  if (is_true(attribute(dtype, names().is_complex))) return element(Kind::complex, size);
  if (is_true(attribute(dtype, names().is_floating_point))) return element(Kind::floating, size);
  if (starts_with("int") || starts_with("uint") || starts_with("bool")) return element(Kind::integer, size);
  return element(Kind::unknown, size);  // quantised
}

ElementType element_type(py::handle dtype) {
  auto& known = torch().element_types;
  for (const auto& [object, type] : known) {
    if (object == dtype.ptr()) return type;
  }
  const ElementType type = make_element_type(dtype);
  known.emplace_back(dtype.inc_ref().ptr(), type);
  return type;
}

[[noreturn]] void refuse(const Place& place, py::handle tensor, std::string_view what) {
  throw ArgumentError(fmt::format("{}: given {}, {}", place.text(), describe(tensor), what), ArgumentError::Kind::type);
}

void check_layout(const Place& place, py::handle tensor) {
  const auto layout = py::cast<std::string>(py::str(attribute(tensor, names().layout)));
  if (layout != "torch.strided") {
    refuse(place, tensor, fmt::format("a tensor of layout {}; pass the dense tensors that it consists of", layout));
  }
}

[[noreturn]] void refuse_gaps(const Place& place, py::handle tensor) {
  check_layout(place, tensor);  // torch calls no sparse tensor contiguous
  throw ArgumentError(
      fmt::format("{}: given {}, an array on the device that is not C-contiguous; pass its .contiguous()", place.text(),
                  describe(tensor)));
}

// A conjugated or negated view shares the memory of the tensor that it was made of.
void check_is_resolved(const Place& place, py::handle tensor) {
  if (is_true(call_method(tensor, names().is_conj)) || is_true(call_method(tensor, names().is_neg))) {
    refuse(place, tensor, "which torch has conjugated or negated only in name; pass its .resolve_conj().resolve_neg()");
  }
}

// The CPU's tensors, those of no memory at all, and those of other devices.
std::optional<DeviceView> other_view(const Place& place, py::handle tensor) {
  if (is_true(attribute(tensor, names().is_meta))) refuse(place, tensor, "a meta tensor, which has no memory");
  check_layout(place, tensor);
  if (!is_true(call_method(tensor, names().is_pinned))) return std::nullopt;
  if (!is_true(call_method(tensor, names().is_contiguous))) refuse_gaps(place, tensor);
  return DeviceView{DeviceSpan(unsigned_value(call_method(tensor, names().data_ptr)),
                               unsigned_value(attribute(tensor, names().nbytes))),
                    element_type(attribute(tensor, names().dtype)), std::nullopt};
}

std::optional<DeviceView> view_by_methods(const Place& place, py::handle tensor) {
  if (!is_true(attribute(tensor, names().is_cuda))) return other_view(place, tensor);
  if (!is_true(call_method(tensor, names().is_contiguous))) refuse_gaps(place, tensor);
  DeviceView view{DeviceSpan(unsigned_value(call_method(tensor, names().data_ptr)),
                             unsigned_value(attribute(tensor, names().nbytes))),
                  element_type(attribute(tensor, names().dtype)), std::nullopt};
  if (view.span.address() == 0 && view.span.size() > 0) refuse(place, tensor, "a tensor without memory");
  view.device = static_cast<int>(unsigned_value(call_method(tensor, names().get_device)));
  return view;
}

}  // namespace

bool is_torch_tensor(py::handle value) {
  if (torch().tensor == nullptr) [[unlikely]] {
    find_torch();
    if (torch().tensor == nullptr) return false;
  }
  return PyType_IsSubtype(Py_TYPE(value.ptr()), torch().tensor) != 0;
}

bool is_cuda_tensor(py::handle tensor) { return is_true(attribute(tensor, names().is_cuda)); }

bool has_dimensions(py::handle tensor) { return is_true(attribute(tensor, names().ndim)); }

std::optional<DeviceView> torch_view(const Place& place, py::handle tensor) {
  try {
    std::optional<DeviceView> view;
    dlpack::Tensor described{};
    const auto* api = torch().exchange;
    if (api != nullptr && api->tensor_from_object(tensor.ptr(), &described) == 0 &&
        described.device.type == dlpack::device_type::cuda) {
      view = dlpack_tensor_view(place, described);
    } else {
      // What the table refuses (meta, sparse) or gives as the CPU's, torch's methods tell more of.
      PyErr_Clear();
      view = view_by_methods(place, tensor);
    }
    if (view && view->element.kind == Kind::complex) check_is_resolved(place, tensor);
    return view;
  } catch (const py::error_already_set& error) {
    check_layout(place, tensor);  // a sparse tensor has neither an address nor an order
    refuse(place, tensor, fmt::format("of which torch says: {}", exception_text(error)));
  }
}

}  // namespace cujitsu::python
