// SPDX-License-Identifier: MIT
// What is computed once for all blocks, and that no block sees a difference.
#include "softgpu/engine/invariants.hpp"
#include "softgpu/engine/launch.hpp"
#include "softgpu/ptx/parser.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace cujitsu::softgpu;

namespace {

const std::string header = ".version 8.0\n.target sm_80\n.address_size 64\n";

/// A kernel (out, n) that stores %r0 of each thread, which `body` computes; %r1 is n.
std::string kernel_of(const std::string& body) {
  return header + R"(.visible .entry k(.param .u64 out, .param .u32 n) {
  .reg .b32 %r<20>, %place<5>;
  .reg .b64 %rd<9>;
  .reg .pred %p<5>;
  ld.param.u32 %r1, [n];
)" + body +
         R"(
  ld.param.u64 %rd1, [out];
  mov.u32 %place1, %ctaid.x;
  mov.u32 %place2, %ntid.x;
  mov.u32 %place3, %tid.x;
  mad.lo.u32 %place4, %place1, %place2, %place3;
  mul.wide.u32 %rd2, %place4, 4;
  add.s64 %rd3, %rd1, %rd2;
  st.global.u32 [%rd3], %r0;
  ret;
})";
}

constexpr std::uint32_t blocks = 7;
constexpr std::uint32_t threads = 70;  // the third warp has 6 lanes
constexpr std::uint32_t n = 1000;

/// %r0 of all threads.
std::vector<std::uint32_t> results_of(const std::string& body) {
  AddressSpace memory(std::uint64_t{1} << 24);
  LoadedModule::Error error;
  LaunchRequest request;
  request.module = LoadedModule::load(kernel_of(body), memory, error);
  INFO(error.log);
  REQUIRE(request.module != nullptr);
  request.kernel = "k";
  request.grid.x = blocks;
  request.block.x = threads;
  const std::uint64_t out = memory.allocate(blocks * threads * 4);
  request.parameters.resize(12);
  std::memcpy(request.parameters.data(), &out, sizeof out);
  std::memcpy(request.parameters.data() + 8, &n, sizeof n);
  const auto outcome = run(memory, request, [](std::string_view) {});
  INFO(outcome.message);
  REQUIRE(outcome.code == 0);
  const auto* values = reinterpret_cast<const std::uint32_t*>(out);
  return {values, values + blocks * threads};
}

void check(const std::string& body, std::uint32_t (*expected)(std::uint32_t block, std::uint32_t thread)) {
  const auto values = results_of(body);
  for (std::uint32_t block = 0; block < blocks; ++block)
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      INFO(body << "\nblock " << block << ", thread " << thread);
      REQUIRE(values[block * threads + thread] == expected(block, thread));
    }
}

/// For each instruction of a body, whether it may go first, all those before it being there.
std::vector<bool> first_ones(const std::string& body) {
  const auto module = ptx::parse(header + ".visible .entry k(.param .u32 n) { .reg .b32 %r<20>; .reg .b64 %rd<9>; " +
                                 ".reg .pred %p<5>; " + body + " ret; }");
  const auto& function = module.functions.back();
  Invariants invariants(function);
  std::vector<bool> result;
  for (const auto& in : function.instructions) {
    result.push_back(invariants.may_go_first(in));
    if (result.back()) invariants.add(in);
  }
  result.pop_back();  // ret
  return result;
}

}  // namespace

TEST_CASE("what depends on parameters and the place in the block goes first, what depends on the block does not",
          "[softgpu][engine]") {
  CHECK(first_ones("ld.param.u32 %r1, [n]; mov.u32 %r2, %tid.x; add.u32 %r3, %r1, %r2;") ==
        std::vector<bool>{true, true, true});
  CHECK(first_ones("mov.u32 %r1, %ctaid.x; add.u32 %r2, %r1, 1;") == std::vector<bool>{false, false});
  CHECK(first_ones("mov.u32 %r1, %clock; mov.u32 %r2, %smid;") == std::vector<bool>{false, false});
}

TEST_CASE("what is written twice, under a guard, with the carry flag or from memory does not go first",
          "[softgpu][engine]") {
  CHECK(first_ones("mov.u32 %r1, 1; mov.u32 %r1, 2; add.u32 %r2, %r1, 1;") == std::vector<bool>{false, false, false});
  CHECK(first_ones("setp.eq.u32 %p1, 1, 1; @%p1 mov.u32 %r1, 2;") == std::vector<bool>{true, false});
  CHECK(first_ones("add.cc.u32 %r1, 1, 2; addc.u32 %r2, 0, 0;") == std::vector<bool>{false, false});
  CHECK(first_ones("mov.u64 %rd1, 64; ld.global.u32 %r1, [%rd1]; add.u32 %r2, %r1, 1;") ==
        std::vector<bool>{true, false, false});
  CHECK(first_ones("activemask.b32 %r1; shfl.sync.bfly.b32 %r2, 1, 2, 31, -1;") == std::vector<bool>{false, false});
}

TEST_CASE("each block and each thread has its own values beside those of all blocks", "[softgpu][engine]") {
  check("mov.u32 %r2, %tid.x; mov.u32 %r3, %ctaid.x; mul.lo.u32 %r4, %r2, %r1; add.u32 %r0, %r4, %r3;",
        [](std::uint32_t block, std::uint32_t thread) { return thread * n + block; });
  check("mov.u32 %r2, %ctaid.x; mov.u32 %r0, %r2;", [](std::uint32_t block, std::uint32_t) { return block; });
  check("mov.u32 %r0, %ctaid.x;", [](std::uint32_t block, std::uint32_t) { return block; });
  check("mov.u32 %r0, %tid.x;", [](std::uint32_t, std::uint32_t thread) { return thread; });
  check("mov.u32 %r0, %warpid;", [](std::uint32_t, std::uint32_t thread) { return thread / 32; });
}

TEST_CASE("a register that a block changes begins anew in the next", "[softgpu][engine]") {
  check("mov.u32 %r0, 5; mov.u32 %r2, %ctaid.x; add.u32 %r0, %r0, %r2;",
        [](std::uint32_t block, std::uint32_t) { return 5 + block; });
  check("mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 40; mov.u32 %r0, 1; @%p1 mov.u32 %r0, %r2;",
        [](std::uint32_t, std::uint32_t thread) { return thread < 40 ? thread : 1; });
}

TEST_CASE("the carry flag goes from one instruction to the next in every block", "[softgpu][engine]") {
  check(
      "mov.u32 %r2, %ctaid.x; sub.u32 %r3, %r2, 3; add.cc.u32 %r4, %r1, 0xffffffff; addc.u32 %r5, 0, 0; "
      "add.cc.u32 %r6, %r3, 3; addc.u32 %r7, %r5, 0; mov.u32 %r0, %r7;",
      [](std::uint32_t block, std::uint32_t) { return block < 3 ? 2u : 1u; });
}
