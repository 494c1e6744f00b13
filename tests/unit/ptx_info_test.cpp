// SPDX-License-Identifier: MIT
#include "compile/ptx_info.hpp"
#include "compile/signature.hpp"
#include "support/catch.hpp"

using namespace cujitsu;
using namespace cujitsu::compiler;

namespace {

constexpr const char* ptx = R"(
//
// .entry in_a_comment(
.version 9.0
.target sm_90
.address_size 64

.extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);
.extern .shared .align 16 .b8 dynamic[];
.const .align 4 .b8 table[64];
.visible .global .align 4 .u32 _ZN2ns7counterE = 3;
.global .align 1 .b8 $str[3] = {37, 100, 0};
.func helper() { ret; }
.visible .entry _Z3addPfPKfi1Ph(
	.param .u64 .ptr .align 1 p0,
	.param .u64 p1,
	.param .u32 p2,
	.param .align 8 .b8 p3[24],
	.param .u8 p4
)
.maxntid 256, 1, 1
{
	.reg .f32 %f<2>;
	{ .reg .b32 inner; }
	ret;
}
.visible .entry none()
{
	ret;
}
.entry _Z1dd(.param .f64 x) { ret; }
)";

}  // namespace

TEST_CASE("kernels, their parameters and the variables are read out of PTX") {
  const auto info = read_ptx(ptx);
  CHECK(info.version == "9.0");
  REQUIRE(info.kernels.size() == 3);
  CHECK(info.kernels[0].name == "_Z3addPfPKfi1Ph");
  CHECK(info.kernels[1].name == "none");
  CHECK(info.kernels[1].parameters.empty());
  CHECK(info.kernels[2].parameters.at(0).kind == ParameterKind::floating);
  CHECK(info.kernels[2].parameters.at(0).size == 8);
  const auto& parameters = info.kernels[0].parameters;
  REQUIRE(parameters.size() == 5);
  CHECK(parameters[0].kind == ParameterKind::pointer);
  CHECK(parameters[0].alignment == 8);
  CHECK(parameters[1].kind == ParameterKind::integer);
  CHECK(parameters[1].offset == 8);
  CHECK(parameters[2].offset == 16);
  CHECK(parameters[3].kind == ParameterKind::aggregate);
  CHECK(parameters[3].size == 24);
  CHECK(parameters[3].offset == 24);
  CHECK(parameters[4].size == 1);
  CHECK(parameters[4].offset == 48);
  CHECK(info.globals == std::vector<std::string>{"table", "_ZN2ns7counterE"});
}

TEST_CASE("text that is no PTX is passed over") {
  for (const char* text : {"", "{", ".entry", ".entry f(", ".entry f(.param .u64", ".global", "/* open", "\"open"})
    CHECK(read_ptx(text).kernels.empty());
}

TEST_CASE("a mangled name gives the C types, an extern C name leaves what PTX says") {
  const auto parameters = read_ptx(ptx).kernels[0].parameters;
  const auto typed =
      make_signature(parameters, {parse_function_name("add(float*, float const*, int, P, unsigned char)"), {}, {}});
  CHECK(typed.to_string() == "add(float*, const float*, int, P, unsigned char)");
  CHECK(typed.parameters[0].pointee == "float");
  CHECK_FALSE(typed.parameters[0].pointee_is_const);
  CHECK(typed.parameters[1].pointee_is_const);
  CHECK(typed.parameters[1].kind == ParameterKind::pointer);
  CHECK(make_signature(parameters, {parse_function_name("add"), {}, {}}).to_string() ==
        "add(.u64 .ptr, .u64, .u32, .b8[24], .u8)");
  CHECK(make_signature({}, {parse_function_name("none()"), {}, {}}).to_string() == "none()");
}

TEST_CASE("the compiler's types go before the mangled name's, and names are joined to both") {
  const auto parameters = read_ptx(".entry f(.param .u64 a, .param .u64 b) { ret; }").kernels.at(0).parameters;
  const auto function = parse_function_name("void f<int>(Traits<int>::type, unsigned long)");
  const auto signature = make_signature(parameters, {function, {"int const*", "unsigned long"}, {"data", ""}});
  CHECK(signature.to_string() == "f<int>(const int* data, unsigned long)");
  CHECK(signature.parameters[0].kind == ParameterKind::pointer);
  CHECK(make_signature(parameters, {function, {"int"}, {"one", "two", "three"}}).to_string() ==
        "f<int>(Traits<int>::type, unsigned long)");
  const auto callback = make_signature(parameters, {function, {"void (*)(int)", "int (&) [4]"}, {"call", "four"}});
  CHECK(callback.to_string() == "f<int>(void (*call)(int), int (&four) [4])");
}

TEST_CASE("demangled names are taken apart") {
  const auto check = [](const char* text, const char* name, const std::vector<std::string>& parameters) {
    const auto function = parse_function_name(text);
    CHECK(function.name == name);
    CHECK(function.parameters == parameters);
  };
  check("add(float*, int)", "add", {"float*", "int"});
  check("void ns::scale<float, 3>(float*)", "ns::scale<float, 3>", {"float*"});
  check("(anonymous namespace)::k(std::pair<int, float>, void (*)(int, int))", "k",
        {"std::pair<int, float>", "void (*)(int, int)"});
  check("void apply<Op<(int)3> >(int)", "apply<Op<(int)3> >", {"int"});
  CHECK_FALSE(parse_function_name("plain").is_function);
}
