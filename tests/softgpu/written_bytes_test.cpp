// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/written_bytes.hpp"
#include "softgpu/engine/address_space.hpp"
#include "support/catch.hpp"

using namespace cujitsu::softgpu;

TEST_CASE("nothing is written at first, and then exactly what was marked") {
  WrittenBytes bytes(1000, 500);
  CHECK(bytes.covers(1000));
  CHECK(bytes.covers(1499));
  CHECK_FALSE(bytes.covers(1500));
  CHECK_FALSE(bytes.covers(999));
  CHECK(bytes.unwritten(1000, 64) == ~0ull);
  bytes.mark(1062, 4);  // over the end of a word
  CHECK(bytes.unwritten(1060, 8) == 0b11000011);
  CHECK(bytes.unwritten(1062, 4) == 0);
  bytes.forget(1063, 2);
  CHECK(bytes.unwritten(1060, 8) == 0b11011011);
  CHECK(bytes.unwritten(1496, 4) == 15);
}

TEST_CASE("large pieces are forgotten whole, and what lies around them stays") {
  constexpr std::uint64_t many = 64u << 20;
  WrittenBytes bytes(0, many);
  bytes.mark(0, many);
  bytes.forget(777, many - 2000);
  CHECK(bytes.unwritten(776, 2) == 2);
  CHECK(bytes.unwritten(777, 64) == ~0ull);
  CHECK(bytes.unwritten(many / 2, 64) == ~0ull);
  CHECK(bytes.unwritten(many - 1224, 2) == 1);
  CHECK(bytes.unwritten(many - 64, 64) == 0);
  CHECK(bytes.unwritten(700, 64) == 0);
}

TEST_CASE("an allocation holds nothing, whoever had its place before") {
  AddressSpace memory(16u << 20, true);
  REQUIRE(memory.written_bytes() != nullptr);
  for (int round = 0; round < 20; ++round) {  // more than is kept from being used again
    const auto address = memory.allocate(4u << 20);
    REQUIRE(address != 0);
    CHECK(memory.written_bytes()->unwritten(address, 64) == ~0ull);
    memory.mark_written(address, 4u << 20);
    CHECK(memory.written_bytes()->unwritten(address + (4u << 20) - 64, 64) == 0);
    CHECK(memory.release(address));
  }
}

TEST_CASE("without tracking nothing is noted") {
  AddressSpace memory(16u << 20);
  CHECK(memory.written_bytes() == nullptr);
  memory.mark_written(memory.allocate(64), 64);
}
