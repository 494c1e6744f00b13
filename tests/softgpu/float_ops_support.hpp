// SPDX-License-Identifier: MIT
// Runs one floating-point instruction, given as text, on 32 lanes of operands.
#pragma once

#include "softgpu/engine/ops/float_words.hpp"
#include "softgpu/engine/warp.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::test {

using softgpu::Decoding;
using softgpu::Isa;
namespace ptx = softgpu::ptx;

inline std::vector<Isa> available_isas() {
  std::vector<Isa> found = {Isa::baseline};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v3")) found.push_back(Isa::v3);
  if (__builtin_cpu_supports("x86-64-v4")) found.push_back(Isa::v4);
#endif
  return found;
}

/// "setp.lt.and.f32 p|q, a, b, !c" without its operands' names: operands are counted by `operands`, `two` says that the
/// destination is a pair, `negated` that the last operand is.
struct Written {
  std::string text;
  ptx::Instruction instruction;
  std::vector<softgpu::OperandSlot> slots;

  Written(std::string_view name, unsigned operands, bool two = false, bool negated = false) : text(name) {
    std::string_view rest = text;
    bool first = true;
    while (!rest.empty()) {
      const auto dot = rest.find('.');
      const auto word = rest.substr(0, dot);
      if (first)
        instruction.opcode = word;
      else
        instruction.modifiers.push_back(word);
      first = false;
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    instruction.operands.resize(operands);
    slots.resize(operands);
    if (two) instruction.operands[0].second.resize(1);
    instruction.operands.back().negated = negated;
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
};

using Lanes = std::array<std::uint64_t, 32>;

class Runner {
 public:
  explicit Runner(Isa isa)
      : isa_(isa), arena_(static_cast<std::byte*>(::operator new(slots * 512, std::align_val_t{64}))) {
    warp_.registers = arena_;
  }
  ~Runner() { ::operator delete(arena_, std::align_val_t{64}); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Decoding decode(const Written& written) const {
    return softgpu::decode_floating_for(isa_, written.instruction, written.slots);
  }

  /// The destination's lanes; `mask` 0xffffffff runs the whole version. Lanes that are not in it hold `untouched`.
  Lanes run(const Decoding& decoding, const std::vector<Lanes>& sources, std::uint32_t mask = 0xffffffff) {
    softgpu::Instruction in{decoding.whole, decoding.masked};
    in.a = 512, in.b = 1024, in.c = 1536, in.f = 2048;
    in.code = decoding.code;
    in.immediate = decoding.immediate;
    for (std::size_t i = 0; i < sources.size(); ++i)
      store(static_cast<unsigned>(512 * (i + 1)), decoding.operands[i + 1], sources[i]);
    Lanes old;
    old.fill(untouched);
    store(0, decoding.operands[0], old);
    store(2048, decoding.operands[0], old);
    warp_.active = mask;
    for (unsigned lane = 0; lane < 32; ++lane) warp_.mask[lane] = (mask >> lane & 1) != 0 ? 0xffffffff : 0;
    const softgpu::Instruction* next = (mask == 0xffffffff ? in.whole : in.masked)(warp_, &in);
    if (next != &in + 1) throw std::logic_error("the handler does not go on");
    second = load(2048, ptx::Type::pred);
    return load(0, decoding.operands[0]);
  }

  static constexpr std::uint64_t untouched = 0x5a5a5a5a5a5a5a5a;
  Lanes second{};

 private:
  static constexpr std::size_t slots = 8;
  static bool wide(ptx::Type type) { return ptx::bits_of(type) == 64; }
  void store(unsigned offset, ptx::Type type, const Lanes& lanes) {
    for (unsigned lane = 0; lane < 32; ++lane) {
      if (wide(type))
        std::memcpy(arena_ + offset + lane * 8, &lanes[lane], 8);
      else
        std::memcpy(arena_ + offset + lane * 4, &lanes[lane], 4);
    }
  }
  Lanes load(unsigned offset, ptx::Type type) const {
    Lanes lanes{};
    for (unsigned lane = 0; lane < 32; ++lane) {
      if (wide(type))
        std::memcpy(&lanes[lane], arena_ + offset + lane * 8, 8);
      else
        std::memcpy(&lanes[lane], arena_ + offset + lane * 4, 4);
    }
    return lanes;
  }

  Isa isa_;
  std::byte* arena_;
  softgpu::Warp warp_;
};

}  // namespace cujitsu::test
