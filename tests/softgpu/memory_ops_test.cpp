// SPDX-License-Identifier: MIT
// ld, st and what belongs to them against plain references, lane by lane; and every fault.
#include "memory_ops_support.hpp"

#include "support/catch.hpp"

#include <cstring>
#include <functional>
#include <memory>
#include <string>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::test;

namespace {

struct TypeCase {
  const char* name;
  unsigned bytes;
  bool is_signed;
};
constexpr TypeCase types[] = {{"b8", 1, false},  {"u8", 1, false},  {"s8", 1, true},   {"b16", 2, false},
                              {"u16", 2, false}, {"s16", 2, true},  {"b32", 4, false}, {"u32", 4, false},
                              {"s32", 4, true},  {"f32", 4, false}, {"b64", 8, false}, {"u64", 8, false},
                              {"s64", 8, true},  {"f64", 8, false}};

enum class Pattern { contiguous, uniform, permuted, rows, rows_and_columns };  // the last two by 8 lanes
constexpr std::uint32_t masks[] = {0xffffffff, 0x00001fff, 0x80000001, 0x5555aaaa, 0x00010000};

std::unique_ptr<Machine> machine() { return std::make_unique<Machine>(); }

struct Region {
  const char* space;     // "", ".global", …
  bool is_narrow;        // addresses in b32 registers
  std::uint64_t base;    // what an offset is added to in the register
  std::byte* bytes;      // lane 0's memory behind it
  std::uint64_t stride;  // between lanes' memories
};

std::vector<Region> regions(Machine& m, std::uint64_t global) {
  auto* memory = reinterpret_cast<std::byte*>(global);
  return {
      {".global", false, global, memory, 0},
      {"", false, global, memory, 0},
      {".const", false, global, memory, 0},
      {"", false, m.warp.shared_window, m.shared.data(), 0},
      {".shared", false, 0, m.shared.data(), 0},
      {".shared::cta", true, 0, m.shared.data(), 0},
      {".local", false, 0, m.local.data(), Machine::local_stride},
      {".local", true, 0, m.local.data(), Machine::local_stride},
  };
}

std::uint64_t offset_of(Pattern pattern, unsigned lane, unsigned total, bool is_local) {
  const std::uint64_t places = is_local ? Machine::local_stride / total : 64;
  switch (pattern) {
    case Pattern::contiguous: return lane % places * total;
    case Pattern::uniform: return 3 % places * total;
    case Pattern::permuted: return (lane * 7 + 5) % places * total;
    case Pattern::rows: return (lane / 8 * 13 + lane % 8) % places * total;
    case Pattern::rows_and_columns: return (lane / 8 * 11 + (lane / 8 % 2 == 0 ? lane % 8 : 2)) % places * total;
  }
  return 0;
}

void set_address(Machine& m, const Region& region, unsigned lane, std::uint64_t offset) {
  if (region.is_narrow) {
    m.lanes<std::uint32_t>(0)[lane] = static_cast<std::uint32_t>(region.base + offset);
  } else {
    m.lanes<std::uint64_t>(0)[lane] = region.base + offset;
  }
}

void for_all_accesses(
    Machine& m, std::uint64_t global, bool loads,
    const std::function<void(const Region&, const TypeCase&, unsigned, Pattern, std::uint32_t)>& body) {
  for (const Region& region : regions(m, global)) {
    if (!loads && std::string(region.space) == ".const") continue;
    for (const TypeCase& type : types) {
      for (const unsigned vector : {1u, 2u, 4u, 8u}) {
        if (vector == 8 && type.bytes != 4) continue;
        for (const Pattern pattern :
             {Pattern::contiguous, Pattern::uniform, Pattern::permuted, Pattern::rows, Pattern::rows_and_columns}) {
          for (const std::uint32_t mask : masks) body(region, type, vector, pattern, mask);
        }
      }
    }
  }
}

std::uint64_t element(const std::byte* from, unsigned bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, bytes);
  return value;
}

