// SPDX-License-Identifier: MIT
// Handles that are checked: a number of a slot and the generation of what is in it, never an address.
#pragma once

#include "softgpu/api/errors.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace cujitsu::softgpu::api {

/// The objects of one sort. `Kind` (not 0) tells the sorts apart, so that a stream is no event. Thread-safe.
template <class Handle, class Object, unsigned Kind>
class Registry {
 public:
  Handle add(std::shared_ptr<Object> object) {
    const std::unique_lock lock(mutex_);
    std::size_t index = slots_.size();
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      if (index > index_mask) fail(result::out_of_memory, "there are too many handles");
      slots_.emplace_back();
      free_.reserve(slots_.size());  // so that remove can not fail
    }
    slots_[index].object = std::move(object);
    return encode(index, slots_[index].generation);
  }

  /// nullptr when the handle is not, or no longer, one of these.
  [[nodiscard]] std::shared_ptr<Object> find(Handle handle) const {
    const std::shared_lock lock(mutex_);
    const Slot* slot = slot_of(handle);
    return slot != nullptr && slot->generation == generation_of(handle) ? slot->object : nullptr;
  }

  std::shared_ptr<Object> remove(Handle handle) {
    const std::unique_lock lock(mutex_);
    auto* slot = const_cast<Slot*>(slot_of(handle));
    if (slot == nullptr || slot->generation != generation_of(handle)) return nullptr;
    return take(*slot);
  }

  template <class Predicate>
  std::vector<std::shared_ptr<Object>> remove_if(Predicate&& predicate) {
    const std::unique_lock lock(mutex_);
    std::vector<std::shared_ptr<Object>> removed;
    for (auto& slot : slots_)
      if (slot.object != nullptr && predicate(*slot.object)) removed.push_back(take(slot));
    return removed;
  }

  [[nodiscard]] std::vector<std::shared_ptr<Object>> all() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<Object>> objects;
    for (const auto& slot : slots_)
      if (slot.object != nullptr) objects.push_back(slot.object);
    return objects;
  }

  /// Whether this once was a handle.
  [[nodiscard]] bool is_stale(Handle handle) const {
    const std::shared_lock lock(mutex_);
    const Slot* slot = slot_of(handle);
    return slot != nullptr && generation_of(handle) < slot->generation;
  }

 private:
  struct Slot {
    std::shared_ptr<Object> object;
    std::uint32_t generation = 1;
  };

  // Bits 0-3: a mark that no pointer, nor the special streams 0, 1 and 2, has; 4-11: kind; 12-31: slot; 32-62: generation.
  static constexpr std::uint64_t mark = 0xb;
  static constexpr std::uint64_t index_mask = 0xfffff;

  static Handle encode(std::size_t index, std::uint32_t generation) {
    const std::uint64_t bits = std::uint64_t{generation} << 32 | std::uint64_t{index} << 12 | Kind << 4 | mark;
    return reinterpret_cast<Handle>(static_cast<std::uintptr_t>(bits));
  }
  static std::uint64_t bits_of(Handle handle) { return reinterpret_cast<std::uintptr_t>(handle); }
  static std::uint32_t generation_of(Handle handle) { return static_cast<std::uint32_t>(bits_of(handle) >> 32); }

  const Slot* slot_of(Handle handle) const {
    const auto bits = bits_of(handle);
    if ((bits & 0xfff) != (Kind << 4 | mark)) return nullptr;
    const auto index = bits >> 12 & index_mask;
    return index < slots_.size() ? &slots_[index] : nullptr;
  }

  std::shared_ptr<Object> take(Slot& slot) {
    auto object = std::move(slot.object);
    slot.object = nullptr;
    slot.generation = (slot.generation + 1) & 0x7fffffff;
    if (slot.generation == 0) slot.generation = 1;
    free_.push_back(static_cast<std::size_t>(&slot - slots_.data()));
    return object;
  }

  mutable std::shared_mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

}  // namespace cujitsu::softgpu::api
