// SPDX-License-Identifier: MIT
#include "softgpu/engine/runtime/heap.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint64_t header_bytes = 64;  // a GPU's blocks of one byte are 80 bytes apart
constexpr std::uint64_t alignment = 16;

}  // namespace

DeviceHeap::DeviceHeap(std::uint64_t address, std::uint64_t bytes) {
  if (address != 0 && bytes > header_bytes) free_[address] = bytes;
}

std::uint64_t DeviceHeap::allocate(std::uint64_t bytes) {
  if (bytes > UINT64_MAX / 2) return 0;
  const auto needed = header_bytes + (std::max<std::uint64_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  const std::lock_guard lock(mutex_);
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->second < needed) continue;
    const auto [address, size] = *it;
    free_.erase(it);
    if (size > needed) free_[address + needed] = size - needed;
    const auto result = address + header_bytes;
    used_[result] = needed;
    freed_.erase(result);
    return result;
  }
  return 0;
}

DeviceHeap::Freed DeviceHeap::release(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto it = used_.find(address);
  if (it == used_.end()) return freed_.contains(address) ? Freed::twice : Freed::unknown;
  auto start = address - header_bytes;
  auto end = start + it->second;
  used_.erase(it);
  freed_[address] = true;
  const auto after = free_.lower_bound(start);
  if (after != free_.begin())
    if (const auto before = std::prev(after); before->first + before->second == start) start = before->first;
  if (after != free_.end() && after->first == end) {
    end += after->second;
    free_.erase(after);
  }
  free_[start] = end - start;
  return Freed::yes;
}

DeviceHeap& heap_of(AddressSpace& memory, std::uint64_t bytes) {
  // Never destroyed, as the devices are not.
  static auto* const heaps = new std::map<AddressSpace*, std::unique_ptr<DeviceHeap>>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  auto& heap = (*heaps)[&memory];
  if (heap == nullptr)
    heap = std::make_unique<DeviceHeap>(memory.allocate(bytes, Allocation::Kind::heap, "the heap of kernels"), bytes);
  return *heap;
}

}  // namespace cujitsu::softgpu
