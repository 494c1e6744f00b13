// SPDX-License-Identifier: MIT
// atom and red against what a sequence of lanes would do, the lowest first; and from several threads.
#include "memory_ops_support.hpp"

#include "support/catch.hpp"

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::test;

namespace {

using Bits = std::uint64_t;

struct Case {
  const char* text;
  unsigned bits;
  std::function<Bits(Bits, Bits, Bits)> next;
};

Bits low(Bits value, unsigned bits) { return bits == 64 ? value : value & ((Bits{1} << bits) - 1); }
std::int64_t sign(Bits value, unsigned bits) { return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits); }

OperandSlot slot_for(unsigned bits) { return bits == 16 ? b16 : bits == 32 ? b32 : b64; }

Bits get(Machine& m, unsigned number, unsigned bits, unsigned lane) {
  return bits == 64 ? m.lanes<std::uint64_t>(number)[lane] : m.lanes<std::uint32_t>(number)[lane];
}

void set(Machine& m, unsigned number, unsigned bits, unsigned lane, Bits value) {
  if (bits == 64) {
    m.lanes<std::uint64_t>(number)[lane] = value;
  } else {
    m.lanes<std::uint32_t>(number)[lane] = static_cast<std::uint32_t>(value);
  }
}

Bits read(std::uint64_t address, unsigned bits) {
  Bits value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), bits / 8);
  return value;
}

/// One lane's atom on a word of global or shared memory: what it returns and what is left there.
std::pair<Bits, Bits> once(const std::string& text, unsigned bits, Bits memory_value, Bits b, bool shared = false) {
  const auto m = std::make_unique<Machine>();
  std::uint64_t address = m->memory.allocate(8);
  std::byte* word = shared ? m->shared.data() : reinterpret_cast<std::byte*>(address);
  if (shared) address = 0;
  std::memcpy(word, &memory_value, bits / 8);
  m->set_active(1u << 5);
  m->lanes<std::uint64_t>(0)[5] = address;
  set(*m, 1, bits, 5, b);
  Instruction in{};
  in.a = Machine::at(0);
  in.b = Machine::at(1);
  in.c = Machine::at(1);
  in.d = Machine::at(2);
  const auto value = slot_for(bits);
  const OperandSlot slots[] = {value, address64, value};
  const ptx::Instruction words = parse_words(text);
  const Decoding decoding = decode_memory(words, slots);
  INFO(text << ": " << decoding.why);
  REQUIRE(decoding.answer == Decoding::Answer::decoded);
  REQUIRE(m->run(in, decoding, true) == &in + 1);
  return {get(*m, 2, bits, 5), read(reinterpret_cast<std::uint64_t>(word), bits)};
}

}  // namespace

