// SPDX-License-Identifier: MIT
// Stream-ordered allocation and memory pools.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

void check_not_captured(Context& context, const Stream& stream) {
  const std::lock_guard lock(context.order());
  if (stream.capture != nullptr) fail(result::not_supported, "graphs that allocate or free memory are not supported");
}

DevicePointer allocate_in_order(Context& context, Stream& stream, std::size_t bytes,
                                const std::shared_ptr<Pool>& pool) {
  check_not_captured(context, stream);
  try {
    return allocate(context, bytes, false, pool);
  } catch (const Failure& failure) {
    // What the stream frees before this comes back only when the stream gets there.
    if (failure.code != result::out_of_memory || context.pending(stream).empty()) throw;
  }
  context.synchronize(stream);
  return allocate(context, bytes, false, pool);
}

std::shared_ptr<Pool> current_pool(Device& device) {
  const std::lock_guard lock(device.mutex);
  return device.pool;
}

enum Attribute : int {
  follow_events = 1,
  opportunistic,
  internal_dependencies,
  release_threshold,
  reserved_current,
  reserved_high,
  used_current,
  used_high
};

}  // namespace

extern "C" {

Result cuMemAllocAsync(DevicePointer* address, std::size_t bytes, StreamHandle handle) {
  return answer_in_context("cuMemAllocAsync", [&](Context&) {
    check_pointer(address, "the pointer");
    const auto [context, stream] = stream_of(handle);
    *address = allocate_in_order(*context, *stream, bytes, current_pool(context->device));
  });
}

Result cuMemAllocFromPoolAsync(DevicePointer* address, std::size_t bytes, PoolHandle pool, StreamHandle handle) {
  return answer_in_context("cuMemAllocFromPoolAsync", [&](Context&) {
    check_pointer(address, "the pointer");
    const auto [context, stream] = stream_of(handle);
    *address = allocate_in_order(*context, *stream, bytes, pool_of(pool));
  });
}

Result cuMemFreeAsync(DevicePointer address, StreamHandle handle) {
  return answer_in_context("cuMemFreeAsync", [&](Context&) {
    const auto [context, stream] = stream_of(handle);
    check_not_captured(*context, *stream);
    if (address == 0) return;
    for (const auto& device : devices()) {
      if (!device->book.begin_free(address)) continue;
      context->submit(*stream, {.work = [address, owner = device.get()](Context&) {
        if (const auto record = owner->book.remove(address)) release(*owner, *record);
      }});
      return;
    }
    fail(result::invalid_value, fmt::format("{:#x} is not the beginning of an allocation: {}", address,
                                            context->device.memory.describe(address)));
  });
}

Result cuDeviceGetDefaultMemPool(PoolHandle* pool, DeviceHandle device) {
  return answer("cuDeviceGetDefaultMemPool", [&] {
    check_pointer(pool, "the pool");
    *pool = device_of(device).default_pool->handle;
  });
}

Result cuDeviceGetMemPool(PoolHandle* pool, DeviceHandle device) {
  return answer("cuDeviceGetMemPool", [&] {
    check_pointer(pool, "the pool");
    *pool = current_pool(device_of(device))->handle;
  });
}

Result cuDeviceSetMemPool(DeviceHandle handle, PoolHandle pool_handle) {
  return answer("cuDeviceSetMemPool", [&] {
    auto& device = device_of(handle);
    auto pool = pool_of(pool_handle);
    if (&pool->device != &device) fail(result::invalid_value, "the pool is of another device");
    const std::lock_guard lock(device.mutex);
    device.pool = std::move(pool);
  });
}

Result cuMemPoolCreate(PoolHandle* handle, const PoolProperties* properties) {
  return answer("cuMemPoolCreate", [&] {
    check_pointer(handle, "the pool");
    check_pointer(properties, "the properties");
    if (properties->allocation_type != 1) fail(result::invalid_value, "pools are of pinned allocations (type 1)");
    if (properties->handle_types != 0) fail(result::not_supported, "memory can not be shared with other processes");
    if (properties->location.type != 1) fail(result::not_supported, "pools are on devices only");
    const auto pool = std::make_shared<Pool>(device_of(properties->location.id));
    pool->max_size = properties->max_size;
    pool->handle = registries().pools.add(pool);
    *handle = pool->handle;
  });
}

Result cuMemPoolDestroy(PoolHandle handle) {
  return answer("cuMemPoolDestroy", [&] {
    const auto pool = pool_of(handle);
    if (pool->is_default) fail(result::not_permitted, "the default pool can not be destroyed");
    {
      const std::lock_guard lock(pool->device.mutex);
      if (pool->device.pool == pool) pool->device.pool = pool->device.default_pool;
    }
    registries().pools.remove(handle);
  });
}

Result cuMemPoolTrimTo(PoolHandle handle, std::size_t) {
  return answer("cuMemPoolTrimTo", [&] { (void)pool_of(handle); });  // nothing is ever kept back
}

Result cuMemPoolSetAttribute(PoolHandle handle, int attribute, void* value) {
  return answer("cuMemPoolSetAttribute", [&] {
    check_pointer(value, "the value");
    const auto pool = pool_of(handle);
    const std::lock_guard lock(pool->mutex);
    const auto reset = [&](std::uint64_t& high) {
      std::uint64_t number = 0;
      std::memcpy(&number, value, sizeof number);
      if (number != 0) fail(result::invalid_value, "a high-water mark can only be set to 0");
      high = pool->used;
    };
    switch (attribute) {
      case follow_events: std::memcpy(&pool->reuse_follow_events, value, sizeof(int)); break;
      case opportunistic: std::memcpy(&pool->reuse_opportunistic, value, sizeof(int)); break;
      case internal_dependencies: std::memcpy(&pool->reuse_internal, value, sizeof(int)); break;
      case release_threshold: std::memcpy(&pool->release_threshold, value, sizeof(std::uint64_t)); break;
      case reserved_high: reset(pool->reserved_high); break;
      case used_high: reset(pool->used_high); break;
      default: fail(result::invalid_value, fmt::format("the pool attribute {} can not be set", attribute));
    }
  });
}

Result cuMemPoolGetAttribute(PoolHandle handle, int attribute, void* value) {
  return answer("cuMemPoolGetAttribute", [&] {
    check_pointer(value, "the value");
    const auto pool = pool_of(handle);
    const std::lock_guard lock(pool->mutex);
    const auto put = [&](const auto& what) { std::memcpy(value, &what, sizeof what); };
    switch (attribute) {
      case follow_events: put(pool->reuse_follow_events); break;
      case opportunistic: put(pool->reuse_opportunistic); break;
      case internal_dependencies: put(pool->reuse_internal); break;
      case release_threshold: put(pool->release_threshold); break;
      case reserved_current:
      case used_current: put(pool->used); break;
      case reserved_high: put(pool->reserved_high); break;
      case used_high: put(pool->used_high); break;
      default: fail(result::invalid_value, fmt::format("{} is no pool attribute", attribute));
    }
  });
}

Result cuMemPoolSetAccess(PoolHandle handle, const MemoryAccess* accesses, std::size_t count) {
  return answer("cuMemPoolSetAccess", [&] {
    const auto pool = pool_of(handle);
    if (count != 0) check_pointer(accesses, "the list");
    for (std::size_t i = 0; i < count; ++i)
      if (accesses[i].location.type != 1 || accesses[i].location.id != pool->device.ordinal || accesses[i].flags != 3)
        fail(result::not_supported, "a pool is for its own device, which can read and write it");
  });
}

Result cuMemPoolGetAccess(int* flags, PoolHandle handle, MemoryLocation* location) {
  return answer("cuMemPoolGetAccess", [&] {
    check_pointer(flags, "the flags");
    check_pointer(location, "the location");
    *flags = location->type == 1 && location->id == pool_of(handle)->device.ordinal ? 3 : 0;
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
