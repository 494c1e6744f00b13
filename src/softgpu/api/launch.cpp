// SPDX-License-Identifier: MIT
#include "softgpu/api/launch.hpp"

#include "softgpu/api/errors.hpp"
#include "softgpu/api/event.hpp"
#include "softgpu/api/occupancy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

std::string text_of(const Dimensions& it) { return fmt::format("({}, {}, {})", it.x, it.y, it.z); }

void check_shape(Function& function, const LaunchShape& shape) {
  const auto& facts = *function.facts;
  const auto& grid = shape.grid;
  const auto& block = shape.block;
  const auto shared = shape.shared;
  const auto cooperative = shape.cooperative;
  const auto refuse = [&](Result code, const std::string& why) {
    fail(code, fmt::format("kernel '{}', grid {}, block {}, {} bytes of dynamic shared memory: {}", facts.name,
                           text_of(grid), text_of(block), shared, why));
  };
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0)
    refuse(result::invalid_value, "a dimension is 0");
  if (block.x > limits::threads_per_block || block.y > limits::threads_per_block || block.z > limits::block_z ||
      block.count() > limits::threads_per_block)
    refuse(result::invalid_value,
           fmt::format("a block has at most {} threads, {} in z", limits::threads_per_block, limits::block_z));
  if (grid.x > limits::grid_x || grid.y > limits::grid_yz || grid.z > limits::grid_yz)
    refuse(result::invalid_value,
           fmt::format("a grid has at most {} blocks in x, {} in y and z", limits::grid_x, limits::grid_yz));
  const auto& required = facts.required_threads;
  if (required[0] != 0 &&
      (block.x != required[0] || block.y != std::max(1u, required[1]) || block.z != std::max(1u, required[2])))
    refuse(result::invalid_value, fmt::format("the kernel was compiled for blocks of ({}, {}, {}) (.reqntid)",
                                              required[0], std::max(1u, required[1]), std::max(1u, required[2])));
  const auto& most = facts.max_threads;
  if (most[0] != 0) {
    const auto bound = std::uint64_t{most[0]} * std::max(1u, most[1]) * std::max(1u, most[2]);
    if (block.count() > bound)
      refuse(result::invalid_value,
             fmt::format("the kernel was compiled for blocks of at most {} threads (.maxntid)", bound));
  }
  {
    const std::lock_guard lock(function.mutex);
    if (const auto allowed = max_dynamic_shared_of(function); shared > allowed)
      refuse(result::invalid_value, fmt::format("{} bytes of dynamic shared memory are allowed; "
                                                "CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES allows more, "
                                                "up to {} with the kernel's own {}",
                                                allowed, limits::shared_per_block_optin, facts.static_shared_bytes));
  }
  if (block.count() > max_threads_of(facts))
    refuse(result::launch_out_of_resources, fmt::format("with {} registers a thread a block has at most {} threads",
                                                        registers_of(facts), max_threads_of(facts)));
  if (!cooperative) return;
  const auto resident =
      std::uint64_t{limits::multiprocessors} * blocks_per_multiprocessor(facts, block.count(), shared);
  if (grid.count() > resident)
    refuse(result::cooperative_launch_too_large, fmt::format("at most {} blocks run at the same time", resident));
}

/// The user's parameter buffer of `extra`.
std::vector<std::byte> from_extra(const KernelFacts& facts, void** extra) {
  const void* buffer = nullptr;
  const std::size_t* bytes = nullptr;
  for (std::size_t i = 0; extra[i] != nullptr; i += 2) {
    switch (reinterpret_cast<std::uintptr_t>(extra[i])) {
      case 1: buffer = extra[i + 1]; break;
      case 2: bytes = static_cast<const std::size_t*>(extra[i + 1]); break;
      default: fail(result::invalid_value, "an entry of 'extra' is neither CU_LAUNCH_PARAM_BUFFER_POINTER nor _SIZE");
    }
  }
  const std::size_t size = bytes != nullptr ? *bytes : 0;
  if (size != 0 && buffer == nullptr) fail(result::invalid_value, "CU_LAUNCH_PARAM_BUFFER_SIZE without a buffer");
  // The end of the buffer may be padded, as structs are; its last parameter must be there.
  if (size < facts.parameter_bytes || size > facts.parameter_bytes + 15)
    fail(result::invalid_value,
         fmt::format("kernel '{}' has {} bytes of parameters, the buffer {}", facts.name, facts.parameter_bytes, size));
  std::vector<std::byte> block(facts.parameter_bytes);
  if (!block.empty()) std::memcpy(block.data(), buffer, block.size());
  return block;
}

