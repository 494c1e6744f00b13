// SPDX-License-Identifier: MIT
// Runs integer handlers against scalar code written from the rules, in each instruction set that this CPU has.
#pragma once

#include "softgpu/engine/ops/decode_integer.hpp"
#include "softgpu/engine/warp.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cujitsu::softgpu::test {

using ptx::Type;
using U = std::uint64_t;
using I = std::int64_t;
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

inline constexpr std::array isas{Isa::baseline, Isa::v3, Isa::v4};

inline U low(U value, unsigned bits) { return bits >= 64 ? value : value & ((U{1} << bits) - 1); }
inline I sign(U value, unsigned bits) { return static_cast<I>(value << (64 - bits)) >> (64 - bits); }

/// What a reference function sees of one lane: the sources in PTX's order, and where it puts its results.
struct Lane {
  std::array<U, 6> in{};
  std::array<U, 4> out{};
  U second = 0;
  U carry = 0;
  U carry_out = 0;
};
using Reference = std::function<void(Lane&)>;

/// "%r1" is a b32 register, "%rs1" b16, "%rd1" b64, "%p1" a predicate, "%f1" f32, "%rb1" b8, "%rq1" b128.
inline Type type_of_name(const std::string& name) {
  const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  if (starts("%rs")) return Type::b16;
  if (starts("%rd")) return Type::b64;
  if (starts("%rb")) return Type::b8;
  if (starts("%rq")) return Type::b128;
  if (starts("%p")) return Type::pred;
  if (starts("%fd")) return Type::f64;
  return starts("%f") ? Type::f32 : Type::b32;
}

inline SlotKind kind_of(Type type) {
  if (type == Type::pred) return SlotKind::pred;
  return ptx::bits_of(type) <= 32 ? SlotKind::b32 : ptx::bits_of(type) == 64 ? SlotKind::b64 : SlotKind::b128;
}

/// An instruction with the text that it points into.
struct Line {
  explicit Line(std::string written) : text(std::make_unique<std::string>(std::move(written))) {
    const std::string_view view = *text;
    const auto space = view.find(' ');
    std::string_view words = view.substr(0, space);
    for (bool first = true; !words.empty(); first = false) {
      const auto dot = words.find('.');
      if (first)
        instruction.opcode = words.substr(0, dot);
      else
        instruction.modifiers.push_back(words.substr(0, dot));
      words = dot == std::string_view::npos ? std::string_view{} : words.substr(dot + 1);
    }
    std::string_view rest = space == std::string_view::npos ? std::string_view{} : view.substr(space + 1);
    ptx::Operand* vector = nullptr;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      std::string word(rest.substr(0, end));
      rest = rest.substr(std::min(end + 1, rest.size()));
      if (word[0] == '{') {
        vector = &instruction.operands.emplace_back();
        vector->kind = ptx::Operand::Kind::vector;
        word = word.substr(1);
      }
      const bool closes = word.find('}') != std::string::npos;
      std::erase_if(word, [](char c) { return c == ',' || c == '}'; });
      (vector != nullptr ? vector->elements : instruction.operands).push_back(operand(word));
      if (closes) vector = nullptr;
    }
  }

  ptx::Operand operand(std::string word) {
    ptx::Operand result;
    if (const auto bar = word.find('|'); bar != std::string::npos) {
      result.second.push_back(operand(word.substr(bar + 1)));
      word = word.substr(0, bar);
      const auto second = std::move(result.second);
      result = operand(word);
      result.second = second;
      return result;
    }
    if (word[0] == '!') {
      result.negated = true;
      word = word.substr(1);
    }
    if (word[0] == '%') {
      result.kind = ptx::Operand::Kind::reg;
      if (const auto dot = word.find('.'); dot != std::string::npos) {
        result.name = std::string_view(*text).substr(text->find(word) + dot + 1, word.size() - dot - 1);
        instruction.modifiers.push_back(result.name);
        word = word.substr(0, dot);
      }
      const auto found = std::find(names.begin(), names.end(), word);
      result.index = static_cast<std::uint32_t>(found - names.begin());
      if (found == names.end()) names.push_back(word);
    } else if (word != "_") {
      result.kind = ptx::Operand::Kind::integer;
      result.bits = static_cast<U>(std::stoll(word, nullptr, 0));
    }
    return result;
  }

  std::unique_ptr<std::string> text;
  std::vector<std::string> names;
  ptx::Instruction instruction;
};

inline std::vector<const ptx::Operand*> flattened(const ptx::Instruction& instruction) {
  std::vector<const ptx::Operand*> result;
  for (const auto& operand : instruction.operands) {
    if (operand.elements.empty()) result.push_back(&operand);
    for (const auto& element : operand.elements) result.push_back(&element);
  }
  return result;
}

