// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include "fast_arguments.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "native_object.hpp"
#include "numpy_scalars.hpp"
#include "scalar_arguments.hpp"
#include "small_integer.hpp"
#include "text_conversion.hpp"

#include "compile/element_types.hpp"
#include "module/launch_errors.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

const HostTransfer* host_transfer(py::handle value) {
  if (const HostTransfer* in = native_object<In>(value)) return in;
  if (const HostTransfer* out = native_object<Out>(value)) return out;
  return native_object<InOut>(value);
}

bool store_integer(const FastParameter& parameter, std::int64_t value, std::byte* destination) noexcept {
  if (value < parameter.least || value > parameter.largest) return false;
  switch (parameter.size) {
    case 1: std::memcpy(destination, &value, 1); return true;
    case 2: std::memcpy(destination, &value, 2); return true;
    case 4: std::memcpy(destination, &value, 4); return true;
    default: std::memcpy(destination, &value, 8); return true;
  }
}

bool store_real(const FastParameter& parameter, double value, std::byte* destination) noexcept {
  if (parameter.conversion == FastConversion::float64) {
    std::memcpy(destination, &value, sizeof value);
  } else {
    const auto narrow = static_cast<float>(value);
    std::memcpy(destination, &narrow, sizeof narrow);
  }
  return true;
}

}  // namespace

bool detail::convert_less_fast(const FastParameter& parameter, PyObject* value, std::byte* destination) noexcept {
  std::int64_t integer = 0;
  switch (parameter.conversion) {
    case FastConversion::pointer: return value == Py_None && detail::store(DevicePointer{0}, destination);
    case FastConversion::integer4:
    case FastConversion::integer8:
    case FastConversion::integer: {
      if (small_integer(value, integer)) return store_integer(parameter, integer, destination);
      if (value == Py_True || value == Py_False) return store_integer(parameter, value == Py_True, destination);
      if (PyLong_CheckExact(value)) {
        int overflow = 0;
        integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow == 0 && store_integer(parameter, integer, destination);
      }
      const auto scalar = numpy_scalar(value);
      return scalar.kind == NumpyScalar::Kind::integer && store_integer(parameter, scalar.integer, destination);
    }
    case FastConversion::float32:
    case FastConversion::float64: {
      if (small_integer(value, integer)) return store_real(parameter, static_cast<double>(integer), destination);
      const auto scalar = numpy_scalar(value);
      return scalar.kind == NumpyScalar::Kind::real && store_real(parameter, scalar.real, destination);
    }
    case FastConversion::other: break;
  }
  return false;
}

void ArgumentPack::use_heap(std::size_t bytes, std::size_t parameters) {
  rest().bytes.resize(bytes);
  rest().pointers.resize(parameters);
  bytes_ = rest().bytes.data();
  pointers_ = rest().pointers.data();
}

void ArgumentPack::release_transfers() noexcept {
  if (rest_->transfers.empty()) return;
  const GilRelease release;
  for (auto& pending : rest_->transfers) pending.transfer.release();
}

void ArgumentPack::convert(PyObject* const* values, std::size_t count) {
  if (count != kernel_.plan->parameters.size()) [[unlikely]]
    launch_errors::raise_count(kernel_.info(), count);
  // Locals: a byte that is written could otherwise change any member.
  const FastParameter* const plan = kernel_.plan->parameters.data();
  std::byte* const bytes = bytes_;
  void** const pointers = pointers_;
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* const destination = bytes + plan[i].offset;
    pointers[i] = destination;
    if (!convert_fast(plan[i], values[i], destination)) [[unlikely]]
      convert_slowly(i, values[i]);
  }
}

void ArgumentPack::convert_one(std::size_t index, PyObject* value) {
  const auto& plan = kernel_.plan->parameters;
  if (index >= plan.size())
    throw ArgumentError(fmt::format("{} has no argument with index {}", kernel_.info().signature.to_string(), index));
  pointers_[index] = bytes_ + plan[index].offset;
  if (!convert_fast(plan[index], value, bytes_ + plan[index].offset)) convert_slowly(index, value);
}