std::uint64_t extended(std::uint64_t value, const TypeCase& type, unsigned register_bits) {
  if (type.is_signed && type.bytes < 8) {
    const unsigned shift = 64 - 8 * type.bytes;
    value = static_cast<std::uint64_t>(static_cast<std::int64_t>(value << shift) >> shift);
  }
  return register_bits == 64 ? value : value & ((std::uint64_t{1} << register_bits) - 1);
}

std::string opcode(const char* head, const char* space, unsigned vector, const char* type) {
  std::string text = std::string(head) + space;
  if (vector > 1) text += ".v" + std::to_string(vector);
  return text + "." + type;
}

Decoding decode(const std::string& text, const std::vector<OperandSlot>& slots) {
  const ptx::Instruction in = parse_words(text);
  return decode_memory(in, slots);
}

std::uint64_t register_value(Machine& m, unsigned number, unsigned bits, unsigned lane) {
  return bits == 64 ? m.lanes<std::uint64_t>(number)[lane] : m.lanes<std::uint32_t>(number)[lane];
}

void fill_registers(Machine& m, unsigned first, unsigned count, std::uint8_t value) {
  std::memset(m.lanes<std::byte>(first), value, std::size_t{count} * 512);
}

}  // namespace

TEST_CASE("every load gives each lane its element, extended by its type", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t global = m.memory.allocate(65536);
  for (int i = 0; i < 65536; ++i)
    reinterpret_cast<std::uint8_t*>(global)[i] = static_cast<std::uint8_t>(i * 29 + (i >> 8));
  for (const char* head : {"ld", "ld.volatile"}) {
    unsigned wrong = 0;
    std::string first_wrong;
    for_all_accesses(
        m, global, true,
        [&](const Region& region, const TypeCase& type, unsigned vector, Pattern pattern, std::uint32_t mask) {
          for (const unsigned bits : {16u, 32u, 64u}) {
            if (bits < 8 * type.bytes || (type.name[0] == 'f' && bits != 8 * type.bytes)) continue;
            std::vector<OperandSlot> slots(vector, bits == 16 ? b16 : bits == 32 ? b32 : b64);
            slots.push_back(region.is_narrow ? address32 : address64);
            const std::string text = opcode(head, region.space, vector, type.name);
            const Decoding decoding = decode(text, slots);
            if (type.bytes * vector > 32) continue;
            INFO(text << ": " << decoding.why);
            REQUIRE(decoding.answer == Decoding::Answer::decoded);
            const unsigned total = type.bytes * vector;
            m.set_active(mask);
            for (unsigned lane = 0; lane < 32; ++lane) {
              const bool is_active = (mask >> lane & 1) != 0;
              const std::uint64_t offset = offset_of(pattern, lane, total, region.stride != 0);
              set_address(m, region, lane, is_active ? offset - 64 : 0x123456789);
            }
            fill_registers(m, 1, 9, 0xee);
            Instruction in{};
            in.a = Machine::at(0);
            in.d = Machine::at(1);
            in.immediate = 64;
            std::uint32_t elements[8];
            for (unsigned i = 0; i < vector; ++i) elements[i] = Machine::at(1 + i);
            if (decoding.vector) in.data = elements;
            const bool masked = mask != 0xffffffff && mask != 0x1fff;  // 0x1fff: the last warp of a block
            if (m.run(in, decoding, masked) != &in + 1) ++wrong;
            for (unsigned lane = 0; lane < 32; ++lane) {
              const bool is_active = (mask >> lane & 1) != 0;
              if (!is_active && !masked) continue;
              const std::byte* from =
                  region.bytes + lane * region.stride + offset_of(pattern, lane, total, region.stride != 0);
              for (unsigned i = 0; i < vector; ++i) {
                const std::uint64_t untouched = bits == 64 ? 0xeeeeeeeeeeeeeeee : 0xeeeeeeee;
                const std::uint64_t expected =
                    is_active ? extended(element(from + i * type.bytes, type.bytes), type, bits) : untouched;
                if (register_value(m, 1 + i, bits, lane) == expected) continue;
                if (wrong++ == 0)
                  first_wrong = text + " into " + std::to_string(bits) + " lane " + std::to_string(lane);
              }
            }
          }
        });
    INFO(first_wrong);
    CHECK(wrong == 0);
  }
}

