// SPDX-License-Identifier: MIT
// Allocation within the reserved addresses. Small allocations share chunks, large ones have chunks of their own; behind
// each lies a gap that belongs to nobody, so that an overrun meets no neighbour.
#include "softgpu/engine/address_space.hpp"

#include "softgpu/engine/checks/written_bytes.hpp"
#include "softgpu/engine/extents.hpp"
#include "softgpu/engine/host_ranges.hpp"
#include "softgpu/engine/range_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <new>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint64_t chunk_bytes = RangeTable::chunk_bytes;
constexpr std::uint64_t granule_bytes = RangeTable::granule_bytes;
constexpr std::uint64_t small_limit = chunk_bytes / 2;
// What is beyond in a large allocation stays as the system gives it: filling gigabytes would take seconds and memory.
constexpr std::uint64_t poison_limit = 16u << 20;
// A NaN as f32, f64 and bf16, a large number as an integer, no address as a pointer.
constexpr std::uint64_t poison = 0x7fffdbad7fffdbad;
constexpr std::uint64_t quarantine_bytes = 32u << 20;  // of small allocations, which keep their memory
constexpr std::size_t quarantine_count = 4096;
constexpr std::uint64_t near_bytes = 64u << 20;
constexpr std::uint64_t least_addresses = std::uint64_t{64} << 30;

std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Reservation {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::uint64_t base = 0;  ///< the first chunk
  std::uint64_t usable = 0;
};

Reservation reserve(std::uint64_t capacity) {
  const std::uint64_t least = round_up(capacity, chunk_bytes) + 2 * chunk_bytes;
  std::uint64_t bytes = std::max(least_addresses, 4 * least);
  for (;; bytes = std::max(least, bytes / 2)) {
    void* address = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address != MAP_FAILED) {
      Reservation reservation{reinterpret_cast<std::uint64_t>(address), bytes, 0, 0};
      reservation.base = round_up(reservation.address, chunk_bytes);
      reservation.usable = (reservation.address + bytes - reservation.base) / chunk_bytes * chunk_bytes;
      return reservation;
    }
    if (bytes == least) throw std::bad_alloc();  // an address limit (ulimit -v) below the device's memory
  }
}

std::string hexadecimal(std::uint64_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

std::string size_and_place(std::uint64_t bytes, std::uint64_t address) {
  return std::to_string(bytes) + " bytes at " + hexadecimal(address);
}

std::string name_of(const Allocation& allocation) {
  if (!allocation.label.empty()) return "'" + allocation.label + "'";
  switch (allocation.kind) {
    case Allocation::Kind::host: return "page-locked host memory";
    case Allocation::Kind::heap: return "the device heap";
    case Allocation::Kind::constant: return "constant memory";
    case Allocation::Kind::device: break;
  }
  return "an allocation";
}

std::string title_of(const Allocation& allocation) {
  return name_of(allocation) + " (" + size_and_place(allocation.bytes, allocation.address) + ")";
}

}  // namespace

struct AddressSpace::State {
  struct Record {
    Allocation allocation;
    std::uint64_t extent = 0;  ///< bytes of addresses that it takes, with the gap
    [[nodiscard]] bool is_small() const noexcept { return extent < chunk_bytes; }
  };
  using Records = std::map<std::uint64_t, Record>;

