// SPDX-License-Identifier: MIT
// What happens before what among the threads of a block.
#include "softgpu/engine/checks/clocks.hpp"
#include "support/catch.hpp"

#include <array>
#include <memory>
#include <numeric>
#include <vector>

using namespace cujitsu::softgpu;

namespace {

struct Threads {
  explicit Threads(std::uint32_t count) { clocks->start(count); }
  std::unique_ptr<Clocks> clocks = std::make_unique<Clocks>();

  [[nodiscard]] bool knows(std::uint32_t thread, Moment moment) const { return clocks->is_before(moment, thread); }
  void join(std::vector<std::uint32_t> threads) const { clocks->join(threads); }
};

}  // namespace

TEST_CASE("a thread is ordered after itself and after nobody else") {
  const Threads it(4);
  const auto moment = it.clocks->now(1);
  CHECK(it.knows(1, moment));
  CHECK_FALSE(it.knows(0, moment));
  CHECK_FALSE(it.knows(3, moment));
}

TEST_CASE("threads that join know what the others did before, not what they do afterwards") {
  const Threads it(4);
  const auto before = it.clocks->now(1);
  it.join({0, 1});
  CHECK(it.knows(0, before));
  CHECK_FALSE(it.knows(0, it.clocks->now(1)));
  CHECK_FALSE(it.knows(2, before));
}

TEST_CASE("order is handed on from group to group") {
  const Threads it(6);
  const auto first = it.clocks->now(0);
  it.join({0, 1});
  const auto second = it.clocks->now(1);
  it.join({1, 2});
  CHECK(it.knows(2, first));
  CHECK(it.knows(2, second));
  CHECK_FALSE(it.knows(0, second));
  it.join({2, 3, 4});
  CHECK(it.knows(4, first));
  CHECK_FALSE(it.knows(5, first));
}

TEST_CASE("joining again and again tells each time only what was done before") {
  const Threads it(64);
  std::vector<std::uint32_t> warp(32);
  std::iota(warp.begin(), warp.end(), 0u);
  for (int round = 0; round < 5; ++round) {
    const auto before = it.clocks->now(7);
    CHECK_FALSE(it.knows(8, before));
    it.clocks->join(warp);
    CHECK(it.knows(8, before));
    CHECK_FALSE(it.knows(40, before));
  }
}

TEST_CASE("what somebody was told by a group does not grow when the group joins again") {
  const Threads it(4);
  it.join({0, 1});
  it.clocks->release(0, 5);
  it.clocks->acquire(3, 5);
  const auto later = it.clocks->now(1);
  it.join({0, 1});
  CHECK(it.knows(0, later));
  CHECK_FALSE(it.knows(3, later));
}

TEST_CASE("a barrier of the whole block orders everything") {
  const Threads it(4);
  std::array<Moment, 4> before{};
  for (std::uint32_t i = 0; i < 4; ++i) before[i] = it.clocks->now(i);
  it.clocks->join_all();
  for (std::uint32_t i = 0; i < 4; ++i)
    for (const auto& moment : before) CHECK(it.knows(i, moment));
  CHECK_FALSE(it.knows(0, it.clocks->now(1)));
}

TEST_CASE("who only arrives at a barrier is known there, and learns nothing") {
  const Threads it(4);
  const auto produced = it.clocks->now(0);
  const auto consumer = it.clocks->now(1);
  it.clocks->arrive(0, 2);
  const auto behind = it.clocks->now(0);
  it.clocks->arrive(1, 2);
  const std::array<std::uint32_t, 1> waiting{1};
  it.clocks->leave(waiting, 2);
  CHECK(it.knows(1, produced));
  CHECK_FALSE(it.knows(1, behind));
  CHECK_FALSE(it.knows(0, consumer));
  CHECK_FALSE(it.knows(2, produced));
}

TEST_CASE("the next use of a barrier knows nothing of the one before") {
  const Threads it(4);
  const auto old = it.clocks->now(0);
  it.clocks->arrive(0, 1);
  it.clocks->leave({}, 1);
  it.clocks->arrive(2, 1);
  const std::array<std::uint32_t, 1> waiting{2};
  it.clocks->leave(waiting, 1);
  CHECK_FALSE(it.knows(2, old));
}

TEST_CASE("a release is known to who acquires the same place afterwards") {
  const Threads it(4);
  const auto before = it.clocks->now(0);
  it.clocks->acquire(2, 9);
  it.clocks->release(0, 9);
  CHECK_FALSE(it.knows(2, before));
  it.clocks->acquire(1, 9);
  it.clocks->acquire(3, 10);
  CHECK(it.knows(1, before));
  CHECK_FALSE(it.knows(3, before));
  CHECK_FALSE(it.knows(1, it.clocks->now(0)));
}

TEST_CASE("places hand nothing on from before a barrier of all, or from another block") {
  const Threads it(2);
  it.clocks->release(0, 0);
  it.clocks->join_all();
  const auto moment = it.clocks->now(0);
  it.clocks->acquire(1, 0);
  CHECK_FALSE(it.knows(1, moment));
  CHECK(it.clocks->start(2));
  CHECK(it.knows(1, moment));
  CHECK_FALSE(it.knows(1, it.clocks->now(0)));
}