TEST_CASE("every store changes the active lanes' bytes and no others", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t global = m.memory.allocate(4096);
  for (const char* head : {"st", "st.release.gpu"}) {
    unsigned wrong = 0;
    std::string first_wrong;
    for_all_accesses(
        m, global, false,
        [&](const Region& region, const TypeCase& type, unsigned vector, Pattern pattern, std::uint32_t mask) {
          for (const unsigned bits : {16u, 32u, 64u}) {
            if (bits < 8 * type.bytes || (type.name[0] == 'f' && bits != 8 * type.bytes)) continue;
            const unsigned total = type.bytes * vector;
            if (total > 32) continue;
            std::vector<OperandSlot> slots{region.is_narrow ? address32 : address64};
            slots.insert(slots.end(), vector, bits == 16 ? b16 : bits == 32 ? b32 : b64);
            const std::string text = opcode(head, region.space, vector, type.name);
            const Decoding decoding = decode(text, slots);
            INFO(text << ": " << decoding.why);
            REQUIRE(decoding.answer == Decoding::Answer::decoded);
            m.set_active(mask);
            const std::size_t used = region.stride != 0 ? m.local.size() : 4096;
            std::memset(region.bytes, 0x99, used);
            std::vector<std::byte> expected(used, std::byte{0x99});
            for (unsigned i = 0; i < vector; ++i) {
              for (unsigned lane = 0; lane < 32; ++lane) {
                const std::uint64_t value = 0x0102030405060708u * (lane + 1) + i * 0x1111111111111111u;
                if (bits == 64) {
                  m.lanes<std::uint64_t>(1 + i)[lane] = value;
                } else {
                  m.lanes<std::uint32_t>(1 + i)[lane] = static_cast<std::uint32_t>(bits == 16 ? value & 0xffff : value);
                }
              }
            }
            for (unsigned lane = 32; lane-- > 0;) {
              const bool is_active = (mask >> lane & 1) != 0;
              std::uint64_t offset = offset_of(pattern, lane, total, region.stride != 0);
              if (offset + total > 4096) offset = 0;
              set_address(m, region, lane, is_active ? offset : 0x123456789);
              if (!is_active) continue;
              for (unsigned i = 0; i < vector; ++i) {
                const std::uint64_t value = register_value(m, 1 + i, bits, lane);
                std::memcpy(expected.data() + lane * region.stride + offset + i * type.bytes, &value, type.bytes);
              }
            }
            Instruction in{};
            in.a = Machine::at(0);
            in.b = Machine::at(1);
            std::uint32_t elements[8];
            for (unsigned i = 0; i < vector; ++i) elements[i] = Machine::at(1 + i);
            if (decoding.vector) in.data = elements;
            if (m.run(in, decoding, mask != 0xffffffff) != &in + 1 ||
                std::memcmp(expected.data(), region.bytes, used) != 0) {
              if (wrong++ == 0) first_wrong = text + " mask " + std::to_string(mask);
            }
          }
        });
    INFO(first_wrong);
    CHECK(wrong == 0);
  }
}

TEST_CASE("128-bit loads and stores move both halves", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const Decoding load = decode("ld.shared.b128", {b128, address32});
  const Decoding store = decode("st.global.b128", {address64, b128});
  REQUIRE(load.answer == Decoding::Answer::decoded);
  REQUIRE(store.answer == Decoding::Answer::decoded);
  const std::uint64_t global = m.memory.allocate(512);
  for (unsigned lane = 0; lane < 32; ++lane) {
    m.lanes<std::uint32_t>(0)[lane] = lane * 16;
    m.lanes<std::uint64_t>(2)[lane] = global + (31 - lane) * 16;
  }
  Instruction in{};
  in.a = Machine::at(0);
  in.d = Machine::at(1);
  REQUIRE(m.run(in, load) == &in + 1);
  Instruction out{};
  out.a = Machine::at(2);
  out.b = Machine::at(1);
  REQUIRE(m.run(out, store) == &out + 1);
  for (unsigned lane = 0; lane < 32; ++lane) {
    CHECK(std::memcmp(m.shared.data() + lane * 16, reinterpret_cast<std::byte*>(global) + (31 - lane) * 16, 16) == 0);
  }
}

