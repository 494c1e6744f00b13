// SPDX-License-Identifier: MIT
#include "softgpu/engine/range_table.hpp"

namespace cujitsu::softgpu {

RangeTable::RangeTable(std::uint64_t base, std::uint64_t bytes)
    : base_(base), bytes_(bytes), entries_(new std::atomic<Chunk*>[bytes / chunk_bytes]()) {}

void RangeTable::make_small(std::uint64_t address) {
  Chunk& chunk = chunks_.emplace_back();
  chunk.is_small = true;
  chunk.first = std::make_unique<std::array<std::atomic<std::uint16_t>, granules>>();
  chunk.sizes = std::make_unique<std::array<std::atomic<std::uint32_t>, granules>>();
  chunk.begin = address;
  entry(address).store(&chunk, std::memory_order_release);
}

void RangeTable::add_small(std::uint64_t begin, std::uint64_t bytes, bool writable) noexcept {
  Chunk& chunk = *entry(begin).load(std::memory_order_relaxed);
  const std::size_t first = (begin - base_) % chunk_bytes / granule_bytes;
  const std::size_t count = (bytes + granule_bytes - 1) / granule_bytes;
  (*chunk.sizes)[first].store(static_cast<std::uint32_t>(bytes) | (writable ? writable_bit : 0),
                              std::memory_order_relaxed);
  for (std::size_t i = first; i < first + count; ++i) {
    (*chunk.first)[i].store(static_cast<std::uint16_t>(first + 1), std::memory_order_release);
  }
}

void RangeTable::add_large(std::uint64_t begin, std::uint64_t bytes, bool writable) {
  Chunk* chunk = nullptr;
  if (unused_.empty()) {
    chunk = &chunks_.emplace_back();
    unused_.reserve(chunks_.size());  // so that remove() needs no memory
  } else {
    chunk = unused_.back();
    unused_.pop_back();
  }
  chunk->begin.store(begin, std::memory_order_relaxed);
  chunk->end.store(begin + bytes, std::memory_order_relaxed);
  chunk->writable.store(writable, std::memory_order_relaxed);
  for (std::uint64_t at = begin; at < begin + bytes; at += chunk_bytes) {
    entry(at).store(chunk, std::memory_order_release);
  }
}

void RangeTable::remove(std::uint64_t begin, std::uint64_t bytes) noexcept {
  Chunk* chunk = entry(begin).load(std::memory_order_relaxed);
  if (chunk->is_small) {
    const std::size_t first = (begin - base_) % chunk_bytes / granule_bytes;
    const std::size_t count = (bytes + granule_bytes - 1) / granule_bytes;
    for (std::size_t i = first; i < first + count; ++i) (*chunk->first)[i].store(0, std::memory_order_release);
    return;
  }
  for (std::uint64_t at = begin; at < begin + bytes; at += chunk_bytes) {
    entry(at).store(nullptr, std::memory_order_release);
  }
  unused_.push_back(chunk);
}

RangeTable::Range RangeTable::find(std::uint64_t address) const noexcept {
  if (address - base_ >= bytes_) return {};
  const Chunk* chunk = entry(address).load(std::memory_order_acquire);
  if (chunk == nullptr) return {};
  if (!chunk->is_small) {
    const Range range{chunk->begin.load(std::memory_order_relaxed), chunk->end.load(std::memory_order_relaxed),
                      chunk->writable.load(std::memory_order_relaxed)};
    return address >= range.begin && address < range.end ? range : Range{};
  }
  const std::uint64_t offset = (address - base_) % chunk_bytes;
  const std::uint32_t first = (*chunk->first)[offset / granule_bytes].load(std::memory_order_acquire);
  if (first == 0) return {};
  const std::uint32_t size = (*chunk->sizes)[first - 1].load(std::memory_order_relaxed);
  const std::uint64_t begin = address - offset + (first - 1) * granule_bytes;
  const std::uint64_t end = begin + (size & ~writable_bit);
  return address < end ? Range{begin, end, (size & writable_bit) != 0} : Range{};
}

}  // namespace cujitsu::softgpu
