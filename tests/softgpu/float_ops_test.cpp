// SPDX-License-Identifier: MIT
// Floating-point instructions against scalar arithmetic in the same rounding, and against what a GPU answered.
#include "float_ops_support.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace {

using namespace cujitsu::test;

float f32(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }
double f64(std::uint64_t bits) { return std::bit_cast<double>(bits); }
std::uint64_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }
std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

const std::vector<std::uint64_t> edges32 = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000,
    0x00800001, 0x3f7fffff, 0x3f7ffffe, 0x3f800000, 0xbf800000, 0x3f800001, 0x40000000, 0x3f000000,
    0x4b800000, 0x4b7fffff, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
    0x7f800001, 0xff812345, 0x4f000000, 0xcf000000, 0x477fe000, 0x477ff000, 0x33000000, 0x33000001,
    0x38800000, 0x387fffff, 0x5f000000, 0x4effffff, 0x3e22f983, 0x000116c2, 0xc0000000, 0x41200000};

struct Numbers {
  std::mt19937_64 engine{12345};
  std::uint64_t single() {
    const auto word = engine();
    if ((word >> 40 & 3) == 0) return edges32[word % edges32.size()];
    if ((word >> 40 & 3) == 1) return (word & 0x80ffffff) | 0x3f000000;  // of like size, for cancellation
    return word & 0xffffffff;
  }
  std::uint64_t twice() {
    const auto word = engine();
    const auto small = single();
    if ((word & 3) == 0) return bits(static_cast<double>(f32(small)));
    if ((word & 3) == 1) return (word & 0x801fffffffffffff) | 0x3fe0000000000000;
    return word;
  }
};

class Direction {
 public:
  explicit Direction(int mode) { std::fesetround(mode); }
  ~Direction() { std::fesetround(FE_TONEAREST); }
};

constexpr struct {
  const char* suffix;
  int mode;
} roundings[] = {{"rn", FE_TONEAREST}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}, {"rz", FE_TOWARDZERO}};

template <class T>
T apply(const std::string& opcode, T given_a, T given_b, T given_c) {
  const volatile T a = given_a, b = given_b, c = given_c;  // not computed before the rounding direction is set
  if (opcode == "add") return a + b;
  if (opcode == "sub") return a - b;
  if (opcode == "mul") return a * b;
  if (opcode == "div") return a / b;
  if (opcode == "rcp") return T{1} / a;
  if (opcode == "sqrt") return std::sqrt(T{a});
  return std::fma(T{a}, T{b}, T{c});
}

unsigned arity(const std::string& opcode) { return opcode == "fma" ? 3 : opcode == "rcp" || opcode == "sqrt" ? 1 : 2; }
std::uint64_t flush(std::uint64_t x) { return (x & 0x7f800000) == 0 ? x & 0x80000000 : x; }

/// One instruction on one value for each operand, in every instruction set, which must agree.
std::uint64_t once(std::string_view name, std::vector<std::uint64_t> sources) {
  std::uint64_t answer = 0;
  bool first = true;
  for (const Isa isa : available_isas()) {
    Runner runner(isa);
    const Written written(name, static_cast<unsigned>(sources.size() + 1));
    const Decoding decoding = runner.decode(written);
    INFO(name << ": " << decoding.why);
    REQUIRE(decoding.answer == Decoding::Answer::decoded);
    std::vector<Lanes> lanes(sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) lanes[i].fill(sources[i]);
    const auto results = runner.run(decoding, lanes);
    const auto some = runner.run(decoding, lanes, 0x0000ff01);
    for (unsigned lane = 0; lane < 32; ++lane) {
      REQUIRE(results[lane] == results[0]);
      const bool wide = ptx::bits_of(decoding.operands[0]) == 64;
      const std::uint64_t old = wide ? Runner::untouched : Runner::untouched & 0xffffffff;
      REQUIRE(some[lane] == ((0x0000ff01u >> lane & 1) != 0 ? results[0] : old));
    }
    if (!first) REQUIRE(results[0] == answer);
    answer = results[0];
    first = false;
  }
  return answer;
}