TEST_CASE("of several lanes that store to one address the lowest lane's value stays", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t global = m.memory.allocate(256);
  for (unsigned lane = 0; lane < 32; ++lane) {
    m.lanes<std::uint64_t>(0)[lane] = global + lane / 8 * 4;
    m.lanes<std::uint32_t>(1)[lane] = 1000 + lane;
  }
  m.set_active(0xfffffff6);
  Instruction in{};
  in.a = Machine::at(0);
  in.b = Machine::at(1);
  REQUIRE(m.run(in, decode("st.global.u32", {address64, b32}), true) == &in + 1);
  const auto* values = reinterpret_cast<const std::uint32_t*>(global);
  CHECK(values[0] == 1001);
  CHECK(values[1] == 1008);
  CHECK(values[3] == 1024);
}

TEST_CASE("parameters are read by offset and by address", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  Instruction in{};
  in.d = Machine::at(1);
  in.a = Machine::at(0);
  in.immediate = 24;
  m.set_active(0x0000ff00);
  fill_registers(m, 1, 4, 0xee);
  REQUIRE(m.run(in, decode("ld.param.s8", {b32, kernel_parameter}), true) == &in + 1);
  CHECK(m.lanes<std::uint32_t>(1)[9] == extended(element(m.params.data() + 24, 1), types[2], 32));
  CHECK(m.lanes<std::uint32_t>(1)[0] == 0xeeeeeeee);

  const std::uint32_t elements[2] = {Machine::at(2), Machine::at(3)};
  in.data = elements;
  REQUIRE(m.run(in, decode("ld.param.v2.u64", {b64, b64, kernel_parameter})) == &in + 1);
  CHECK(m.lanes<std::uint64_t>(3)[31] == element(m.params.data() + 32, 8));
  CHECK(m.lanes<std::uint64_t>(2)[8] == element(m.params.data() + 24, 8));

  OperandSlot by_register = kernel_parameter;
  by_register.has_base_register = true;
  for (unsigned lane = 0; lane < 32; ++lane) {
    m.lanes<std::uint64_t>(0)[lane] = reinterpret_cast<std::uint64_t>(m.params.data()) + lane * 4;
  }
  REQUIRE(m.run(in, decode("ld.param.u32", {b32, by_register})) == &in + 1);
  CHECK(m.lanes<std::uint32_t>(1)[9] == element(m.params.data() + 36 + 24, 4));
  // Also as a generic and as a global address.
  REQUIRE(m.run(in, decode("ld.u32", {b32, address64})) == &in + 1);
  REQUIRE(m.run(in, decode("ld.global.u32", {b32, address64})) == &in + 1);
  CHECK(m.lanes<std::uint32_t>(1)[15] == element(m.params.data() + 60 + 24, 4));
  REQUIRE(m.run(in, decode("st.u32", {address64, b32})) == nullptr);
  CHECK(m.warp.fault.code == 719);

  in.immediate = 254;
  REQUIRE(m.run(in, decode("ld.param.u32", {b32, kernel_parameter})) == nullptr);
  CHECK(m.warp.fault.code == 700);

  Instruction call{};
  call.b = Machine::at(1);
  call.d = Machine::at(2);
  call.immediate = 16;
  for (unsigned lane = 0; lane < 32; ++lane) m.lanes<std::uint32_t>(1)[lane] = lane + 500;
  m.set_active(0xffffffff);
  REQUIRE(m.run(call, decode("st.param.b32", {call_parameter, b32})) == &call + 1);
  REQUIRE(m.run(call, decode("ld.param.b32", {b32, call_parameter})) == &call + 1);
  CHECK(m.lanes<std::uint32_t>(2)[17] == 517);
  CHECK(element(m.call_params.data() + 17 * Machine::call_stride + 16, 4) == 517);
}

