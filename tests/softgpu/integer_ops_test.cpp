// SPDX-License-Identifier: MIT
// Integer arithmetic, shifts and bits, lane by lane.
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

TEST_CASE("softgpu adds, subtracts and compares integers of every type as numbers", "[softgpu][integer]") {
  for (const auto& t : integer_types) {
    const auto number = [t](U word) { return t.value(word); };
    check("add." + t.name + three(t), [](const Lane& l) { return l.in[0] + l.in[1]; });
    check("sub." + t.name + three(t), [](const Lane& l) { return l.in[0] - l.in[1]; });
    check("min." + t.name + three(t),
          [=](const Lane& l) { return static_cast<U>(std::min(number(l.in[0]), number(l.in[1]))); });
    check("max." + t.name + three(t),
          [=](const Lane& l) { return static_cast<U>(std::max(number(l.in[0]), number(l.in[1]))); });
    check("sad." + t.name + four(t), [=](const Lane& l) {
      const Int128 difference = number(l.in[0]) - number(l.in[1]);
      return static_cast<U>(difference < 0 ? -difference : difference) + l.in[2];
    });
    if (t.is_signed) {
      check("abs." + t.name + " " + t.reg(1) + ", " + t.reg(2),
            [=](const Lane& l) { return static_cast<U>(number(l.in[0]) < 0 ? -number(l.in[0]) : number(l.in[0])); });
      check("neg." + t.name + " " + t.reg(1) + ", " + t.reg(2), [](const Lane& l) { return 0 - l.in[0]; });
    }
  }
  const IntegerType s32 = integer_types[3];
  for (const bool subtracts : {false, true}) {
    check(std::string(subtracts ? "sub" : "add") + ".sat.s32" + three(s32), [=](const Lane& l) {
      const Int128 a = s32.value(l.in[0]);
      const Int128 b = s32.value(l.in[1]);
      return static_cast<U>(s32.clamped(subtracts ? a - b : a + b));
    });
  }
  check("max.s32.relu %r1, %r2, %r3",
        [](const Lane& l) { return static_cast<U>(std::max<I>({sign(l.in[0], 32), sign(l.in[1], 32), 0})); });
  check("min.relu.s32 %r1, %r2, %r3",
        [](const Lane& l) { return static_cast<U>(std::max<I>(std::min(sign(l.in[0], 32), sign(l.in[1], 32)), 0)); });
}

TEST_CASE("softgpu computes with both halves of a packed register", "[softgpu][integer]") {
  using Operation = std::function<I(I, I)>;
  const auto packed = [](const std::string& text, bool is_signed, const Operation& operation) {
    check(text, [=](const Lane& l) {
      const auto half = [&](unsigned at) {
        const U a = low(l.in[0] >> at, 16);
        const U b = low(l.in[1] >> at, 16);
        return low(static_cast<U>(is_signed ? operation(sign(a, 16), sign(b, 16))
                                            : operation(static_cast<I>(a), static_cast<I>(b))),
                   16)
               << at;
      };
      return half(0) | half(16);
    });
  };
  const auto smaller = [](I a, I b) { return std::min(a, b); };
  const auto larger = [](I a, I b) { return std::max(a, b); };
  packed("add.u16x2 %r1, %r2, %r3", false, [](I a, I b) { return a + b; });
  packed("add.s16x2 %r1, %r2, %r3", true, [](I a, I b) { return a + b; });
  packed("min.u16x2 %r1, %r2, %r3", false, smaller);
  packed("min.s16x2 %r1, %r2, %r3", true, smaller);
  packed("max.u16x2 %r1, %r2, %r3", false, larger);
  packed("max.s16x2 %r1, %r2, %r3", true, larger);
  packed("max.s16x2.relu %r1, %r2, %r3", true, [](I a, I b) { return std::max<I>({a, b, 0}); });
  packed("min.relu.s16x2 %r1, %r2, %r3", true, [](I a, I b) { return std::max<I>(std::min(a, b), 0); });
}

