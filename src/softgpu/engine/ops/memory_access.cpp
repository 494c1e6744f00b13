// SPDX-License-Identifier: MIT
#include "softgpu/engine/ops/memory_access.hpp"

#include "softgpu/engine/address_space.hpp"

#include <cstddef>

namespace cujitsu::softgpu {
namespace {

// CUresult
constexpr int illegal_address = 700;
constexpr int illegal_instruction = 715;
constexpr int misaligned_address = 716;
constexpr int invalid_address_space = 717;
constexpr int launch_failed = 719;

/// A GPU's window of shared addresses: what is beyond is no shared address at all, and another error.
constexpr std::uint64_t shared_window_bytes = 16u << 20;

struct Verdict {
  int code = 0;
  const char* detail = nullptr;
};

struct Access {
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;
  Purpose purpose = Purpose::read;
};

bool is_within(std::uint64_t address, std::uint64_t bytes, std::uint64_t begin, std::uint64_t size) noexcept {
  const std::uint64_t offset = address - begin;
  return offset < size && bytes <= size - offset;
}

const char* text_of(Purpose purpose) noexcept {
  switch (purpose) {
    case Purpose::read: return "read";
    case Purpose::write: return "write";
    case Purpose::atomic: return "atomic";
  }
  return "access";
}

Verdict in_cache(const CachedRange& cached, Purpose purpose) noexcept {
  if (purpose == Purpose::read || cached.writable) return {};
  return {launch_failed, "constant memory is read-only"};
}

Verdict judge_windows(const Warp& warp, const Access& access, Where where) noexcept {
  const auto [address, bytes, purpose] = access;
  const auto params = reinterpret_cast<std::uint64_t>(warp.params);
  if (is_within(address, 1, params, warp.params_bytes)) {
    if (purpose != Purpose::read) return {launch_failed, "kernel parameters are read-only"};
    if (is_within(address, bytes, params, warp.params_bytes)) return {};
    return {illegal_address, "past the end of the kernel's parameters"};
  }
  if (is_within(address, 1, warp.shared_window, warp.shared_bytes)) {
    if (where != Where::generic) return {invalid_address_space, "the address is in shared memory"};
    if (is_within(address, bytes, warp.shared_window, warp.shared_bytes)) return {};
    return {illegal_address, "past the end of shared memory"};
  }
  const auto local = reinterpret_cast<std::uint64_t>(warp.local);
  if (is_within(address, 1, local, warp.local_stride * warp_size)) {
    if (where != Where::generic) return {invalid_address_space, "the address is in local memory"};
    if (purpose == Purpose::atomic) return {invalid_address_space, "atomics do not work on local memory"};
    if (is_within(address, bytes, local, warp.local_stride * warp_size)) return {};
    return {illegal_address, "past the end of local memory"};
  }
  return {illegal_address, nullptr};
}

Verdict judge_real(Warp& warp, const Access& access, Where where) noexcept {
  const auto [address, bytes, purpose] = access;
  if (where != Where::entry) {
    for (const CachedRange& cached : warp.cached) {
      if (is_within(address, bytes, cached.begin, cached.end - cached.begin)) return in_cache(cached, purpose);
    }
  }
  const Verdict in_window = judge_windows(warp, access, where);
  if (in_window.code != illegal_address || in_window.detail != nullptr) return in_window;
  if (where == Where::entry) return {illegal_address, "outside the kernel's parameters"};
  const AddressSpace::Range range = warp.memory->range_of(address);
  if (range.end == 0) return {illegal_address, nullptr};
  if (bytes > range.end - address) return {illegal_address, "reaches past the end of the allocation"};
  remember_range(warp, {range.begin, range.end, range.writable});
  return in_cache(warp.cached[0], purpose);
}

Verdict judge_shared(const Warp& warp, const Access& access) noexcept {
  if (is_within(access.address, access.bytes, 0, warp.shared_bytes)) return {};
  if (access.address >= shared_window_bytes) return {illegal_instruction, "no address of shared memory"};
  return {illegal_address, "past the end of shared memory"};
}

Verdict judge_local(const Warp& warp, const Access& access) noexcept {
  if (is_within(access.address, access.bytes, 0, warp.local_stride)) return {};
  return {illegal_address, "outside the thread's local memory"};
}

void fault(Warp& warp, const Instruction* in, std::uint32_t lane, const Access& access,
           const Verdict& verdict) noexcept {
  warp.fault = {verdict.code, lane, in, access.address, access.bytes, text_of(access.purpose), verdict.detail};
  warp.event = Event::fault;
}

/// Where accesses may go without a look at each one: real addresses from `begin` on, `shift` beyond those written.
struct Window {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  std::uint64_t shift = 0;
};

Window likely_window(const Warp& warp, Where where, Purpose purpose, std::uint64_t address) noexcept {
  if (where == Where::shared) return {0, warp.shared_bytes, reinterpret_cast<std::uint64_t>(warp.shared)};
  if (where != Where::generic && where != Where::global && where != Where::constant) return {};
  for (const CachedRange& cached : warp.cached) {
    if (!is_within(address, 1, cached.begin, cached.end - cached.begin)) continue;
    if (purpose != Purpose::read && !cached.writable) return {};
    return {cached.begin, cached.end - cached.begin, 0};
  }
  const bool is_shared = where == Where::generic && is_within(address, 1, warp.shared_window, warp.shared_bytes);
  return is_shared ? Window{warp.shared_window, warp.shared_bytes, 0} : Window{};
}

/// The usual case of resolve_lanes: all in one place, and nothing wrong. False: look at each lane. `bytes` is a power of
/// two.
template <class Address>
bool resolve_together(const Warp& warp, const Instruction* in, const Address* a, std::uint32_t bytes, Purpose purpose,
                      std::uint64_t* real) noexcept {
  const auto offset = static_cast<Address>(in->immediate);
  const auto first = static_cast<Address>(a[__builtin_ctz(warp.active)] + offset);
  const Window window = likely_window(warp, where_of(in), purpose, first);
  if (window.size < bytes) return false;
  const std::uint64_t last = window.size - bytes;
  std::uint64_t misaligned = 0;
  bool is_outside = false;
  for (std::uint32_t left = warp.active; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    const std::uint64_t address = static_cast<Address>(a[lane] + offset);
    misaligned |= address & (bytes - 1);
    is_outside |= address - window.begin > last;
    real[lane] = address + window.shift;
  }
  return misaligned == 0 && !is_outside;
}

}  // namespace

void remember_range(Warp& warp, const CachedRange& range) noexcept {
  for (std::size_t i = sizeof warp.cached / sizeof warp.cached[0] - 1; i > 0; --i) warp.cached[i] = warp.cached[i - 1];
  warp.cached[0] = range;
}

CachedRange find_range(Warp& warp, Where where, std::uint64_t address) noexcept {
  const auto params = reinterpret_cast<std::uint64_t>(warp.params);
  if (is_within(address, 1, params, warp.params_bytes)) return {params, params + warp.params_bytes, false};
  if (where == Where::entry) return {};
  if (is_within(address, 1, warp.shared_window, warp.shared_bytes)) {
    if (where != Where::generic) return {};
    return {warp.shared_window, warp.shared_window + warp.shared_bytes, true};
  }
  const auto local = reinterpret_cast<std::uint64_t>(warp.local);
  const std::uint64_t local_bytes = warp.local_stride * warp_size;
  if (is_within(address, 1, local, local_bytes)) {
    if (where != Where::generic) return {};
    return {local, local + local_bytes, true};
  }
  const AddressSpace::Range range = warp.memory->range_of(address);
  if (range.end == 0) return {};
  remember_range(warp, {range.begin, range.end, range.writable});
  return warp.cached[0];
}

bool resolve_lanes(Warp& warp, const Instruction* in, std::uint32_t bytes, Purpose purpose,
                   std::uint64_t* real) noexcept {
  const Where where = where_of(in);
  const bool is_wide = (in->code & access_code::wide_address) != 0;
  if (is_wide ? resolve_together(warp, in, slot<const std::uint64_t>(warp, in->a), bytes, purpose, real)
              : resolve_together(warp, in, slot<const std::uint32_t>(warp, in->a), bytes, purpose, real))
    return true;
  for (std::uint32_t lane = 0; lane < warp_size; ++lane) {
    if ((warp.active >> lane & 1) == 0) continue;
    if (where == Where::call_param) {
      real[lane] = reinterpret_cast<std::uint64_t>(warp.call_params) + lane * warp.call_stride +
                   static_cast<std::uint64_t>(in->immediate);
      continue;
    }
    Access access{0, bytes, purpose};
    if (where == Where::kernel_param) {
      access.address = reinterpret_cast<std::uint64_t>(warp.params) + static_cast<std::uint64_t>(in->immediate);
    } else if (is_wide) {
      access.address = slot<std::uint64_t>(warp, in->a)[lane] + static_cast<std::uint64_t>(in->immediate);
    } else {
      access.address = slot<std::uint32_t>(warp, in->a)[lane] + static_cast<std::uint32_t>(in->immediate);
    }
    Verdict verdict;
    if (access.address % bytes != 0) {
      verdict = {misaligned_address, "misaligned"};
    } else if (where == Where::shared) {
      verdict = judge_shared(warp, access);
    } else if (where == Where::local) {
      verdict = judge_local(warp, access);
    } else {
      verdict = judge_real(warp, access, where == Where::kernel_param ? Where::entry : where);
    }
    if (verdict.code != 0) {
      fault(warp, in, lane, access, verdict);
      return false;
    }
    real[lane] = access.address;
    if (where == Where::shared) real[lane] += reinterpret_cast<std::uint64_t>(warp.shared);
    if (where == Where::local) {
      real[lane] += reinterpret_cast<std::uint64_t>(warp.local) + lane * warp.local_stride;
    }
  }
  return true;
}

void parameter_fault(Warp& warp, const Instruction* in, std::uint32_t bytes) noexcept {
  const std::uint64_t address =
      reinterpret_cast<std::uint64_t>(warp.params) + static_cast<std::uint64_t>(in->immediate);
  fault(warp, in, static_cast<std::uint32_t>(__builtin_ctz(warp.active)), {address, bytes, Purpose::read},
        {illegal_address, "outside the kernel's parameters"});
}

}  // namespace cujitsu::softgpu
