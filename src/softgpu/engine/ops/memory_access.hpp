// SPDX-License-Identifier: MIT
// What loads, stores and atomics share: how an access is written into Instruction::code, and the careful way to an
// address, one lane at a time, that finds every fault. The fast ways fall back to it.
#pragma once

#include "softgpu/engine/warp.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// Where an address points to. Those of generic, global, constant and entry are real ones.
enum class Where : std::uint8_t {
  generic,
  global,
  constant,
  entry,         ///< the kernel's parameters, by an address in a register
  shared,        ///< offsets in the block's shared memory
  local,         ///< offsets in the lane's local memory
  kernel_param,  ///< at Instruction::immediate, the same for all lanes
  call_param,    ///< at Instruction::immediate of the lane's call area
};

/// What becomes of a loaded element that is narrower than its register.
enum class Extension : std::uint8_t { zero, sign_to_16, sign_to_32, sign_to_64 };

/// Instruction::code of ld, st, atom and red.
namespace access_code {
inline constexpr std::uint32_t where_mask = 7;
inline constexpr std::uint32_t wide_address = 1u << 3;   // the address is a b64 slot
inline constexpr std::uint32_t extension_shift = 4;      // 2 bits
inline constexpr std::uint32_t wide_register = 1u << 6;  // elements narrower than 64 bits, in a b64 slot
inline constexpr std::uint32_t vector_shift = 8;         // 4 bits: the number of elements
inline constexpr std::uint32_t bytes_shift = 12;         // 5 bits: of an element
}  // namespace access_code

[[gnu::always_inline]] inline Where where_of(const Instruction* in) noexcept {
  return static_cast<Where>(in->code & access_code::where_mask);
}
[[gnu::always_inline]] inline Extension extension_of(const Instruction* in) noexcept {
  return static_cast<Extension>(in->code >> access_code::extension_shift & 3);
}
[[gnu::always_inline]] inline std::uint32_t vector_of(const Instruction* in) noexcept {
  return in->code >> access_code::vector_shift & 15;
}
[[gnu::always_inline]] inline std::uint32_t element_bytes(const Instruction* in) noexcept {
  return in->code >> access_code::bytes_shift & 31;
}

enum class Purpose : std::uint8_t { read, write, atomic };

/// The real address of every active lane's access of `bytes` (other elements are left alone); false after Warp::fault
/// and Warp::event have been set for the first lane that must not. Leaves the last allocation in Warp::cached.
[[nodiscard]] bool resolve_lanes(Warp& warp, const Instruction* in, std::uint32_t bytes, Purpose purpose,
                                 std::uint64_t* real) noexcept;

/// Puts an allocation that was found in front of Warp::cached.
void remember_range(Warp& warp, const CachedRange& range) noexcept;
/// The allocation or window around a real address, of which Warp::cached knows nothing. end 0: none that `where` may
/// use.
[[nodiscard]] CachedRange find_range(Warp& warp, Where where, std::uint64_t address) noexcept;

/// An access that is outside the kernel's parameters.
[[gnu::cold]] void parameter_fault(Warp& warp, const Instruction* in, std::uint32_t bytes) noexcept;

}  // namespace cujitsu::softgpu
