// SPDX-License-Identifier: MIT
// Reads that a compiler has moved in front of their condition.
#include "softgpu/engine/checks/early_reads.hpp"
#include "softgpu/ptx/parser.hpp"
#include "support/catch.hpp"

#include <string>

using namespace cujitsu::softgpu;

namespace {

std::vector<Decision> decisions_of(const std::string& body) {
  const auto module = ptx::parse(
      ".version 8.0\n.target sm_80\n.address_size 64\n.shared .align 4 .b32 s;\n.entry k() {\n"
      ".reg .pred %p<9>;\n.reg .b32 %r<9>;\n.reg .b64 %d<9>;\n" +
      body + "$end:\nret;\n}\n");
  const auto& function = module.functions.front();
  return find_early_reads(function, uses_of_registers(function));
}

}  // namespace

TEST_CASE("a read that another condition decides about is early") {
  const auto conjunction = decisions_of(
      "ld.shared.u32 %r1, [s];\nsetp.eq.s32 %p1, %r1, 5;\nand.pred %p3, %p2, %p1;\n"
      "@%p3 bra $end;\n");
  REQUIRE(conjunction.size() == 1);
  CHECK(conjunction[0].load == 0);
  CHECK(conjunction[0].decider == 2);
  CHECK(conjunction[0].predicate == 1);
  CHECK(conjunction[0].reads_if);
  const auto disjunction =
      decisions_of("ld.shared.u32 %r1, [s];\nsetp.eq.s32 %p1, %r1, 5;\nor.pred %p3, %p1, %p2;\n@%p3 bra $end;\n");
  REQUIRE(disjunction.size() == 1);
  CHECK(disjunction[0].predicate == 2);
  CHECK_FALSE(disjunction[0].reads_if);
  const auto selection = decisions_of(
      "ld.shared.u32 %r1, [s];\nadd.s32 %r2, %r1, 3;\nselp.b32 %r3, 0, %r2, %p1;\n"
      "st.global.u32 [%d1], %r3;\n");
  REQUIRE(selection.size() == 1);
  CHECK(selection[0].predicate == 3);
  CHECK_FALSE(selection[0].reads_if);
}

TEST_CASE("a read that is used in any case, or elsewhere, is none") {
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nst.global.u32 [%d1], %r1;\n").empty());
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nsetp.eq.s32 %p1, %r1, 5;\n@%p1 bra $end;\n").empty());
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nselp.b32 %r3, 0, %r1, %p1;\nst.global.u32 [%d1], %r1;\n").empty());
  CHECK(
      decisions_of("ld.shared.u32 %r1, [s];\nselp.b32 %r3, 0, %r1, %p1;\nbra.uni $end;\nmov.b32 %r2, %r1;\n").empty());
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nsetp.eq.s32 %p1, %r1, 0;\nselp.b32 %r3, 0, 1, %p1;\n").empty());
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nbar.sync 0;\nselp.b32 %r3, 0, %r1, %p1;\n").empty());
}

TEST_CASE("only plain loads of shared memory at fixed addresses are moved") {
  const std::string rest = "selp.b32 %r3, 0, %r1, %p1;\n";
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\n" + rest).size() == 1);
  CHECK(decisions_of("ld.shared.u32 %r1, [%d1];\n" + rest).empty());
  CHECK(decisions_of("ld.volatile.shared.u32 %r1, [s];\n" + rest).empty());
  CHECK(decisions_of("@%p2 ld.shared.u32 %r1, [s];\n" + rest).empty());
  CHECK(decisions_of("ld.shared.u32 %r1, [s];\nmov.b32 %r1, 0;\n" + rest).empty());
}