TEST_CASE("softgpu multiplies integers exactly in every half", "[softgpu][integer]") {
  for (const auto& t : integer_types) {
    const auto product = [t](const Lane& l) {
      return t.is_signed ? static_cast<Uint128>(t.value(l.in[0]) * t.value(l.in[1]))
                         : static_cast<Uint128>(low(l.in[0], t.bits)) * low(l.in[1], t.bits);
    };
    const auto high = [=](const Lane& l) { return static_cast<U>(product(l) >> t.bits); };
    check("mul.lo." + t.name + three(t), [=](const Lane& l) { return static_cast<U>(product(l)); });
    check("mul.hi." + t.name + three(t), high);
    check("mad.lo." + t.name + four(t), [=](const Lane& l) { return static_cast<U>(product(l)) + l.in[2]; });
    check("mad.hi." + t.name + four(t), [=](const Lane& l) { return high(l) + l.in[2]; });
    if (t.bits < 64) {
      const IntegerType wide{"", t.bits * 2, t.is_signed};
      check("mul.wide." + t.name + " " + wide.reg(1) + ", " + t.reg(2) + ", " + t.reg(3),
            [=](const Lane& l) { return static_cast<U>(product(l)); });
      check("mad.wide." + t.name + " " + wide.reg(1) + ", " + t.reg(2) + ", " + t.reg(3) + ", " + wide.reg(4),
            [=](const Lane& l) { return static_cast<U>(product(l)) + l.in[2]; });
    }
  }
  const IntegerType s32 = integer_types[3];
  check("mad.hi.sat.s32" + four(s32), [=](const Lane& l) {
    return static_cast<U>(s32.clamped(((s32.value(l.in[0]) * s32.value(l.in[1])) >> 32) + s32.value(l.in[2])));
  });
  for (const bool is_signed : {false, true}) {
    const std::string type = is_signed ? "s32" : "u32";
    const auto product = [=](const Lane& l) {
      return is_signed ? sign(low(l.in[0], 24), 24) * sign(low(l.in[1], 24), 24)
                       : static_cast<I>(low(l.in[0], 24) * low(l.in[1], 24));
    };
    check("mul24.lo." + type + " %r1, %r2, %r3", [=](const Lane& l) { return static_cast<U>(product(l)); });
    check("mul24.hi." + type + " %r1, %r2, %r3", [=](const Lane& l) { return static_cast<U>(product(l) >> 16); });
    check("mad24.lo." + type + " %r1, %r2, %r3, %r4",
          [=](const Lane& l) { return static_cast<U>(product(l)) + l.in[2]; });
    check("mad24.hi." + type + " %r1, %r2, %r3, %r4",
          [=](const Lane& l) { return static_cast<U>(product(l) >> 16) + l.in[2]; });
  }
  check("mad24.hi.sat.s32 %r1, %r2, %r3, %r4", [=](const Lane& l) {
    const I product = sign(low(l.in[0], 24), 24) * sign(low(l.in[1], 24), 24);
    return static_cast<U>(s32.clamped(sign(low(static_cast<U>(product >> 16), 32), 32) + s32.value(l.in[2])));
  });
}

TEST_CASE("softgpu sums up products of bytes and halves", "[softgpu][integer]") {
  for (const std::string a : {"u32", "s32"}) {
    for (const std::string b : {"u32", "s32"}) {
      const auto element = [](U word, unsigned at, unsigned bits, const std::string& type) {
        return type == "s32" ? sign(low(word >> at, bits), bits) : static_cast<I>(low(word >> at, bits));
      };
      check("dp4a." + a + "." + b + " %r1, %r2, %r3, %r4", [=](const Lane& l) {
        I sum = static_cast<I>(l.in[2]);
        for (unsigned i = 0; i < 4; ++i) sum += element(l.in[0], 8 * i, 8, a) * element(l.in[1], 8 * i, 8, b);
        return static_cast<U>(sum);
      });
      for (const unsigned half : {0u, 1u}) {
        check(std::string("dp2a.") + (half != 0 ? "hi." : "lo.") + a + "." + b + " %r1, %r2, %r3, %r4",
              [=](const Lane& l) {
                I sum = static_cast<I>(l.in[2]);
                for (unsigned i = 0; i < 2; ++i)
                  sum += element(l.in[0], 16 * i, 16, a) * element(l.in[1], 16 * half + 8 * i, 8, b);
                return static_cast<U>(sum);
              });
      }
      for (const unsigned bits : {8u, 16u}) {
        const std::string opcode = std::string(bits == 8 ? "vabsdiff4" : "vabsdiff2") + ".u32." + a + "." + b;
        const auto difference = [=](const Lane& l, unsigned at) {
          return static_cast<U>(std::abs(element(l.in[0], at, bits, a) - element(l.in[1], at, bits, b)));
        };
        check(opcode + " %r1, %r2, %r3, %r4", [=](const Lane& l) {
          U result = 0;
          for (unsigned at = 0; at < 32; at += bits) result |= low(difference(l, at), bits) << at;
          return result;
        });
        check(opcode + ".add %r1, %r2, %r3, %r4", [=](const Lane& l) {
          U result = l.in[2];
          for (unsigned at = 0; at < 32; at += bits) result += difference(l, at);
          return result;
        });
        for (const std::string type : {"u32", "s32"}) {
          const std::string clamping =
              std::string(bits == 8 ? "vabsdiff4." : "vabsdiff2.") + type + "." + a + "." + b + ".sat";
          check(clamping + " %r1, %r2, %r3, %r4", [=](const Lane& l) {
            const U most = (U{1} << (type == "s32" ? bits - 1 : bits)) - 1;
            U result = 0;
            for (unsigned at = 0; at < 32; at += bits) result |= std::min(difference(l, at), most) << at;
            return result;
          });
        }
      }
    }
  }
}