TEST_CASE("a wrong address is a fault of the first lane that has one", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t memory = m.memory.allocate(4096);
  const std::uint64_t constants = m.memory.allocate(256, Allocation::Kind::constant);
  const std::uint64_t freed = m.memory.allocate(4096);
  m.memory.release(freed);
  std::uint64_t host_word = 0;

  struct Case {
    const char* text;
    std::uint64_t good;
    std::uint64_t bad;
    int code;
    const char* what;
  };
  const std::uint64_t shared = m.warp.shared_window;
  const auto local = reinterpret_cast<std::uint64_t>(m.warp.local);
  const Case cases[] = {
      {"ld.global.u32", memory, 0, 700, "read"},
      {"ld.global.u32", memory, 0xdeadbeefdeadbee0, 700, "read"},
      {"ld.global.u32", memory, 0xffffffffffffff00, 700, "read"},
      {"ld.global.u32", memory, reinterpret_cast<std::uint64_t>(&host_word), 700, "read"},
      {"ld.global.u32", memory, freed, 700, "read"},
      {"ld.global.u32", memory, memory + 4096, 700, "read"},
      {"ld.u32", memory, memory - 4, 700, "read"},
      {"ld.global.u32", memory, memory + 2, 716, "read"},
      {"st.global.u16", memory, memory + 1, 716, "write"},
      {"st.global.u32", memory, memory + 4096, 700, "write"},
      {"st.global.u32", memory, constants, 719, "write"},
      {"st.u32", memory, constants + 4, 719, "write"},
      {"ld.global.u32", memory, shared, 717, "read"},
      {"st.global.u32", memory, shared + 8, 717, "write"},
      {"ld.global.u32", memory, local, 717, "read"},
      {"atom.global.add.u32", memory, shared + 8, 717, "atomic"},
      {"atom.add.u32", memory, local + 8, 717, "atomic"},
      {"atom.add.u32", memory, memory + 2, 716, "atomic"},
      {"atom.global.exch.b32", memory, 64, 700, "atomic"},
      {"atom.global.add.u32", memory, constants, 719, "atomic"},
      {"ld.shared.u32", 0, Machine::shared_bytes, 700, "read"},
      {"ld.shared.u32", 0, 0x100000000, 715, "read"},
      {"ld.shared.u32", 0, 0xffff0000, 715, "read"},
      {"st.shared.u32", 0, Machine::shared_bytes - 2, 716, "write"},
      {"atom.shared.add.u32", 0, Machine::shared_bytes + 4, 700, "atomic"},
      {"ld.local.u32", 0, Machine::local_stride, 700, "read"},
      {"st.local.u32", 0, 6, 716, "write"},
      {"ld.volatile.global.u32", memory, 4, 700, "read"},
      {"ld.const.u32", constants, constants + 256, 700, "read"},
  };
  for (const Case& test : cases) {
    for (const bool all : {true, false}) {
      INFO(test.text << " at " << std::hex << test.bad);
      const std::string text = test.text;
      const bool is_store = text.substr(0, 2) == "st";
      const bool is_atomic = text.substr(0, 4) == "atom";
      m.set_active(0xfffffff0);
      for (unsigned lane = 0; lane < 32; ++lane) {
        m.lanes<std::uint64_t>(0)[lane] = lane == 11 || lane == 20 || all || lane < 4 ? test.bad : test.good;
      }
      Instruction in{};
      in.a = Machine::at(0);
      in.b = Machine::at(1);
      in.d = Machine::at(2);
      const OperandSlot value = text.find("16") != std::string::npos ? b16 : b32;
      const Decoding decoding = is_atomic  ? decode(text, {value, address64, value})
                                : is_store ? decode(text, {address64, value})
                                           : decode(text, {value, address64});
      REQUIRE(decoding.answer == Decoding::Answer::decoded);
      REQUIRE(m.run(in, decoding, true) == nullptr);
      CHECK(m.warp.event == Event::fault);
      CHECK(m.warp.fault.code == test.code);
      CHECK(m.warp.fault.lane == (all ? 4 : 11));
      CHECK(m.warp.fault.address == test.bad);
      CHECK(m.warp.fault.instruction == &in);
      CHECK(m.warp.fault.bytes == (value.type == ptx::Type::b16 ? 2 : 4));
      CHECK(std::string(m.warp.fault.what) == test.what);
    }
  }
}

