// SPDX-License-Identifier: MIT
// Logic, comparisons, selections, moves and conversions of integers, lane by lane; and what the decoder refuses.
#include "integer_ops_support.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace cujitsu::softgpu::test;

TEST_CASE("softgpu computes logic on words and predicates", "[softgpu][integer]") {
  for (const auto& t : {IntegerType{"b16", 16, false}, IntegerType{"b32", 32, false}, IntegerType{"b64", 64, false}}) {
    check("and." + t.name + three(t), [](const Lane& l) { return l.in[0] & l.in[1]; });
    check("or." + t.name + three(t), [](const Lane& l) { return l.in[0] | l.in[1]; });
    check("xor." + t.name + three(t), [](const Lane& l) { return l.in[0] ^ l.in[1]; });
    check("not." + t.name + " " + t.reg(1) + ", " + t.reg(2), [](const Lane& l) { return ~l.in[0]; });
    check("cnot." + t.name + " " + t.reg(1) + ", " + t.reg(2), [](const Lane& l) { return U{l.in[0] == 0}; });
  }
  for (const std::string a : {"%p2", "!%p2"}) {
    for (const std::string b : {"%p3", "!%p3"}) {
      check("and.pred %p1, " + a + ", " + b, [](const Lane& l) { return l.in[0] & l.in[1]; });
      check("or.pred %p1, " + a + ", " + b, [](const Lane& l) { return l.in[0] | l.in[1]; });
      check("xor.pred %p1, " + a + ", " + b, [](const Lane& l) { return l.in[0] ^ l.in[1]; });
    }
  }
  check("not.pred %p1, %p2", [](const Lane& l) { return l.in[0] ^ 1; });
  for (U table = 0; table < 256; table += 5) {
    check("lop3.b32 %r1, %r2, %r3, %r4, " + std::to_string(table), [](const Lane& l) {
      U result = 0;
      for (unsigned i = 0; i < 32; ++i)
        result |= (l.in[3] >> ((l.in[0] >> i & 1) << 2 | (l.in[1] >> i & 1) << 1 | (l.in[2] >> i & 1)) & 1) << i;
      return result;
    });
  }
  for (const bool is_and : {true, false}) {
    check_all(std::string("lop3.") + (is_and ? "and" : "or") + ".b32 %r1|%p1, %r2, %r3, %r4, 128, %p2", [=](Lane& l) {
      l.out[0] = l.in[0] & l.in[1] & l.in[2];
      l.second = is_and ? U{l.out[0] != 0} & l.in[4] : U{l.out[0] != 0} | l.in[4];
    });
  }
}

