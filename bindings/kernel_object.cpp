// SPDX-License-Identifier: MIT
#include "kernel_object.hpp"

#include "gil.hpp"

#include <limits>
#include <utility>

namespace cujitsu::python {
namespace {

FastParameter fast_integer(const PlannedParameter& parameter) {
  using Sign = ElementType::Sign;
  FastParameter result{.conversion = parameter.size == 4   ? FastConversion::integer4
                                     : parameter.size == 8 ? FastConversion::integer8
                                                           : FastConversion::integer};
  const int bits = 8 * static_cast<int>(parameter.size);
  result.least = std::numeric_limits<std::int64_t>::min() >> (64 - bits);
  result.largest = bits == 64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1;
  switch (parameter.value.sign) {
    case Sign::either: break;
    case Sign::with_sign: result.largest = -(result.least + 1); break;
    case Sign::without_sign: result.least = 0; break;
    case Sign::boolean:
      result.least = 0;
      result.largest = 1;
      result.conversion = FastConversion::integer;
      break;
  }
  return result;
}

FastParameter fast(const PlannedParameter& parameter, bool has_one_device) {
  FastParameter result;
  using Kind = ElementType::Kind;
  if (parameter.kind == ParameterKind::pointer) {
    // Which device a buffer is on, the long way looks up.
    if (has_one_device) result.conversion = FastConversion::pointer;
  } else if (parameter.value.is_vector) {
    result.conversion = FastConversion::other;
  } else if (parameter.value.kind == Kind::integer && parameter.size <= 8) {
    result = fast_integer(parameter);
  } else if (parameter.value.kind == Kind::floating && parameter.size == 4) {
    result.conversion = FastConversion::float32;
  } else if (parameter.value.kind == Kind::floating && parameter.size == 8) {
    result.conversion = FastConversion::float64;
  }
  result.size = static_cast<std::uint8_t>(parameter.size);
  result.offset = parameter.offset;
  return result;
}

}  // namespace

struct LastConfigured::Lock {
#ifdef Py_GIL_DISABLED
  explicit Lock(LastConfigured& of) : mutex(&of.mutex_) { PyMutex_Lock(mutex); }
  ~Lock() { PyMutex_Unlock(mutex); }
  PyMutex* mutex;
#else
  explicit Lock(LastConfigured&) {}
  ~Lock() {}
#endif
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
};

LastConfigured::~LastConfigured() {
  Py_XDECREF(subscript_);
  Py_XDECREF(configured_);
}

PyObject* LastConfigured::find(PyObject* grid, PyObject* block) noexcept {
  const Lock lock(*this);
  if (subscript_ == nullptr || PyTuple_GET_ITEM(subscript_, 0) != grid || PyTuple_GET_ITEM(subscript_, 1) != block)
    return nullptr;
  return Py_NewRef(configured_);
}

void LastConfigured::keep(PyObject* subscript, const py::object& configured) {
  PyObject* old_subscript = Py_NewRef(subscript);
  PyObject* old_configured = Py_NewRef(configured.ptr());
  {
    const Lock lock(*this);
    std::swap(subscript_, old_subscript);
    std::swap(configured_, old_configured);
  }
  Py_XDECREF(old_subscript);
  Py_XDECREF(old_configured);
}

KernelObject::~KernelObject() {
  const GilRelease release;
  kernel = Kernel(nullptr);
}

KernelObject::KernelObject(Kernel kernel_, bool check_pointees_)
    : kernel(std::move(kernel_)), check_pointees(check_pointees_) {
  const auto& state = kernel.state();
  LaunchPlan made;
  for (const auto& parameter : state.parameters) made.parameters.push_back(fast(parameter, state.has_one_device));
  if (state.parameter_bytes <= few_parameter_bytes && made.parameters.size() <= few_parameters)
    made.fast_count = made.parameters.size();
  plan = std::make_shared<const LaunchPlan>(std::move(made));
}

}  // namespace cujitsu::python