TEST_CASE("softgpu selects the elements that a video instruction reads and writes", "[softgpu][integer]") {
  const auto difference = [](U a, U b) { return a < b ? b - a : a - b; };
  const auto byte = [](const Lane& l, unsigned element) { return low((l.in[1] << 32 | l.in[0]) >> (8 * element), 8); };
  const auto half = [](const Lane& l, unsigned element) {
    return low((l.in[1] << 32 | l.in[0]) >> (16 * element), 16);
  };
  // A byte that is not written comes from the third source, or is left out of the sum.
  check("vabsdiff4.u32.u32.u32 %r1.b20, %r2, %r3, %r4", [=](const Lane& l) {
    return (l.in[2] & 0xff00ff00) | difference(byte(l, 2), byte(l, 6)) << 16 | difference(byte(l, 0), byte(l, 4));
  });
  check("vabsdiff4.u32.u32.u32.add %r1.b31, %r2, %r3, %r4", [=](const Lane& l) {
    return l.in[2] + difference(byte(l, 3), byte(l, 7)) + difference(byte(l, 1), byte(l, 5));
  });
  // 0 to 3 are bytes of the first source and 4 to 7 of the second, for either of them.
  check("vabsdiff4.u32.u32.u32 %r1, %r2.b7531, %r3.b0246, %r4", [=](const Lane& l) {
    return difference(byte(l, 7), byte(l, 0)) << 24 | difference(byte(l, 5), byte(l, 2)) << 16 |
           difference(byte(l, 3), byte(l, 4)) << 8 | difference(byte(l, 1), byte(l, 6));
  });
  check("vabsdiff2.u32.u32.u32 %r1.h1, %r2.h03, %r3, %r4",
        [=](const Lane& l) { return difference(half(l, 0), half(l, 3)) << 16 | low(l.in[2], 16); });
}

TEST_CASE("softgpu hands the carry flag from one instruction to the next", "[softgpu][integer]") {
  for (const auto& t : integer_types) {
    if (t.bits == 16) continue;
    const auto flagged = [t](const std::string& plain, const std::string& with_carry, const std::string& operands,
                             const std::function<Uint128(const Lane&, U)>& operation, U first = 0) {
      const auto reference = [=](bool takes, bool gives) {
        return [=](Lane& l) {
          const Uint128 result = operation(l, takes ? l.carry : first);
          l.out[0] = static_cast<U>(result);
          if (gives) l.carry_out = static_cast<U>(result >> t.bits) & 1;
        };
      };
      check_all(plain + "cc." + t.name + operands, reference(false, true));
      check_all(with_carry + t.name + operands, reference(true, false));
      check_all(with_carry + "cc." + t.name + operands, reference(true, true));
    };
    const auto word = [t](U value) { return static_cast<Uint128>(low(value, t.bits)); };
    flagged("add.", "addc.", three(t), [=](const Lane& l, U carry) { return word(l.in[0]) + word(l.in[1]) + carry; });
    // The flag that a subtraction leaves, and takes, is set where nothing is borrowed.
    flagged(
        "sub.", "subc.", three(t), [=](const Lane& l, U carry) { return word(l.in[0]) + word(~l.in[1]) + carry; }, 1);
    const auto product = [=](const Lane& l) {
      return t.is_signed ? static_cast<Uint128>(t.value(l.in[0]) * t.value(l.in[1])) : word(l.in[0]) * word(l.in[1]);
    };
    flagged("mad.lo.", "madc.lo.", four(t),
            [=](const Lane& l, U carry) { return word(static_cast<U>(product(l))) + word(l.in[2]) + carry; });
    flagged("mad.hi.", "madc.hi.", four(t),
            [=](const Lane& l, U carry) { return word(static_cast<U>(product(l) >> t.bits)) + word(l.in[2]) + carry; });
  }
}