  State(std::uint64_t bytes, bool tracks_writes)
      : capacity(bytes), reservation(reserve(bytes)), table(reservation.base, reservation.usable) {
    large.add(reservation.base, reservation.usable);
    if (tracks_writes) written = std::make_unique<WrittenBytes>(reservation.base, reservation.usable);
  }
  ~State() { munmap(reinterpret_cast<void*>(reservation.address), reservation.bytes); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Addresses of chunks, readable and writable.
  Extents::Extent take_chunks(std::uint64_t bytes, std::uint64_t alignment);
  Extents::Extent take_small(std::uint64_t bytes, std::uint64_t alignment);
  void end_oldest_quarantine();
  void limit_quarantine();
  /// The record around `address`.
  static const Record* around(const Records& records, std::uint64_t address);

  const std::uint64_t capacity;
  const Reservation reservation;
  RangeTable table;
  HostRanges host;
  std::unique_ptr<WrittenBytes> written;

  mutable std::mutex mutex;  ///< of all that follows, and of changes to what is above
  Extents large;
  Extents small{chunk_bytes};
  Records live;
  Records freed;  ///< in quarantine
  std::deque<std::uint64_t> freed_order;
  std::uint64_t freed_small_bytes = 0;
  std::uint64_t freed_large_bytes = 0;
  std::uint64_t used = 0;
};

Extents::Extent AddressSpace::State::take_chunks(std::uint64_t bytes, std::uint64_t alignment) {
  Extents::Extent extent = large.take(bytes, alignment);
  while (extent.bytes == 0 && !freed_order.empty()) {
    end_oldest_quarantine();
    extent = large.take(bytes, alignment);
  }
  if (extent.bytes == 0) return {};
  // Once accessible the pages stay so, even when they are given back: a running kernel that still knows the range of
  // memory that another stream frees must not bring the process down.
  if (mprotect(reinterpret_cast<void*>(extent.begin), extent.bytes, PROT_READ | PROT_WRITE) != 0) {
    large.add(extent.begin, extent.bytes);
    return {};
  }
  madvise(reinterpret_cast<void*>(extent.begin), extent.bytes, MADV_HUGEPAGE);  // a wish; fewer page faults
  return extent;
}

Extents::Extent AddressSpace::State::take_small(std::uint64_t bytes, std::uint64_t alignment) {
  Extents::Extent extent = small.take(bytes, alignment);
  if (extent.bytes != 0) return extent;
  const Extents::Extent chunk = take_chunks(chunk_bytes, chunk_bytes);
  if (chunk.bytes == 0) return {};
  table.make_small(chunk.begin);
  small.add(chunk.begin, chunk.bytes);
  return small.take(bytes, alignment);
}

void AddressSpace::State::end_oldest_quarantine() {
  const auto oldest = freed.find(freed_order.front());
  freed_order.pop_front();
  const Record& record = oldest->second;
  const std::uint64_t begin = record.allocation.address;
  if (record.is_small()) {
    freed_small_bytes -= record.extent;
    const Extents::Extent free = small.add(begin, record.extent);
    if (free.bytes == chunk_bytes) madvise(reinterpret_cast<void*>(free.begin), free.bytes, MADV_DONTNEED);
  } else {
    freed_large_bytes -= record.extent;
    large.add(begin, record.extent);
  }
  freed.erase(oldest);
}

void AddressSpace::State::limit_quarantine() {
  while (freed_order.size() > quarantine_count || freed_small_bytes > quarantine_bytes ||
         freed_large_bytes > reservation.usable / 4) {
    end_oldest_quarantine();
  }
}

const AddressSpace::State::Record* AddressSpace::State::around(const Records& records, std::uint64_t address) {
  const auto after = records.upper_bound(address);
  if (after == records.begin()) return nullptr;
  const Record& record = std::prev(after)->second;
  return address - record.allocation.address < record.allocation.bytes ? &record : nullptr;
}

AddressSpace::AddressSpace(std::uint64_t capacity, bool tracks_writes)
    : state_(std::make_unique<State>(capacity, tracks_writes)) {}

AddressSpace::~AddressSpace() = default;

std::uint64_t AddressSpace::allocate(std::uint64_t bytes, Allocation::Kind kind, std::string_view label,
                                     std::uint64_t alignment) {
  State& state = *state_;
  if (bytes == 0 || bytes > state.reservation.usable || alignment > state.reservation.usable) return 0;
  alignment = std::max(alignment, granule_bytes);
  const std::uint64_t rounded = round_up(bytes, granule_bytes);
  const bool counts = kind != Allocation::Kind::host;

  const std::lock_guard lock(state.mutex);
  if (counts && (rounded > state.capacity || state.used > state.capacity - rounded)) return 0;
  const bool is_small = bytes <= small_limit && alignment <= small_limit;
  const Extents::Extent extent =
      is_small ? state.take_small(rounded + granule_bytes, alignment)
               : state.take_chunks(round_up(bytes + granule_bytes, chunk_bytes), std::max(alignment, chunk_bytes));
  if (extent.bytes == 0) return 0;

  auto* words = reinterpret_cast<std::uint64_t*>(extent.begin);
  std::fill_n(words, std::min(rounded, poison_limit) / sizeof poison, poison);
  state.live.emplace(extent.begin, State::Record{{extent.begin, bytes, kind, std::string(label)}, extent.bytes});
  if (counts) state.used += rounded;
  forget_written(extent.begin, bytes);  // a kernel may have written there since it was freed
  const bool writable = kind != Allocation::Kind::constant;
  if (is_small) {
    state.table.add_small(extent.begin, bytes, writable);
  } else {
    state.table.add_large(extent.begin, bytes, writable);
  }
  return extent.begin;
}

bool AddressSpace::release(std::uint64_t address) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  const auto found = state.live.find(address);
  if (found == state.live.end()) return false;
  const State::Record& record = found->second;
  const std::uint64_t bytes = record.allocation.bytes;
  state.table.remove(address, bytes);
  forget_written(address, bytes);
  if (record.allocation.kind != Allocation::Kind::host) state.used -= round_up(bytes, granule_bytes);
  if (record.is_small()) {
    state.freed_small_bytes += record.extent;
  } else {
    state.freed_large_bytes += record.extent;
    madvise(reinterpret_cast<void*>(address), record.extent, MADV_DONTNEED);
  }
  state.freed_order.push_back(address);
  state.freed.insert(state.live.extract(found));
  state.limit_quarantine();
  return true;
}