inline Decoding decode(const Line& line, Isa isa) {
  std::vector<OperandSlot> slots;
  for (const auto* operand : flattened(line.instruction)) {
    OperandSlot slot;
    if (operand->kind == ptx::Operand::Kind::reg) {
      slot.type = type_of_name(line.names[operand->index]);
      slot.kind = kind_of(slot.type);
    }
    slots.push_back(slot);
  }
  return decode_integer_for(isa, line.instruction, slots);
}

inline std::mt19937_64& random_numbers() {
  static std::mt19937_64 numbers(20261121);
  return numbers;
}

inline U interesting(unsigned bits) {
  static constexpr U edges[] = {0,
                                1,
                                2,
                                3,
                                ~U{0},
                                ~U{1},
                                0x7f,
                                0x80,
                                0xff,
                                0x100,
                                0x7fff,
                                0x8000,
                                0xffff,
                                0x10000,
                                0x7fffffff,
                                0x80000000,
                                0xffffffff,
                                0x100000000,
                                0x7fffffffffffffff,
                                0x8000000000000000,
                                15,
                                16,
                                17,
                                31,
                                32,
                                33,
                                63,
                                64,
                                65,
                                255,
                                256,
                                260,
                                0xff80,
                                0xffffff80,
                                0x7f800000,
                                0x7f800001,
                                0xff800000,
                                0x80000001,
                                0xffffffffffffff80};
  auto& numbers = random_numbers();
  const U value = numbers();
  switch (numbers() % 4) {
    case 0: return low(value, bits);
    case 1: return low(value % 80, bits);
    case 2: return low(value >> (value % 64), bits);
    default: return low(edges[value % std::size(edges)], bits);
  }
}

/// A frame whose slots the instruction's operands get in order.
struct Frame {
  static constexpr std::uint32_t stride = 512;
  alignas(64) std::array<std::byte, stride * 16> bytes{};

  U get(std::uint32_t offset, Type type, unsigned lane, bool high = false) const {
    if (kind_of(type) == SlotKind::b32 || kind_of(type) == SlotKind::pred) {
      std::uint32_t word;
      std::memcpy(&word, &bytes[offset + 4 * lane], 4);
      return word;
    }
    U word;
    std::memcpy(&word, &bytes[offset + 8 * lane + (high ? 256 : 0)], 8);
    return word;
  }
  void set(std::uint32_t offset, Type type, unsigned lane, U value, bool high = false) {
    const auto word = static_cast<std::uint32_t>(value);
    if (kind_of(type) == SlotKind::b32 || kind_of(type) == SlotKind::pred)
      std::memcpy(&bytes[offset + 4 * lane], &word, 4);
    else
      std::memcpy(&bytes[offset + 8 * lane + (high ? 256 : 0)], &value, 8);
  }
};

