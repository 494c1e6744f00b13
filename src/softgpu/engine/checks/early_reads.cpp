// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/early_reads.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace cujitsu::softgpu {
namespace {

using Kind = ptx::Operand::Kind;

bool has(const ptx::Instruction& in, std::string_view word) {
  return std::ranges::find(in.modifiers, word) != in.modifiers.end();
}

bool is_candidate(const ptx::Instruction& in) {
  if (in.opcode != "ld" || in.guard || in.operands.size() < 2) return false;
  const auto& address = in.operands[1];
  return address.kind == Kind::address && address.base == ptx::Operand::Base::symbol &&
         (has(in, "shared") || has(in, "shared::cta")) && !has(in, "volatile") && !has(in, "relaxed") &&
         !has(in, "acquire");
}

/// Instructions that a compiler moves together with the load: they have no effect but their result.
bool is_pure(std::string_view opcode) {
  constexpr std::array<std::string_view, 25> opcodes{"add", "sub", "mul",  "mad", "fma",  "neg",  "abs", "min", "max",
                                                     "and", "or",  "xor",  "not", "shl",  "shr",  "shf", "bfe", "bfi",
                                                     "cvt", "mov", "setp", "set", "selp", "lop3", "prmt"};
  return std::ranges::find(opcodes, opcode) != opcodes.end();
}

/// Behind it there may be another order between threads, or another way here.
bool ends_block(const ptx::Instruction& in) {
  constexpr std::array<std::string_view, 16> opcodes{"bra",     "brx",    "ret",   "exit", "call", "bar",
                                                     "barrier", "st",     "atom",  "red",  "shfl", "vote",
                                                     "match",   "membar", "fence", "trap"};
  return std::ranges::find(opcodes, in.opcode) != opcodes.end();
}

class Follower {
 public:
  Follower(const ptx::Function& function, const std::vector<RegisterUse>& uses) : function_(function), uses_(uses) {
    for (const auto& label : function.labels) targets_.insert(label.instruction);
  }

  /// The decisions of a load; empty: it is an ordinary one.
  std::vector<Decision> follow(std::uint32_t load) {
    carried_.clear();
    decisions_.clear();
    if (!carry(function_.instructions[load].operands[0])) return {};
    for (auto at = load + 1; at < function_.instructions.size() && !targets_.contains(at); ++at) {
      const auto& in = function_.instructions[at];
      if (reads_carried(in) && !use(load, at)) return {};
      if (ends_block(in)) break;
    }
    // Who is read elsewhere too is read for certain.
    const bool is_complete =
        std::ranges::all_of(carried_, [&](const auto& entry) { return uses_[entry.first].reads == entry.second; });
    return is_complete ? decisions_ : std::vector<Decision>{};
  }

 private:
  bool carry(const ptx::Operand& result) {
    bool is_good = true;
    for_registers(result, [&](std::uint32_t reg) {
      carried_.emplace(reg, 0u);
      is_good = is_good && uses_[reg].definitions == 1;
    });
    return is_good;
  }

  bool is_carried(const ptx::Operand& operand) const {
    return operand.kind == Kind::reg && carried_.contains(operand.index);
  }

  bool reads_carried(const ptx::Instruction& in) {
    bool found = in.guard && carried_.contains(in.guard->reg);
    for (std::size_t i = has_result(in) ? 1 : 0; i < in.operands.size(); ++i)
      for_registers(in.operands[i], [&](std::uint32_t reg) { found = found || carried_.contains(reg); });
    return found;
  }

  /// The operand that decides whether the carried ones matter, and with which value they do.
  struct Decider {
    std::uint32_t operand = 0;
    bool reads_if = true;
  };
  std::optional<Decider> decider_of(const ptx::Instruction& in) const {
    if (in.opcode == "selp" && in.operands.size() == 4) {
      const bool first = is_carried(in.operands[1]);
      if (first == is_carried(in.operands[2]) || is_carried(in.operands[3])) return std::nullopt;
      return Decider{3, first};
    }
    if ((in.opcode == "and" || in.opcode == "or") && has(in, "pred") && in.operands.size() == 3) {
      const bool first = is_carried(in.operands[1]);
      if (first == is_carried(in.operands[2])) return std::nullopt;
      return Decider{first ? 2u : 1u, in.opcode == "and"};
    }
    return std::nullopt;
  }

  bool use(std::uint32_t load, std::uint32_t at) {
    const auto& in = function_.instructions[at];
    if (in.guard || !is_pure(in.opcode)) return false;
    for (std::size_t i = 1; i < in.operands.size(); ++i)
      for_registers(in.operands[i], [&](std::uint32_t reg) {
        if (const auto it = carried_.find(reg); it != carried_.end()) ++it->second;
      });
    const auto decider = decider_of(in);
    if (!decider) return carry(in.operands[0]);
    const auto& predicate = in.operands[decider->operand];
    if (predicate.kind != Kind::reg || predicate.negated) return false;
    decisions_.push_back({load, at, decider->operand, decider->reads_if});
    return true;
  }

  const ptx::Function& function_;
  const std::vector<RegisterUse>& uses_;
  std::unordered_set<std::uint32_t> targets_;
  std::map<std::uint32_t, unsigned> carried_;  ///< registers that depend on the load, and reads of them so far
  std::vector<Decision> decisions_;
};

}  // namespace

std::vector<Decision> find_early_reads(const ptx::Function& function, const std::vector<RegisterUse>& uses) {
  std::vector<Decision> all;
  Follower follower(function, uses);
  for (std::uint32_t i = 0; i < function.instructions.size(); ++i) {
    if (!is_candidate(function.instructions[i])) continue;
    for (const auto& decision : follower.follow(i)) all.push_back(decision);
  }
  return all;
}

}  // namespace cujitsu::softgpu
