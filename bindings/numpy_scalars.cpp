// SPDX-License-Identifier: MIT
#include "numpy_scalars.hpp"

#include <array>
#include <string_view>

namespace cujitsu::python {
namespace {

using Type = NumpyType;

struct Known {
  std::string_view name;
  Type type;
};

// What numpy calls the C types with an alias: on Linux int64 is long, and longlong is a type of its own.
constexpr std::array known_types{
    Known{"numpy.int8", Type::int8},       Known{"numpy.uint8", Type::uint8},
    Known{"numpy.int16", Type::int16},     Known{"numpy.uint16", Type::uint16},
    Known{"numpy.int32", Type::int32},     Known{"numpy.uint32", Type::uint32},
    Known{"numpy.int64", Type::int64},     Known{"numpy.longlong", Type::long_long},
    Known{"numpy.bool", Type::boolean},    Known{"numpy.bool_", Type::boolean},
    Known{"numpy.float32", Type::float32}, Known{"numpy.float64", Type::float64},
};

NumpyScalar read(PyObject* object, Type type) noexcept {
  const auto integer = [](std::int64_t value) { return NumpyScalar{NumpyScalar::Kind::integer, value, 0}; };
  const auto real = [](double value) { return NumpyScalar{NumpyScalar::Kind::real, 0, value}; };
  switch (type) {
    case Type::int8: return integer(numpy_value<std::int8_t>(object));
    case Type::uint8:
    case Type::boolean: return integer(numpy_value<std::uint8_t>(object));
    case Type::int16: return integer(numpy_value<std::int16_t>(object));
    case Type::uint16: return integer(numpy_value<std::uint16_t>(object));
    case Type::int32: return integer(numpy_value<std::int32_t>(object));
    case Type::uint32: return integer(numpy_value<std::uint32_t>(object));
    case Type::int64:
    case Type::long_long: return integer(numpy_value<std::int64_t>(object));
    case Type::float32: return real(numpy_value<float>(object));
    case Type::float64: return real(numpy_value<double>(object));
  }
  return {};
}

/// A static type of an extension: what tp_name says is its own, and no Python class can have it.
bool is_static(const PyTypeObject* type) noexcept { return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0; }

}  // namespace

NumpyScalar numpy_scalar(PyObject* object) noexcept {
  auto& classes = detail::numpy_classes;
  PyTypeObject* type = Py_TYPE(object);
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (classes[i].load(std::memory_order_relaxed) == type) return read(object, static_cast<Type>(i));
  if (!is_static(type)) return {};
  for (const auto& known : known_types) {
    if (known.name != type->tp_name) continue;
    classes[static_cast<std::size_t>(known.type)].store(type, std::memory_order_relaxed);
    return read(object, known.type);
  }
  return {};
}

}  // namespace cujitsu::python