TEST_CASE("integer atomics do what a sequence of lanes would", "[softgpu][atomic]") {
  const Case cases[] = {
      {"add.u32", 32, [](Bits o, Bits b, Bits) { return o + b; }},
      {"add.s32", 32, [](Bits o, Bits b, Bits) { return o + b; }},
      {"add.u64", 64, [](Bits o, Bits b, Bits) { return o + b; }},
      {"min.u32", 32, [](Bits o, Bits b, Bits) { return std::min(o, b); }},
      {"max.u32", 32, [](Bits o, Bits b, Bits) { return std::max(o, b); }},
      {"min.s32", 32, [](Bits o, Bits b, Bits) { return sign(b, 32) < sign(o, 32) ? b : o; }},
      {"max.s32", 32, [](Bits o, Bits b, Bits) { return sign(b, 32) > sign(o, 32) ? b : o; }},
      {"min.u64", 64, [](Bits o, Bits b, Bits) { return std::min(o, b); }},
      {"max.s64", 64, [](Bits o, Bits b, Bits) { return sign(b, 64) > sign(o, 64) ? b : o; }},
      {"inc.u32", 32, [](Bits o, Bits b, Bits) { return o >= b ? 0 : o + 1; }},
      {"dec.u32", 32, [](Bits o, Bits b, Bits) { return o == 0 || o > b ? b : o - 1; }},
      {"and.b32", 32, [](Bits o, Bits b, Bits) { return o & b; }},
      {"or.b64", 64, [](Bits o, Bits b, Bits) { return o | b; }},
      {"xor.b32", 32, [](Bits o, Bits b, Bits) { return o ^ b; }},
      {"exch.b32", 32, [](Bits, Bits b, Bits) { return b; }},
      {"exch.b64", 64, [](Bits, Bits b, Bits) { return b; }},
      {"cas.b16", 16, [](Bits o, Bits b, Bits c) { return o == b ? c : o; }},
      {"cas.b32", 32, [](Bits o, Bits b, Bits c) { return o == b ? c : o; }},
      {"cas.b64", 64, [](Bits o, Bits b, Bits c) { return o == b ? c : o; }},
  };
  const auto owner = std::make_unique<Machine>();
  Machine& m = *owner;
  const std::uint64_t global = m.memory.allocate(1024);
  for (const Case& test : cases) {
    for (const char* space : {".global", "", ".shared", ".relaxed.gpu.global"}) {
      for (const unsigned places : {1u, 5u}) {
        for (const std::uint32_t mask : {0xffffffffu, 0x00f0f001u}) {
          for (const bool returns : {true, false}) {
            const bool is_cas = std::string(test.text).substr(0, 3) == "cas";
            if (!returns && (is_cas || std::string(test.text).substr(0, 4) == "exch")) continue;
            const std::string text = std::string(returns ? "atom" : "red") + space + "." + test.text;
            INFO(text << " places " << places << " mask " << mask);
            const bool is_shared = std::string(space) == ".shared";
            std::byte* base = is_shared ? m.shared.data() : reinterpret_cast<std::byte*>(global);
            std::vector<Bits> expected(places);
            for (unsigned i = 0; i < places; ++i) {
              expected[i] = low(0x8000000000000003u * (i + 1), test.bits);
              std::memcpy(base + i * 8, &expected[i], 8);
            }
            m.set_active(mask);
            for (unsigned lane = 0; lane < 32; ++lane) {
              const bool is_active = (mask >> lane & 1) != 0;
              const std::uint64_t offset = lane % places * 8;
              m.lanes<std::uint64_t>(0)[lane] = !is_active ? 1 : is_shared ? offset : global + offset;
              const Bits b = is_cas ? lane % places == 0 ? 3 + lane : lane : lane * 0x9e3779b97f4a7c15u;
              set(m, 1, test.bits, lane, low(b, test.bits));
              set(m, 2, test.bits, lane, low(3 + lane + 1, test.bits));
              set(m, 3, test.bits, lane, low(0xeeeeeeeeeeeeeeee, test.bits));
            }
            std::vector<Bits> olds(32, low(0xeeeeeeeeeeeeeeee, test.bits));
            for (unsigned lane = 0; lane < 32; ++lane) {
              if ((mask >> lane & 1) == 0) continue;
              Bits& word = expected[lane % places];
              if (returns) olds[lane] = low(word, test.bits);
              word = low(test.next(low(word, test.bits), get(m, 1, test.bits, lane), get(m, 2, test.bits, lane)),
                         test.bits);
            }
            const auto value = slot_for(test.bits);
            std::vector<OperandSlot> slots;
            if (returns) slots.push_back(value);
            slots.push_back(address64);
            slots.push_back(value);
            if (is_cas) slots.push_back(value);
            const ptx::Instruction words = parse_words(text);
            const Decoding decoding = decode_memory(words, slots);
            REQUIRE(decoding.answer == Decoding::Answer::decoded);
            Instruction in{};
            in.a = Machine::at(0);
            in.b = Machine::at(1);
            in.c = Machine::at(2);
            in.d = Machine::at(3);
            REQUIRE(m.run(in, decoding, mask != 0xffffffff) == &in + 1);
            for (unsigned i = 0; i < places; ++i) {
              REQUIRE(read(reinterpret_cast<std::uint64_t>(base + i * 8), test.bits) == expected[i]);
            }
            for (unsigned lane = 0; lane < 32; ++lane) REQUIRE(get(m, 3, test.bits, lane) == olds[lane]);
          }
        }
      }
    }
  }
}