TEST_CASE("softgpu divides without trapping: by zero all ones, INT_MIN by -1 wraps", "[softgpu][integer]") {
  for (const auto& t : integer_types) {
    check("div." + t.name + three(t), [=](const Lane& l) {
      return t.value(l.in[1]) == 0 ? ~U{0} : static_cast<U>(t.value(l.in[0]) / t.value(l.in[1]));
    });
    check("rem." + t.name + three(t), [=](const Lane& l) {
      return t.value(l.in[1]) == 0 ? ~U{0} : static_cast<U>(t.value(l.in[0]) % t.value(l.in[1]));
    });
  }
}

TEST_CASE("softgpu clamps shift counts at the width", "[softgpu][integer]") {
  for (const unsigned bits : {16u, 32u, 64u}) {
    const IntegerType t{"", bits, false};
    const std::string width = std::to_string(bits);
    for (const std::string count : {"%r3", "0", "5", "15", "16", "31", "32", "63", "64", "-1"}) {
      const std::string operands = " " + t.reg(1) + ", " + t.reg(2) + ", " + (count == "%r3" ? "%r9" : count);
      check("shl.b" + width + operands, [=](const Lane& l) { return l.in[1] >= bits ? 0 : l.in[0] << l.in[1]; });
      for (const std::string type : {"b", "u"})
        check("shr." + type + width + operands,
              [=](const Lane& l) { return l.in[1] >= bits ? 0 : l.in[0] >> l.in[1]; });
      check("shr.s" + width + operands,
            [=](const Lane& l) { return static_cast<U>(sign(l.in[0], bits) >> std::min<U>(l.in[1], bits - 1)); });
    }
  }
  for (const std::string count : {"%r4", "0", "7", "32", "40"}) {
    for (const bool clamp : {false, true}) {
      const std::string rest = std::string(clamp ? "clamp" : "wrap") + ".b32 %r1, %r2, %r3, " + count;
      const auto amount = [=](U c) { return clamp ? std::min<U>(c, 32) : c & 31; };
      check("shf.l." + rest, [=](const Lane& l) { return ((l.in[1] << 32 | l.in[0]) << amount(l.in[2])) >> 32; });
      check("shf.r." + rest, [=](const Lane& l) { return (l.in[1] << 32 | l.in[0]) >> amount(l.in[2]); });
    }
  }
}

