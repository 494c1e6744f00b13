// SPDX-License-Identifier: MIT
// Who allocated what: the driver's view of device, managed, pool and page-locked memory.
#pragma once

#include "softgpu/api/types.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cujitsu::softgpu::api {

class Context;
struct Device;

/// A memory pool. It keeps nothing back: what is freed is free, so reserved and used memory are the same.
struct Pool {
  explicit Pool(Device& owner) : device(owner) {}
  Device& device;
  PoolHandle handle = nullptr;
  bool is_default = false;

  std::mutex mutex;
  std::uint64_t release_threshold = 0;
  std::uint64_t used = 0;
  std::uint64_t used_high = 0;
  std::uint64_t reserved_high = 0;
  std::uint64_t max_size = 0;  ///< 0: no limit
  int reuse_follow_events = 1;
  int reuse_opportunistic = 1;
  int reuse_internal = 1;
};

struct AllocationRecord {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::uint64_t context_id = 0;
  std::uint64_t buffer_id = 0;
  bool is_managed = false;
  std::shared_ptr<Pool> pool;
  bool is_being_freed = false;  ///< cuMemFreeAsync has been called
};

/// A device's allocations by the driver's functions; variables of modules and heaps are not in it. Thread-safe.
class AllocationBook {
 public:
  void add(AllocationRecord record);
  [[nodiscard]] std::optional<AllocationRecord> at(std::uint64_t address) const;
  /// The one around an address.
  [[nodiscard]] std::optional<AllocationRecord> around(std::uint64_t address) const;
  /// Marks it as being freed. False: it is not there, or already marked.
  bool begin_free(std::uint64_t address);
  std::optional<AllocationRecord> remove(std::uint64_t address);
  std::vector<AllocationRecord> remove_of_context(std::uint64_t context_id);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, AllocationRecord> records_;
};

struct HostRecord {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  unsigned flags = 0;
  std::uint64_t context_id = 0;
  std::uint64_t buffer_id = 0;
  ContextHandle context = nullptr;
  bool is_registered = false;  ///< the user's memory, by cuMemHostRegister
};

/// Page-locked host memory, of all devices. Thread-safe.
class HostBook {
 public:
  /// False: it overlaps with one that is there.
  bool add(const HostRecord& record);
  [[nodiscard]] std::optional<HostRecord> around(std::uint64_t address) const;
  /// Only what begins at the address.
  std::optional<HostRecord> remove(std::uint64_t address, bool registered);
  std::vector<HostRecord> remove_of_context(std::uint64_t context_id);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, HostRecord> records_;
};

[[nodiscard]] HostBook& host_book();
[[nodiscard]] std::uint64_t next_buffer_id();

/// Allocates and enters it into the book; fails with out of memory.
std::uint64_t allocate(Context& context, std::size_t bytes, bool managed, const std::shared_ptr<Pool>& pool = nullptr);
/// Gives back what a record says, to its device and pool.
void release(Device& device, const AllocationRecord& record);
void release_host(const HostRecord& record);
/// The device whose memory (page-locked host memory included) has the whole range; nullptr: none has.
[[nodiscard]] Device* device_with(std::uint64_t address, std::uint64_t bytes);
/// Fails unless a device, or page-locked memory, has the whole range; 0 bytes are always fine.
void check_range(std::uint64_t address, std::uint64_t bytes, const char* what);
/// Frees what a context that ends has left.
void release_all(Context& context);

}  // namespace cujitsu::softgpu::api
