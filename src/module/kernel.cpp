// SPDX-License-Identifier: MIT
#include <cujitsu/kernel.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"
#include "module/kernel_state.hpp"
#include "module/launch_errors.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace cujitsu {

using driver::api;

namespace {

bool fits(const PlannedParameter& parameter, const ArgumentType& argument) {
  using Kind = ArgumentType::Kind;
  if (argument.size != parameter.size) return false;
  if (parameter.kind == ParameterKind::unknown) return true;
  switch (argument.kind) {
    case Kind::bytes: return true;  // the caller vouches for them: structs, half, complex
    case Kind::pointer:
      return parameter.takes_pointer && may_point_at(parameter.pointee, argument.pointee) &&
             (parameter.pointee_is_const || !argument.points_at_const);
    case Kind::integer: return parameter.takes_pointer || parameter.value.kind == ElementType::Kind::integer;
    case Kind::floating: return parameter.value.kind == ElementType::Kind::floating && parameter.value.lanes == 1;
  }
  return false;
}

void check_argument(const Kernel::State& kernel, std::size_t index, const ArgumentType& argument) {
  if (!fits(kernel.parameters[index], argument)) launch_errors::raise_argument(kernel.info, index, argument);
}

void check_count(const Kernel::State& kernel, std::size_t count) {
  if (count != kernel.parameters.size()) launch_errors::raise_count(kernel.info, count);
}

/// Pointers to each argument, on the stack for all but the longest lists.
class ArgumentPointers {
 public:
  explicit ArgumentPointers(std::span<const KernelArgument> arguments) {
    if (arguments.size() > few_.size()) many_.resize(arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) data()[i] = const_cast<void*>(arguments[i].data);
  }
  [[nodiscard]] void** data() noexcept { return many_.empty() ? few_.data() : many_.data(); }

 private:
  std::array<void*, 32> few_;
  std::vector<void*> many_;
};

}  // namespace

Kernel make_kernel(std::shared_ptr<SourceModule::State> module, const KernelInfo& info) {
  return Kernel(std::make_shared<Kernel::State>(std::move(module), info, driver::ensure_context()));
}