TEST_CASE("floating additions flush, round and make NaNs as a GPU does", "[softgpu][atomic]") {
  using Pair = std::pair<Bits, Bits>;
  CHECK(once("atom.global.add.f32", 32, 0x3f800000, 0x40000000) == Pair{0x3f800000, 0x40400000});
  // Global memory flushes subnormals, the old value comes back as it was; shared memory does not.
  CHECK(once("atom.global.add.f32", 32, 0x00000005, 0) == Pair{0x00000005, 0});
  CHECK(once("atom.add.f32", 32, 0x80000003, 0x80000004) == Pair{0x80000003, 0x80000000});
  CHECK(once("atom.global.add.f32", 32, 0x00700000, 0x00700000) == Pair{0x00700000, 0});
  CHECK(once("atom.global.add.f32", 32, 0x00800001, 0x80800000) == Pair{0x00800001, 0});
  CHECK(once("atom.shared.add.f32", 32, 0x00700000, 0x00700000, true) == Pair{0x00700000, 0x00e00000});
  CHECK(once("atom.global.add.f32", 32, 0x7f800000, 0xff800000).second == 0x7fffffff);
  CHECK(once("atom.global.add.f32", 32, 0xffc12345, 0).second == 0x7fffffff);
  CHECK(once("atom.global.add.f64", 64, 3, 4) == Pair{3, 7});
  // In global memory NaNs stay as they are, signalling ones too: the operand's before the memory's. In shared memory they
  // become quiet, the memory's before the operand's.
  CHECK(once("atom.global.add.f64", 64, 0x7ff0000000000077, 0).second == 0x7ff0000000000077);
  CHECK(once("atom.add.f64", 64, 0x7ff8000000000077, 0xfff0000000000011).second == 0xfff0000000000011);
  CHECK(once("atom.shared.add.f64", 64, 0, 0x7ff0000000000077, true).second == 0x7ff8000000000077);
  CHECK(once("atom.shared.add.f64", 64, 0x7ff0000000000077, 0xfff8000000000011, true).second == 0x7ff8000000000077);
  CHECK(once("atom.shared.add.f64", 64, 0x7ff0000000000000, 0xfff0000000000000, true).second == 0xfff8000000000000);
  CHECK(once("atom.global.add.f64", 64, 0x7ff0000000000077, 0xfff8000000000011).second == 0xfff8000000000011);
  CHECK(once("atom.global.add.f64", 64, 0x7ff0000000000000, 0xfff0000000000000).second == 0xfff8000000000000);
  // 1 + 2 and 65504 + 65504; 1 + 2^-11 is a tie, to even; subnormals stay.
  CHECK(once("atom.global.add.noftz.f16x2", 32, 0x7bff3c00, 0x7bff4000) == Pair{0x7bff3c00, 0x7c004200});
  CHECK(once("atom.global.add.noftz.f16", 16, 0x3c00, 0x1000).second == 0x3c00);
  CHECK(once("atom.global.add.noftz.f16", 16, 0x3c01, 0x1000).second == 0x3c02);
  CHECK(once("atom.global.add.noftz.f16", 16, 0x0001, 0x0002).second == 0x0003);
  CHECK(once("atom.global.add.noftz.f16", 16, 0x03ff, 0x0001).second == 0x0400);
  CHECK(once("atom.global.add.noftz.f16", 16, 0x8400, 0x0001).second == 0x83ff);
  CHECK(once("atom.global.add.noftz.f16", 16, 0x7e01, 0x3c00).second == 0x7fff);
  CHECK(once("atom.global.add.noftz.f16", 16, 0xfc00, 0x3c00).second == 0xfc00);
  CHECK(once("atom.global.add.noftz.bf16", 16, 0x3f80, 0x3f80).second == 0x4000);
  CHECK(once("atom.global.add.noftz.bf16", 16, 0x3f80, 0x3b80).second == 0x3f80);
  CHECK(once("atom.global.add.noftz.bf16x2", 32, 0xff813f80, 0x00003f80).second == 0x7fff4000);
}

TEST_CASE("atomics of several threads lose nothing", "[softgpu][atomic]") {
  const auto owner = std::make_unique<Machine>();
  const std::uint64_t counter = owner->memory.allocate(16);
  std::memset(reinterpret_cast<void*>(counter), 0, 16);
  std::vector<std::thread> threads;
  for (int id = 0; id < 3; ++id) {
    threads.emplace_back([&] {
      const auto mine = std::make_unique<Machine>();
      mine->warp.memory = &owner->memory;
      for (unsigned lane = 0; lane < 32; ++lane) {
        mine->lanes<std::uint64_t>(0)[lane] = counter;
        mine->lanes<std::uint32_t>(1)[lane] = 1;
        mine->lanes<std::uint64_t>(2)[lane] = counter + 8;
        mine->lanes<float>(3)[lane] = 1.0f;
      }
      const OperandSlot slots[] = {address64, b32};
      const ptx::Instruction add = parse_words("red.global.add.u32");
      const ptx::Instruction add_float = parse_words("red.global.add.f32");
      Instruction in{};
      in.a = Machine::at(0);
      in.b = Machine::at(1);
      Instruction floating{};
      floating.a = Machine::at(2);
      floating.b = Machine::at(3);
      for (int i = 0; i < 2000; ++i) {
        mine->run(in, decode_memory(add, slots));
        mine->run(floating, decode_memory(add_float, slots));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(read(counter, 32) == 3 * 2000 * 32);
  float sum = 0;
  std::memcpy(&sum, reinterpret_cast<const void*>(counter + 8), sizeof sum);
  CHECK(sum == 3 * 2000 * 32);
}
