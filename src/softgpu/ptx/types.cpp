// SPDX-License-Identifier: MIT
// What is known of each PTX type, in one table.
#include "softgpu/ptx/types.hpp"

#include <array>
#include <cstddef>

namespace cujitsu::softgpu::ptx {
namespace {

struct Facts {
  Type type;
  std::string_view name;
  unsigned bits;
  bool is_signed;
  bool is_floating;
};

constexpr std::array facts = {
    Facts{Type::none, "", 0, false, false},         Facts{Type::pred, "pred", 1, false, false},
    Facts{Type::b8, "b8", 8, false, false},         Facts{Type::b16, "b16", 16, false, false},
    Facts{Type::b32, "b32", 32, false, false},      Facts{Type::b64, "b64", 64, false, false},
    Facts{Type::b128, "b128", 128, false, false},   Facts{Type::u8, "u8", 8, false, false},
    Facts{Type::u16, "u16", 16, false, false},      Facts{Type::u32, "u32", 32, false, false},
    Facts{Type::u64, "u64", 64, false, false},      Facts{Type::s8, "s8", 8, true, false},
    Facts{Type::s16, "s16", 16, true, false},       Facts{Type::s32, "s32", 32, true, false},
    Facts{Type::s64, "s64", 64, true, false},       Facts{Type::u16x2, "u16x2", 32, false, false},
    Facts{Type::s16x2, "s16x2", 32, true, false},   Facts{Type::f16, "f16", 16, false, true},
    Facts{Type::f16x2, "f16x2", 32, false, true},   Facts{Type::bf16, "bf16", 16, false, true},
    Facts{Type::bf16x2, "bf16x2", 32, false, true}, Facts{Type::tf32, "tf32", 32, false, true},
    Facts{Type::f32, "f32", 32, false, true},       Facts{Type::f32x2, "f32x2", 64, false, true},
    Facts{Type::f64, "f64", 64, false, true},       Facts{Type::e4m3, "e4m3", 8, false, true},
    Facts{Type::e5m2, "e5m2", 8, false, true},      Facts{Type::e4m3x2, "e4m3x2", 16, false, true},
    Facts{Type::e5m2x2, "e5m2x2", 16, false, true},
};

consteval bool in_order() {
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (static_cast<std::size_t>(facts[i].type) != i) return false;
  return true;
}
static_assert(in_order(), "the table is indexed by Type");

const Facts& of(Type type) noexcept { return facts[static_cast<std::size_t>(type)]; }

}  // namespace

unsigned bits_of(Type type) noexcept { return of(type).bits; }
bool is_signed(Type type) noexcept { return of(type).is_signed; }
bool is_floating(Type type) noexcept { return of(type).is_floating; }
std::string_view to_string(Type type) noexcept { return of(type).name; }

std::optional<Type> parse_type(std::string_view word) noexcept {
  if (word.size() < 2) return std::nullopt;
  for (const Facts& one : facts)
    if (one.name == word) return one.type;
  return std::nullopt;
}

}  // namespace cujitsu::softgpu::ptx