TEST_CASE("softgpu compares integers and combines the result with a predicate", "[softgpu][integer]") {
  using Compare = std::function<bool(Int128, Int128)>;
  const std::map<std::string, Compare> ordered{{"lt", std::less<Int128>()},    {"le", std::less_equal<Int128>()},
                                               {"gt", std::greater<Int128>()}, {"ge", std::greater_equal<Int128>()},
                                               {"lo", std::less<Int128>()},    {"ls", std::less_equal<Int128>()},
                                               {"hi", std::greater<Int128>()}, {"hs", std::greater_equal<Int128>()}};
  const std::map<std::string, Compare> equalities{{"eq", std::equal_to<Int128>()}, {"ne", std::not_equal_to<Int128>()}};
  using Combine = std::function<bool(bool, bool)>;
  const std::map<std::string, Combine> combinations{{"and", [](bool a, bool b) { return a && b; }},
                                                    {"or", [](bool a, bool b) { return a || b; }},
                                                    {"xor", [](bool a, bool b) { return a != b; }}};
  const auto every_form = [&](const std::string& name, const Compare& compare, const IntegerType& t) {
    const std::string sources = t.reg(2) + ", " + t.reg(3);
    const auto compared = [=](const Lane& l) { return compare(t.value(l.in[0]), t.value(l.in[1])); };
    check("setp." + name + "." + t.name + " %p1, " + sources, [=](const Lane& l) { return U{compared(l)}; });
    check_all("setp." + name + "." + t.name + " %p1|%p2, " + sources, [=](Lane& l) {
      l.out[0] = compared(l);
      l.second = !compared(l);
    });
    const std::map<std::string, U> truths{{"u32", 0xffffffff}, {"s32", 0xffffffff}, {"f32", 0x3f800000}};
    for (const auto& [type, truth] : truths)
      check("set." + name + "." + type + "." + t.name + " %r9, " + sources,
            [=, truth = truth](const Lane& l) { return compared(l) ? truth : 0; });
    for (const auto& [operation, combine] : combinations) {
      for (const std::string other : {"%p3", "!%p3"}) {
        const std::string rest = name + "." + operation;
        check("setp." + rest + "." + t.name + " %p1, " + sources + ", " + other,
              [=, combine = combine](const Lane& l) { return U{combine(compared(l), l.in[2] != 0)}; });
        check_all("setp." + rest + "." + t.name + " %p1|%p2, " + sources + ", " + other,
                  [=, combine = combine](Lane& l) {
                    l.out[0] = combine(compared(l), l.in[2] != 0);
                    l.second = combine(!compared(l), l.in[2] != 0);
                  });
        check("set." + rest + ".u32." + t.name + " %r9, " + sources + ", " + other,
              [=, combine = combine](const Lane& l) { return combine(compared(l), l.in[2] != 0) ? 0xffffffffu : 0u; });
      }
    }
  };
  for (const auto& t : integer_types) {
    for (const auto& [name, compare] : equalities) every_form(name, compare, t);
    for (const auto& [name, compare] : ordered)
      if (!t.is_signed || name[0] == 'g' || name == "lt" || name == "le") every_form(name, compare, t);
  }
  for (const auto& t : {IntegerType{"b16", 16, false}, IntegerType{"b32", 32, false}, IntegerType{"b64", 64, false}})
    for (const auto& [name, compare] : equalities) every_form(name, compare, t);
  check_all("setp.eq.s32 _|%p2, %r1, 7", [](Lane& l) {
    l.out[0] = l.in[0] == 7;
    l.second = l.in[0] != 7;
  });
}

TEST_CASE("softgpu selects by a predicate or a sign", "[softgpu][integer]") {
  for (const std::string type : {"b16", "u16", "b32", "s32", "b64", "u64", "f32", "f64"}) {
    const unsigned bits = static_cast<unsigned>(std::stoi(type.substr(1)));
    const IntegerType t{type, bits, false};
    check("selp." + type + three(t) + ", %p1", [](const Lane& l) { return l.in[2] != 0 ? l.in[0] : l.in[1]; });
    check("selp." + type + three(t) + ", !%p1", [](const Lane& l) { return l.in[2] != 0 ? l.in[0] : l.in[1]; });
    check("slct." + type + ".s32" + three(t) + ", %r9",
          [](const Lane& l) { return sign(l.in[2], 32) >= 0 ? l.in[0] : l.in[1]; });
    for (const bool flushes : {false, true}) {
      check(std::string("slct.") + (flushes ? "ftz." : "") + type + ".f32" + three(t) + ", %f9", [=](const Lane& l) {
        const bool subnormal = (l.in[2] & 0x7f800000) == 0;
        float selector;
        const auto word = static_cast<std::uint32_t>(flushes && subnormal ? 0 : l.in[2]);
        std::memcpy(&selector, &word, 4);
        return selector >= 0 ? l.in[0] : l.in[1];
      });
    }
  }
}

