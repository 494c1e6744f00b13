// SPDX-License-Identifier: MIT
// A warp with registers and memory of its own, and instructions made from their opcode's text.
#pragma once

#include "softgpu/engine/address_space.hpp"
#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/warp.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::test {

inline constexpr OperandSlot b16{SlotKind::b32, ptx::Type::b16, false, false};
inline constexpr OperandSlot b32{SlotKind::b32, ptx::Type::b32, false, false};
inline constexpr OperandSlot b64{SlotKind::b64, ptx::Type::b64, false, false};
inline constexpr OperandSlot b128{SlotKind::b128, ptx::Type::b128, false, false};
inline constexpr OperandSlot predicate{SlotKind::pred, ptx::Type::pred, false, false};
inline constexpr OperandSlot free_operand{};  // an immediate or a sink
inline constexpr OperandSlot address64{SlotKind::b64, ptx::Type::b64, false, true};
inline constexpr OperandSlot address32{SlotKind::b32, ptx::Type::b32, false, true};
inline constexpr OperandSlot kernel_parameter{SlotKind::b64, ptx::Type::b64, true, false};
inline constexpr OperandSlot call_parameter{SlotKind::b64, ptx::Type::b64, false, false};

/// "ld.global.v4.f32": the words point into the text.
inline ptx::Instruction parse_words(std::string_view text) {
  ptx::Instruction result;
  bool is_first = true;
  while (!text.empty()) {
    const auto dot = std::min(text.find('.'), text.size());
    if (is_first) {
      result.opcode = text.substr(0, dot);
    } else {
      result.modifiers.push_back(text.substr(0, dot));
    }
    is_first = false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return result;
}

class Machine {
 public:
  static constexpr std::uint32_t shared_bytes = 16384;
  static constexpr std::uint64_t local_stride = 512;
  static constexpr std::uint32_t params_bytes = 256;
  static constexpr std::uint64_t call_stride = 128;

  Machine() : memory(std::uint64_t{1} << 28) {
    warp.registers = registers_.data();
    warp.memory = &memory;
    warp.shared = shared.data();
    warp.shared_bytes = shared_bytes;
    warp.shared_window = reinterpret_cast<std::uint64_t>(shared.data());
    warp.local = local.data();
    warp.local_stride = local_stride;
    warp.params = params.data();
    warp.params_bytes = params_bytes;
    warp.call_params = call_params.data();
    warp.call_stride = call_stride;
    for (std::size_t i = 0; i < shared_bytes; ++i) shared[i] = static_cast<std::byte>(i * 37 + 11);
    for (std::size_t i = 0; i < local.size(); ++i) local[i] = static_cast<std::byte>(i * 41 + 7);
    for (std::size_t i = 0; i < params_bytes; ++i) params[i] = static_cast<std::byte>(i * 43 + 5);
    for (std::size_t i = 0; i < call_params.size(); ++i) call_params[i] = static_cast<std::byte>(i * 47 + 3);
    set_active(0xffffffff);
  }

  void set_active(std::uint32_t active) {
    warp.active = active;
    warp.live = active;
    for (unsigned lane = 0; lane < warp_size; ++lane) warp.mask[lane] = (active >> lane & 1) != 0 ? 0xffffffff : 0;
  }

  /// Register number `n`: each has room for 128 bits.
  [[nodiscard]] static std::uint32_t at(unsigned n) { return n * 512; }
  template <class T>
  [[nodiscard]] T* lanes(unsigned n) {
    return slot<T>(warp, at(n));
  }

  /// Executes; `fields` are set by the caller (register numbers by at()). Masked: the masked handler.
  const Instruction* run(Instruction& in, const Decoding& decoding, bool masked = false) {
    in.whole = decoding.whole;
    in.masked = decoding.masked;
    in.code = decoding.code;
    warp.event = Event::none;
    warp.fault = {};
    return masked ? in.masked(warp, &in) : in.whole(warp, &in);
  }

  AddressSpace memory;
  Warp warp;
  alignas(64) std::array<std::byte, shared_bytes> shared{};
  alignas(64) std::array<std::byte, local_stride * warp_size> local{};
  alignas(64) std::array<std::byte, params_bytes> params{};
  alignas(64) std::array<std::byte, call_stride * warp_size> call_params{};

 private:
  alignas(64) std::array<std::byte, 512 * 32> registers_{};
};

}  // namespace cujitsu::softgpu::test
