// SPDX-License-Identifier: MIT
// What ptx::parse makes of PTX text, good and bad.
#include "softgpu/ptx/describe.hpp"
#include "softgpu/ptx/parser.hpp"
#include "support/catch.hpp"

#include <bit>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

using namespace cujitsu::softgpu::ptx;
using Kind = Operand::Kind;
using Base = Operand::Base;

namespace {

const std::string header = ".version 8.0\n.target sm_80\n.address_size 64\n";

Module module_of(const std::string& text) { return parse(header + text); }

/// The kernel "k" with this body; the body begins on line 4.
Function body_of(const std::string& body) {
  static Module kept;  // owns the text
  kept = module_of(".visible .entry k(.param .u64 parameter) { " + body + " }");
  return kept.functions.back();
}

struct Problem {
  std::string message;
  std::uint32_t line = 0;
  bool operator==(const Problem&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Problem& problem) {
  return out << "line " << problem.line << ": " << problem.message;
}

Problem problem_of(const std::string& whole_text) {
  try {
    (void)parse(whole_text);
  } catch (const ParseError& error) {
    return {error.what(), error.line};
  }
  return {};
}

Problem problem_in(const std::string& text) { return problem_of(header + text); }
Problem problem_in_body(const std::string& body) {
  return problem_in(".visible .entry k(.param .u64 p) { " + body + " }");
}

std::string read(const std::string& name) {
  std::ifstream file(std::string(CUJITSU_SOFTGPU_TEST_DATA_DIR) + "/ptx/" + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Function& find(const Module& module, std::string_view name) {
  for (const Function& function : module.functions)
    if (function.prototype.name == name) return function;
  FAIL("no function " << name);
  return module.functions.front();
}

const Variable& variable(const Module& module, std::string_view name) {
  for (const Variable& one : module.variables)
    if (one.name == name) return one;
  FAIL("no variable " << name);
  return module.variables.front();
}

const Instruction& first(const Function& function, std::string_view opcode) {
  for (const Instruction& instruction : function.instructions)
    if (instruction.opcode == opcode) return instruction;
  FAIL("no instruction " << opcode);
  return function.instructions.front();
}

}  // namespace

TEST_CASE("types have widths, signs and names", "[softgpu][ptx]") {
  CHECK(parse_type("u32") == Type::u32);
  CHECK(parse_type("bf16x2") == Type::bf16x2);
  CHECK_FALSE(parse_type("").has_value());
  CHECK_FALSE(parse_type("u33").has_value());
  CHECK(bits_of(Type::pred) == 1);
  CHECK(bits_of(Type::b128) == 128);
  CHECK(bits_of(Type::f16x2) == 32);
  CHECK(is_signed(Type::s16x2));
  CHECK_FALSE(is_signed(Type::u8));
  CHECK(is_floating(Type::e5m2));
  CHECK_FALSE(is_floating(Type::b32));
  CHECK(to_string(Type::f32x2) == "f32x2");
}

TEST_CASE("a module says its version and target", "[softgpu][ptx]") {
  const Module module = parse("// made by hand\n.version 8.7\n.target sm_90a, debug\n.address_size 64\n");
  CHECK(module.version_major == 8);
  CHECK(module.version_minor == 7);
  CHECK(module.target == "sm_90a");
  CHECK(module.target_number == 90);
  CHECK(module.target_suffix == 'a');
  CHECK(module.address_bits == 64);
  CHECK(parse(".version 8.0\r\n.target sm_80\r\n").target_number == 80);
  CHECK(parse(header + std::string(3, '\0')).functions.empty());
}

TEST_CASE("what is no PTX is told from broken PTX", "[softgpu][ptx]") {
  const auto kind_of = [](const std::string& text) {
    try {
      (void)parse(text);
    } catch (const ParseError& error) {
      return error.kind;
    }
    FAIL("no error");
    return ParseError::Kind::syntax;
  };
  CHECK(kind_of("") == ParseError::Kind::not_ptx);
  CHECK(kind_of("int main() {}") == ParseError::Kind::not_ptx);
  CHECK(kind_of(".target sm_80\n.version 8.0") == ParseError::Kind::syntax);
  CHECK(kind_of(".version 9.9\n.target sm_80") == ParseError::Kind::unsupported_version);
  CHECK(kind_of(".version 8.0\n.target sm_999") == ParseError::Kind::bad_target);
  CHECK(kind_of(".version 8.0\n.target sm_80\n.address_size 32") == ParseError::Kind::bad_target);
}

TEST_CASE("errors are in ptxas' words, with its lines", "[softgpu][ptx]") {
  CHECK(problem_of(".version 9.9\n.target sm_80") == Problem{"Unsupported .version 9.9; current version is '9.8'", 1});
  CHECK(problem_of(".version 8.0\n") == Problem{"Missing .target directive at start of file 'ptx input'", 2});
  CHECK(problem_of(".version 8.0\n.target sm_999\n") == Problem{"Unsupported .target 'sm_999'", 2});
  CHECK(problem_in_body(".reg .b32 r; mov.u32 r 5; ret;") == Problem{"Parsing error near '5': syntax error", 4});
  CHECK(problem_in_body("ret;\nret") == Problem{"Parsing error near '}': syntax error", 5});
  CHECK(problem_in_body("mov.u32 %r1, 5;") == Problem{"Unknown symbol '%r1'", 4});
  CHECK(problem_in_body(".reg .b32 r;\n mov.u32 r, foo;") == Problem{"Unknown symbol 'foo'", 5});
  CHECK(problem_in_body(".reg .b32 %r<4>; mov.u32 %r4, 5;") == Problem{"Unknown symbol '%r4'", 4});
  CHECK(problem_in_body(".reg .b32 r; mov.u32 r, %foo.x;") == Problem{"Unknown symbol '%foo'", 4});
  CHECK(problem_in_body(".reg .b32 r; mov.u32 r, %tid.q;") == Problem{"Unknown field '.q'", 4});
  CHECK(problem_in_body("\nbra L;\nret;") == Problem{"Unknown symbol 'L'", 5});
  CHECK(problem_in_body("{ L: ret; } bra L;") == Problem{"Unknown symbol 'L'", 4});
  CHECK(problem_in_body("L: L: ret;") == Problem{"Duplicate definition of label 'L'", 4});
  CHECK(problem_in_body(".reg .b32 r, r;") == Problem{"Duplicate definition of variable 'r'", 4});
  CHECK(problem_in_body(".reg .b32 p;") == Problem{"Duplicate definition of variable 'p'", 4});
  CHECK(problem_in_body(".reg .b32 a<4>; .reg .b32 a1;") == Problem{"Duplicate definition of variable 'a1'", 4});
  CHECK(problem_in_body(".reg .b32 r; @r ret;") == Problem{"Predicate expression expected", 4});
  CHECK(problem_in_body(".reg .b32 r<4000000000>;") == Problem{"Too many registers", 4});
  CHECK(problem_in_body("bra a, 5") == Problem{"Parsing error near '5': syntax error", 4});
  CHECK(problem_in(".entry k() { ret;") == Problem{"Parsing error near '': syntax error", 4});
  CHECK(problem_in(".entry k( ") == Problem{"Parsing error near '': syntax error", 4});
  CHECK(problem_in("/* open") == Problem{"Parsing error near '': unexpected EOF while scanning", 4});
  CHECK(problem_in(".entry k() {} .entry k() {}") == Problem{"Duplicate definition of function 'k'", 4});
  CHECK(problem_in(".func f; .func f(.reg .b32 a);") ==
        Problem{"Inconsistent prototypes of 'f', number of parameters differ", 4});
  CHECK(problem_in(".global .u32 x; .global .u32 x;") == Problem{"Duplicate definition of variable 'x'", 4});
  CHECK(problem_in(".global .u32 x = 0x1G;") == Problem{"Parsing error near 'G': syntax error", 4});
  CHECK(problem_in(".global .u32 x = y;") == Problem{"Invalid initial value symbol 'y'", 4});
  CHECK(problem_in(".global .u32 x[2] = {1,2,3};") == Problem{"Greater number of elements in array initializer", 4});
  CHECK(problem_in(".global .u32 x[2] = {1,2,};") == Problem{"Parsing error near '}': syntax error", 4});
  CHECK(problem_in(".global .u32 x = 1.5;") == Problem{"Initial value type mismatch", 4});
  CHECK(problem_in(".global .u32 x = 1/0;") == Problem{"Constant expression has division by zero", 4});
  CHECK(problem_in(".global .u64 x = 18446744073709551616;") == Problem{"Constant overflow", 4});

  try {
    (void)parse(header + "\n.entry k() { mov.u32 5 5; }");
    FAIL("no error");
  } catch (const ParseError& error) {
    CHECK(to_log(error) ==
          "ptxas application ptx input, line 5; fatal   : Parsing error near '5': syntax error\n"
          "ptxas fatal   : Ptx assembly aborted due to errors");
  }
}

TEST_CASE("an instruction keeps opcode, modifiers, guard and line", "[softgpu][ptx]") {
  const Function function = body_of(
      ".reg .pred %p<3>; .reg .f32 %f<5>; .reg .b64 d;\n"
      "@!%p1 ld.global.L1::no_allocate.L2::128B.v4.f32 {%f1, %f2, _, %f4}, [d+-16];");
  REQUIRE(function.instructions.size() == 1);
  const Instruction& load = function.instructions[0];
  CHECK(to_text(load) == "ld.global.L1::no_allocate.L2::128B.v4.f32");
  CHECK(load.modifiers.size() == 5);
  REQUIRE(load.guard.has_value());
  CHECK(load.guard->negated);
  CHECK(function.registers[load.guard->reg].name == "%p1");
  CHECK(load.location.ptx_line == 5);
  REQUIRE(load.operands.size() == 2);
  REQUIRE(load.operands[0].kind == Kind::vector);
  REQUIRE(load.operands[0].elements.size() == 4);
  CHECK(load.operands[0].elements[2].kind == Kind::sink);
  CHECK(function.registers[load.operands[0].elements[3].index].name == "%f4");
  CHECK(load.operands[1].kind == Kind::address);
  CHECK(load.operands[1].base == Base::reg);
  CHECK(function.registers[load.operands[1].index].type == Type::b64);
  CHECK(load.operands[1].offset == -16);
}

TEST_CASE("immediates are read in every notation", "[softgpu][ptx]") {
  const auto bits = [](const std::string& text, Kind kind) {
    const Function function = body_of(".reg .b64 r; mov.b64 r," + text + ";");
    const Operand& operand = function.instructions.at(0).operands.at(1);
    CHECK(operand.kind == kind);
    return operand.bits;
  };
  CHECK(bits("17", Kind::integer) == 17);
  CHECK(bits("-1", Kind::integer) == ~std::uint64_t{0});
  CHECK(bits("-2147483648", Kind::integer) == 0xffffffff80000000);
  CHECK(bits("0x10U", Kind::integer) == 16);
  CHECK(bits("0XfF", Kind::integer) == 255);
  CHECK(bits("0b1011", Kind::integer) == 11);
  CHECK(bits("017", Kind::integer) == 15);
  CHECK(bits("0", Kind::integer) == 0);
  CHECK(bits("18446744073709551615", Kind::integer) == ~std::uint64_t{0});
  CHECK(bits("(1+2)*3", Kind::integer) == 9);
  CHECK(bits("1<<4+1", Kind::integer) == 32);
  CHECK(bits("(.u64)-1 >> 60", Kind::integer) == 15);
  CHECK(bits("-8 >> 1", Kind::integer) == static_cast<std::uint64_t>(-4));
  CHECK(bits("7/-2", Kind::integer) == static_cast<std::uint64_t>(-3));
  CHECK(bits("!5 || 3 > 2 ? 6 : 7", Kind::integer) == 6);
  CHECK(bits("~5", Kind::integer) == ~std::uint64_t{5});
  CHECK(bits("(-9223372036854775807 - 1) / -1", Kind::integer) == std::uint64_t{1} << 63);
  CHECK(bits("WARP_SZ", Kind::integer) == 32);
  CHECK(bits("0f3F800000", Kind::float32) == 0x3f800000);
  CHECK(bits("0d3FF0000000000000", Kind::float64) == 0x3ff0000000000000);
  CHECK(bits("1.5", Kind::float64) == std::bit_cast<std::uint64_t>(1.5));
  CHECK(bits("-2.5e-3", Kind::float64) == std::bit_cast<std::uint64_t>(-2.5e-3));
}

TEST_CASE("special registers are told apart", "[softgpu][ptx]") {
  const auto special = [](const std::string& name) {
    const Operand operand = body_of(".reg .b64 r; mov.u32 r," + name + ";").instructions.at(0).operands.at(1);
    CHECK(operand.kind == Kind::special);
    return std::pair(operand.special, static_cast<int>(operand.component));
  };
  CHECK(special("%tid.x") == std::pair(Special::tid, 0));
  CHECK(special("%nctaid.z") == std::pair(Special::nctaid, 2));
  CHECK(special("%envreg31") == std::pair(Special::envreg, 31));
  CHECK(special("%clock64") == std::pair(Special::clock64, 0));
  CHECK(special("%lanemask_lt") == std::pair(Special::lanemask_lt, 0));
  CHECK(special("%cluster_ctaid.y") == std::pair(Special::cluster_ctaid, 1));
  CHECK(special("%reserved_smem_offset_1") == std::pair(Special::reserved_smem_offset, 1));
  CHECK(problem_in_body(".reg .b32 r; mov.u32 r, %envreg32;").message == "Unknown symbol '%envreg32'");
  CHECK(problem_in_body(".reg .b32 r; mov.u32 r, %tid;").message == "Arguments mismatch for instruction 'mov'");
  CHECK(body_of(".reg .b32 %tid; mov.u32 %tid, 3;").instructions[0].operands[0].kind == Kind::reg);
}

TEST_CASE("pairs, negations, selectors and vector registers are operands", "[softgpu][ptx]") {
  const Function function = body_of(
      ".reg .pred p, q; .reg .b32 r; .reg .v2 .b32 v; .reg .b64 a;\n"
      "shfl.sync.idx.b32 r|p, r, 3, 31, -1;\n"
      "setp.lt.and.s32 p|_, r, 5, !q;\n"
      "elect.sync _|p, -1;\n"
      "mov.b32 v.y, 7;\n"
      "mov.b64 a, v;\n"
      "vadd.s32.u32.s32.sat r, r.b0, r.h1, r;\n"
      "tex.2d.v4.f32.f32 {r, r, r, r}, [a, {r, r}];\n"
      "ld.local.u32 r, [16];");
  const auto& code = function.instructions;
  REQUIRE(code.size() == 8);
  REQUIRE(code[0].operands[0].second.size() == 1);
  CHECK(function.registers[code[0].operands[0].second[0].index].name == "p");
  CHECK(code[1].operands[0].second[0].kind == Kind::sink);
  CHECK(code[1].operands[3].negated);
  CHECK(code[2].operands[0].kind == Kind::sink);
  CHECK(code[2].operands[0].second[0].kind == Kind::reg);
  CHECK(code[3].operands[0].kind == Kind::reg);
  REQUIRE(code[4].operands[1].elements.size() == 2);
  CHECK(code[4].operands[1].elements[1].index == code[3].operands[0].index);
  CHECK(to_text(code[5]) == "vadd.s32.u32.s32.sat.b0.h1");
  REQUIRE(code[6].operands[1].elements.size() == 1);
  CHECK(code[6].operands[1].elements[0].kind == Kind::vector);
  CHECK(code[7].operands[1].base == Base::none);
  CHECK(code[7].operands[1].offset == 16);
}

TEST_CASE("inner scopes hide registers, variables and labels of outer ones", "[softgpu][ptx]") {
  const Function function = body_of(
      ".reg .b32 r, %x<20>; .param .b32 a;\n"
      "st.param.b32 [a], %x12;\n"
      "bra L;\n"
      "{ .reg .f32 r, %x<5>, %x1<5>; .param .b64 a; mov.f32 r, 0f00000000; mov.f32 %x12, %x4;\n"
      "  st.param.b64 [a+0], r; mov.u32 %x19, 1; bra L; L: }\n"
      "mov.b32 r, %x12; mov.b32 %x4, r; L: ret;");
  const auto& code = function.instructions;
  REQUIRE(code.size() == 10);
  const auto type = [&](std::size_t instruction, std::size_t operand) {
    return function.registers[code[instruction].operands[operand].index].type;
  };
  CHECK(type(0, 1) == Type::b32);
  CHECK(code[0].operands[0].index == 1);  // the first variable
  CHECK(type(2, 0) == Type::f32);
  CHECK(type(3, 0) == Type::f32);  // of %x1<5>
  CHECK(type(3, 1) == Type::f32);
  CHECK(code[4].operands[0].index == 2);
  CHECK(function.variables[1].type == Type::b64);
  CHECK(type(5, 0) == Type::b32);  // only the outer %x<20> has it
  CHECK(code[6].operands[0].index != code[1].operands[0].index);
  CHECK(function.labels[code[6].operands[0].index].instruction == 7);
  CHECK(function.labels[code[1].operands[0].index].instruction == 9);
  CHECK(code[7].operands[1].index == code[0].operands[1].index);
  CHECK(type(8, 0) == Type::b32);
}

TEST_CASE("only registers that are named come into being", "[softgpu][ptx]") {
  const Function function = body_of(".reg .b32 %r<8000000>; mov.b32 %r7999999, %r3; mov.b32 %r3, %r7999999;");
  REQUIRE(function.registers.size() == 2);
  CHECK(function.registers[0].name == "%r7999999");
  CHECK(function.instructions[0].operands[0].index == function.instructions[1].operands[1].index);
}

TEST_CASE("calls always have results, callee and arguments, in this order", "[softgpu][ptx]") {
  const Module module = module_of(
      ".func (.param .b32 r) f(.param .b32 a, .param .b64 b);\n.func g;\n"
      ".func (.reg .u32 r) h(.reg .u32 a) { mov.u32 r, a; ret; }\n"
      ".entry k() { .reg .b64 t; .reg .u32 x;\n"
      "{ .param .b32 a; .param .b64 b; .param .b32 r; call.uni (r), f, (a, b);\n"
      "  proto : .callprototype (.param .b32 _) _ (.param .b32 _, .param .align 8 .b8 _[16]) .noreturn;\n"
      "  call (r), t, (a, b), proto; }\n"
      "call g; call (x), h, (3);\n"
      "targets: .calltargets f, f; call t, targets; ret; }");
  const Function& function = find(module, "k");
  const auto& code = function.instructions;
  REQUIRE(code.size() == 6);
  REQUIRE(code[0].operands.size() == 3);
  CHECK(to_text(code[0]) == "call.uni");
  CHECK(code[0].operands[0].kind == Kind::list);
  REQUIRE(code[0].operands[0].elements.size() == 1);
  CHECK(code[0].operands[0].elements[0].name == "r");
  CHECK(code[0].operands[0].elements[0].index == 3);
  CHECK(code[0].operands[1].kind == Kind::symbol);
  CHECK(code[0].operands[1].name == "f");
  CHECK(code[0].operands[2].elements.size() == 2);

  REQUIRE(code[1].operands.size() == 4);
  CHECK(code[1].operands[1].kind == Kind::reg);
  REQUIRE(code[1].operands[3].kind == Kind::prototype);
  const Prototype& prototype = function.prototypes.at(code[1].operands[3].index);
  CHECK(prototype.name == "proto");
  CHECK(prototype.noreturn);
  REQUIRE(prototype.parameters.size() == 2);
  CHECK(prototype.parameters[1].bytes() == 16);
  CHECK(prototype.parameters[1].align() == 8);

  REQUIRE(code[2].operands.size() == 3);
  CHECK(code[2].operands[0].elements.empty());
  CHECK(code[2].operands[2].elements.empty());
  CHECK(code[3].operands[2].elements.at(0).bits == 3);
  REQUIRE(code[4].operands.size() == 4);
  CHECK(function.prototypes.at(code[4].operands[3].index).parameters.size() == 2);

  const Function& with_registers = find(module, "h");
  CHECK(with_registers.registers.at(0).name == "r");
  CHECK(with_registers.registers.at(1).name == "a");
}

TEST_CASE("elements of arrays are addresses", "[softgpu][ptx]") {
  const Module module = module_of(
      ".global .v2 .u32 x[4]; .global .u32 y;\n"
      ".entry k() { .reg .b64 a; .local .b16 z[9]; mov.b64 a, x[1]; mov.b64 a, z[2]+1; ld.global.u32 a, [x+4*2-1]; }");
  const auto& code = module.functions.at(0).instructions;
  CHECK(code.at(0).operands.at(1).kind == Kind::symbol);
  CHECK(code.at(0).operands.at(1).offset == 8);
  CHECK(code.at(1).operands.at(1).offset == 5);
  CHECK(code.at(1).operands.at(1).index == 1);
  CHECK(code.at(2).operands.at(1).offset == 7);
  CHECK(problem_in(".global .u32 y; .entry k() { .reg .b64 a; mov.b64 a, y[1]; }").message ==
        "Parsing error near '[': syntax error");
}

TEST_CASE("a call without a name to call is a syntax error", "[softgpu][ptx]") {  // found by fuzzing
  CHECK(problem_in(".entry k() { call .para").message == "Parsing error near '': syntax error");
  CHECK(problem_in_body("call 5;").message == "Parsing error near '5': syntax error");
  CHECK(problem_in_body("call (), (a);").message == "Parsing error near '(': syntax error");
}

TEST_CASE("indirect branches list their labels", "[softgpu][ptx]") {
  const Function function = body_of(".reg .b32 i; ts: .branchtargets A, B, A; brx.idx.uni i, ts; A: ret; B: exit;");
  REQUIRE(function.branch_targets.size() == 1);
  const Operand& list = function.instructions.at(0).operands.at(1);
  CHECK(list.kind == Kind::list);
  CHECK(list.name == "ts");
  REQUIRE(list.elements.size() == 3);
  CHECK(list.elements[0].kind == Kind::label);
  CHECK(function.labels.at(list.elements[0].index).instruction == 1);
  CHECK(function.labels.at(list.elements[1].index).instruction == 2);
  CHECK(function.branch_targets[0].labels[2] == list.elements[2].index);
  CHECK(problem_in_body(".reg .b32 i; ts: .branchtargets A; brx.idx i, ts;").message == "Unknown symbol 'A'");
}

TEST_CASE("variables have space, type, size, alignment and values", "[softgpu][ptx]") {
  const Module module = module_of(
      ".visible .global .align 4 .u32 a[2][3] = {{1}, {-1, 300}};\n"
      ".const .f32 f[5] = {1.5, 0f3f800000, 0d3ff0000000000000, 1e3};\n"
      ".global .v2 .u16 v[2] = {{1, 2}, {3, 0x1ffff}};\n"
      ".weak .global .attribute(.managed) .f64 d = -2.5;\n"
      ".extern .shared .align 16 .b8 dyn[];\n.global .s8 n[] = {1, 2, 3}, m;\n.common .global .b8 c[4];\n"
      ".global .u64 p[4] = {a, a+4, generic(a)+8, 0};\n"
      ".global .b8 q[4] = {0xFF(a), 0xff00(generic(a)), 0xFF0000(generic(a)+4), 5};\n"
      ".global .texref t;\n.global .b128 w;");
  const Variable& a = variable(module, "a");
  CHECK(a.linkage == Variable::Linkage::visible);
  CHECK(a.space == Space::global);
  CHECK(a.elements == 6);
  CHECK(a.bytes() == 24);
  REQUIRE(a.values.size() == 5);
  CHECK(a.values[0].bits == 1);
  CHECK(a.values[1].bits == 0);
  CHECK(a.values[3].bits == 0xffffffff);
  CHECK(a.values[4].bits == 300);
  const Variable& f = variable(module, "f");
  CHECK(f.space == Space::constant);
  REQUIRE(f.values.size() == 4);
  CHECK(f.values[0].bits == 0x3fc00000);
  CHECK(f.values[2].bits == 0x3f800000);
  CHECK(f.values[3].bits == std::bit_cast<std::uint32_t>(1e3F));
  const Variable& v = variable(module, "v");
  CHECK(v.vector == 2);
  CHECK(v.bytes() == 8);
  CHECK(v.align() == 4);
  CHECK(v.values.at(3).bits == 0xffff);
  CHECK(variable(module, "d").values.at(0).bits == std::bit_cast<std::uint64_t>(-2.5));
  CHECK(variable(module, "d").linkage == Variable::Linkage::weak);
  CHECK(variable(module, "dyn").is_unsized);
  CHECK(variable(module, "dyn").align() == 16);
  CHECK(variable(module, "dyn").bytes() == 0);
  CHECK(variable(module, "n").bytes() == 3);
  CHECK_FALSE(variable(module, "n").is_unsized);
  CHECK(variable(module, "m").values.empty());
  CHECK(variable(module, "c").linkage == Variable::Linkage::common);
  const Variable& p = variable(module, "p");
  CHECK(p.values.at(1).symbol == "a");
  CHECK(p.values.at(1).bits == 4);
  CHECK_FALSE(p.values.at(1).generic);
  CHECK(p.values.at(2).generic);
  CHECK(p.values.at(3).symbol.empty());
  const Variable& q = variable(module, "q");
  CHECK(q.values.at(0).mask == 0xff);
  CHECK(q.values.at(2).mask == 0xff0000);
  CHECK(q.values.at(2).generic);
  CHECK(q.values.at(2).bits == 4);
  CHECK(q.values.at(3).mask == 0);
  CHECK(variable(module, "t").bytes() == 8);
  CHECK(variable(module, "w").bytes() == 16);
}

TEST_CASE("a declaration and its definition are one", "[softgpu][ptx]") {
  const Module module = module_of(
      ".extern .global .u32 x; .func f(.param .b32 a); .visible .global .u32 x = 3;\n"
      ".func f(.param .b32 b) { ret; } .extern .func (.param .b32 r) g(.param .b64 a);");
  REQUIRE(module.variables.size() == 1);
  CHECK(module.variables[0].values.at(0).bits == 3);
  REQUIRE(module.functions.size() == 2);
  CHECK(module.functions[0].is_defined);
  CHECK(module.functions[0].prototype.parameters[0].name == "b");
  CHECK_FALSE(module.functions[1].is_defined);
  CHECK(module.functions[1].linkage == Variable::Linkage::external);
}

TEST_CASE("an alias is the function under another name", "[softgpu][ptx]") {
  const Module module = module_of(".visible .func g; .func f { ret; } .alias g, f;");
  CHECK(find(module, "g").is_defined);
  CHECK(find(module, "g").instructions.size() == 1);
  CHECK(problem_in(".func g; .func f; .alias g, f;").message == "Unresolved extern function 'f'");
}

TEST_CASE("performance directives of a kernel", "[softgpu][ptx]") {
  const Module module = module_of(
      ".entry k(.param .u64 .ptr .global .align 16 a, .param .align 8 .b8 s[24])\n.maxntid 256, 2\n"
      ".reqntid 32\n.minnctapersm 2 .maxnreg 40\n.explicitcluster .maxclusterrank 8\n.reqnctapercluster 2, 1, 1\n"
      ".pragma \"x\";\n{ ret; }");
  const Function& function = module.functions.at(0);
  CHECK(function.is_entry);
  CHECK(function.max_threads == std::array<std::uint32_t, 3>{256, 2, 1});
  CHECK(function.required_threads == std::array<std::uint32_t, 3>{32, 1, 1});
  CHECK(function.cluster == std::array<std::uint32_t, 3>{2, 1, 1});
  CHECK(function.max_registers == 40);
  CHECK(function.min_blocks == 2);
  CHECK(function.prototype.parameters.at(0).is_pointer);
  CHECK(function.prototype.parameters.at(0).align() == 8);
  CHECK(function.prototype.parameters.at(1).bytes() == 24);
}

TEST_CASE("unknown directives, sections and pragmas are skipped", "[softgpu][ptx]") {
  const Module module = module_of(
      ".frob 1, 2;\n.frob { a { b } \"}\" // }\n }\n.frob 3\n.section .debug_str { $L: .b8 1, .x-y }\n"
      ".entry k() { .pragma \"nounroll\"; .frob 3; .frob 4\n ret; }");
  CHECK(module.functions.at(0).instructions.size() == 1);
}

TEST_CASE("nesting and sizes are bounded", "[softgpu][ptx]") {
  const std::string many(100000, '{');
  CHECK(problem_in_body(many).message == "Blocks are nested too deeply");
  CHECK_FALSE(problem_in_body("foo " + many).message.empty());
  CHECK_FALSE(problem_in_body("foo " + std::string(100000, '[')).message.empty());
  CHECK(problem_in(".global .u32 x = " + std::string(100000, '(')).message ==
        "Constant expression is nested too deeply");
  CHECK(problem_in(".global .u32 x = " + std::string(100000, '-')).message ==
        "Constant expression is nested too deeply");
  CHECK_FALSE(problem_in(".global .u32 x[2] = " + many).message.empty());
  CHECK(problem_in(".global .u32 x[2][1000000000000] = {{1}, {2}};").message == "Array initializer is too sparse");
  CHECK(problem_in(".global .u32 x[1000000000000][1000000000000];").message == "Array is too large");
  std::string parameters = ".reg .b32 a";
  for (int i = 0; i < 2000; ++i) parameters += ",.reg .b32 a" + std::to_string(i);
  std::string targets;
  for (int i = 0; i < 2000; ++i) targets += "t" + std::to_string(i) + ": .calltargets f;";
  CHECK(problem_in(".func f(" + parameters + "); .entry k() {" + targets + "}").message == "Too many call targets");
  std::string branches = "ts: .branchtargets L";
  for (int i = 0; i < 2000; ++i) branches += ",L";
  branches += "; .reg .b32 i; L:";
  for (int i = 0; i < 2000; ++i) branches += "brx.idx i,ts;";
  CHECK(problem_in_body(branches).message == "Too many branch targets");
}

TEST_CASE("a text that ends anywhere is an error and nothing worse", "[softgpu][ptx]") {
  const std::string whole = read("asm_80.ptx");
  const std::size_t body = whole.find("\n{");
  for (std::size_t length = 0; length < whole.rfind('}'); ++length) {
    const bool has_open_body = length > body + 1;
    try {
      (void)parse(whole.substr(0, length));
      if (has_open_body) FAIL("accepted " << length << " bytes");
    } catch (const ParseError&) {}
  }
}

TEST_CASE("what NVRTC writes is parsed, in both dialects", "[softgpu][ptx]") {
  for (const std::string name : {"plain_80.ptx", "plain_100.ptx", "lineinfo_80.ptx", "debug_100.ptx"}) {
    CAPTURE(name);
    const Module module = parse(read(name));
    const Function& kernel = find(module, "kernel");
    CHECK(kernel.is_entry);
    CHECK(kernel.linkage == Variable::Linkage::visible);
    CHECK(kernel.max_threads == std::array<std::uint32_t, 3>{128, 1, 1});
    CHECK(kernel.min_blocks == 2);
    CHECK(kernel.prototype.parameters.size() == 3);
    CHECK_FALSE(find(module, "vprintf").is_defined);
    CHECK(find(module, "_Z9factoriali").is_defined);
    CHECK(variable(module, "table").bytes() == 16);
    CHECK(variable(module, "where").values.at(0).generic);
    CHECK(variable(module, "_ZTV6Square").values.at(2).symbol == "_ZN6Square4areaEf");
    CHECK(variable(module, "more").is_unsized);
    bool indirect = false;
    for (const Instruction& instruction : kernel.instructions)
      indirect = indirect || (instruction.opcode == "call" && instruction.operands.size() == 4);
    CHECK(indirect);
    if (name != "debug_100.ptx") CHECK(first(kernel, "shfl").operands.at(0).second.size() == 1);
  }
}

TEST_CASE("line information says where an instruction comes from", "[softgpu][ptx]") {
  for (const std::string name : {"lineinfo_80.ptx", "debug_100.ptx"}) {
    CAPTURE(name);
    const Module module = parse(read(name));
    REQUIRE_FALSE(module.files.empty());
    CHECK(module.files[0].name == "kernel.cu");
    const Location location = first(find(module, "kernel"), "bar").location;
    CHECK(location.file == module.files[0].index);
    CHECK(location.line == 17);
    CHECK(location.ptx_line > 100);
  }
  const Module plain = parse(read("plain_80.ptx"));
  CHECK(first(find(plain, "kernel"), "bar").location.file == 0);
}

TEST_CASE("inline assembly has scopes of its own", "[softgpu][ptx]") {
  const Module module = parse(read("asm_80.ptx"));
  const Function& function = module.functions.at(0);
  const Instruction& setp = [&]() -> const Instruction& {
    for (const Instruction& one : function.instructions)
      if (to_text(one) == "setp.lt.and.s32") return one;
    FAIL("no setp");
    return function.instructions[0];
  }();
  CHECK(function.registers[setp.operands[0].index].type == Type::pred);
  CHECK(setp.operands[0].second.size() == 1);
  CHECK(to_text(first(function, "lop3")) == "lop3.b32");
}