TEST_CASE("softgpu moves, packs and unpacks registers", "[softgpu][integer]") {
  for (const std::string text : {"mov.b16 %rs1, %rs2", "mov.u32 %r1, %r2", "mov.f32 %f1, %f2", "mov.b64 %rd1, %rd2",
                                 "mov.pred %p1, %p2", "mov.u32 %r1, -5", "mov.u16 %rs1, -5", "mov.pred %p1, 1"})
    check(text, [](const Lane& l) { return l.in[0]; });
  check_all("mov.b128 %rq1, %rq2", [](Lane& l) { l.out = {l.in[0], l.in[1]}; });
  check_all("mov.b128 %rq1, {%rd1, %rd2}", [](Lane& l) { l.out = {l.in[0], l.in[1]}; });
  check_all("mov.b128 {%rd1, %rd2}, %rq1", [](Lane& l) { l.out = {l.in[0], l.in[1]}; });

  const auto joined = [](unsigned count, unsigned bits) {
    return [=](const Lane& l) {
      U result = 0;
      for (unsigned i = 0; i < count; ++i) result |= l.in[i] << (i * bits);
      return result;
    };
  };
  const auto split = [](unsigned count, unsigned bits) {
    return [=](Lane& l) {
      for (unsigned i = 0; i < count; ++i) l.out[i] = low(l.in[0] >> (i * bits), bits);
    };
  };
  check("mov.b16 %rs1, {%rb1, %rb2}", joined(2, 8));
  check("mov.b32 %r1, {%rs1, %rs2}", joined(2, 16));
  check("mov.b32 %r1, {%rb1, %rb2, %rb3, %rb4}", joined(4, 8));
  check("mov.b64 %rd1, {%r1, %r2}", joined(2, 32));
  check("mov.b64 %rd1, {%rs1, %rs2, %rs3, %rs4}", joined(4, 16));
  check_all("mov.b16 {%rb1, %rb2}, %rs1", split(2, 8));
  check_all("mov.b32 {%rs1, %rs2}, %r1", split(2, 16));
  check_all("mov.b32 {%rb1, %rb2, %rb3, %rb4}, %r1", split(4, 8));
  check_all("mov.b64 {%r1, %r2}, %rd1", split(2, 32));
  check_all("mov.b64 {_, %r2}, %rd1", split(2, 32));
  check_all("mov.b64 {%rs1, %rs2, %rs3, %rs4}, %rd1", split(4, 16));
}

TEST_CASE("softgpu converts between integers through wider registers", "[softgpu][integer]") {
  const std::vector<IntegerType> types{{"u8", 8, false},   {"s8", 8, true},   {"u16", 16, false}, {"s16", 16, true},
                                       {"u32", 32, false}, {"s32", 32, true}, {"u64", 64, false}, {"s64", 64, true}};
  for (const auto& to : types) {
    for (const auto& from : types) {
      for (const unsigned to_register : {8u, 16u, 32u, 64u}) {
        for (const unsigned from_register : {16u, 32u, 64u}) {
          if (to_register < to.bits || from_register < from.bits) continue;
          const std::string d = to_register == 8 ? "%rb1" : IntegerType{"", to_register, false}.reg(1);
          const std::string operands =
              to.name + "." + from.name + " " + d + ", " + IntegerType{"", from_register, false}.reg(2);
          check("cvt." + operands,
                [=](const Lane& l) { return static_cast<U>(to.value(static_cast<U>(from.value(l.in[0])))); });
          check("cvt.sat." + operands, [=](const Lane& l) { return static_cast<U>(to.clamped(from.value(l.in[0]))); });
        }
      }
    }
  }
  check("cvt.u64.u32 %rd1, -1", [](const Lane&) { return 0xffffffffu; });
}

