// SPDX-License-Identifier: MIT
#include <cujitsu/device_buffer.hpp>

#include "base/text.hpp"
#include "driver/capture_mode.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace cujitsu {
namespace {

using driver::api;
using driver::check;
using driver::result::out_of_memory;
using driver::result::success;

[[noreturn]] void raise_allocation(driver::Result result, const char* call, std::size_t bytes) {
  std::string advice;
  std::size_t free = 0;
  std::size_t total = 0;
  if (result == out_of_memory && api().cuMemGetInfo(&free, &total) == success)
    advice = fmt::format("{} of the device's {} are free", text::bytes(free), text::bytes(total));
  driver::raise(result, call, fmt::format("{} ({} bytes) of device memory", text::bytes(bytes), bytes), advice);
}

/// Whether the device has pools; the default one is told, once, to keep what is freed instead of giving it back at the
/// next synchronisation, which would make each allocation a slow one (the default threshold is 0).
bool prepare_pool(driver::DeviceHandle device) {
  if (!api().has_memory_pools() ||
      driver::device_attribute_value(driver::device_attribute::memory_pools_supported, device) == 0)
    return false;
  static std::mutex mutex;
  static auto* prepared = new std::set<driver::DeviceHandle>;
  const std::lock_guard lock(mutex);
  if (!prepared->insert(device).second) return true;
  driver::MemPoolHandle pool = nullptr;
  check(api().cuDeviceGetDefaultMemPool(&pool, device), "cuDeviceGetDefaultMemPool");
  auto threshold = std::numeric_limits<std::uint64_t>::max();
  check(api().cuMemPoolSetAttribute(pool, driver::mempool_attribute_release_threshold, &threshold),
        "cuMemPoolSetAttribute");
  return true;
}

}  // namespace

struct DeviceBuffer::Allocation {
  ContextHandle context = nullptr;
  std::optional<Stream> stream;  // keeps the stream alive that the memory is freed in
};

DeviceBuffer::DeviceBuffer(std::size_t bytes) : allocation_(std::make_unique<Allocation>()), size_(bytes) {
  allocation_->context = driver::ensure_context();
  if (bytes == 0) return;  // the driver refuses it, and an empty array is no mistake
  if (const auto result = api().cuMemAlloc(&address_, bytes); result != success)
    raise_allocation(result, "cuMemAlloc", bytes);
}

DeviceBuffer::DeviceBuffer(std::size_t bytes, const Stream& stream)
    : allocation_(std::make_unique<Allocation>()), size_(bytes) {
  const auto device = driver::current_device();
  allocation_->context = driver::ensure_context();
  if (bytes == 0) return;
  if (!prepare_pool(device)) {
    if (const auto result = api().cuMemAlloc(&address_, bytes); result != success)
      raise_allocation(result, "cuMemAlloc", bytes);
    return;
  }
  allocation_->stream = stream;
  if (const auto result = api().cuMemAllocAsync(&address_, bytes, stream.handle()); result != success)
    raise_allocation(result, "cuMemAllocAsync", bytes);
}

DeviceBuffer::~DeviceBuffer() { release(); }

DeviceBuffer::DeviceBuffer(DeviceBuffer&& other) noexcept
    : allocation_(std::move(other.allocation_)),
      address_(std::exchange(other.address_, 0)),
      size_(std::exchange(other.size_, 0)) {}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  if (this != &other) {
    release();
    allocation_ = std::move(other.allocation_);
    address_ = std::exchange(other.address_, 0);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void DeviceBuffer::raise_freed() { throw ArgumentError("the device buffer has been freed"); }

void DeviceBuffer::free() {
  if (allocation_ == nullptr) throw ArgumentError("the device buffer has been freed already");
  release();
}

void DeviceBuffer::release() noexcept {
  const auto allocation = std::exchange(allocation_, nullptr);
  const auto address = std::exchange(address_, 0);
  if (allocation == nullptr || address == 0) return;
  const driver::ContextScope scope(allocation->context);
  const auto* table = scope.api();
  if (table == nullptr) return;
  const driver::AllowedDuringCapture allowed(*table);
  if (allocation->stream)
    driver::report_failure(table->cuMemFreeAsync(address, allocation->stream->handle()), "cuMemFreeAsync");
  else
    driver::report_failure(table->cuMemFree(address), "cuMemFree");
}

}  // namespace cujitsu
