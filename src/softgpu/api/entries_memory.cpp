// SPDX-License-Identifier: MIT
// Device, managed and page-locked memory, and questions about pointers.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

constexpr std::size_t page = 4096;

void synchronize_owner(std::uint64_t context_id) {
  for (const auto& context : registries().contexts.all())
    if (context->id == context_id) context->drain();
}

void allocate_host(Context& context, void** data, std::size_t bytes, unsigned flags) {
  check_pointer(data, "the pointer");
  if (bytes == 0) fail(result::invalid_value, "an allocation of 0 bytes");
  if ((flags & ~7u) != 0) fail(result::invalid_value, fmt::format("{:#x} are no flags of page-locked memory", flags));
  void* memory = bytes > (std::size_t{1} << 46) ? nullptr : std::aligned_alloc(page, (bytes + page - 1) / page * page);
  if (memory == nullptr) fail(result::out_of_memory, fmt::format("{} bytes of host memory", bytes));
  host_book().add({.address = reinterpret_cast<std::uint64_t>(memory),
                   .bytes = bytes,
                   .flags = flags | 2,  // always mapped, as under unified addressing
                   .context_id = context.id,
                   .buffer_id = next_buffer_id(),
                   .context = context.handle,
                   .is_registered = false});
  for (const auto& device : devices()) device->memory.add_host(memory, bytes);
  *data = memory;
}

HostRecord host_record(const void* data) {
  const auto record = host_book().around(reinterpret_cast<std::uint64_t>(data));
  if (!record) fail(result::invalid_value, fmt::format("{} is not page-locked memory", data));
  return *record;
}

template <class T>
void put(void* value, T what) {
  std::memcpy(value, &what, sizeof what);
}

/// False: the address is unknown to the driver.
bool pointer_attribute(void* value, int attribute, std::uint64_t address) {
  const auto host = host_book().around(address);
  Device* device = device_with(address, 1);
  if (device == nullptr) return false;
  const auto allocation = device->memory.find(address);
  const auto record = host ? std::nullopt : device->book.around(address);
  ContextHandle context = host ? host->context : nullptr;
  if (record)
    for (const auto& candidate : registries().contexts.all())
      if (candidate->id == record->context_id) context = candidate->handle;
  switch (attribute) {
    case 1: put(value, context); break;
    case 2: put(value, host ? 1u : 2u); break;
    case 3: put(value, address); break;
    case 4:
      if (!host && !(record && record->is_managed)) return false;
      put(value, address);
      break;
    case 6: put(value, 0u); break;
    case 7: put(value, host ? host->buffer_id : record ? record->buffer_id : allocation->address); break;
    case 8: put(value, record && record->is_managed ? 1u : 0u); break;
    case 9: put(value, host ? 0 : device->ordinal); break;
    case 10: put(value, 0u); break;
    case 11: put(value, allocation->address); break;
    case 12: put(value, static_cast<std::size_t>(allocation->bytes)); break;
    case 13: put(value, 1u); break;
    case 14: put(value, std::uint64_t{0}); break;
    case 15: put(value, 0u); break;
    case 16: put(value, 3u); break;
    case 17: put(value, record && record->pool != nullptr ? record->pool->handle : nullptr); break;
    case 18: put(value, static_cast<std::size_t>(allocation->bytes)); break;
    case 19: put(value, allocation->address); break;
    case 20: put(value, allocation->address); break;
    case 21: put(value, 0u); break;
    default: fail(result::invalid_value, fmt::format("{} is no pointer attribute", attribute));
  }
  return true;
}

void check_managed_range(Context& context, DevicePointer address, std::size_t bytes) {
  const auto record = context.device.book.around(address);
  if (!record || !record->is_managed || bytes == 0 || bytes > record->address + record->bytes - address)
    fail(result::invalid_value, fmt::format("the {} bytes at {:#x} are not managed memory", bytes, address));
}

Result advise(DevicePointer address, std::size_t bytes, int advice) {
  return answer_in_context("cuMemAdvise", [&](Context& context) {
    check_managed_range(context, address, bytes);
    if (advice < 1 || advice > 6) fail(result::invalid_value, fmt::format("{} is no advice", advice));
    // Taken note of: there is one memory, so that no advice can make a difference.
  });
}

Result prefetch(DevicePointer address, std::size_t bytes, StreamHandle handle) {
  return answer_in_context("cuMemPrefetchAsync", [&](Context& context) {
    check_managed_range(context, address, bytes);
    (void)stream_of(handle);  // and nothing to move
  });
}

}  // namespace

