// SPDX-License-Identifier: MIT
#include <cujitsu/kernel.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"
#include "module/launch_errors.hpp"
#include "module/module_state.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

namespace cujitsu {

using driver::api;
using driver::FunctionHandle;

/// Handles by context, and what has been set on them. Shared by all copies of a Kernel.
struct Kernel::State {
  State(std::shared_ptr<SourceModule::State> module_, const KernelInfo& info_)
      : module(std::move(module_)), info(info_), interned_name(driver::launch_history::intern(info_.name)) {}

  std::shared_ptr<SourceModule::State> module;
  const KernelInfo& info;            // lives in module->code
  const std::string* interned_name;  // lives until the process ends

  /// What cuLaunchKernel takes in `context`, which is current.
  [[nodiscard]] FunctionHandle function(ContextHandle context) const {
    if (const auto handle = everywhere.load(std::memory_order_acquire)) return handle;
    const std::lock_guard lock(mutex);
    auto& handle = by_context[context];
    if (handle == nullptr) handle = module->loader.function(info.lowered_name, context);
    return handle;
  }

  /// Dynamic shared memory beyond 48 KiB must be allowed for each kernel and device first.
  void allow_shared(FunctionHandle function, const LaunchConfig& config) const {
    constexpr std::size_t always_allowed = 48 * 1024;
    if (config.shared + info.resources.shared_bytes <= always_allowed) return;
    const auto device = driver::current_device();
    const std::lock_guard lock(mutex);
    auto& allowed = allowed_shared[device];
    if (config.shared <= allowed) return;
    launch_errors::check_shared(info, config, device);
    module->loader.set_attribute(function, driver::function_attribute::max_dynamic_shared_size_bytes,
                                 static_cast<int>(config.shared), info.name);
    allowed = config.shared;
  }

  mutable std::atomic<FunctionHandle> everywhere{nullptr};  // set when one handle serves every context
  mutable std::mutex mutex;
  mutable std::map<ContextHandle, FunctionHandle> by_context;
  mutable std::map<driver::DeviceHandle, std::uint32_t> allowed_shared;
};

namespace {

void check_dimensions(const KernelInfo& kernel, const LaunchConfig& config) {
  if (config.grid.count() == 0 || config.block.count() == 0)
    throw ArgumentError(
        fmt::format("kernel '{}': grid ({}, {}, {}) and block ({}, {}, {}) must not have a dimension of 0", kernel.name,
                    config.grid.x, config.grid.y, config.grid.z, config.block.x, config.block.y, config.block.z));
}

bool kinds_fit(ParameterKind parameter, std::size_t size, KernelArgument::Kind argument) {
  using Kind = KernelArgument::Kind;
  switch (argument) {
    case Kind::bytes: return true;  // the caller vouches for them: structs, half, complex
    case Kind::pointer:
      return parameter == ParameterKind::pointer || (parameter == ParameterKind::integer && size == 8);
    case Kind::integer: return parameter == ParameterKind::integer || parameter == ParameterKind::pointer;
    case Kind::floating: return parameter == ParameterKind::floating;
  }
  return false;
}

void check_argument(const KernelInfo& kernel, std::size_t index, const KernelArgument& argument) {
  const auto& parameter = kernel.signature.parameters[index];
  if (argument.size == parameter.size && kinds_fit(parameter.kind, parameter.size, argument.kind)) [[likely]]
    return;
  launch_errors::raise_argument(kernel, index, argument);
}

void check_arguments(const KernelInfo& kernel, std::span<const KernelArgument> arguments) {
  if (arguments.size() != kernel.signature.parameters.size()) [[unlikely]]
    launch_errors::raise_count(kernel, arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) check_argument(kernel, i, arguments[i]);
}

void launch(const Kernel::State& kernel, const LaunchConfig& config, void** parameters) {
  const auto context = driver::ensure_context();
  const auto function = kernel.function(context);
  kernel.allow_shared(function, config);
  const auto result =
      api().cuLaunchKernel(function, config.grid.x, config.grid.y, config.grid.z, config.block.x, config.block.y,
                           config.block.z, config.shared, config.stream, parameters, nullptr);
  if (result != driver::result::success) [[unlikely]] {
    if (driver::is_fault(result)) driver::launch_history::blame_if_blocking(context, kernel.interned_name);
    launch_errors::raise_launch(result, kernel.info, config, kernel.module->loader, function);
  }
  driver::launch_history::record(context, config.stream, kernel.interned_name);
}

/// Pointers to each parameter, on the stack for all but the longest lists.
class ParameterPointers {
 public:
  explicit ParameterPointers(std::size_t count) {
    if (count > few_.size()) many_.resize(count);
  }
  [[nodiscard]] void** data() noexcept { return many_.empty() ? few_.data() : many_.data(); }

 private:
  std::array<void*, 32> few_;
  std::vector<void*> many_;
};

}  // namespace

Kernel make_kernel(std::shared_ptr<SourceModule::State> module, const KernelInfo& info) {
  auto state = std::make_shared<Kernel::State>(std::move(module), info);
  const auto handle = state->function(driver::ensure_context());
  if (state->module->loader.is_context_independent()) state->everywhere.store(handle, std::memory_order_release);
  return Kernel(std::move(state));
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
  const LaunchConfig config{.grid = {}, .block = block, .shared = shared, .stream = nullptr};
  check_dimensions(state_->info, config);
  const auto function = state_->function(driver::ensure_context());
  state_->allow_shared(function, config);
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

void Kernel::launch_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const {
  check_arguments(state_->info, arguments);
  check_dimensions(state_->info, config);
  ParameterPointers parameters(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) parameters.data()[i] = const_cast<void*>(arguments[i].data);
  cujitsu::launch(*state_, config, parameters.data());
}

BoundLaunch Kernel::bind_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const {
  check_arguments(state_->info, arguments);
  check_dimensions(state_->info, config);
  BoundLaunch bound(*this, config);
  for (std::size_t i = 0; i < arguments.size(); ++i) bound.replace_packed(i, arguments[i]);
  return bound;
}

BoundLaunch::BoundLaunch(Kernel kernel, const LaunchConfig& config) : kernel_(std::move(kernel)), config_(config) {
  const auto& parameters = kernel_.signature().parameters;
  if (!parameters.empty()) bytes_.resize(parameters.back().offset + parameters.back().size);
}

void BoundLaunch::replace_packed(std::size_t index, const KernelArgument& argument) {
  const auto& kernel = kernel_.state_->info;
  if (index >= kernel.signature.parameters.size())
    throw ArgumentError(fmt::format("kernel '{}' has no argument {}: it takes {}, counted from 0", kernel.name, index,
                                    kernel.signature.parameters.size()));
  check_argument(kernel, index, argument);
  std::memcpy(bytes_.data() + kernel.signature.parameters[index].offset, argument.data, argument.size);
}

void BoundLaunch::operator()() const {
  const auto& signature = kernel_.signature().parameters;
  ParameterPointers parameters(signature.size());
  for (std::size_t i = 0; i < signature.size(); ++i)
    parameters.data()[i] = const_cast<std::byte*>(bytes_.data() + signature[i].offset);
  cujitsu::launch(*kernel_.state_, config_, parameters.data());
}

}  // namespace cujitsu