TEST_CASE("an access that begins inside an allocation and ends outside is a fault", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t memory = m.memory.allocate(100);  // no multiple of the access
  for (unsigned lane = 0; lane < 32; ++lane) m.lanes<std::uint64_t>(0)[lane] = memory + lane * 4;
  Instruction in{};
  in.a = Machine::at(0);
  in.d = Machine::at(1);
  REQUIRE(m.run(in, decode("ld.global.f32", {b32, address64})) == nullptr);
  CHECK(m.warp.fault.lane == 25);
  m.set_active(0x01ffffff);
  REQUIRE(m.run(in, decode("ld.global.f32", {b32, address64})) == &in + 1);
}

TEST_CASE("some lanes side by side reach both ends of an allocation and nothing beyond", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  constexpr std::uint32_t count = 25;
  const std::uint64_t memory = m.memory.allocate(count * 4);
  auto* words = reinterpret_cast<std::uint32_t*>(memory);
  const auto* shared_words = reinterpret_cast<const std::uint32_t*>(m.shared.data());
  constexpr std::uint32_t shared_count = Machine::shared_bytes / 4;
  for (const std::uint32_t mask : {0x00000ff0u, 0x0000f0f0u, 0x00000010u, 0x7fffff00u}) {
    const auto lowest = static_cast<std::uint32_t>(__builtin_ctz(mask));
    const std::uint32_t lanes = 32 - static_cast<std::uint32_t>(__builtin_clz(mask)) - lowest;
    for (const bool at_end : {false, true}) {
      INFO(std::hex << mask << (at_end ? " at the end" : " at the beginning"));
      m.set_active(mask);
      const std::uint32_t begin = at_end ? count - lanes : 0;
      const std::uint32_t shared_begin = at_end ? shared_count - lanes : 0;
      for (std::uint32_t i = 0; i < count; ++i) words[i] = 100 + i;
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        m.lanes<std::uint64_t>(0)[lane] = memory + 4 * (begin + lane - std::uint64_t{lowest});
        m.lanes<std::uint32_t>(3)[lane] = 4 * (shared_begin + lane - lowest);
        m.lanes<std::uint32_t>(1)[lane] = m.lanes<std::uint32_t>(2)[lane] = 7;
        m.lanes<std::uint32_t>(4)[lane] = 1000 + lane;
      }
      Instruction load{};
      load.a = Machine::at(0);
      load.d = Machine::at(1);
      REQUIRE(m.run(load, decode("ld.global.u32", {b32, address64}), true) == &load + 1);
      Instruction load_shared{};
      load_shared.a = Machine::at(3);
      load_shared.d = Machine::at(2);
      REQUIRE(m.run(load_shared, decode("ld.shared.u32", {b32, address32}), true) == &load_shared + 1);
      Instruction store{};
      store.a = Machine::at(0);
      store.b = Machine::at(4);
      REQUIRE(m.run(store, decode("st.global.u32", {address64, b32}), true) == &store + 1);
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        const bool is_active = (mask >> lane & 1) != 0;
        CHECK(m.lanes<std::uint32_t>(1)[lane] == (is_active ? 100 + begin + lane - lowest : 7));
        CHECK(m.lanes<std::uint32_t>(2)[lane] == (is_active ? shared_words[shared_begin + lane - lowest] : 7));
      }
      for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t lane = i - begin + lowest;
        CHECK(words[i] == (lane < 32 && (mask >> lane & 1) != 0 ? 1000 + lane : 100 + i));
      }
      // One lane more is outside.
      m.set_active(mask | 1u << (at_end ? lowest + lanes : lowest - 1));
      CHECK(m.run(load, decode("ld.global.u32", {b32, address64}), true) == nullptr);
      CHECK(m.run(load_shared, decode("ld.shared.u32", {b32, address32}), true) == nullptr);
      CHECK(m.run(store, decode("st.global.u32", {address64, b32}), true) == nullptr);
    }
  }
}

