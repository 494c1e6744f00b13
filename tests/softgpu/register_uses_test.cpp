// SPDX-License-Identifier: MIT
// Which registers only carry what is copied.
#include "softgpu/engine/checks/register_uses.hpp"
#include "softgpu/ptx/parser.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace cujitsu::softgpu;

namespace {

struct Uses {
  explicit Uses(const std::string& body)
      : module(ptx::parse(".version 8.0\n.target sm_80\n.address_size 64\n.entry k(.param .u64 a) {\n.reg .pred %p;\n"
                          ".reg .b32 %r<9>;\n.reg .b64 %d<9>;\n.reg .b16 %h<9>;\n.local .b32 l[4];\n" +
                          body + "ret;\n}\n")),
        all(uses_of_registers(module.functions.front())) {}

  [[nodiscard]] RegisterUse operator[](std::string_view name) const {
    const auto& registers = module.functions.front().registers;
    for (std::size_t i = 0; i < registers.size(); ++i)
      if (registers[i].name == name) return all[i];
    FAIL("there is no register " << name);
    return {};
  }

  ptx::Module module;
  std::vector<RegisterUse> all;
};

}  // namespace

TEST_CASE("a register between a load and a store carries a copy") {
  const Uses uses("ld.global.b32 %r1, [%d1];\nst.global.u32 [%d2], %r1;\nst.shared.f32 [%d2], %r1;\n");
  CHECK(uses["%r1"].copied_bits == 32);
  CHECK(uses["%r1"].reads == 2);
  CHECK(uses["%r1"].definitions == 1);
  CHECK(uses["%d1"].copied_bits == 0);
  CHECK(uses["%d1"].reads == 1);
}

TEST_CASE("the elements of vectors are looked at one by one") {
  const Uses uses(
      "ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%d1];\nst.v2.b32 [%d2], {%r1, %r2};\nadd.s32 %r5, %r2, %r3;\n");
  CHECK(uses["%r1"].copied_bits == 32);
  CHECK(uses["%r2"].copied_bits == 0);
  CHECK(uses["%r2"].reads == 2);
  CHECK(uses["%r3"].copied_bits == 0);
  CHECK(uses["%r4"].reads == 0);
}

TEST_CASE("other sizes, other instructions, addresses and parameters end a copy") {
  const Uses uses(
      "ld.global.u8 %h1, [%d1];\nst.u8 [%d2], %h1;\nst.u16 [%d2], %h1;\n"
      "ld.global.b32 %r1, [%d1];\nst.b32 [%d2], %r1;\nmov.b32 %r1, 0;\n"
      "ld.global.b64 %d3, [%d1];\nst.b64 [%d3], %d3;\n"
      "ld.param.u64 %d4, [a];\nst.b64 [%d2], %d4;\n"
      "atom.add.u32 %r2, [%d1], 1;\nst.b32 [%d2], %r2;\n");
  for (const auto* name : {"%h1", "%r1", "%d3", "%d4", "%r2"}) CHECK(uses[name].copied_bits == 0);
}

TEST_CASE("who takes bits out of a register does not calculate with all of it") {
  const Uses uses(
      "ld.global.b64 %d1, [%d2];\nshr.u64 %d3, %d1, 32;\ncvt.u32.u64 %r1, %d1;\nst.b64 [%d4], %d1;\n"
      "add.s64 %d5, %d3, 1;\n");
  CHECK(uses["%d1"].is_taken_apart);
  CHECK(uses["%d1"].copied_bits == 0);
  CHECK_FALSE(uses["%d3"].is_taken_apart);
  CHECK_FALSE(Uses("ld.global.b32 %r1, [%d2];\ncvt.s64.s32 %d1, %r1;\n")["%r1"].is_taken_apart);
  CHECK_FALSE(Uses("ld.global.b32 %r1, [%d2];\nshl.b32 %r2, %r1, 1;\n")["%r1"].is_taken_apart);
  CHECK_FALSE(uses["%d4"].is_taken_apart);
}

TEST_CASE("definitions are counted, guarded ones too") {
  const Uses uses("mov.b32 %r1, 0;\n@%p mov.b32 %r1, 1;\nsetp.eq.s32 %p, %r1, 0;\n");
  CHECK(uses["%r1"].definitions == 2);
  CHECK(uses["%p"].definitions == 1);
  CHECK(uses["%p"].reads == 1);
}
