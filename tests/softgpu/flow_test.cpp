// SPDX-License-Identifier: MIT
// Which instructions can follow which.
#include "softgpu/engine/checks/flow.hpp"
#include "softgpu/ptx/parser.hpp"
#include "support/catch.hpp"

#include <string>

using namespace cujitsu::softgpu;

namespace {

ptx::Module module_of(const std::string& body) {
  return ptx::parse(".version 8.0\n.target sm_80\n.address_size 64\n.entry k() {\n.reg .pred %p;\n.reg .b32 %r;\n" +
                    body + "}\n");
}

}  // namespace

TEST_CASE("code follows in order, and nothing follows a return") {
  const auto module = module_of("mov.u32 %r, 1;\nmov.u32 %r, 2;\nret;\nmov.u32 %r, 3;\n");
  const auto& function = module.functions.front();
  CHECK(can_follow(function, 0, 1));
  CHECK(can_follow(function, 0, 2));
  CHECK_FALSE(can_follow(function, 1, 0));
  CHECK_FALSE(can_follow(function, 1, 1));
  CHECK_FALSE(can_follow(function, 0, 3));
}

TEST_CASE("branches lead to their labels, guarded ones also past themselves") {
  const auto module = module_of(
      "@%p bra $other;\nmov.u32 %r, 1;\nbra $end;\n$other:\nmov.u32 %r, 2;\n$end:\n@%p exit;\nmov.u32 %r, 3;\nret;\n");
  const auto& function = module.functions.front();
  CHECK(can_follow(function, 0, 1));
  CHECK(can_follow(function, 0, 3));
  CHECK_FALSE(can_follow(function, 1, 3));
  CHECK(can_follow(function, 1, 4));
  CHECK(can_follow(function, 1, 5));
}

TEST_CASE("in a loop everything follows everything") {
  const auto module = module_of("$top:\nmov.u32 %r, 1;\nmov.u32 %r, 2;\n@%p bra $top;\nmov.u32 %r, 3;\nret;\n");
  const auto& function = module.functions.front();
  CHECK(can_follow(function, 1, 0));
  CHECK(can_follow(function, 1, 1));
  CHECK(can_follow(function, 0, 3));
  CHECK_FALSE(can_follow(function, 3, 0));
}

TEST_CASE("a table of targets leads to each of them") {
  const auto module = module_of(
      "$list: .branchtargets $a, $b;\nbrx.idx %r, $list;\nmov.u32 %r, 0;\n$a:\nmov.u32 %r, 1;\nret;\n$b:\nmov.u32 %r, "
      "2;\nret;\n");
  const auto& function = module.functions.front();
  CHECK(can_follow(function, 0, 2));
  CHECK(can_follow(function, 0, 4));
  CHECK_FALSE(can_follow(function, 0, 1));
}