TEST_CASE("a load may overwrite its own address", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t memory = m.memory.allocate(1024);
  auto* words = reinterpret_cast<std::uint64_t*>(memory);
  for (unsigned i = 0; i < 128; ++i) words[i] = i * 1000;
  for (const unsigned step : {2u, 3u}) {
    for (unsigned lane = 0; lane < 32; ++lane) m.lanes<std::uint64_t>(0)[lane] = memory + lane * step / 2 * 16;
    std::uint64_t addresses[32];
    std::memcpy(addresses, m.lanes<std::uint64_t>(0), sizeof addresses);
    const std::uint32_t elements[2] = {Machine::at(0), Machine::at(1)};
    Instruction in{};
    in.a = Machine::at(0);
    in.data = elements;
    REQUIRE(m.run(in, decode("ld.global.v2.u64", {b64, b64, address64})) == &in + 1);
    for (unsigned lane = 0; lane < 32; ++lane) {
      CHECK(m.lanes<std::uint64_t>(0)[lane] == element(reinterpret_cast<std::byte*>(addresses[lane]), 8));
      CHECK(m.lanes<std::uint64_t>(1)[lane] == element(reinterpret_cast<std::byte*>(addresses[lane]) + 8, 8));
    }
  }
}

TEST_CASE("cvta and isspacep know the windows", "[softgpu][memory]") {
  auto owner = machine();
  Machine& m = *owner;
  const std::uint64_t memory = m.memory.allocate(64);
  const std::uint64_t constants = m.memory.allocate(64, Allocation::Kind::constant);
  Instruction in{};
  in.a = Machine::at(0);
  in.d = Machine::at(1);
  const auto convert = [&](const char* text, std::uint64_t value, unsigned lane) {
    for (unsigned i = 0; i < 32; ++i) m.lanes<std::uint64_t>(0)[i] = value;
    const Decoding decoding = decode(text, {b64, b64});
    REQUIRE(decoding.answer == Decoding::Answer::decoded);
    REQUIRE(m.run(in, decoding, true) == &in + 1);
    return m.lanes<std::uint64_t>(1)[lane];
  };
  const auto is_in = [&](const char* text, std::uint64_t value) {
    for (unsigned i = 0; i < 32; ++i) m.lanes<std::uint64_t>(0)[i] = value;
    const Decoding decoding = decode(text, {predicate, b64});
    REQUIRE(decoding.answer == Decoding::Answer::decoded);
    REQUIRE(m.run(in, decoding) == &in + 1);
    return m.lanes<std::uint32_t>(1)[7] == 0xffffffff;
  };
  const std::uint64_t generic_shared = convert("cvta.shared.u64", 40, 3);
  const std::uint64_t generic_local = convert("cvta.local.u64", 48, 3);
  CHECK(generic_shared == m.warp.shared_window + 40);
  CHECK(generic_local == reinterpret_cast<std::uint64_t>(m.local.data()) + 3 * Machine::local_stride + 48);
  CHECK(convert("cvta.to.shared.u64", generic_shared, 9) == 40);
  CHECK(convert("cvta.to.local.u64", generic_local, 3) == 48);
  CHECK(convert("cvta.to.global.u64", memory, 3) == memory);
  CHECK(convert("cvta.param.u64", memory, 3) == memory);

  const auto param = reinterpret_cast<std::uint64_t>(m.params.data()) + 8;
  for (const char* space : {"shared", "local", "const", "global", "param::entry"}) {
    const std::string text = std::string("isspacep.") + space;
    INFO(text);
    CHECK(is_in(text.c_str(), generic_shared) == (std::string(space) == "shared"));
    CHECK(is_in(text.c_str(), generic_local) == (std::string(space) == "local"));
    CHECK(is_in(text.c_str(), constants + 4) == (std::string(space) == "const"));
    CHECK(is_in(text.c_str(), memory + 4) == (std::string(space) == "global"));
    CHECK(is_in(text.c_str(), param) == (std::string(space) == "global" || std::string(space) == "param::entry"));
  }
}

