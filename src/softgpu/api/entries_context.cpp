// SPDX-License-Identifier: MIT
// Primary and created contexts, the threads' stacks of them, and their limits.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

void check_flags(unsigned flags) {
  const unsigned schedule = flags & 7;
  if ((flags & ~0xffu) != 0 || (schedule != 0 && schedule != 1 && schedule != 2 && schedule != 4))
    fail(result::invalid_value, fmt::format("{:#x} are no context flags", flags));
}

Result create(ContextHandle* context, unsigned flags, DeviceHandle device, bool special) {
  return answer("cuCtxCreate", [&] {
    check_pointer(context, "the context");
    check_flags(flags);
    if (special) fail(result::not_supported, "contexts with execution affinity or for graphics are not supported");
    const auto created = make_context(device_of(device), flags, false);
    context_stack::push(created->handle);
    *context = created->handle;
  });
}

Result release(DeviceHandle handle) {
  return answer("cuDevicePrimaryCtxRelease", [&] {
    auto& device = device_of(handle);
    std::shared_ptr<Context> last;
    {
      const std::lock_guard lock(device.mutex);
      if (device.primary_uses == 0) fail(result::invalid_context, "the primary context is not retained");
      if (--device.primary_uses == 0) last = std::move(device.primary);
    }
    if (last != nullptr) last->destroy();
  });
}

Result reset(DeviceHandle handle) {
  return answer("cuDevicePrimaryCtxReset", [&] {
    auto& device = device_of(handle);
    std::shared_ptr<Context> old;
    {
      const std::lock_guard lock(device.mutex);
      old = std::move(device.primary);
      device.primary_uses = 0;
    }
    if (old != nullptr) old->destroy();
  });
}

Result set_primary_flags(DeviceHandle handle, unsigned flags) {
  return answer("cuDevicePrimaryCtxSetFlags", [&] {
    check_flags(flags);
    auto& device = device_of(handle);
    const std::lock_guard lock(device.mutex);
    device.primary_flags = flags;
    if (device.primary != nullptr) device.primary->flags = flags;
  });
}

Result synchronize(ContextHandle handle) {
  return answer("cuCtxSynchronize", [&] {
    const auto context = handle == nullptr ? current_context() : context_of(handle);
    context->synchronize();
  });
}

Result device_of_context(DeviceHandle* device, ContextHandle handle) {
  return answer("cuCtxGetDevice", [&] {
    check_pointer(device, "the device");
    *device = (handle == nullptr ? current_context() : context_of(handle))->device.ordinal;
  });
}

enum Limit : int {
  stack_size = 0,
  printf_fifo = 1,
  malloc_heap = 2,
  sync_depth = 3,
  pending_launches = 4,
  l2_granularity = 5,
  limit_count = 10
};

/// The field of a limit that exists here.
std::size_t& field(ContextLimits& limits, int limit) {
  switch (limit) {
    case stack_size: return limits.stack;
    case printf_fifo: return limits.printf_fifo;
    case malloc_heap: return limits.heap;
    case pending_launches: return limits.pending_launches;
    case l2_granularity: return limits.l2_fetch_granularity;
    default: break;
  }
  if (limit < 0 || limit >= limit_count) fail(result::invalid_value, fmt::format("{} is no limit", limit));
  fail(result::unsupported_limit, fmt::format("the limit {} does not exist on the software device", limit));
}

}  // namespace