Kernel::Kernel(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

const std::string& Kernel::name() const noexcept { return state_->info.name; }
const std::string& Kernel::lowered_name() const noexcept { return state_->info.lowered_name; }
const KernelSignature& Kernel::signature() const noexcept { return state_->info.signature; }

KernelAttributes Kernel::attributes() const {
  const auto function = state_->function(driver::ensure_context());
  const auto get = [&](int attribute) { return state_->module->loader.attribute(function, attribute); };
  namespace attribute = driver::function_attribute;
  return {.registers = get(attribute::num_regs),
          .shared_bytes = static_cast<std::size_t>(get(attribute::shared_size_bytes)),
          .local_bytes = static_cast<std::size_t>(get(attribute::local_size_bytes)),
          .constant_bytes = static_cast<std::size_t>(get(attribute::const_size_bytes)),
          .max_threads_per_block = get(attribute::max_threads_per_block),
          .ptx_version = get(attribute::ptx_version),
          .binary_version = get(attribute::binary_version)};
}

Occupancy Kernel::occupancy(Dim3 block, std::uint32_t shared) const {
  const auto device = driver::current_device();
  const LaunchConfig config{.block = block, .shared = shared};
  launch_errors::check_dimensions(state_->info, config);
  const auto function = state_->function(driver::ensure_context());
  allow_shared(*state_, function, shared);
  Occupancy occupancy;
  driver::check(api().cuOccupancyMaxActiveBlocksPerMultiprocessor(&occupancy.blocks_per_multiprocessor,
                                                                  state_->module->loader.plain_function(function),
                                                                  static_cast<int>(block.count()), shared),
                "cuOccupancyMaxActiveBlocksPerMultiprocessor", [&] { return fmt::format("kernel '{}'", name()); });
  const auto most = driver::device_attribute_value(driver::device_attribute::max_threads_per_multiprocessor, device);
  occupancy.fraction =
      static_cast<double>(occupancy.blocks_per_multiprocessor) * static_cast<double>(block.count()) / most;
  return occupancy;
}

BlockSuggestion Kernel::suggest_block(std::uint32_t shared, int limit) const {
  if (limit < 0) throw ArgumentError(fmt::format("kernel '{}': limit is {}, and must be 0 or more", name(), limit));
  const auto function = state_->function(driver::ensure_context());
  allow_shared(*state_, function, shared);
  BlockSuggestion suggestion;
  driver::check(
      api().cuOccupancyMaxPotentialBlockSize(&suggestion.min_grid, &suggestion.block,
                                             state_->module->loader.plain_function(function), nullptr, shared, limit),
      "cuOccupancyMaxPotentialBlockSize", [&] { return fmt::format("kernel '{}'", name()); });
  return suggestion;
}

void Kernel::check_types(const ArgumentType* types, std::size_t count) const {
  check_count(*state_, count);
  for (std::size_t i = 0; i < count; ++i) check_argument(*state_, i, types[i]);
  const auto slot = state_->next_known.fetch_add(1, std::memory_order_relaxed) % state_->known_types.size();
  state_->known_types[slot].store(types, std::memory_order_relaxed);
}

void Kernel::launch_checked(const LaunchConfig& config, const ArgumentType* types, std::size_t count,
                            void** values) const {
  if (!state_->knows(types)) [[unlikely]]
    check_types(types, count);
  cujitsu::launch(*state_, config, values);
}

void Kernel::launch_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const {
  check_count(*state_, arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) check_argument(*state_, i, arguments[i].type);
  cujitsu::launch(*state_, config, ArgumentPointers(arguments).data());
}

BoundLaunch Kernel::bind_checked(const LaunchConfig& config, const ArgumentType* types, std::size_t count,
                                 void** values) const {
  check_types(types, count);
  launch_errors::check_dimensions(state_->info, config);
  BoundLaunch bound(*this, config);
  for (std::size_t i = 0; i < count; ++i) std::memcpy(bound.parameters_[i], values[i], types[i].size);
  return bound;
}

BoundLaunch Kernel::bind_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const {
  check_count(*state_, arguments.size());
  launch_errors::check_dimensions(state_->info, config);
  BoundLaunch bound(*this, config);
  for (std::size_t i = 0; i < arguments.size(); ++i) bound.replace_packed(i, arguments[i]);
  return bound;
}

BoundLaunch::BoundLaunch(Kernel kernel, const LaunchConfig& config)
    : kernel_(std::move(kernel)),
      config_(config),
      bytes_(kernel_.state_->parameter_bytes),
      parameters_(kernel_.state_->parameters.size()) {
  point_at_bytes();
}

BoundLaunch::BoundLaunch(const BoundLaunch& other)
    : kernel_(other.kernel_), config_(other.config_), bytes_(other.bytes_), parameters_(other.parameters_.size()) {
  point_at_bytes();
}

BoundLaunch& BoundLaunch::operator=(const BoundLaunch& other) { return *this = BoundLaunch(other); }

void BoundLaunch::point_at_bytes() {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    parameters_[i] = bytes_.data() + kernel_.state_->parameters[i].offset;
}

void BoundLaunch::replace_packed(std::size_t index, const KernelArgument& argument) {
  const auto& kernel = *kernel_.state_;
  if (index >= kernel.parameters.size())
    throw ArgumentError(fmt::format("kernel '{}' has no argument {}: it takes {}, counted from 0", kernel.info.name,
                                    index, kernel.parameters.size()));
  check_argument(kernel, index, argument.type);
  std::memcpy(parameters_[index], argument.data, argument.type.size);
}

void BoundLaunch::operator()() const { cujitsu::launch(*kernel_.state_, config_, parameters()); }

FunctionHandle BoundLaunch::function() const {
  const auto handle = kernel_.state_->function(driver::ensure_context());
  allow_shared(*kernel_.state_, handle, config_.shared);
  return handle;
}

}  // namespace cujitsu