inline void run_and_compare(const Line& line, const Reference& reference, Isa isa, bool masked) {
  const auto decoding = decode(line, isa);
  INFO(*line.text << ": " << decoding.why);
  REQUIRE(decoding.answer == Decoding::Answer::decoded);
  const auto operands = flattened(line.instruction);
  const std::size_t results = std::max<std::size_t>(1, line.instruction.operands[0].elements.size());
  const bool has_second = !line.instruction.operands[0].second.empty();
  auto& numbers = random_numbers();

  auto frame = std::make_unique<Frame>();
  Instruction in{};
  in.whole = decoding.whole;
  in.masked = decoding.masked;
  in.code = decoding.code;
  in.immediate = decoding.immediate;
  std::vector<std::uint32_t> offsets;
  std::map<std::string, std::uint32_t> named;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    auto offset = static_cast<std::uint32_t>((i + 1) * Frame::stride);
    if (operands[i]->kind == ptx::Operand::Kind::reg)
      offset = named.emplace(line.names[operands[i]->index], offset).first->second;
    offsets.push_back(offset);
  }
  const std::array<std::uint32_t*, 5> fields{&in.d, &in.a, &in.b, &in.c, &in.e};
  for (std::size_t i = 0; i < operands.size() && i < 6; ++i)
    if (decoding.operands[i] != Type::none) *fields[std::min<std::size_t>(i, 4)] = offsets[i];
  in.f = 10 * Frame::stride;

  for (unsigned lane = 0; lane < warp_size; ++lane) {
    frame->set(carry_slot, Type::b32, lane, numbers() & 1);
    frame->set(in.f, Type::pred, lane, (numbers() & 1) != 0 ? 0xffffffffu : 0);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const Type type = decoding.operands[i];
      if (type == Type::none) continue;
      U value = interesting(std::min(64u, ptx::bits_of(type)));
      if (operands[i]->kind == ptx::Operand::Kind::integer) value = low(operands[i]->bits, ptx::bits_of(type));
      if (type == Type::pred) value = (value & 1) != 0 ? 0xffffffffu : 0;
      frame->set(offsets[i], type, lane, value);
      if (type == Type::b128) frame->set(offsets[i], type, lane, numbers(), true);
    }
  }

  Warp warp;
  const std::uint32_t active = masked ? static_cast<std::uint32_t>(numbers()) : ~0u;
  for (unsigned lane = 0; lane < warp_size; ++lane) warp.mask[lane] = (active >> lane & 1) != 0 ? ~0u : 0;
  warp.active = active;
  warp.live = ~0u;
  const auto before = std::make_unique<Frame>(*frame);
  warp.registers = frame->bytes.data();
  CHECK((masked ? in.masked : in.whole)(warp, &in) == &in + 1);

  auto expected = std::make_unique<Frame>(*before);
  std::string wrong;
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    if ((active >> lane & 1) == 0) continue;
    Lane values;
    values.carry = before->get(carry_slot, Type::b32, lane);
    values.carry_out = values.carry;
    std::size_t source = 0;
    for (std::size_t i = results; i < operands.size(); ++i) {
      const Type type = decoding.operands[i];
      if (type == Type::none) {
        values.in[source++] = operands[i]->bits;
        continue;
      }
      U value = before->get(offsets[i], type, lane);
      if (type == Type::pred) value = (value & 1) ^ (operands[i]->negated ? 1u : 0u);
      values.in[source++] = value;
      if (type == Type::b128) values.in[source++] = before->get(offsets[i], type, lane, true);
    }
    reference(values);
    for (std::size_t i = 0; i < results; ++i) {
      const Type type = decoding.operands[i];
      U value = values.out[i];
      if (type == Type::pred) value = value != 0 ? 0xffffffffu : 0;
      expected->set(offsets[i], type, lane,
                    type == Type::b128 ? value : low(value, ptx::bits_of(type) == 1 ? 32 : ptx::bits_of(type)));
      if (type == Type::b128) expected->set(offsets[i], type, lane, values.out[i + 1], true);
    }
    if (has_second) expected->set(in.f, Type::pred, lane, values.second != 0 ? 0xffffffffu : 0);
    expected->set(carry_slot, Type::b32, lane, values.carry_out);
    if (wrong.empty() &&
        expected->get(in.d, decoding.operands[0], lane) != frame->get(in.d, decoding.operands[0], lane)) {
      std::ostringstream text;
      text << std::hex << "sources";
      for (std::size_t i = 0; i < source; ++i) text << ' ' << values.in[i];
      text << " carry " << values.carry << ": " << frame->get(in.d, decoding.operands[0], lane) << ", expected "
           << expected->get(in.d, decoding.operands[0], lane);
      wrong = text.str();
    }
  }
  INFO("isa " << static_cast<int>(isa) << (masked ? " masked " : " whole ") << wrong);
  CHECK(std::memcmp(frame->bytes.data(), expected->bytes.data(), frame->bytes.size()) == 0);
}

inline void check_all(const std::string& text, const Reference& reference) {
  const Line line(text);
  for (const Isa which : isas) {
    if (which > isa()) continue;
    for (int round = 0; round < 12; ++round) run_and_compare(line, reference, which, round % 2 == 1);
  }
}

/// For one result.
inline void check(const std::string& text, const std::function<U(const Lane&)>& reference) {
  check_all(text, [&](Lane& lane) { lane.out[0] = reference(lane); });
}

inline bool refuses(const std::string& text) {
  const auto decoding = decode(Line(text), Isa::baseline);
  return decoding.answer == Decoding::Answer::refused && !decoding.why.empty();
}
inline bool leaves(const std::string& text) {
  return decode(Line(text), Isa::baseline).answer == Decoding::Answer::not_mine;
}

struct IntegerType {
  std::string name;
  unsigned bits;
  bool is_signed;
  [[nodiscard]] std::string reg(int number) const {
    return (bits == 16 ? "%rs" : bits == 32 ? "%r" : "%rd") + std::to_string(number);
  }
  /// As the number that it is.
  [[nodiscard]] Int128 value(U word) const { return is_signed ? Int128{sign(word, bits)} : Int128{low(word, bits)}; }
  [[nodiscard]] Int128 lowest() const { return is_signed ? -(Int128{1} << (bits - 1)) : Int128{0}; }
  [[nodiscard]] Int128 highest() const { return (Int128{1} << (is_signed ? bits - 1 : bits)) - 1; }
  [[nodiscard]] Int128 clamped(Int128 number) const { return std::min(std::max(number, lowest()), highest()); }
};
inline const std::vector<IntegerType> integer_types{{"u16", 16, false}, {"s16", 16, true},  {"u32", 32, false},
                                                    {"s32", 32, true},  {"u64", 64, false}, {"s64", 64, true}};

inline std::string three(const IntegerType& t) { return " " + t.reg(1) + ", " + t.reg(2) + ", " + t.reg(3); }
inline std::string four(const IntegerType& t) { return three(t) + ", " + t.reg(4); }

}  // namespace cujitsu::softgpu::test