std::vector<std::byte> parameter_block(const KernelFacts& facts, void** parameters, void** extra) {
  if (parameters != nullptr && extra != nullptr)
    fail(result::invalid_value, "both 'kernelParams' and 'extra' are given");
  if (extra != nullptr) return from_extra(facts, extra);
  std::vector<std::byte> block(facts.parameter_bytes);
  if (facts.parameters.empty()) return block;
  if (parameters == nullptr)
    fail(result::invalid_value,
         fmt::format("kernel '{}' has {} parameters, none are given", facts.name, facts.parameters.size()));
  for (std::size_t i = 0; i < facts.parameters.size(); ++i) {
    const auto& [offset, bytes] = facts.parameters[i];
    if (bytes == 0) continue;
    if (parameters[i] == nullptr)
      fail(result::invalid_value, fmt::format("the parameter {} of kernel '{}' is null", i, facts.name));
    std::memcpy(block.data() + offset, parameters[i], bytes);
  }
  return block;
}

void check_runnable(Function& function) {
  const std::lock_guard lock(function.mutex);
  if (!function.not_runnable) function.not_runnable = why_not_runnable(*function.loaded, function.facts->name);
  if (!function.not_runnable->empty())
    fail(result::not_supported, fmt::format("kernel '{}': {}", function.facts->name, *function.not_runnable));
}

}  // namespace

std::shared_ptr<KernelLaunch> prepare(FunctionHandle handle, Context& context, LaunchShape shape, void** parameters,
                                      void** extra) {
  auto launch = std::make_shared<KernelLaunch>();
  launch->function = function_of(handle, context);
  auto& function = *launch->function;
  if (function.handle != handle) launch->kernel = reinterpret_cast<KernelHandle>(handle);
  const auto module = function.module.lock();
  if (module == nullptr) fail(result::invalid_handle, "the kernel's module was unloaded");
  launch->owner = context.weak_from_this();
  if (!is_same_owner(module->context, launch->owner))
    fail(result::invalid_context, fmt::format("kernel '{}' is of another context", function.facts->name));
  check_shape(function, shape);
  check_runnable(function);
  const auto limits = context.limits();
  launch->from_buffer = extra != nullptr;
  launch->request = {.module = function.loaded,
                     .kernel = function.facts->name,
                     .grid = shape.grid,
                     .block = shape.block,
                     .dynamic_shared_bytes = shape.shared,
                     .parameters = parameter_block(*function.facts, parameters, extra),
                     .cooperative = shape.cooperative,
                     .stack_bytes = static_cast<std::uint32_t>(limits.stack),
                     .heap_bytes = limits.heap};
  launch->shape = std::move(shape);
  return launch;
}

std::shared_ptr<KernelLaunch> reshape(const KernelLaunch& launch, LaunchShape shape) {
  check_shape(*launch.function, shape);
  auto other = std::make_shared<KernelLaunch>(launch);
  other->request.grid = shape.grid;
  other->request.block = shape.block;
  other->request.dynamic_shared_bytes = shape.shared;
  other->request.cooperative = shape.cooperative;
  other->shape = std::move(shape);
  return other;
}

NodeContent content_of(std::shared_ptr<const KernelLaunch> launch) {
  NodeContent content{.type = NodeType::kernel};
  content.work = [launch](Context& owner) {
    const auto outcome =
        run(owner.device.memory, launch->request, [&owner](std::string_view text) { owner.print(text); });
    if (outcome.code != 0) owner.die(outcome.code, outcome.message);
  };
  content.kernel = std::move(launch);
  return content;
}

void launch(FunctionHandle handle, LaunchShape shape, StreamHandle stream_handle, void** parameters, void** extra) {
  const auto completion = shape.completion;
  const auto [context, stream] = stream_of(stream_handle);
  context->submit(*stream, content_of(prepare(handle, *context, std::move(shape), parameters, extra)));
  if (completion != nullptr) record_event(completion, stream_handle, 0);
}

}  // namespace cujitsu::softgpu::api
