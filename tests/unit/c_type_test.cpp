// SPDX-License-Identifier: MIT
#include "compile/c_type.hpp"
#include "support/catch.hpp"

using namespace cujitsu::compiler;

TEST_CASE("a demangled type is written as a person writes it") {
  CHECK(c_style("float") == "float");
  CHECK(c_style("float const*") == "const float*");
  CHECK(c_style("int const volatile*") == "const volatile int*");
  CHECK(c_style("const float *") == "const float*");
  CHECK(c_style("float* const*") == "float* const*");
  CHECK(c_style("char const* const*") == "const char* const*");
  CHECK(c_style("unsigned long") == "unsigned long");
  CHECK(c_style("ns::Vec<float const*> const&") == "const ns::Vec<float const*>&");
  CHECK(c_style("T&&") == "T&&");
  CHECK(c_style("constant*") == "constant*");
  CHECK(c_style("void (*)(float const*)") == "void (*)(float const*)");
  CHECK(c_style("int (&) [4]") == "int (&) [4]");
}

TEST_CASE("what a pointer points at, and whether it may be written to") {
  const auto check = [](const char* type, const char* pointee, bool is_const) {
    INFO(type);
    CHECK(pointee_of(type).type == pointee);
    CHECK(pointee_of(type).is_const == is_const);
  };
  check("const float*", "float", true);
  check("float*", "float", false);
  check("float const*", "float", true);
  check("const float* const", "float", true);
  check("float**", "float*", false);
  check("const float* const*", "const float*", true);
  check("volatile unsigned int*", "unsigned int", false);
  check("ns::S&", "ns::S", false);
  check("T&&", "T", false);
  check("float", "", false);
  check("void (*)(int)", "", false);
}

TEST_CASE("pointers and references are told from values") {
  CHECK(is_pointer("float*"));
  CHECK(is_pointer("float* const"));
  CHECK(is_pointer("float* __restrict__"));
  CHECK(is_pointer("ns::S&"));
  CHECK(is_pointer("void (*)(float)"));
  CHECK_FALSE(is_pointer("float"));
  CHECK_FALSE(is_pointer("Vec<float*>"));
}