TEST_CASE("softgpu counts, reverses and finds bits", "[softgpu][integer]") {
  for (const unsigned bits : {32u, 64u}) {
    const IntegerType t{"", bits, false};
    const std::string width = std::to_string(bits);
    const auto highest = [](U value) {
      for (int i = 63; i >= 0; --i)
        if ((value >> i & 1) != 0) return i;
      return -1;
    };
    check("brev.b" + width + " " + t.reg(1) + ", " + t.reg(2), [=](const Lane& l) {
      U result = 0;
      for (unsigned i = 0; i < bits; ++i) result |= (l.in[0] >> i & 1) << (bits - 1 - i);
      return result;
    });
    const U counted = bits == 64 ? ~U{0} : 0xff;  // of positions and lengths
    check("popc.b" + width + " %r1, " + t.reg(2), [=](const Lane& l) {
      U count = 0;
      for (unsigned i = 0; i < bits; ++i) count += l.in[0] >> i & 1;
      return count;
    });
    check("clz.b" + width + " %r1, " + t.reg(2),
          [=](const Lane& l) { return static_cast<U>(static_cast<I>(bits) - 1 - highest(l.in[0])); });
    for (const bool is_signed : {false, true}) {
      const std::string operands = (is_signed ? "s" : "u") + width + " %r1, " + t.reg(2);
      const auto found = [=](U value) {
        return highest(is_signed && sign(value, bits) < 0 ? low(~value, bits) : value);
      };
      check("bfind." + operands, [=](const Lane& l) { return static_cast<U>(found(l.in[0])); });
      check("bfind.shiftamt." + operands, [=](const Lane& l) {
        const int at = found(l.in[0]);
        return static_cast<U>(at < 0 ? -1 : static_cast<int>(bits) - 1 - at);
      });
      for (const std::string counts : {"%r8, %r9", "3, 7", "40, 8", "0, 64", "31, 200", "3, 0", "260, 256"}) {
        check("bfe." + std::string(is_signed ? "s" : "u") + width + " " + t.reg(1) + ", " + t.reg(2) + ", " + counts,
              [=](const Lane& l) {
                const U position = l.in[1] & counted;
                const U length = l.in[2] & counted;
                const bool filler =
                    is_signed && length != 0 && (l.in[0] >> std::min<U>(position + length - 1, bits - 1) & 1) != 0;
                U result = 0;
                for (unsigned i = 0; i < bits; ++i)
                  result |= (i < length && position + i < bits ? l.in[0] >> (position + i) & 1 : U{filler}) << i;
                return result;
              });
      }
    }
    check("bfi.b" + width + " " + t.reg(1) + ", " + t.reg(2) + ", " + t.reg(3) + ", %r8, %r9", [=](const Lane& l) {
      const U position = l.in[2] & counted;
      const U length = l.in[3] & counted;
      U result = l.in[1];
      for (unsigned i = 0; i < length && position + i < bits; ++i)
        result = (result & ~(U{1} << (position + i))) | (l.in[0] >> i & 1) << (position + i);
      return result;
    });
  }
  for (const bool clamp : {false, true}) {
    const std::string mode = clamp ? "clamp" : "wrap";
    check("bmsk." + mode + ".b32 %r1, %r2, %r3", [=](const Lane& l) {
      const U position = clamp ? l.in[0] : l.in[0] & 31;
      const U width = clamp ? l.in[1] : l.in[1] & 31;
      U result = 0;
      for (U i = 0; i < 32; ++i) result |= U{i >= position && i - position < width} << i;
      return result;
    });
    for (const bool is_signed : {false, true}) {
      check("szext." + mode + (is_signed ? ".s32" : ".u32") + " %r1, %r2, %r3", [=](const Lane& l) -> U {
        const U width = clamp ? std::min<U>(l.in[1], 32) : l.in[1] & 31;
        if (width == 0) return 0;
        return is_signed
                   ? static_cast<U>(sign(low(l.in[0], static_cast<unsigned>(width)), static_cast<unsigned>(width)))
                   : low(l.in[0], static_cast<unsigned>(width));
      });
    }
  }
  check("fns.b32 %r1, %r2, 3, %r3", [](const Lane& l) -> U {
    const I offset = sign(l.in[2], 32);
    I left = offset < 0 ? -offset : offset;
    if (offset == 0) return (l.in[0] >> 3 & 1) != 0 ? 3 : 0xffffffff;
    for (I at = 3; at >= 0 && at < 32; at += offset > 0 ? 1 : -1)
      if ((l.in[0] >> at & 1) != 0 && --left == 0) return static_cast<U>(at);
    return 0xffffffff;
  });
}

TEST_CASE("softgpu permutes bytes in every mode of prmt", "[softgpu][integer]") {
  const auto permuted = [](U a, U b, U selectors) {
    const U both = low(a, 32) | b << 32;
    U result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const U selector = selectors >> (4 * i) & 15;
      const U byte = both >> (8 * (selector & 7)) & 0xff;
      result |= ((selector & 8) == 0 ? byte : (byte & 0x80) != 0 ? 0xff : 0) << (8 * i);
    }
    return result;
  };
  check("prmt.b32 %r1, %r2, %r3, %r4", [=](const Lane& l) { return permuted(l.in[0], l.in[1], l.in[2]); });
  for (const std::string selectors : {"0x3210", "0x7531", "0xba98", "0xbb99", "0x8f4c"})
    check("prmt.b32 %r1, %r2, %r3, " + selectors, [=](const Lane& l) { return permuted(l.in[0], l.in[1], l.in[2]); });

  // What a GPU gave for these two words and the selectors 0 to 3.
  const std::map<std::string, std::array<U, 4>> recorded{{"f4e", {0x83828180, 0x84838281, 0x85848382, 0x86858483}},
                                                         {"b4e", {0x85868780, 0x86878081, 0x87808182, 0x80818283}},
                                                         {"rc8", {0x80808080, 0x81818181, 0x82828282, 0x83838383}},
                                                         {"ecl", {0x83828180, 0x83828181, 0x83828282, 0x83838383}},
                                                         {"ecr", {0x80808080, 0x81818180, 0x82828180, 0x83828180}},
                                                         {"rc16", {0x81808180, 0x83828382, 0x81808180, 0x83828382}}};
  for (const auto& [mode, results] : recorded) {
    check("prmt.b32." + mode + " %r1, 0x83828180, 0x87868584, %r2",
          [&results = results](const Lane& l) { return results[l.in[2] & 3]; });
    check("prmt.b32." + mode + " %r1, 0x83828180, 0x87868584, 2",
          [&results = results](const Lane&) { return results[2]; });
  }
}