void ArgumentPack::convert_slowly(std::size_t index, py::handle value) {
  const ArgumentPlace place(kernel_.info(), index);
  const auto& planned = kernel_.kernel.state().parameters[index];
  std::byte* const destination = bytes_ + planned.offset;
  if (const HostTransfer* transfer = host_transfer(value)) return convert_transfer(place, index, *transfer);
  const auto text = [&] { return place.to_string(); };
  if (auto view = device_view(text, value, options_.stream)) {
    return convert_device_memory(place, index, std::move(*view), value);
  }
  if (planned.takes_pointer) {
    if (value.is_none()) return set_address(index, 0);
    // 8 bytes that may be no pointer at all take a string of them.
    const bool is_bytes = PyBytes_Check(value.ptr()) || PyByteArray_Check(value.ptr());
    if (is_host_array(value) && (planned.kind == ParameterKind::pointer || !is_bytes)) {
      throw ArgumentError(fmt::format("{}: given {}, which is host memory; use In(a), Out(a) or InOut(a), or copy it "
                                      "with mem_alloc and memcpy_htod",
                                      place.to_string(), describe(value)),
                          type_kind);
    }
  }
  if (planned.kind == ParameterKind::pointer) return convert_address(place, value, destination);
  convert_value(place, planned.value, value, destination);
}

void ArgumentPack::upload() {
  if (rest_ == nullptr) return;
  for (const auto& lent : rest_->views) order_after_producer(lent.view, options_.stream);
  for (auto& [index, transfer] : rest_->transfers) set_address(index, transfer.upload(options_.stream));
}

void ArgumentPack::download() {
  if (rest_ == nullptr || rest_->transfers.empty()) return;
  Stream::from_handle(options_.stream).synchronize();
  for (const auto& pending : rest_->transfers) pending.transfer.download();
}

std::shared_ptr<void> ArgumentPack::take_loan(std::size_t index) noexcept {
  if (rest_ == nullptr) return nullptr;
  for (auto& lent : rest_->views)
    if (lent.index == index) return std::move(lent.view.loan);
  return nullptr;
}

void ArgumentPack::convert_transfer(const ArgumentPlace& place, std::size_t index, const HostTransfer& transfer) {
  const auto& planned = kernel_.kernel.state().parameters[index];
  if (!options_.takes_transfers) {
    throw ArgumentError(fmt::format("{}: {} copies for one launch; a bound launch takes device memory",
                                    place.to_string(), transfer.name()),
                        type_kind);
  }
  if (!planned.takes_pointer) {
    throw ArgumentError(
        fmt::format("{}: given {}, but the parameter is no pointer", place.to_string(), transfer.name()), type_kind);
  }
  HostView host(fmt::format("{}()", kernel_.info().name),
                fmt::format("{}: the array of {}", place.position(), transfer.name()), transfer.array,
                transfer.out ? HostView::Access::write : HostView::Access::read);
  if (options_.check_pointees && !may_point_at(planned.pointee, host.element())) {
    throw ArgumentError(fmt::format("{}: given an array of {} ({})", place.to_string(),
                                    compiler::to_string(host.element()), describe(transfer.array)),
                        type_kind);
  }
  rest().transfers.push_back({index, ActiveTransfer(std::move(host), transfer)});
}

void ArgumentPack::convert_device_memory(const ArgumentPlace& place, std::size_t index, DeviceView view,
                                         py::handle value) {
  const auto& planned = kernel_.kernel.state().parameters[index];
  if (!planned.takes_pointer) {
    throw ArgumentError(fmt::format("{}: given device memory ({}), but the parameter is no pointer", place.to_string(),
                                    describe(value)),
                        type_kind);
  }
  if (options_.check_pointees) {
    if (!may_point_at(planned.pointee, view.element)) {
      throw ArgumentError(fmt::format("{}: given an array of {} ({})", place.to_string(),
                                      compiler::to_string(view.element), describe(value)),
                          type_kind);
    }
    if (view.read_only && !planned.pointee_is_const) {
      throw ArgumentError(
          fmt::format("{}: given {}, which is read-only, and the kernel may write through the pointer; "
                      "declare it const, or pass check=False",
                      place.to_string(), describe(value)));
    }
  }
  set_address(index, view.span.address());
  if (view.producer || view.loan) rest().views.push_back({index, std::move(view)});
}

void ArgumentPack::set_address(std::size_t index, DevicePointer address) noexcept {
  std::memcpy(bytes_ + kernel_.plan->parameters[index].offset, &address, sizeof address);
}

ArgumentPack::Rest& ArgumentPack::rest() {
  if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
  return *rest_;
}

}  // namespace cujitsu::python
