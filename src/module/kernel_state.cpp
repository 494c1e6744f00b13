// SPDX-License-Identifier: MIT
#include "module/kernel_state.hpp"

#include "compile/element_types.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"
#include "module/launch_attributes.hpp"
#include "module/launch_errors.hpp"

#include <utility>

namespace cujitsu {

using driver::api;

namespace {

// Dynamic and static shared memory of a block together; beyond, a kernel must be opted in on each device.
constexpr std::size_t always_allowed_shared = 48 * 1024;

// The largest cluster that every device with clusters runs.
constexpr std::uint64_t portable_cluster = 8;

std::vector<PlannedParameter> plan(const KernelSignature& signature) {
  std::vector<PlannedParameter> result;
  for (const auto& parameter : signature.parameters)
    result.push_back({.offset = static_cast<std::uint32_t>(parameter.offset),
                      .size = static_cast<std::uint32_t>(parameter.size),
                      .kind = parameter.kind,
                      .takes_pointer = compiler::takes_pointer(parameter),
                      .pointee_is_const = parameter.pointee_is_const || parameter.pointee.empty(),
                      .value = compiler::value_element(parameter),
                      .pointee = compiler::pointee_element(parameter)});
  return result;
}

int device_index(const Kernel::State& kernel) { return kernel.has_one_device ? 0 : driver::current_device(); }

[[gnu::cold]] void allow_cluster(const Kernel::State& kernel, FunctionHandle function) {
  auto& allowed = kernel.allowed_cluster[static_cast<std::size_t>(device_index(kernel))];
  if (allowed.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(kernel.mutex);
  kernel.module->loader.set_attribute(kernel.everywhere != nullptr ? kernel.everywhere : function,
                                      driver::function_attribute::non_portable_cluster_size_allowed, 1,
                                      kernel.info.name);
  allowed.store(true, std::memory_order_release);
}

driver::Result launch_once(const Kernel::State& kernel, FunctionHandle function, const LaunchConfig& config,
                           void** parameters) {
  if (config.shared > kernel.shared_at_will) [[unlikely]]
    allow_shared(kernel, function, config.shared);
  if (config.is_plain()) [[likely]]
    return api().cuLaunchKernel(function, config.grid.x, config.grid.y, config.grid.z, config.block.x, config.block.y,
                                config.block.z, config.shared, config.stream, parameters, nullptr);
  if (config.cluster.count() > portable_cluster) allow_cluster(kernel, function);
  return launch_with_attributes(kernel.info, function, config, parameters);
}

[[noreturn, gnu::cold]] void raise(const Kernel::State& kernel, const LaunchConfig& config, driver::Result result,
                                   FunctionHandle function) {
  const auto context = driver::ensure_context();
  if (driver::is_fault(result)) driver::launch_history::blame_if_blocking(context, kernel.interned_name);
  launch_errors::raise_launch(result, kernel.info, config, kernel.module->loader, function);
}

void launch_in_current_context(const Kernel::State& kernel, const LaunchConfig& config, void** parameters) {
  const auto context = driver::ensure_context();
  const auto function = kernel.function(context);
  const auto result = launch_once(kernel, function, config, parameters);
  if (result != driver::result::success) [[unlikely]]
    raise(kernel, config, result, function);
  driver::launch_history::record(context, config.stream, kernel.interned_name);
}

}  // namespace

Kernel::State::State(std::shared_ptr<SourceModule::State> module_, KernelInfo info_, ContextHandle context)
    : module(std::move(module_)),
      info(std::move(info_)),
      interned_name(driver::launch_history::intern(info.name)),
      has_one_device(driver::device_count() == 1),
      allowed_shared(static_cast<std::size_t>(driver::device_count())),
      allowed_cluster(static_cast<std::size_t>(driver::device_count())) {
  const auto handle = function(context);
  if (module->loader.is_context_independent()) everywhere = handle;
  if (has_one_device && everywhere != nullptr && context == driver::primary_context(0))
    primary = module->loader.plain_function(everywhere);
  // Where there is no PTX, nobody but the driver knows what the kernel takes.
  if (module->code.ptx.empty()) info.signature = module->loader.signature(info, handle);
  parameters = plan(info.signature);
  if (!parameters.empty()) parameter_bytes = std::size_t{parameters.back().offset} + parameters.back().size;
  if (info.resources.shared_bytes < always_allowed_shared)
    shared_at_will = static_cast<std::uint32_t>(always_allowed_shared - info.resources.shared_bytes);
}

FunctionHandle Kernel::State::function(ContextHandle context) const {
  if (everywhere != nullptr) return everywhere;
  const std::lock_guard lock(mutex);
  auto& handle = by_context[context];
  if (handle == nullptr) handle = module->loader.function(info.lowered_name, context);
  return handle;
}

void allow_shared(const Kernel::State& kernel, FunctionHandle function, std::uint32_t shared) {
  if (shared <= kernel.shared_at_will) return;
  const auto device = device_index(kernel);
  auto& allowed = kernel.allowed_shared[static_cast<std::size_t>(device)];
  if (shared <= allowed.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(kernel.mutex);
  if (shared <= allowed.load(std::memory_order_relaxed)) return;
  launch_errors::check_shared(kernel.info, shared, device);
  kernel.module->loader.set_attribute(kernel.everywhere != nullptr ? kernel.everywhere : function,
                                      driver::function_attribute::max_dynamic_shared_size_bytes,
                                      static_cast<int>(shared), kernel.info.name);
  allowed.store(shared, std::memory_order_release);
}

void launch(const Kernel::State& kernel, const LaunchConfig& config, void** parameters) {
  if (kernel.primary == nullptr) return launch_in_current_context(kernel, config, parameters);
  if (config.is_plain() && config.shared <= kernel.shared_at_will) [[likely]]
    return launch_plain(kernel, config, parameters);
  const auto result = launch_once(kernel, kernel.primary, config, parameters);
  if (result != driver::result::success) return launch_refused(kernel, config, parameters, result);
  driver::launch_history::record(nullptr, config.stream, kernel.interned_name);
}

void launch_refused(const Kernel::State& kernel, const LaunchConfig& config, void** parameters, driver::Result result) {
  if (result != driver::result::invalid_context && result != driver::result::invalid_handle)
    raise(kernel, config, result, kernel.everywhere);
  launch_in_current_context(kernel, config, parameters);
}

}  // namespace cujitsu