void AddressSpace::add_host(void* data, std::uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->host.add(reinterpret_cast<std::uint64_t>(data), bytes);
}

bool AddressSpace::remove_host(void* data) {
  const std::lock_guard lock(state_->mutex);
  return state_->host.remove(reinterpret_cast<std::uint64_t>(data));
}

std::optional<Allocation> AddressSpace::find(std::uint64_t address) const {
  const std::lock_guard lock(state_->mutex);
  if (const State::Record* record = State::around(state_->live, address)) return record->allocation;
  if (const HostRanges::Range range = state_->host.find(address); range.end != 0) {
    return Allocation{range.begin, range.end - range.begin, Allocation::Kind::host, {}};
  }
  return std::nullopt;
}

bool AddressSpace::contains(std::uint64_t address, std::uint64_t bytes) const {
  if (bytes == 0) return true;
  const Range range = range_of(address);
  return range.end != 0 && bytes <= range.end - address;
}

AddressSpace::Range AddressSpace::range_of(std::uint64_t address) const noexcept {
  if (address - state_->reservation.base < state_->reservation.usable) {
    const RangeTable::Range range = state_->table.find(address);
    return {range.begin, range.end, range.writable};
  }
  const HostRanges::Range range = state_->host.find(address);
  return {range.begin, range.end, true};
}

WrittenBytes* AddressSpace::written_bytes() const noexcept { return state_->written.get(); }

void AddressSpace::mark_written(std::uint64_t address, std::uint64_t bytes) const noexcept {
  if (state_->written != nullptr && state_->written->covers(address)) state_->written->mark(address, bytes);
}

void AddressSpace::forget_written(std::uint64_t address, std::uint64_t bytes) const noexcept {
  if (state_->written != nullptr && state_->written->covers(address)) state_->written->forget(address, bytes);
}

std::string AddressSpace::describe(std::uint64_t address) const {
  if (address < 4096) return address == 0 ? "a null pointer" : std::to_string(address) + " bytes past a null pointer";
  if (const auto allocation = find(address)) {
    return "at byte " + std::to_string(address - allocation->address) + " of " + title_of(*allocation);
  }
  const State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (const State::Record* record = State::around(state.freed, address)) {
    const Allocation& allocation = record->allocation;
    return "in memory that was freed (" + (allocation.label.empty() ? "" : "'" + allocation.label + "', ") +
           size_and_place(allocation.bytes, allocation.address) + ")";
  }

  std::optional<Allocation> nearest;
  std::uint64_t distance = near_bytes;
  bool is_past = false;
  const auto consider = [&](const Allocation& allocation) {
    const bool past = address >= allocation.address;
    const std::uint64_t apart = past ? address - (allocation.address + allocation.bytes) : allocation.address - address;
    if (apart >= distance) return;
    nearest = allocation;
    distance = apart;
    is_past = past;
  };
  const auto consider_neighbours = [&](const auto& map, const auto& allocation_of) {
    const auto after = map.upper_bound(address);
    if (after != map.begin()) consider(allocation_of(*std::prev(after)));
    if (after != map.end()) consider(allocation_of(*after));
  };
  consider_neighbours(state.live, [](const auto& entry) { return entry.second.allocation; });
  consider_neighbours(state.host.all(), [](const auto& entry) {
    return Allocation{entry.first, entry.second, Allocation::Kind::host, {}};
  });
  if (!nearest) return "not near any allocation";
  if (!is_past) return std::to_string(distance) + " bytes before " + title_of(*nearest);
  if (distance == 0) return "just past the end of " + title_of(*nearest);
  return std::to_string(distance) + " bytes past the end of " + title_of(*nearest);
}

std::uint64_t AddressSpace::capacity() const noexcept { return state_->capacity; }

std::uint64_t AddressSpace::used() const noexcept {
  const std::lock_guard lock(state_->mutex);
  return state_->used;
}

}  // namespace cujitsu::softgpu
