// SPDX-License-Identifier: MIT
// Which accesses to shared memory are in conflict.
#include "softgpu/engine/checks/race_shadow.hpp"
#include "softgpu/engine/checks/observation.hpp"
#include "support/catch.hpp"

#include <array>
#include <memory>

using namespace cujitsu::softgpu;

namespace {

struct Memory {
  Memory() { clocks->start(128); }
  std::unique_ptr<Clocks> clocks = std::make_unique<Clocks>();
  RaceShadow shadow{256};
  Observation by;

  [[nodiscard]] WordAccess access(std::uint32_t thread, unsigned bytes, bool ordered) const {
    return {&by, clocks->now(thread).clock, static_cast<std::uint16_t>(thread), static_cast<std::uint8_t>(bytes),
            ordered};
  }
  auto read(std::uint32_t thread, unsigned bytes = 15, bool ordered = false) {
    return shadow.read(*clocks, 3, access(thread, bytes, ordered));
  }
  auto write(std::uint32_t thread, unsigned bytes = 15, bool ordered = false, unsigned same = 0) {
    return shadow.write(*clocks, 3, access(thread, bytes, ordered), static_cast<std::uint8_t>(same),
                        [](const WordAccess&, std::uint8_t) { return false; });
  }
};

}  // namespace

TEST_CASE("reads are not in conflict, a write with a read and a read with a write are") {
  Memory it;
  CHECK_FALSE(it.read(1));
  CHECK_FALSE(it.read(2));
  const auto conflict = it.write(2);
  REQUIRE(conflict);
  CHECK_FALSE(conflict->is_write);
  CHECK(conflict->earlier.thread == 1);
  it.shadow.clear();
  CHECK_FALSE(it.write(5));
  REQUIRE(it.read(6));
  CHECK(it.read(6)->is_write);
  CHECK_FALSE(it.read(5));
}

TEST_CASE("two writes are in conflict unless they change nothing") {
  Memory it;
  CHECK_FALSE(it.write(5));
  CHECK(it.write(6));
  CHECK_FALSE(it.write(6, 15, false, 15));
  CHECK(it.write(7, 15, false, 7));
}

TEST_CASE("a write that changes nothing leaves the reads that it is not ordered after") {
  Memory it;
  CHECK_FALSE(it.read(1));
  CHECK_FALSE(it.write(2, 15, false, 15));
  REQUIRE(it.write(2));
  CHECK(it.write(2)->earlier.thread == 1);
}

TEST_CASE("other bytes of the same word are another place") {
  Memory it;
  for (unsigned i = 0; i < 4; ++i) CHECK_FALSE(it.write(i, 1u << i));
  for (unsigned i = 0; i < 4; ++i) CHECK_FALSE(it.read(i, 1u << i));
  for (unsigned i = 0; i < 4; ++i) REQUIRE(it.read(9, 1u << i)->earlier.thread == i);
  CHECK_FALSE(it.write(0, 1));
  CHECK(it.write(0, 3)->earlier.thread == 1);
}

TEST_CASE("ordered accesses are in conflict with plain ones only") {
  Memory it;
  CHECK_FALSE(it.write(1, 15, true));
  CHECK_FALSE(it.write(2, 15, true));
  CHECK_FALSE(it.read(3, 15, true));
  CHECK(it.read(4));
  CHECK(it.write(4));
}

TEST_CASE("what is ordered is no conflict") {
  Memory it;
  CHECK_FALSE(it.write(1));
  const std::array<std::uint32_t, 2> warp{1, 2};
  it.clocks->join(warp);
  CHECK_FALSE(it.read(2));
  CHECK_FALSE(it.write(2));
  CHECK(it.read(1));
  it.clocks->join_all();
  CHECK_FALSE(it.write(90));
}

TEST_CASE("of many readers one of another warp is remembered") {
  Memory it;
  for (std::uint32_t thread = 0; thread < 32; ++thread) CHECK_FALSE(it.read(thread));
  for (std::uint32_t thread = 32; thread < 64; ++thread) CHECK_FALSE(it.read(thread));
  for (std::uint32_t thread = 0; thread < 32; ++thread) CHECK_FALSE(it.read(thread));
  std::array<std::uint32_t, 32> warp{};
  for (std::uint32_t i = 0; i < 32; ++i) warp[i] = i;
  it.clocks->join(warp);
  REQUIRE(it.write(0));
  CHECK(it.write(0)->earlier.thread / 32 == 1);
}
