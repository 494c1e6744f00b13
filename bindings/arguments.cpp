// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include "gil.hpp"
#include "scalar_arguments.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

KernelArgument::Kind argument_kind(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::integer: return KernelArgument::Kind::integer;
    case ParameterKind::floating: return KernelArgument::Kind::floating;
    case ParameterKind::pointer: return KernelArgument::Kind::pointer;
    case ParameterKind::aggregate: break;
  }
  return KernelArgument::Kind::bytes;
}

const HostTransfer* host_transfer(py::handle value) {
  if (py::isinstance<In>(value)) return &py::cast<const In&>(value);
  if (py::isinstance<Out>(value)) return &py::cast<const Out&>(value);
  if (py::isinstance<InOut>(value)) return &py::cast<const InOut&>(value);
  return nullptr;
}

// "float const*", or what PTX tells: ".u64".
std::string parameter_text(const ParameterType& parameter) {
  const std::string list = KernelSignature{{parameter}}.to_string();
  return list.substr(1, list.size() - 2);
}

}  // namespace

ArgumentPack::ArgumentPack(const Kernel& kernel, Transfers transfers) : kernel_(kernel), transfers_mode_(transfers) {
  const auto& parameters = kernel.signature().parameters;
  if (!parameters.empty()) bytes_.resize(parameters.back().offset + parameters.back().size);
  arguments_.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    arguments_.push_back({bytes_.data() + parameter.offset, parameter.size, argument_kind(parameter.kind)});
  }
}

ArgumentPack::~ArgumentPack() {
  if (transfers_.empty()) return;
  const GilRelease release;
  for (auto& pending : transfers_) pending.transfer.release();
}

void ArgumentPack::convert(const py::tuple& values) {
  if (values.size() != arguments_.size()) {
    throw ArgumentError(
        fmt::format("{}{} takes {} argument{}, {} given", kernel_.name(), kernel_.signature().to_string(),
                    arguments_.size(), arguments_.size() == 1 ? "" : "s", values.size()),
        type_kind);
  }
  for (std::size_t index = 0; index < values.size(); ++index) convert(index, py::object(values[index]));
}

void ArgumentPack::convert(std::size_t index, py::handle value) {
  if (index >= arguments_.size()) {
    throw ArgumentError(
        fmt::format("{}{} has no argument with index {}", kernel_.name(), kernel_.signature().to_string(), index));
  }
  if (const HostTransfer* transfer = host_transfer(value)) return convert_transfer(index, *transfer);
  if (const auto view = device_view(kernel_.name(), place(index), value)) {
    return convert_device_memory(index, *view, value);
  }
  if (takes_pointer(parameter(index))) {
    if (value.is_none()) return set_address(index, 0);
    if (is_host_array(value)) {
      throw ArgumentError(
          fmt::format("{}(): {}: given {}, which is host memory; use In(a), Out(a) or InOut(a), or copy "
                      "it with mem_alloc and memcpy_htod",
                      kernel_.name(), place(index), describe(value)),
          type_kind);
    }
  }
  convert_scalar(fmt::format("{}(): {}", kernel_.name(), place(index)), parameter(index), value,
                 bytes_.data() + parameter(index).offset);
}

void ArgumentPack::upload(StreamHandle stream) {
  for (const auto& view : produced_elsewhere_) order_after_producer(view, stream);
  for (auto& [index, transfer] : transfers_) set_address(index, transfer.upload(stream));
}

void ArgumentPack::download(StreamHandle stream) const {
  if (transfers_.empty()) return;
  Stream::from_handle(stream).synchronize();
  for (const auto& pending : transfers_) pending.transfer.download();
}

void ArgumentPack::convert_transfer(std::size_t index, const HostTransfer& transfer) {
  const auto& target = parameter(index);
  const std::string name = fmt::format("{}()", kernel_.name());
  if (transfers_mode_ == Transfers::refused) {
    throw ArgumentError(fmt::format("{}: {}: {} copies for one launch; a bound launch takes device memory", name,
                                    place(index), transfer.name()),
                        type_kind);
  }
  if (!takes_pointer(target)) {
    throw ArgumentError(
        fmt::format("{}: {}: given {}, but the parameter is no pointer", name, place(index), transfer.name()),
        type_kind);
  }
  HostView host(name, fmt::format("{}: the array of {}", place(index), transfer.name()), transfer.array,
                transfer.out ? HostView::Access::write : HostView::Access::read);
  const ElementType pointee = pointee_of(target.c_type);
  if (!may_point_at(pointee, host.element())) {
    throw ArgumentError(fmt::format("{}: {}: given an array of {} ({})", name, place(index), host.element().to_string(),
                                    describe(transfer.array)),
                        type_kind);
  }
  transfers_.push_back({index, ActiveTransfer(std::move(host), transfer)});
}

void ArgumentPack::convert_device_memory(std::size_t index, const DeviceView& view, py::handle value) {
  const auto& target = parameter(index);
  if (!takes_pointer(target)) {
    throw ArgumentError(fmt::format("{}(): {}: given device memory ({}), but the parameter is no pointer",
                                    kernel_.name(), place(index), describe(value)),
                        type_kind);
  }
  if (!may_point_at(pointee_of(target.c_type), view.element)) {
    throw ArgumentError(fmt::format("{}(): {}: given an array of {} ({})", kernel_.name(), place(index),
                                    view.element.to_string(), describe(value)),
                        type_kind);
  }
  set_address(index, view.span.address());
  if (view.producer) produced_elsewhere_.push_back(view);
}

void ArgumentPack::set_address(std::size_t index, DevicePointer address) {
  std::memcpy(bytes_.data() + parameter(index).offset, &address, sizeof address);
}

const ParameterType& ArgumentPack::parameter(std::size_t index) const { return kernel_.signature().parameters[index]; }

std::string ArgumentPack::place(std::size_t index) const {
  return fmt::format("argument {} of {} ({})", index + 1, arguments_.size(), parameter_text(parameter(index)));
}

}  // namespace cujitsu::python