TEST_CASE("softgpu's integer instructions accept the destination among the sources", "[softgpu][integer]") {
  check("add.s32 %r1, %r1, %r1", [](const Lane& l) { return l.in[0] + l.in[1]; });
  check("mad.lo.u64 %rd1, %rd1, %rd2, %rd1", [](const Lane& l) { return l.in[0] * l.in[1] + l.in[2]; });
  check("prmt.b32 %r1, %r2, %r1, %r1", [](const Lane& l) -> U {
    const U both = low(l.in[0], 32) | l.in[1] << 32;
    U result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const U byte = both >> (8 * (l.in[2] >> (4 * i) & 7)) & 0xff;
      result |= ((l.in[2] >> (4 * i) & 8) == 0 ? byte : (byte >> 7) * 0xff) << (8 * i);
    }
    return result;
  });
}

TEST_CASE("softgpu's integer decoder refuses what it does not understand and leaves what is not its own",
          "[softgpu][integer]") {
  for (const std::string text : {"add.s32.oops %r1, %r2, %r3",
                                 "add.s32 %r1, %r2",
                                 "add.s32 %r1, %r2, %rd3",
                                 "add.s32 %rd1, %r2, %r3",
                                 "add.s32 1, %r2, %r3",
                                 "add.s32 %r1, %p2, %r3",
                                 "add.s16 %r1, %r2, %r3",
                                 "add.s32 %r1, %r2, !%r3",
                                 "add.s32 %r1, %r2, _",
                                 "add.sat.u32 %r1, %r2, %r3",
                                 "mul.s32 %r1, %r2, %r3",
                                 "mul.wide.u64 %rd1, %rd2, %rd3",
                                 "shl.u32 %r1, %r2, %r3",
                                 "shl.b32 %r1, %r2, %rd3",
                                 "setp.lo.s32 %p1, %r1, %r2",
                                 "setp.lt.b32 %p1, %r1, %r2",
                                 "setp.eq.s32 %r1, %r1, %r2",
                                 "setp.s32 %p1, %r1, %r2",
                                 "setp.lt.and.s32 %p1, %r1, %r2",
                                 "lop3.b32 %r1, %r2, %r3, %r4, %r5",
                                 "lop3.and.b32 %r1, %r2, %r3, %r4, 1, %p2",
                                 "lop3.xor.b32 %r1|%p1, %r2, %r3, %r4, 1, %p2",
                                 "vabsdiff4.u32.u32.u32 %r1.b02, %r2, %r3, %r4",
                                 "vabsdiff4.u32.u32.u32 %r1, %r2.b321, %r3, %r4",
                                 "vabsdiff2.u32.u32.u32 %r1, %r2.h04, %r3, %r4",
                                 "vabsdiff4.u32.u32.u32 %r1, %r2, %r3, %r4.b0",
                                 "vabsdiff4.u32.u32.u32.sat.add %r1, %r2, %r3, %r4",
                                 "cvt.u32.u32 %rs1, %r2",
                                 "mov.b32 {%r1, %r2}, %rd1",
                                 "shf.l.b32 %r1, %r2, %r3, %r4",
                                 "mov.u32 %r1",
                                 "mov.b64 {%rd1}, %rd1",
                                 "neg.u32 %r1, %r2",
                                 "min.relu.u32 %r1, %r2, %r3",
                                 "addc.s16 %rs1, %rs2, %rs3"}) {
    INFO(text);
    CHECK(refuses(text));
  }
  for (const std::string text : {"add.f32 %f1, %f2, %f3", "add.rn.f16x2 %r1, %r2, %r3", "setp.lt.f32 %p1, %f1, %f2",
                                 "cvt.rn.f32.s32 %f1, %r1", "cvt.rzi.s32.f32 %r1, %f1", "set.lt.u32.f32 %r1, %f1, %f2",
                                 "min.f64 %fd1, %fd2, %fd3", "ld.global.u32 %r1, %rd1", "neg.bf16 %rs1, %rs2",
                                 "fma.rn.f32 %f1, %f2, %f3, %f4", "cvt.pack.sat.u16.s32 %r1, %r2, %r3", "bra %r1"}) {
    INFO(text);
    CHECK(leaves(text));
  }
}