/// Compares `name` with `expected` on `rounds` times 32 lanes.
void compare(std::string_view name, unsigned operands, bool doubles, int rounds,
             const std::function<std::uint64_t(const std::vector<std::uint64_t>&)>& expected) {
  for (const Isa isa : available_isas()) {
    Runner runner(isa);
    Numbers numbers;
    const Written written(name, operands + 1);
    const Decoding decoding = runner.decode(written);
    INFO(name << ": " << decoding.why);
    REQUIRE(decoding.answer == Decoding::Answer::decoded);
    for (int round = 0; round < rounds; ++round) {
      std::vector<Lanes> sources(operands);
      for (auto& lanes : sources) {
        for (auto& lane : lanes) lane = doubles ? numbers.twice() : numbers.single();
      }
      const auto results = runner.run(decoding, sources);
      for (unsigned lane = 0; lane < 32; ++lane) {
        std::vector<std::uint64_t> given;
        for (const auto& lanes : sources) given.push_back(lanes[lane]);
        const std::uint64_t wanted = expected(given);
        if (results[lane] != wanted) {
          INFO(std::hex << name << " isa " << static_cast<int>(isa) << " of " << given[0] << " "
                        << (operands > 1 ? given[1] : 0) << " " << (operands > 2 ? given[2] : 0));
          INFO("answered " << results[lane] << ", wanted " << wanted);
          CHECK(results[lane] == wanted);
          return;
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("f32 arithmetic rounds in each direction") {
  for (const std::string opcode : {"add", "sub", "mul", "div", "fma", "rcp", "sqrt"}) {
    for (const auto& rounding : roundings) {
      compare(opcode + "." + rounding.suffix + ".f32", arity(opcode), false, 200, [&](const auto& x) {
        const Direction direction(rounding.mode);
        const volatile float result =
            apply<float>(opcode, f32(x[0]), x.size() > 1 ? f32(x[1]) : 0, x.size() > 2 ? f32(x[2]) : 0);
        const float r = result;
        return std::isnan(r) ? std::uint64_t{0x7fffffff} : bits(r);
      });
    }
  }
}

TEST_CASE("f32 arithmetic flushes what is tiny after rounding") {
  for (const std::string opcode : {"add", "sub", "mul", "fma"}) {
    for (const auto& rounding : roundings) {
      compare(opcode + "." + rounding.suffix + ".ftz.f32", arity(opcode), false, 200, [&](const auto& x) {
        const Direction direction(rounding.mode);
        const double a = f32(flush(x[0])), b = f32(flush(x[1])), c = x.size() > 2 ? f32(flush(x[2])) : 0;
        const volatile float result =
            apply<float>(opcode, static_cast<float>(a), static_cast<float>(b), static_cast<float>(c));
        const float r = result;
        if (std::isnan(r)) return std::uint64_t{0x7fffffff};
        if (std::fabs(r) > 0x1p-125f) return bits(r);
        // With an unbounded exponent: the same operation on numbers that are 2^100 times larger.
        const bool product = opcode == "mul" || opcode == "fma";
        const double scale = 0x1p200;
        const volatile float scaled = static_cast<float>(product ? std::fma(a, b * scale, c * scale)
                                                                 : apply<double>(opcode, a * scale, b * scale, 0));
        return std::fabs(scaled) < 0x1p74f ? bits(std::copysign(0.0f, r)) : bits(r);
      });
    }
  }
  CHECK(once("mul.rn.ftz.f32", {0x00800000, 0x3f7fffff}) == 0);
  CHECK(once("mul.rn.f32", {0x00800000, 0x3f7fffff}) == 0x00800000);
  CHECK(once("mul.rn.ftz.f32", {0x00800001, 0x3f7ffffe}) == 0x00800000);
  CHECK(once("mul.rz.ftz.f32", {0x00800001, 0x3f7ffffe}) == 0);
}

TEST_CASE("f64 arithmetic rounds in each direction and hands NaNs on") {
  const auto nan = [](std::uint64_t x) { return std::isnan(f64(x)); };
  for (const std::string opcode : {"add", "sub", "mul", "div", "fma", "rcp", "sqrt"}) {
    for (const auto& rounding : roundings) {
      compare(opcode + "." + rounding.suffix + ".f64", arity(opcode), true, 200, [&](const auto& x) {
        std::vector<std::size_t> order = {1, 0};
        if (opcode == "fma") order = {1, 2, 0};
        if (opcode == "div") order = {0, 1};
        if (arity(opcode) == 1) order = {0};
        for (const auto i : order) {
          if (nan(x[i])) return x[i] | 0x0008000000000000;
        }
        const Direction direction(rounding.mode);
        const volatile double result =
            apply<double>(opcode, f64(x[0]), x.size() > 1 ? f64(x[1]) : 0, x.size() > 2 ? f64(x[2]) : 0);
        const double r = result;
        return std::isnan(r) ? std::uint64_t{0xfff8000000000000} : bits(r);
      });
    }
  }
}

TEST_CASE("NaN, saturation and flushing are a GPU's") {
  CHECK(once("neg.f32", {0xffc00000}) == 0x7fffffff);
  CHECK(once("abs.f32", {0xff812345}) == 0x7fffffff);
  CHECK(once("copysign.f32", {0x00000000, 0x7fc12345}) == 0x7fc12345);
  CHECK(once("copysign.f32", {0x80000000, 0x7fc12345}) == 0xffc12345);
  CHECK(once("neg.f64", {0x7ff0000000000077}) == 0x7ff8000000000077);
  CHECK(once("abs.f64", {0xfff8000000000077}) == 0xfff8000000000077);
  CHECK(once("abs.f16", {0xfe01}) == 0x7fff);
  CHECK(once("neg.bf16x2", {0x3f80ffc0}) == 0xbf807fff);
  CHECK(once("fma.rn.relu.f16", {0x7e00, 0x3c00, 0x3c00}) == 0x7fff);
  CHECK(once("fma.rn.sat.f16", {0x7e00, 0x3c00, 0x3c00}) == 0);
  CHECK(once("add.sat.f32", {0x000116c2, 0}) == 0x000116c2);
  CHECK(once("add.sat.f32", {0x80000000, 0x80000000}) == 0);
  CHECK(once("add.sat.f32", {0xbf800000, 0}) == 0);
  CHECK(once("add.sat.f32", {0x7fc00000, 0}) == 0);
  CHECK(once("add.sat.f32", {0x7f800000, 0}) == 0x3f800000);
  CHECK(once("add.ftz.sat.f32", {0x000116c2, 0}) == 0);
  CHECK(once("abs.ftz.f32", {0x80000001}) == 0);
  CHECK(once("neg.ftz.f32", {0x00000001}) == 0x80000000);
  CHECK(once("setp.eq.ftz.f32", {0x00000001, 0}) == 0xffffffff);
  CHECK(once("setp.eq.f32", {0x00000001, 0}) == 0);
  CHECK(once("rcp.rn.f64", {0x8000000000000000}) == 0xfff0000000000000);
}

TEST_CASE("testp counts zero as normal") {
  const std::vector<std::string> properties = {"finite", "infinite", "number", "notanumber", "normal", "subnormal"};
  const struct {
    std::uint64_t single, twice;
    std::vector<std::string> holding;
  } values[] = {{0x80000000, 0, {"finite", "number", "normal"}},
                {0x00000001, 0x800fffffffffffff, {"finite", "number", "subnormal"}},
                {0x00800000, 0xffefffffffffffff, {"finite", "number", "normal"}},
                {0xff800000, 0x7ff0000000000000, {"infinite", "number"}},
                {0x7f800001, 0xffffffffffffffff, {"notanumber"}}};
  for (const auto& value : values) {
    for (const auto& property : properties) {
      const bool holds = std::find(value.holding.begin(), value.holding.end(), property) != value.holding.end();
      CHECK(once("testp." + property + ".f32", {value.single}) == (holds ? 0xffffffff : 0));
      CHECK(once("testp." + property + ".f64", {value.twice}) == (holds ? 0xffffffff : 0));
    }
  }
}

TEST_CASE("min and max order zeros and prefer numbers") {
  for (const std::string type : {"f32", "f64", "f16", "bf16", "f16x2", "bf16x2"}) {
    const bool pair = type.back() == '2' && type.find('x') != std::string::npos;
    const std::uint64_t minus = type == "f64"   ? 0x8000000000000000
                                : type == "f32" ? 0x80000000
                                : pair          ? 0x80008000
                                                : 0x8000;
    CHECK(once("min." + type, {0, minus}) == minus);
    CHECK(once("min." + type, {minus, 0}) == minus);
    CHECK(once("max." + type, {0, minus}) == 0);
    CHECK(once("max." + type, {minus, 0}) == 0);
  }
  CHECK(once("min.f32", {0x7fc00001, 0x40000000}) == 0x40000000);
  CHECK(once("min.f32", {0x40000000, 0xffc00001}) == 0x40000000);
  CHECK(once("min.f32", {0x7fc00001, 0xffc00001}) == 0x7fffffff);
  CHECK(once("min.NaN.f32", {0x7fc00001, 0x40000000}) == 0x7fffffff);
  CHECK(once("max.NaN.f32", {0x80000000, 0}) == 0);
  CHECK(once("max.f64", {0x7ff8000000000001, 0xfff0000000000002}) == 0xfff8000000000002);
  CHECK(once("max.f64", {0x7ff8000000000001, 0xbff0000000000000}) == 0xbff0000000000000);
  CHECK(once("max.ftz.f32", {0x80000005, 0x80000003}) == 0x80000000);
  CHECK(once("min.xorsign.abs.f32", {0xbf800000, 0x40000000}) == 0xbf800000);
  CHECK(once("min.xorsign.abs.f32", {0xbf800000, 0xc0000000}) == 0x3f800000);
  CHECK(once("max.f32", {0x3f800000, 0x40000000, 0xc0400000}) == 0x40000000);
  CHECK(once("max.abs.f32", {0x3f800000, 0x40000000, 0xc0400000}) == 0x40400000);
  CHECK(once("max.NaN.f16x2", {0x7e003c00, 0x40004000}) == 0x7fff4000);
  compare("min.f32", 2, false, 100, [](const auto& x) {
    const float a = f32(x[0]), b = f32(x[1]);
    if (std::isnan(a) && std::isnan(b)) return std::uint64_t{0x7fffffff};
    if (a == b) return std::signbit(a) ? x[0] : x[1];
    return std::isnan(a) ? x[1] : std::isnan(b) ? x[0] : a < b ? x[0] : x[1];
  });
}

TEST_CASE("comparisons are ordered or not") {
  const std::vector<std::string> names = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                          "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};
  const auto holds = [](std::size_t how, double a, double b) {
    const bool unordered = std::isnan(a) || std::isnan(b);
    const bool plain[] = {a == b, a < b || a > b, a<b, a <= b, a> b, a >= b};
    if (how == 12) return !unordered;
    if (how == 13) return unordered;
    return how < 6 ? plain[how] : unordered || plain[how - 6];
  };
  for (std::size_t how = 0; how < names.size(); ++how) {
    const auto truth = [&](bool yes) { return yes ? std::uint64_t{0xffffffff} : 0; };
    compare("setp." + names[how] + ".f32", 2, false, 20,
            [&](const auto& x) { return truth(holds(how, f32(x[0]), f32(x[1]))); });
    compare("setp." + names[how] + ".f64", 2, true, 20,
            [&](const auto& x) { return truth(holds(how, f64(x[0]), f64(x[1]))); });
    compare("set." + names[how] + ".u32.f32", 2, false, 20,
            [&](const auto& x) { return truth(holds(how, f32(x[0]), f32(x[1]))); });
    compare("set." + names[how] + ".f32.f64", 2, true, 20,
            [&](const auto& x) { return truth(holds(how, f64(x[0]), f64(x[1]))) & 0x3f800000; });
    compare("setp." + names[how] + ".bf16", 2, false, 20,
            [&](const auto& x) { return truth(holds(how, f32(x[0] << 16), f32(x[1] << 16))); });
  }
  CHECK(once("set.ltu.u32.f16x2", {0x3c007e00, 0x40003c00}) == 0xffffffff);
  CHECK(once("set.gt.f16x2.f16x2", {0x40003c00, 0x3c003c00}) == 0x3c000000);
  CHECK(once("set.eq.bf16.bf16", {0x8000, 0}) == 0x3f80);
  CHECK(once("set.nan.f16.f16", {0x7e00, 0x7e00}) == 0x3c00);
  CHECK(once("set.eq.f16.f32", {0x80000000, 0}) == 0x3c00);
  CHECK(once("set.ne.ftz.f16.f32", {0x80000001, 0}) == 0);
  CHECK(once("set.lt.f16.f64", {0, 0x3ff0000000000000}) == 0x3c00);
  CHECK(once("set.gt.bf16.f32", {0x3f800000, 0}) == 0x3f80);
}

TEST_CASE("setp combines with a predicate and has two results") {
  for (const Isa isa : available_isas()) {
    Runner runner(isa);
    for (const bool negated : {false, true}) {
      for (const std::string combination : {"and", "or", "xor"}) {
        const Written written("setp.lt." + combination + ".f32", 4, true, negated);
        const Decoding decoding = runner.decode(written);
        REQUIRE(decoding.answer == Decoding::Answer::decoded);
        REQUIRE(decoding.second == ptx::Type::pred);
        Lanes a{}, b{}, c{};
        for (unsigned lane = 0; lane < 32; ++lane) {
          a[lane] = bits((lane & 1) != 0 ? 1.0f : 3.0f);
          b[lane] = bits(2.0f);
          c[lane] = (lane & 2) != 0 ? 0xffffffff : 0;
        }
        const auto p = runner.run(decoding, {a, b, c});
        for (unsigned lane = 0; lane < 32; ++lane) {
          const bool t = (lane & 1) != 0, given = ((lane & 2) != 0) != negated;
          const auto result = [&](bool x) {
            return combination == "and" ? x && given : combination == "or" ? x || given : x != given;
          };
          CHECK(p[lane] == (result(t) ? 0xffffffff : 0));
          CHECK(runner.second[lane] == (result(!t) ? 0xffffffff : 0));
        }
      }
    }
    const Written halves("setp.eq.f16x2", 3, true);
    const Decoding decoding = runner.decode(halves);
    REQUIRE(decoding.answer == Decoding::Answer::decoded);
    Lanes a{}, b{};
    a.fill(0x3c004000), b.fill(0x3c003c00);
    CHECK(runner.run(decoding, {a, b})[7] == 0);
    CHECK(runner.second[7] == 0xffffffff);
  }
}

TEST_CASE("approximations answer what a GPU is known to answer") {
  CHECK(once("rsqrt.approx.f32", {0x40000000}) == 0x3f3504f2);
  CHECK(once("rsqrt.approx.f32", {0x80000000}) == 0xff800000);
  CHECK(once("rsqrt.approx.f32", {0x40800000}) == 0x3f000000);
  CHECK(once("sqrt.approx.f32", {0x80000000}) == 0x80000000);
  CHECK(once("rcp.approx.f32", {0x80000000}) == 0xff800000);
  CHECK(once("rcp.approx.f32", {0x7f7fffff}) == 0x00200000);
  CHECK(once("rcp.approx.ftz.f32", {0x7f7fffff}) == 0);
  CHECK(once("lg2.approx.f32", {0x3f000000}) == 0xbf7ffffe);
  CHECK(once("lg2.approx.f32", {0x00800000}) == 0xc2fbffff);
  CHECK(once("lg2.approx.f32", {0x00000001}) == 0xc3150000);
  CHECK(once("lg2.approx.f32", {0x80000000}) == 0xff800000);
  CHECK(once("lg2.approx.f32", {0xbf800000}) == 0x7fffffff);
  CHECK(once("lg2.approx.f32", {0x3f800000}) == 0);
  CHECK(once("lg2.approx.f32", {0x41000000}) == 0x40400000);
  CHECK(once("lg2.approx.f32", {0x7f800000}) == 0x7f800000);
  CHECK(once("ex2.approx.f32", {0xc2fe0000}) == 0x003fffff);
  CHECK(once("ex2.approx.f32", {0x43000000}) == 0x7f800000);
  CHECK(once("ex2.approx.f32", {0x40400000}) == 0x41000000);
  CHECK(once("ex2.approx.f32", {0xff800000}) == 0);
  CHECK(once("ex2.approx.ftz.f32", {0xc2fe0000}) == 0);
  CHECK(once("sin.approx.f32", {0x7f800000}) == 0x7fffffff);
  CHECK(once("sin.approx.f32", {0x7f7fffff}) == 0);
  CHECK(once("cos.approx.f32", {0x7f7fffff}) == 0x3f800000);
  CHECK(once("sin.approx.f32", {0x20000000}) == 0);
  CHECK(once("tanh.approx.f32", {0x39000000}) == 0x39000000);
  CHECK(once("tanh.approx.f32", {0xff800000}) == 0xbf800000);
  CHECK(once("div.approx.f32", {0x3f800000, 0xff7fffff}) == 0x80000000);
  CHECK(once("div.approx.ftz.f32", {0x7f7fffff, 0x7f7fffff}) == 0);
  CHECK(once("div.approx.f32", {0x7f800000, 0x7f7fffff}) == 0x7fffffff);
  CHECK(once("div.approx.f32", {0x3f800000, 0x7e800000}) == 0x00800000);
  CHECK(once("div.full.f32", {0x3f800000, 0x7f7fffff}) == 0x00200000);
  CHECK(once("rcp.approx.ftz.f64", {0x7ff0000000000077}) == 0);
  CHECK(once("rcp.approx.ftz.f64", {0xfff8000000000000}) == 0x7fffffff00000000);
  CHECK(once("rcp.approx.ftz.f64", {0x8000000000000001}) == 0xfff0000000000000);
  CHECK(once("rcp.approx.ftz.f64", {0x7fe0000000000001}) == 0);
  CHECK(once("rsqrt.approx.ftz.f64", {0x4010000000000000}) == 0x3fe0000000000000);
  CHECK(once("rsqrt.approx.f64", {0x7ff0000000000077}) == 0x7ff8000000000077);
  CHECK(once("rsqrt.approx.f64", {0xbff0000000000000}) == 0xfff8000000000000);
  CHECK(once("ex2.approx.f16", {0x4c00}) == 0x7c00);
  CHECK(once("ex2.approx.f16x2", {0x3c004000}) == 0x40004400);
  CHECK(once("tanh.approx.f16", {0x7c00}) == 0x3c00);
  CHECK(once("tanh.approx.bf16x2", {0xff807fff}) == 0xbf807fff);
}

TEST_CASE("approximations are the rounded value") {
  const struct {
    const char* name;
    double (*function)(double);
    double low, high;
  } functions[] = {{"ex2.approx.f32", std::exp2, -140, 127},
                   {"lg2.approx.f32", std::log2, 1e-30, 1e30},
                   {"tanh.approx.f32", std::tanh, 0.001, 12},
                   {"rcp.approx.f32", [](double x) { return 1 / x; }, -9, 9},
                   {"rsqrt.approx.f32", [](double x) { return 1 / std::sqrt(x); }, 0.001, 1e9},
                   {"sqrt.approx.f32", std::sqrt, 0, 1e9}};
  std::mt19937_64 engine(7);
  for (const auto& function : functions) {
    for (const Isa isa : available_isas()) {
      Runner runner(isa);
      const Decoding decoding = runner.decode(Written(function.name, 2));
      REQUIRE(decoding.answer == Decoding::Answer::decoded);
      int wrong = 0;
      for (int round = 0; round < 300; ++round) {
        Lanes a{};
        for (auto& lane : a)
          lane = bits(static_cast<float>(std::uniform_real_distribution<double>(function.low, function.high)(engine)));
        const auto r = runner.run(decoding, {a});
        for (unsigned lane = 0; lane < 32; ++lane) {
          const auto wanted = bits(static_cast<float>(function.function(f32(a[lane]))));
          if (r[lane] != wanted) ++wrong;
        }
      }
      INFO(function.name);
      CHECK(wrong == 0);
    }
  }
}

namespace {

// Numbers of at most 11 and 8 bits: every operation on two of them is exact in __float128 or long double, of 64 bits, or
// misses them by so much less than the last bit that a sticky bit stands for the rest.
struct HalfFormat {
  const char* name;
  int mantissa, least;  // bits after the point, exponent of the smallest normal number
  std::uint64_t infinity;

  long double value(std::uint64_t x) const {
    const auto exponent = static_cast<int>((x & 0x7fff) >> mantissa);
    const auto fraction = static_cast<long double>(x & ((1u << mantissa) - 1));
    const long double one = std::ldexp(1.0L, mantissa);
    long double v =
        exponent == 0 ? std::ldexp(fraction / one, least) : std::ldexp(1 + fraction / one, least + exponent - 1);
    if ((x & 0x7fff) == infinity) v = std::numeric_limits<long double>::infinity();
    if ((x & 0x7fff) > infinity) v = std::numeric_limits<long double>::quiet_NaN();
    return (x & 0x8000) != 0 ? -v : v;
  }

  /// By search: the neighbours among this format's numbers, and which of them `mode` takes. NaN: 7fff.
  std::uint64_t round(long double v, int mode) const {
    if (std::isnan(v)) return 0x7fff;
    const std::uint64_t sign = std::signbit(v) ? 0x8000 : 0;
    const long double size = std::fabs(v);
    if (std::isinf(v)) return sign | infinity;
    std::uint64_t low = 0, high = infinity;  // value(low) <= size < value(high)
    while (high - low > 1) {
      const auto middle = (low + high) / 2;
      (value(middle) <= size ? low : high) = middle;
    }
    if (value(low) == size) return sign | low;
    const bool away = (mode == FE_UPWARD && sign == 0) || (mode == FE_DOWNWARD && sign != 0);
    if (mode != FE_TONEAREST) return sign | (away ? high : low);
    const long double above = high == infinity ? std::ldexp(1.0L, -2 * least / 2 + 2) : value(high);
    const long double half = (value(low) + above) / 2;
    return sign | (size > half || (size == half && (low & 1) != 0) ? high : low);
  }
};

const HalfFormat half_formats[] = {{"f16", 10, -14, 0x7c00}, {"bf16", 7, -126, 0x7f80}};

std::uint64_t random_half(std::mt19937_64& engine) {
  static constexpr std::uint64_t edges[] = {0,      0x8000, 1,      0x8001, 0x03ff, 0x0400, 0x007f, 0x0080, 0x7bff,
                                            0x7c00, 0x7f7f, 0x7f80, 0x3c00, 0x3f80, 0xbc01, 0x7e00, 0xffff, 0x3bff};
  const auto word = engine();
  return (word & 0x30000) == 0 ? edges[word % std::size(edges)] : word & 0xffff;
}

}  // namespace

TEST_CASE("16-bit arithmetic is rounded once") {
  std::mt19937_64 engine(3);
  for (const auto& format : half_formats) {
    for (const std::string opcode : {"add", "sub", "mul", "fma.rn"}) {
      const unsigned count = opcode == "fma.rn" ? 3 : 2;
      for (const Isa isa : available_isas()) {
        Runner runner(isa);
        for (const bool pair : {false, true}) {
          const Written written(opcode + "." + format.name + (pair ? "x2" : ""), count + 1);
          const Decoding decoding = runner.decode(written);
          REQUIRE(decoding.answer == Decoding::Answer::decoded);
          for (int round = 0; round < 200; ++round) {
            std::vector<Lanes> sources(count);
            for (auto& lanes : sources) {
              for (auto& lane : lanes) lane = random_half(engine) | (pair ? random_half(engine) << 16 : 0);
            }
            const auto results = runner.run(decoding, sources);
            for (unsigned lane = 0; lane < 32; ++lane) {
              std::uint64_t wanted = 0;
              for (unsigned part = 0; part < (pair ? 2u : 1u); ++part) {
                const auto of = [&](unsigned i) { return format.value(sources[i][lane] >> (16 * part) & 0xffff); };
                long double r = 0;
                if (count == 3) {
                  // Cut to 64 bits, and marked if something was lost.
                  const long double product = of(0) * of(1);
                  std::fesetround(FE_TOWARDZERO);
                  const volatile long double x = product, y = of(2);
                  const volatile long double sum = x + y;
                  std::feclearexcept(FE_INEXACT);
                  const volatile long double again = x + y;
                  const bool inexact = std::fetestexcept(FE_INEXACT) != 0 && std::isfinite(again);
                  std::fesetround(FE_TONEAREST);
                  r = sum;
                  if (r == 0) r = of(0) * of(1) + of(2);
                  int exponent = 0;
                  const long double scaled = std::ldexp(std::frexp(r, &exponent), 13);
                  const bool undecided = inexact && scaled == std::trunc(scaled);  // may be a number or halfway
                  if (undecided) r = std::nextafter(r, std::copysign(std::numeric_limits<long double>::infinity(), r));
                } else {
                  r = opcode == "add" ? of(0) + of(1) : opcode == "sub" ? of(0) - of(1) : of(0) * of(1);
                }
                wanted |= format.round(r, FE_TONEAREST) << (16 * part);
              }
              INFO(std::hex << written.text << " isa " << static_cast<int>(isa) << " of " << sources[0][lane] << " "
                            << sources[1][lane] << " " << (count == 3 ? sources[2][lane] : 0) << " is " << results[lane]
                            << " not " << wanted);
              if (results[lane] != wanted) REQUIRE(results[lane] == wanted);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("f16 arithmetic flushes what is tiny after rounding") {
  CHECK(once("mul.ftz.f16", {0x0400, 0x3bff}) == 0);
  CHECK(once("mul.f16", {0x0400, 0x3bff}) == 0x0400);
  CHECK(once("mul.ftz.f16", {0x0401, 0x3bfe}) == 0x0400);
  CHECK(once("mul.rn.ftz.f16x2", {0x7c010400, 0x80013bff}) == 0x7fff0000);
  CHECK(once("fma.rn.ftz.relu.f16x2", {0x0400fc00, 0x3bff4000, 0x00017bff}) == 0);
  std::mt19937_64 engine(5);
  const auto random = [&](unsigned exponent) {  // a normal number with one of four exponents
    return (engine() & 0x83ff) | (exponent + (engine() >> 20 & 3)) << 10;
  };
  const auto flushed = [](std::uint64_t x) { return (x & 0x7c00) == 0 ? x & 0x8000 : x; };
  const auto value = [&](std::uint64_t x) { return static_cast<double>(half_formats[0].value(flushed(x))); };
  for (const Isa isa : available_isas()) {
    Runner runner(isa);
    for (const unsigned operands : {2u, 3u}) {
      const Decoding decoding = runner.decode(Written(operands == 2 ? "mul.ftz.f16" : "fma.rn.ftz.f16", operands + 1));
      REQUIRE(decoding.answer == Decoding::Answer::decoded);
      for (int round = 0; round < 500; ++round) {
        std::vector<Lanes> sources(operands);
        for (unsigned lane = 0; lane < 32; ++lane) {
          sources[0][lane] = random(1), sources[1][lane] = random(12);
          if (operands == 3) sources[2][lane] = random(0);
        }
        const auto results = runner.run(decoding, sources);
        for (unsigned lane = 0; lane < 32; ++lane) {
          const double exact =
              value(sources[0][lane]) * value(sources[1][lane]) + (operands == 3 ? value(sources[2][lane]) : 0.0);
          int exponent = 0;
          const double rounded = std::nearbyint(std::ldexp(std::frexp(exact, &exponent), 11));
          const bool tiny = std::fabs(std::ldexp(rounded, exponent - 11)) < 0x1p-14;
          const std::uint64_t sign = std::signbit(exact) ? 0x8000 : 0;
          INFO(std::hex << sources[0][lane] << " " << sources[1][lane] << " isa " << static_cast<int>(isa));
          const std::uint64_t wanted = tiny ? sign : half_formats[0].round(exact, FE_TONEAREST);
          if (results[lane] != wanted) REQUIRE(results[lane] == wanted);
        }
      }
    }
  }
}

TEST_CASE("conversions to 16 bits round once in each direction") {
  for (const auto& format : half_formats) {
    for (const auto& rounding : roundings) {
      const std::string name = std::string("cvt.") + rounding.suffix + "." + format.name;
      compare(name + ".f32", 1, false, 100, [&](const auto& x) { return format.round(f32(x[0]), rounding.mode); });
      compare(name + ".f64", 1, true, 100, [&](const auto& x) {
        const std::uint64_t nan = format.infinity | (x[0] >> (52 - format.mantissa) & (0x7fff ^ format.infinity)) |
                                  1u << (format.mantissa - 1) | (x[0] >> 48 & 0x8000);
        return std::isnan(f64(x[0])) ? nan : format.round(f64(x[0]), rounding.mode);
      });
      compare(name + ".s64", 1, true, 100, [&](const auto& x) {
        return format.round(static_cast<long double>(static_cast<std::int64_t>(x[0])), rounding.mode);
      });
      compare(name + ".u16", 1, false, 20,
              [&](const auto& x) { return format.round(static_cast<long double>(x[0] & 0xffff), rounding.mode); });
    }
  }
  for (std::uint64_t x = 0; x < 0x10000; x += 7) {
    const float value = static_cast<float>(half_formats[0].value(x));
    if (std::isnan(value)) continue;
    if (once("cvt.f32.f16", {x}) != bits(value) || once("cvt.f64.f16", {x}) != bits(static_cast<double>(value)))
      FAIL(x);
  }
}

TEST_CASE("conversions treat NaN, overflow and subnormals as a GPU does") {
  CHECK(once("cvt.f64.f32", {0x7f800001}) == 0x7ff8000020000000);
  CHECK(once("cvt.ftz.f64.f32", {0x80000001}) == 0x8000000000000000);
  CHECK(once("cvt.rn.f32.f64", {0xfffc000000abcdef}) == 0xffe00000);
  CHECK(once("cvt.rn.f16.f64", {0xfffc000000abcdef}) == 0xff00);
  CHECK(once("cvt.rn.f16.f32", {0xffc12345}) == 0x7fff);
  CHECK(once("cvt.rn.bf16.f32", {0xffc12345}) == 0x7fff);
  CHECK(once("cvt.f32.f16", {0xfe01}) == 0x7fffffff);
  CHECK(once("cvt.f64.f16", {0xfe01}) == 0xfff8040000000000);
  CHECK(once("cvt.ftz.f64.f32", {0xffc12345}) == 0x7fffffffe0000000);
  CHECK(once("cvt.f32.f32", {0xff812345}) == 0xff812345);
  CHECK(once("cvt.ftz.f32.f32", {0xff812345}) == 0x7fffffff);
  CHECK(once("cvt.f64.f64", {0xfff0000000012345}) == 0xfff0000000012345);
  CHECK(once("cvt.f16.f16", {0xfd45}) == 0x7fff);
  CHECK(once("cvt.f32.bf16", {0xff85}) == 0xff850000);
  CHECK(once("cvt.f64.bf16", {0xff85}) == 0xfff8a00000000000);
  CHECK(once("cvt.rp.ftz.f16.f32", {0x00000001}) == 1);
  CHECK(once("cvt.rm.ftz.f16.f32", {0x807fffff}) == 0x8001);
  CHECK(once("cvt.rn.ftz.f16.f32", {0x807fffff}) == 0x8000);
  CHECK(once("cvt.rn.tf32.f32", {0xffc12345}) == 0x7fffe000);
  CHECK(once("cvt.rz.relu.tf32.f32", {0xff812345}) == 0x7fffe000);
  CHECK(once("cvt.rna.tf32.f32", {0x7f800001}) == 0x7f800000);
  CHECK(once("cvt.rna.tf32.f32", {0x3f801000}) == 0x3f802000);
  CHECK(once("cvt.sat.f32.f32", {0xffc00000}) == 0);
  CHECK(once("cvt.sat.f32.f32", {0x80000000}) == 0);
  CHECK(once("cvt.rni.f32.f32", {0x40200000}) == 0x40000000);
  CHECK(once("cvt.rni.f32.f32", {0xbe800000}) == 0x80000000);
  CHECK(once("cvt.rni.f32.f32", {0xff812345}) == 0x7fffffff);
  CHECK(once("cvt.rpi.f64.f64", {0x3ff0000000000001}) == 0x4000000000000000);
  CHECK(once("cvt.rn.f16.f32", {0x477ff000}) == 0x7c00);
  CHECK(once("cvt.rz.f16.f32", {0x7f800000}) == 0x7c00);
  CHECK(once("cvt.rz.f16.f32", {0x7f7fffff}) == 0x7bff);
  CHECK(once("cvt.rn.f16.s32", {70000}) == 0x7c00);
  CHECK(once("cvt.rz.f16.s32", {70000}) == 0x7bff);
  CHECK(once("cvt.rn.f16x2.f32", {0x3f800000, 0xc0000000}) == 0x3c00c000);
  CHECK(once("cvt.rn.relu.bf16x2.f32", {0x3f800000, 0xc0000000}) == 0x3f800000);
  CHECK(once("cvt.rni.f16.f16", {0x4100}) == 0x4000);
  CHECK(once("cvt.rni.bf16.bf16", {0x4020}) == 0x4000);
  CHECK(once("cvt.rpi.s32.f32", {1}) == 1);
  CHECK(once("cvt.rpi.ftz.s32.f32", {1}) == 0);
  CHECK(once("cvt.rzi.u32.f64", {0x7ff8000000000000}) == 0x80000000);
  CHECK(once("cvt.rzi.s8.f64", {0x7ff8000000000000}) == 0xffffff80);
  CHECK(once("cvt.rzi.u8.f64", {0x7ff8000000000000}) == 0x80);
  CHECK(once("cvt.rzi.s64.f16", {0x7e00}) == 0x8000000000000000);
  CHECK(once("cvt.rzi.s32.f32", {0x7fc00000}) == 0);
  CHECK(once("cvt.rzi.s32.f32", {0x7f800000}) == 0x7fffffff);
  CHECK(once("cvt.rzi.s32.f32", {0xff800000}) == 0x80000000);
  CHECK(once("cvt.rzi.u32.f32", {0xbf800000}) == 0);
  CHECK(once("cvt.rzi.u32.f32", {0x4f7fffff}) == 0xffffff00);
  CHECK(once("cvt.rzi.u64.f32", {0x5f7fffff}) == 0xffffff0000000000);
  CHECK(once("cvt.rzi.s16.f32", {0xc7800000}) == 0xffff8000);
  CHECK(once("cvt.rmi.s64.f64", {0xbff8000000000000}) == static_cast<std::uint64_t>(-2));
  CHECK(once("cvt.rn.satfinite.e4m3x2.f32", {0x43e80000, 0xbf800000}) == 0x7eb8);
  CHECK(once("cvt.rn.satfinite.e5m2x2.f32", {0x7f800000, 0x7fc00000}) == 0x7b7f);
  CHECK(once("cvt.rn.f16x2.e4m3x2", {0x01b8}) == 0x1800bc00);
  CHECK(once("cvt.rn.f16x2.e5m2x2", {0x7cbc}) == 0x7c00bc00);
}

TEST_CASE("integers become floating-point numbers rounded in each direction") {
  for (const auto& rounding : roundings) {
    const std::string name = std::string("cvt.") + rounding.suffix + ".";
    const auto in_mode = [&](auto to, auto convert) {
      return [&rounding, to, convert](const std::vector<std::uint64_t>& x) {
        const Direction direction(rounding.mode);
        const volatile auto value = convert(x[0]);
        const volatile auto result = static_cast<decltype(to)>(value);
        return bits(decltype(to){result});
      };
    };
    compare(name + "f32.s32", 1, false, 50,
            in_mode(0.0f, [](std::uint64_t x) { return static_cast<std::int32_t>(x); }));
    compare(name + "f32.u32", 1, false, 50,
            in_mode(0.0f, [](std::uint64_t x) { return static_cast<std::int64_t>(x); }));
    compare(name + "f32.s64", 1, true, 50, in_mode(0.0f, [](std::uint64_t x) { return static_cast<std::int64_t>(x); }));
    compare(name + "f32.u64", 1, true, 50, in_mode(0.0f, [](std::uint64_t x) { return static_cast<long double>(x); }));
    compare(name + "f64.s64", 1, true, 50, in_mode(0.0, [](std::uint64_t x) { return static_cast<std::int64_t>(x); }));
    compare(name + "f64.u64", 1, true, 50, in_mode(0.0, [](std::uint64_t x) { return static_cast<long double>(x); }));
    compare(name + "f64.u32", 1, false, 50, in_mode(0.0, [](std::uint64_t x) { return static_cast<std::int64_t>(x); }));
    compare(name + "f32.s8", 1, false, 5, in_mode(0.0f, [](std::uint64_t x) { return static_cast<std::int8_t>(x); }));
    compare(name + "f32.f64", 1, true, 100, [&](const auto& x) {
      if (std::isnan(f64(x[0]))) return (x[0] >> 32 & 0x80000000) | 0x7fc00000 | (x[0] >> 29 & 0x3fffff);
      return in_mode(0.0f, [](std::uint64_t y) { return f64(y); })(x);
    });
    CHECK(once(name + "f64.u32", {0}) == 0);
    CHECK(once(name + "f32.u32", {0}) == 0);
    CHECK(once(name + "f32.u64", {0}) == 0);
  }
}

TEST_CASE("cvt.pack clamps two integers and puts them below a third") {
  CHECK(once("cvt.pack.sat.u16.s32", {0x00012345, 0xffffffff}) == 0xffff0000);
  CHECK(once("cvt.pack.sat.s16.s32", {0x80000000, 0x00008000}) == 0x80007fff);
  CHECK(once("cvt.pack.sat.u8.s32.b32", {300, 7, 0x12345678}) == 0x5678ff07);
  CHECK(once("cvt.pack.sat.s8.s32.b32", {0xffffff00, 5, 0x12345678}) == 0x56788005);
  CHECK(once("cvt.pack.sat.s4.s32.b32", {0, 0xffffffff, 0x55555555}) == 0x5555550f);
  CHECK(once("cvt.pack.sat.u4.s32.b32", {16, 15, 1}) == 0x1ff);
  CHECK(once("cvt.pack.sat.u2.s32.b32", {0, 0x55555555, 0x80000001}) == 0x13);
  CHECK(once("cvt.pack.sat.s2.s32.b32", {0x80000000, 1, 0}) == 0x9);
}

TEST_CASE("what is not understood is refused by name") {
  const struct {
    const char* name;
    unsigned operands;
    const char* part;
  } refusals[] = {{"add.rq.f32", 3, ".rq"},
                  {"fma.f32", 4, "rounding"},
                  {"add.sat.f64", 3, ".sat"},
                  {"sin.f32", 2, "rounding"},
                  {"div.f32", 3, "rounding"},
                  {"cvt.f16.f32", 2, "cvt.f16.f32"},
                  {"min.ftz.bf16", 3, ".ftz"},
                  {"add.rn.f32x2", 3, "f32x2"},
                  {"setp.hs.f32", 3, "setp.hs.f32"},
                  {"fma.rn.oob.f16", 4, ".oob"},
                  {"cvt.rs.f16x2.f32", 4, ".rs"},
                  {"add.f32", 2, "2 operands"},
                  {"tanh.approx.ftz.f32", 2, "tanh"},
                  {"mul.rz.f16", 3, "mul.rz.f16"},
                  {"set.eq.f16.bf16", 3, "set.eq.f16.bf16"},
                  {"set.eq.ftz.bf16.f32", 3, "set.eq"},
                  {"cvt.pack.sat.u16.s32.b32", 4, "pack"},
                  {"cvt.pack.sat.u8.s32", 3, "pack"},
                  {"cvt.pack.u16.s32", 3, "pack"}};
  for (const auto& refusal : refusals) {
    const Decoding decoding = Runner(Isa::baseline).decode(Written(refusal.name, refusal.operands));
    INFO(refusal.name);
    CHECK(decoding.answer == Decoding::Answer::refused);
    CHECK(decoding.why.find(refusal.part) != std::string::npos);
  }
  for (const char* name : {"add.u32", "setp.lt.s32", "cvt.u32.u8", "min.s16x2", "bar.sync", "set.lt.f32.s32"}) {
    CHECK(Runner(Isa::baseline).decode(Written(name, 3)).answer == Decoding::Answer::not_mine);
  }
}