extern "C" {

Result cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return answer_in_context("cuMemGetInfo", [&](Context& context) {
    const auto& memory = context.device.memory;
    if (free != nullptr) *free = memory.capacity() - memory.used();
    if (total != nullptr) *total = memory.capacity();
  });
}

Result cuMemAlloc_v2(DevicePointer* address, std::size_t bytes) {
  return answer_in_context("cuMemAlloc", [&](Context& context) {
    check_capture_allows("cuMemAlloc");
    check_pointer(address, "the pointer");
    *address = allocate(context, bytes, false);
  });
}

Result cuMemAllocPitch_v2(DevicePointer* address, std::size_t* pitch, std::size_t width, std::size_t height,
                          unsigned element_bytes) {
  return answer_in_context("cuMemAllocPitch", [&](Context& context) {
    check_capture_allows("cuMemAllocPitch");
    check_pointer(address, "the pointer");
    check_pointer(pitch, "the pitch");
    if (element_bytes != 4 && element_bytes != 8 && element_bytes != 16)
      fail(result::invalid_value, fmt::format("elements of {} bytes, not 4, 8 or 16", element_bytes));
    constexpr std::size_t row_alignment = 512;
    std::size_t bytes = 0;
    const std::size_t row = (width + row_alignment - 1) / row_alignment * row_alignment;
    if (row < width || __builtin_mul_overflow(row, height, &bytes))
      fail(result::out_of_memory, "the size is beyond all memory");
    *address = allocate(context, bytes, false);
    *pitch = row;
  });
}

Result cuMemAllocManaged(DevicePointer* address, std::size_t bytes, unsigned flags) {
  return answer_in_context("cuMemAllocManaged", [&](Context& context) {
    check_capture_allows("cuMemAllocManaged");
    check_pointer(address, "the pointer");
    if (flags != 1 && flags != 2) fail(result::invalid_value, fmt::format("{:#x} are no attach flags", flags));
    *address = allocate(context, bytes, true);
  });
}

Result cuMemFree_v2(DevicePointer address) {
  return answer_in_context("cuMemFree", [&](Context& context) {
    check_capture_allows("cuMemFree");
    if (address == 0) return;
    Device* owner = nullptr;
    std::optional<AllocationRecord> record;
    for (const auto& device : devices())
      if (!record && (record = device->book.at(address))) owner = device.get();
    if (!record || record->is_being_freed)
      fail(result::invalid_value, fmt::format("{:#x} is not the beginning of an allocation: {}", address,
                                              context.device.memory.describe(address)));
    context.drain();
    if (record->context_id != context.id) synchronize_owner(record->context_id);
    if (const auto removed = owner->book.remove(address)) release(*owner, *removed);
  });
}

Result cuMemGetAddressRange_v2(DevicePointer* base, std::size_t* bytes, DevicePointer address) {
  return answer_in_context("cuMemGetAddressRange", [&](Context& context) {
    const Device* device = device_with(address, 1);
    if (device == nullptr)
      fail(result::not_found,
           fmt::format("{:#x} is not device memory: {}", address, context.device.memory.describe(address)));
    const auto allocation = device->memory.find(address);
    if (base != nullptr) *base = allocation->address;
    if (bytes != nullptr) *bytes = allocation->bytes;
  });
}

Result cuMemAllocHost_v2(void** data, std::size_t bytes) {
  return answer_in_context("cuMemAllocHost", [&](Context& context) {
    check_capture_allows("cuMemAllocHost");
    allocate_host(context, data, bytes, 0);
  });
}

Result cuMemHostAlloc(void** data, std::size_t bytes, unsigned flags) {
  return answer_in_context("cuMemHostAlloc", [&](Context& context) {
    check_capture_allows("cuMemHostAlloc");
    allocate_host(context, data, bytes, flags);
  });
}

Result cuMemFreeHost(void* data) {
  return answer_in_context("cuMemFreeHost", [&](Context& context) {
    check_capture_allows("cuMemFreeHost");
    if (data == nullptr) return;
    const auto address = reinterpret_cast<std::uint64_t>(data);
    const auto record = host_book().around(address);
    if (!record || record->address != address || record->is_registered)
      fail(result::invalid_value, fmt::format("{} was not allocated by cuMemHostAlloc", data));
    context.drain();
    if (record->context_id != context.id) synchronize_owner(record->context_id);
    if (const auto removed = host_book().remove(address, false)) release_host(*removed);
  });
}

Result cuMemHostGetDevicePointer_v2(DevicePointer* address, void* data, unsigned flags) {
  return answer_in_context("cuMemHostGetDevicePointer", [&](Context&) {
    check_pointer(address, "the pointer");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    (void)host_record(data);
    *address = reinterpret_cast<std::uint64_t>(data);
  });
}

