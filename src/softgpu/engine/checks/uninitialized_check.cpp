// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/uninitialized_check.hpp"

#include "softgpu/engine/checks/describe.hpp"
#include "softgpu/engine/execution.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint64_t low_bits(std::uint32_t count) noexcept { return (1ull << count) - 1; }  // count < 64

}  // namespace

UninitializedCheck::UninitializedCheck(std::uint64_t shared_bytes, std::uint64_t local_bytes)
    : shared_(0, shared_bytes), local_(0, local_bytes), shared_bytes_(shared_bytes), local_bytes_(local_bytes) {}

void UninitializedCheck::start() noexcept {
  shared_.forget(0, shared_bytes_);
  local_.forget(0, local_bytes_);
}

bool UninitializedCheck::access(const WarpAccess& access) {
  const auto& seen = access.seen;
  if (seen.kind != Observation::Kind::write && seen.uses_old &&
      !for_lanes(access.warp.active, [&](unsigned lane) { return lane_read(access, lane); }))
    return false;
  if (seen.kind != Observation::Kind::read)
    for_lanes(access.warp.active, [&](unsigned lane) {
      lane_write(access, lane);
      return true;
    });
  return true;
}

UninitializedCheck::Place UninitializedCheck::place_of(const WarpAccess& access, unsigned lane) noexcept {
  if (access.is_shared(lane)) return {&shared_, access.shared_offset(lane)};
  const auto& warp = access.warp;
  if (access.is_local(lane)) return {&local_, warp.index * warp_size * warp.local_stride + access.local_offset(lane)};
  auto* memory = warp.memory->written_bytes();
  if (memory == nullptr || !memory->covers(access.real[lane])) return {};
  return {memory, access.real[lane]};
}

bool UninitializedCheck::lane_read(const WarpAccess& access, unsigned lane) {
  const auto& seen = access.seen;
  const auto [memory, address] = place_of(access, lane);
  const auto unwritten = memory == nullptr ? 0 : memory->unwritten(address, seen.bytes);
  if (seen.elements.empty()) {  // an atomic
    if (unwritten != 0) report(access, lane, unwritten);
    return unwritten == 0;
  }
  bool may_be_padding = false;
  for (std::size_t i = 0; i < seen.elements.size(); ++i) {
    const auto& element = seen.elements[i];
    const auto missing = unwritten >> (i * seen.element_bytes) & low_bits(seen.element_bytes);
    may_be_padding = may_be_padding || element.written_slot != 0 || element.is_taken_apart;
    if (element.written_slot != 0) {
      slot<std::uint32_t>(access.warp, element.written_slot)[lane] =
          static_cast<std::uint32_t>(low_bits(seen.element_bytes) & ~missing);
    } else if (missing != 0 && element.is_used && !element.is_taken_apart) {
      report(access, lane, unwritten);
      return false;
    }
  }
  if (!may_be_padding || unwritten != low_bits(seen.bytes)) return true;
  // Nothing of it was written. In a struct it may be padding, with something written close by.
  constexpr unsigned unit = 16;
  if (memory->unwritten(address / unit * unit, unit) != low_bits(unit)) return true;
  report(access, lane, unwritten);
  return false;
}

void UninitializedCheck::lane_write(const WarpAccess& access, unsigned lane) noexcept {
  const auto& seen = access.seen;
  const auto [memory, address] = place_of(access, lane);
  if (memory == nullptr) return;
  memory->mark(address, seen.bytes);
  for (std::size_t i = 0; i < seen.elements.size(); ++i) {
    const auto written_slot = seen.elements[i].written_slot;
    if (written_slot == 0) continue;
    const auto written = slot<std::uint32_t>(access.warp, written_slot)[lane];
    for (std::uint32_t byte = 0; byte < seen.element_bytes; ++byte)
      if ((written >> byte & 1) == 0) memory->forget(address + i * seen.element_bytes + byte, 1);
  }
}

void UninitializedCheck::forget_local(const Warp& warp, std::uint32_t lanes, std::uint64_t offset,
                                      std::uint64_t end) noexcept {
  for_lanes(lanes, [&](unsigned lane) {
    local_.forget((warp.index * warp_size + lane) * warp.local_stride + offset, end - offset);
    return true;
  });
}

void UninitializedCheck::report(const WarpAccess& access, unsigned lane, std::uint64_t unwritten) {
  auto& warp = access.warp;
  const bool is_shared = access.is_shared(lane);
  const bool is_local = access.is_local(lane);
  const auto address = is_shared  ? access.shared_offset(lane)
                       : is_local ? access.local_offset(lane) - lane * warp.local_stride
                                  : access.real[lane];
  const auto place = is_shared  ? shared_place(*warp.launch, address)
                     : is_local ? std::string("in local memory")
                                : warp.memory->describe(address);
  const auto which = unwritten == low_bits(access.seen.bytes) ? std::string("it")
                                                              : fmt::format("its byte {}", std::countr_zero(unwritten));
  warp.block->checks->report(warp,
                             {.code = 719,
                              .lane = lane,
                              .instruction = access.in,
                              .address = address,
                              .bytes = access.seen.bytes,
                              .what = text_of(access.seen.kind)},
                             {"uninitialized memory", fmt::format("{}; nothing has written {}", place, which)});
}

}  // namespace cujitsu::softgpu