TEST_CASE("modifiers that change nothing are accepted, others are refused by name", "[softgpu][memory]") {
  using Slots = std::vector<OperandSlot>;
  const std::pair<const char*, Slots> accepted[] = {
      {"ld.global.nc.f64", {b64, address64}},
      {"ld.global.nc.L1::no_allocate.L2::128B.v4.u32", {b32, b32, b32, b32, address64}},
      {"ld.global.L2::cache_hint.f32", {b32, address64, b64}},
      {"ld.weak.global.ca.u32", {b32, address64}},
      {"ld.acquire.gpu.global.u32", {b32, address64}},
      {"ld.relaxed.sys.u64", {b64, address64}},
      {"ld.mmio.relaxed.sys.global.u32", {b32, address64}},
      {"ldu.global.v2.f32", {b32, b32, address64}},
      {"st.global.cg.f32", {address64, free_operand}},
      {"st.wt.global.b64", {address64, b64}},
      {"membar.gl", {}},
      {"fence.acq_rel.gpu", {}},
      {"fence.sc.cta", {}},
      {"fence.proxy.alias", {}},
      {"prefetch.global.L2", {address64}},
      {"prefetchu.L1", {address64}},
      {"discard.global.L2", {address64, free_operand}},
      {"createpolicy.fractional.L2::evict_first.b64", {b64, free_operand}},
      {"red.relaxed.gpu.global.add.u32", {address64, b32}},
      {"atom.acq_rel.sys.cas.b64", {b64, address64, b64, b64}},
      {"atom.global.add.noftz.f16x2", {b32, address64, b32}},
  };
  for (const auto& [text, slots] : accepted) {
    const Decoding decoding = decode(text, slots);
    INFO(text << ": " << decoding.why);
    CHECK(decoding.answer == Decoding::Answer::decoded);
    CHECK(decoding.whole != nullptr);
    CHECK(decoding.masked != nullptr);
  }
  const std::pair<const char*, Slots> refused[] = {
      {"ld.global.frob.f32", {b32, address64}},
      {"ld.shared::cluster.u32", {b32, address64}},
      {"ld.global.u64", {b32, address64}},
      {"ld.global.f32", {b64, address64}},
      {"ld.global.u32", {b32, address32}},
      {"ld.global.v8.u16", {b16, b16, b16, b16, b16, b16, b16, b16, address64}},
      {"ld.global.v2.u32", {b32, address64}},
      {"ld.relaxed.gpu.global.b128", {b128, address64}},
      {"st.const.u32", {address64, b32}},
      {"st.param.u32", {kernel_parameter, b32}},
      {"st.async.shared::cluster.u32", {address64, b32}},
      {"atom.global.v4.add.f32", {b32, address64, b32}},
      {"atom.global.add.f16x2", {b32, address64, b32}},
      {"atom.global.min.f32", {b32, address64, b32}},
      {"atom.global.exch.b128", {b128, address64, b128}},
      {"atom.shared::cluster.add.u32", {b32, address64, b32}},
      {"red.async.add.u32", {address64, b32}},
      {"red.global.exch.b32", {address64, b32}},
      {"fence.mbarrier_init.release.cluster", {}},
      {"fence.proxy.tensormap::generic.acquire.gpu", {address64}},
      {"cvta.shared::cluster.u64", {b64, b64}},
      {"isspacep.shared::cluster", {predicate, b64}},
  };
  for (const auto& [text, slots] : refused) {
    const Decoding decoding = decode(text, slots);
    INFO(text);
    CHECK(decoding.answer == Decoding::Answer::refused);
    CHECK(!decoding.why.empty());
  }
  CHECK(decode("add.u32", {b32, b32, b32}).answer == Decoding::Answer::not_mine);
}