Result cuMemHostGetFlags(unsigned* flags, void* data) {
  return answer_in_context("cuMemHostGetFlags", [&](Context&) {
    check_pointer(flags, "the flags");
    *flags = host_record(data).flags;
  });
}

Result cuMemHostRegister_v2(void* data, std::size_t bytes, unsigned flags) {
  return answer_in_context("cuMemHostRegister", [&](Context& context) {
    check_capture_allows("cuMemHostRegister");
    if (data == nullptr || bytes == 0) fail(result::invalid_value, "there is no memory to register");
    if ((flags & 4) != 0) fail(result::not_supported, "memory of I/O devices is not supported");
    if ((flags & ~0xfu) != 0)
      fail(result::invalid_value, fmt::format("{:#x} are no flags of registered memory", flags));
    const HostRecord record{.address = reinterpret_cast<std::uint64_t>(data),
                            .bytes = bytes,
                            .flags = flags | 2,
                            .context_id = context.id,
                            .buffer_id = next_buffer_id(),
                            .context = context.handle,
                            .is_registered = true};
    if (device_with(record.address, 1) != nullptr || !host_book().add(record))
      fail(result::host_memory_already_registered,
           fmt::format("the {} bytes at {} are already page-locked, or some are", bytes, data));
    for (const auto& device : devices()) device->memory.add_host(data, bytes);
  });
}

Result cuMemHostUnregister(void* data) {
  return answer_in_context("cuMemHostUnregister", [&](Context& context) {
    check_capture_allows("cuMemHostUnregister");
    check_pointer(data, "the pointer");
    const auto address = reinterpret_cast<std::uint64_t>(data);
    const auto record = host_book().around(address);
    if (!record || record->address != address || !record->is_registered)
      fail(result::host_memory_not_registered, fmt::format("{} was not registered by cuMemHostRegister", data));
    context.drain();
    if (const auto removed = host_book().remove(address, true)) release_host(*removed);
  });
}

Result cuPointerGetAttribute(void* value, int attribute, DevicePointer address) {
  return answer_in_context("cuPointerGetAttribute", [&](Context&) {
    check_pointer(value, "the value");
    if (!pointer_attribute(value, attribute, address))
      fail(result::invalid_value, fmt::format("{:#x} is not memory that has the attribute {}", address, attribute));
  });
}

Result cuPointerGetAttributes(unsigned count, int* attributes, void** values, DevicePointer address) {
  return answer_in_context("cuPointerGetAttributes", [&](Context&) {
    if (count == 0) fail(result::invalid_value, "no attributes are asked for");
    check_pointer(attributes, "the list of attributes");
    check_pointer(values, "the list of values");
    for (unsigned i = 0; i < count; ++i) {
      check_pointer(values[i], "a value");
      if (pointer_attribute(values[i], attributes[i], address)) continue;
      // Of an address that nobody knows, this call says "nothing", which is no error.
      switch (attributes[i]) {
        case 1:
        case 3:
        case 4:
        case 7:
        case 11:
        case 12:
        case 14:
        case 17:
        case 18:
        case 19:
        case 20: put(values[i], std::uint64_t{0}); break;
        case 9: put(values[i], -2); break;
        default: put(values[i], 0u);
      }
    }
  });
}

Result cuPointerSetAttribute(const void* value, int attribute, DevicePointer address) {
  return answer_in_context("cuPointerSetAttribute", [&](Context&) {
    check_pointer(value, "the value");
    if (attribute != 6) fail(result::invalid_value, fmt::format("the pointer attribute {} can not be set", attribute));
    if (device_with(address, 1) == nullptr)
      fail(result::invalid_value, fmt::format("{:#x} is not device memory", address));
    fail(result::not_supported, "synchronous memory operations can not be asked for by a pointer");
  });
}

Result cuMemAdvise(DevicePointer address, std::size_t bytes, int advice, DeviceHandle) {
  return advise(address, bytes, advice);
}
Result cuMemAdvise_v2(DevicePointer address, std::size_t bytes, int advice, MemoryLocation) {
  return advise(address, bytes, advice);
}
Result cuMemPrefetchAsync(DevicePointer address, std::size_t bytes, DeviceHandle, StreamHandle stream) {
  return prefetch(address, bytes, stream);
}
Result cuMemPrefetchAsync_v2(DevicePointer address, std::size_t bytes, MemoryLocation, unsigned, StreamHandle stream) {
  return prefetch(address, bytes, stream);
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
