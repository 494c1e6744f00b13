// SPDX-License-Identifier: MIT
#include "softgpu/api/memory.hpp"

#include "softgpu/api/objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace cujitsu::softgpu::api {
namespace {

/// The record around an address in a map by address.
template <class Record>
std::optional<Record> record_around(const std::map<std::uint64_t, Record>& records, std::uint64_t address) {
  auto next = records.upper_bound(address);
  if (next == records.begin()) return std::nullopt;
  const auto& record = std::prev(next)->second;
  if (address - record.address >= record.bytes) return std::nullopt;
  return record;
}

template <class Record>
std::vector<Record> take_of_context(std::map<std::uint64_t, Record>& records, std::uint64_t context_id) {
  std::vector<Record> taken;
  for (auto it = records.begin(); it != records.end();) {
    if (it->second.context_id != context_id) {
      ++it;
      continue;
    }
    taken.push_back(it->second);
    it = records.erase(it);
  }
  return taken;
}

void add_use(Pool& pool, std::uint64_t bytes) {
  const std::lock_guard lock(pool.mutex);
  if (pool.max_size != 0 && pool.used + bytes > pool.max_size)
    fail(result::out_of_memory, fmt::format("the pool's limit of {} bytes is reached", pool.max_size));
  pool.used += bytes;
  pool.used_high = std::max(pool.used_high, pool.used);
  pool.reserved_high = std::max(pool.reserved_high, pool.used);
}

void take_use(Pool& pool, std::uint64_t bytes) {
  const std::lock_guard lock(pool.mutex);
  pool.used -= bytes;
}

}  // namespace

void AllocationBook::add(AllocationRecord record) {
  const std::lock_guard lock(mutex_);
  const auto address = record.address;
  records_.insert_or_assign(address, std::move(record));
}

std::optional<AllocationRecord> AllocationBook::at(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  const auto it = records_.find(address);
  return it == records_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<AllocationRecord> AllocationBook::around(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  return record_around(records_, address);
}

bool AllocationBook::begin_free(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto it = records_.find(address);
  return it != records_.end() && !std::exchange(it->second.is_being_freed, true);
}

std::optional<AllocationRecord> AllocationBook::remove(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto it = records_.find(address);
  if (it == records_.end()) return std::nullopt;
  auto record = std::move(it->second);
  records_.erase(it);
  return record;
}

std::vector<AllocationRecord> AllocationBook::remove_of_context(std::uint64_t context_id) {
  const std::lock_guard lock(mutex_);
  return take_of_context(records_, context_id);
}

bool HostBook::add(const HostRecord& record) {
  const std::lock_guard lock(mutex_);
  const auto next = records_.lower_bound(record.address);
  if (next != records_.end() && next->first - record.address < record.bytes) return false;
  if (next != records_.begin()) {
    const auto& before = std::prev(next)->second;
    if (record.address - before.address < before.bytes) return false;
  }
  records_.emplace(record.address, record);
  return true;
}

std::optional<HostRecord> HostBook::around(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  return record_around(records_, address);
}

std::optional<HostRecord> HostBook::remove(std::uint64_t address, bool registered) {
  const std::lock_guard lock(mutex_);
  const auto it = records_.find(address);
  if (it == records_.end() || it->second.is_registered != registered) return std::nullopt;
  const auto record = it->second;
  records_.erase(it);
  return record;
}

std::vector<HostRecord> HostBook::remove_of_context(std::uint64_t context_id) {
  const std::lock_guard lock(mutex_);
  return take_of_context(records_, context_id);
}

HostBook& host_book() {
  static auto* instance = new HostBook;
  return *instance;
}

std::uint64_t next_buffer_id() {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1);
}

std::uint64_t allocate(Context& context, std::size_t bytes, bool managed, const std::shared_ptr<Pool>& pool) {
  if (bytes == 0) fail(result::invalid_value, "an allocation of 0 bytes");
  auto& device = pool != nullptr ? pool->device : context.device;
  if (pool != nullptr) add_use(*pool, bytes);
  const auto address = device.memory.allocate(bytes);
  if (address == 0) {
    if (pool != nullptr) take_use(*pool, bytes);
    fail(result::out_of_memory,
         fmt::format("{} bytes asked for, {} of {} bytes are free (CUJITSU_SOFTGPU_MEMORY sets it)", bytes,
                     device.memory.capacity() - device.memory.used(), device.memory.capacity()));
  }
  if (managed) device.memory.mark_written(address, bytes);  // the host may write there at any time
  device.book.add({.address = address,
                   .bytes = bytes,
                   .context_id = context.id,
                   .buffer_id = next_buffer_id(),
                   .is_managed = managed,
                   .pool = pool,
                   .is_being_freed = false});
  return address;
}

void release(Device& device, const AllocationRecord& record) {
  device.memory.release(record.address);
  if (record.pool != nullptr) take_use(*record.pool, record.bytes);
}

void release_host(const HostRecord& record) {
  auto* data = reinterpret_cast<void*>(record.address);
  for (const auto& device : devices()) device->memory.remove_host(data);
  if (!record.is_registered) std::free(data);
}

Device* device_with(std::uint64_t address, std::uint64_t bytes) {
  for (const auto& device : devices())
    if (device->memory.find(address) && device->memory.contains(address, bytes)) return device.get();
  return nullptr;
}

void check_range(std::uint64_t address, std::uint64_t bytes, const char* what) {
  if (bytes == 0 || device_with(address, bytes) != nullptr) return;
  std::string where;
  for (const auto& device : devices())
    if (where.empty() || device->memory.find(address)) where = device->memory.describe(address);
  fail(result::invalid_value,
       fmt::format("{}: the {} bytes at {:#x} are not all device memory ({})", what, bytes, address, where));
}

void release_all(Context& context) {
  for (const auto& device : devices())
    for (const auto& record : device->book.remove_of_context(context.id)) release(*device, record);
  for (const auto& record : host_book().remove_of_context(context.id)) release_host(record);
}

}  // namespace cujitsu::softgpu::api