extern "C" {

Result cuDevicePrimaryCtxRetain(ContextHandle* context, DeviceHandle handle) {
  return answer("cuDevicePrimaryCtxRetain", [&] {
    check_pointer(context, "the context");
    auto& device = device_of(handle);
    const std::lock_guard lock(device.mutex);
    if (device.primary == nullptr) device.primary = make_context(device, device.primary_flags, true);
    ++device.primary_uses;
    *context = device.primary->handle;
  });
}

Result cuDevicePrimaryCtxRelease(DeviceHandle device) { return release(device); }
Result cuDevicePrimaryCtxRelease_v2(DeviceHandle device) { return release(device); }
Result cuDevicePrimaryCtxReset(DeviceHandle device) { return reset(device); }
Result cuDevicePrimaryCtxReset_v2(DeviceHandle device) { return reset(device); }
Result cuDevicePrimaryCtxSetFlags(DeviceHandle device, unsigned flags) { return set_primary_flags(device, flags); }
Result cuDevicePrimaryCtxSetFlags_v2(DeviceHandle device, unsigned flags) { return set_primary_flags(device, flags); }

Result cuDevicePrimaryCtxGetState(DeviceHandle handle, unsigned* flags, int* active) {
  return answer("cuDevicePrimaryCtxGetState", [&] {
    check_pointer(flags, "the flags");
    check_pointer(active, "the state");
    auto& device = device_of(handle);
    const std::lock_guard lock(device.mutex);
    *flags = device.primary_flags;
    *active = device.primary != nullptr ? 1 : 0;
  });
}

Result cuCtxCreate_v2(ContextHandle* context, unsigned flags, DeviceHandle device) {
  return create(context, flags, device, false);
}
Result cuCtxCreate_v3(ContextHandle* context, void* affinity, int affinity_count, unsigned flags, DeviceHandle device) {
  return create(context, flags, device, affinity != nullptr || affinity_count != 0);
}
Result cuCtxCreate_v4(ContextHandle* context, ContextCreateParameters* parameters, unsigned flags,
                      DeviceHandle device) {
  return create(context, flags, device,
                parameters != nullptr && (parameters->affinity_count != 0 || parameters->cig != nullptr));
}

Result cuCtxDestroy_v2(ContextHandle handle) {
  return answer("cuCtxDestroy", [&] {
    const auto context = context_of(handle);
    if (context->is_primary) fail(result::invalid_context, "the primary context is released, not destroyed");
    if (context_stack::top() == handle) context_stack::pop();
    context->destroy();
  });
}

Result cuCtxPushCurrent_v2(ContextHandle context) {
  return answer("cuCtxPushCurrent", [&] { context_stack::push(context_of(context)->handle); });
}

Result cuCtxPopCurrent_v2(ContextHandle* context) {
  return answer("cuCtxPopCurrent", [&] {
    const auto popped = context_stack::pop();
    if (context != nullptr) *context = popped;
  });
}

Result cuCtxSetCurrent(ContextHandle context) {
  return answer("cuCtxSetCurrent",
                [&] { context_stack::replace_top(context == nullptr ? nullptr : context_of(context)->handle); });
}

Result cuCtxGetCurrent(ContextHandle* context) {
  return answer("cuCtxGetCurrent", [&] {
    check_pointer(context, "the context");
    *context = context_stack::top();
  });
}

Result cuCtxGetDevice(DeviceHandle* device) { return device_of_context(device, nullptr); }
Result cuCtxGetDevice_v2(DeviceHandle* device, ContextHandle context) { return device_of_context(device, context); }

Result cuCtxGetFlags(unsigned* flags) {
  return answer("cuCtxGetFlags", [&] {
    check_pointer(flags, "the flags");
    *flags = current_context()->flags;
  });
}

Result cuCtxSetFlags(unsigned flags) {
  return answer("cuCtxSetFlags", [&] {
    check_flags(flags);
    current_context()->flags = flags;
  });
}

Result cuCtxGetId(ContextHandle context, unsigned long long* id) {
  return answer("cuCtxGetId", [&] {
    check_pointer(id, "the id");
    *id = (context == nullptr ? current_context() : context_of(context))->id;
  });
}

Result cuCtxSynchronize() { return synchronize(nullptr); }
Result cuCtxSynchronize_v2(ContextHandle context) { return synchronize(context); }

Result cuCtxSetLimit(int limit, std::size_t value) {
  return answer_in_context("cuCtxSetLimit", [&](Context& context) {
    check_capture_allows("cuCtxSetLimit");
    constexpr std::size_t largest_stack = 512 << 10;
    if (limit == stack_size && value > largest_stack)
      fail(result::invalid_value, fmt::format("a stack of {} bytes; {} are the most", value, largest_stack));
    if (limit == malloc_heap && value > context.device.memory.capacity())
      fail(result::invalid_value, fmt::format("a heap of {} bytes is more than the device's memory", value));
    if (limit == l2_granularity && value > 128) fail(result::invalid_value, "the granularity is above 128");
    // As on a GPU: the FIFO is made for the first kernel that prints.
    if (limit == printf_fifo && context.has_printed())
      fail(result::invalid_value, "kernels have already printed in this context");
    context.change_limits([&](ContextLimits& limits) { field(limits, limit) = value; });
  });
}

Result cuCtxGetLimit(std::size_t* value, int limit) {
  return answer_in_context("cuCtxGetLimit", [&](Context& context) {
    check_pointer(value, "the value");
    auto limits = context.limits();
    *value = field(limits, limit);
  });
}

Result cuCtxGetCacheConfig(int* config) {
  return answer_in_context("cuCtxGetCacheConfig", [&](Context& context) {
    check_pointer(config, "the configuration");
    *config = context.cache_config;
  });
}

Result cuCtxSetCacheConfig(int config) {
  return answer_in_context("cuCtxSetCacheConfig", [&](Context& context) {
    if (config < 0 || config > 3) fail(result::invalid_value, fmt::format("{} is no cache configuration", config));
    context.cache_config = config;
  });
}

Result cuCtxGetApiVersion(ContextHandle handle, unsigned* version) {
  return answer("cuCtxGetApiVersion", [&] {
    check_pointer(version, "the version");
    (void)(handle == nullptr ? current_context() : context_of(handle));
    *version = 3020;  // of the context interface, the same since CUDA 3.2
  });
}

Result cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return answer_in_context("cuCtxGetStreamPriorityRange", [&](Context&) {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
  });
}

Result cuCtxEnablePeerAccess(ContextHandle peer, unsigned flags) {
  return answer_in_context("cuCtxEnablePeerAccess", [&](Context&) {
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    (void)context_of(peer);
    fail(result::peer_access_unsupported, "software devices do not see each other's memory");
  });
}

Result cuCtxDisablePeerAccess(ContextHandle peer) {
  return answer_in_context("cuCtxDisablePeerAccess", [&](Context&) {
    (void)context_of(peer);
    fail(result::peer_access_not_enabled, "software devices do not see each other's memory");
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
