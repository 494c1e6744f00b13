// SPDX-License-Identifier: MIT
// Lowering of what moves lanes about: branches, calls, barriers, the stack.
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/function_lowering.hpp"
#include "softgpu/engine/lowering.hpp"
#include "softgpu/engine/module_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace cujitsu::softgpu {
namespace {

using Kind = ptx::Operand::Kind;

bool only(const ptx::Instruction& in, std::initializer_list<std::string_view> allowed) {
  return std::ranges::all_of(in.modifiers,
                             [&](std::string_view word) { return std::ranges::find(allowed, word) != allowed.end(); });
}

std::string_view first_modifier(const ptx::Instruction& in) {
  return in.modifiers.empty() ? std::string_view() : in.modifiers.front();
}

/// bar.red.popc.u32 and its like: what Instruction::code says.
std::optional<std::uint32_t> barrier_code_of(std::span<const std::string_view> words) {
  namespace code = control::barrier_code;
  if (words.size() == 1 && words[0] == "sync") return 0;
  if (words.size() == 1 && words[0] == "arrive") return code::arrive;
  if (words.size() != 3 || words[0] != "red") return std::nullopt;
  if (words[1] == "popc" && words[2] == "u32") return code::red_popc;
  if (words[1] == "and" && words[2] == "pred") return code::red_and;
  if (words[1] == "or" && words[2] == "pred") return code::red_or;
  return std::nullopt;
}

}  // namespace

void FunctionLowering::jump_to(Instruction& instruction, std::uint32_t label) {
  fixups_.push_back({static_cast<std::size_t>(&instruction - program_.code.data()), label});
}

bool FunctionLowering::lower_control(const ptx::Instruction& in) {
  const auto opcode = in.opcode;
  if (opcode == "bra") {
    lower_branch(in);
    return true;
  }
  const bool is_barrier = (opcode == "bar" && first_modifier(in) != "warp") || opcode == "barrier";
  constexpr std::array<std::string_view, 15> names{
      "brx",    "call",      "ret",          "exit",    "trap",           "brkpt",      "nanosleep", "activemask",
      "alloca", "stacksave", "stackrestore", "pmevent", "griddepcontrol", "setmaxnreg", "nop"};
  if (!is_barrier && std::ranges::find(names, opcode) == names.end()) return false;
  const auto skip = in.guard ? emit_skip(*in.guard) : 0;
  if (is_barrier)
    lower_barrier(in);
  else if (opcode == "brx")
    lower_indexed_branch(in);
  else if (opcode == "call")
    lower_call(in);
  else if (opcode == "ret" && only(in, {"uni"}))
    emit(control::return_lanes);
  else if (opcode == "exit" && in.modifiers.empty())
    emit(control::exit_lanes);
  else if ((opcode == "trap" || opcode == "brkpt") && in.modifiers.empty())
    emit(control::trap);
  else if (opcode == "nanosleep" && only(in, {"u32"}))
    emit(control::nanosleep);
  else if (opcode == "activemask" && only(in, {"b32"}) && in.operands.size() == 1)
    emit(control::activemask).d = destination(in.operands[0], ptx::Type::b32);
  else if (opcode == "pmevent" || (opcode == "griddepcontrol" && only(in, {"launch_dependents", "wait"})))
    emit(control::nothing);
  else if (opcode == "alloca" || opcode == "stacksave" || opcode == "stackrestore")
    lower_stack(in);
  else
    refuse(in, "this form is not supported");
  if (in.guard) land(skip);
  return true;
}

void FunctionLowering::lower_branch(const ptx::Instruction& in) {
  if (!only(in, {"uni"}) || in.operands.size() != 1 || in.operands[0].kind != Kind::label)
    return refuse(in, "this form is not supported");
  auto& out = emit(in.guard ? control::branch_if : control::branch);
  if (in.guard) {
    const auto slot = register_slot(in.guard->reg);
    out.a = slot;
    out.code = in.guard->negated ? 1 : 0;
  }
  jump_to(out, in.operands[0].index);
}

void FunctionLowering::lower_indexed_branch(const ptx::Instruction& in) {
  if (!only(in, {"idx", "uni"}) || in.operands.size() != 2 || in.operands[1].kind != Kind::list)
    return refuse(in, "this form is not supported");
  const auto index = source(in.operands[0], ptx::Type::u32);
  auto& table = program_.tables.emplace_back();
  for (const auto& label : in.operands[1].elements) table.targets.push_back(label.index);
  auto& out = emit(control::branch_indexed);
  out.a = index;
  out.data = &table;
}

void FunctionLowering::lower_call(const ptx::Instruction& in) {
  if (!only(in, {"uni"}) || in.operands.size() < 3 || in.operands[0].kind != Kind::list ||
      in.operands[2].kind != Kind::list)
    return refuse(in, "this form is not supported");
  auto& site = program_.calls.emplace_back();
  const auto add = [&](const ptx::Operand& list, std::vector<ParamPiece>& pieces) {
    for (const auto& element : list.elements) {
      const auto symbol = element.kind == Kind::symbol ? frame_.find(element.name) : Symbol{};
      if (symbol.kind != Symbol::Kind::call_parameter) return false;
      pieces.push_back({static_cast<std::uint32_t>(symbol.value), symbol.bytes});
    }
    return true;
  };
  if (!add(in.operands[0], site.results) || !add(in.operands[2], site.arguments))
    return refuse(in, "an argument that is no .param variable is not supported");
  const auto& callee = in.operands[1];
  if (callee.kind == Kind::reg) {
    const auto slot = source(callee, ptx::Type::u64);
    auto& out = emit(control::call);
    out.a = slot;
    out.data = &site;
    return;
  }
  const auto symbol = callee.kind == Kind::symbol ? frame_.find(callee.name) : Symbol{};
  if (symbol.kind != Symbol::Kind::function) return refuse(in, fmt::format("there is no function '{}'", callee.name));
  if (symbol.function->is_defined) {
    site.target = &kernel_.programs.at(symbol.function);
    emit(control::call).data = &site;
  } else if (is_runtime_function(callee.name)) {
    site.runtime = callee.name;
    kernel_.uses_runtime = true;
    emit(control::call_runtime).data = &site;
  } else {
    refuse(in, fmt::format("function '{}' is defined nowhere; softgpu's device runtime has vprintf, malloc, free and "
                           "__assertfail",
                           callee.name));
  }
}

void FunctionLowering::lower_barrier(const ptx::Instruction& in) {
  namespace code = control::barrier_code;
  std::vector<std::string_view> words;
  for (const auto word : in.modifiers)
    if (word != "cta" && word != "aligned") words.push_back(word);
  const auto found = barrier_code_of(words);
  if (!found) return refuse(in, "this kind of barrier is not supported");
  auto flags = *found;
  const bool reduces = (flags & (code::red_popc | code::red_and | code::red_or)) != 0;
  const std::size_t first = reduces ? 1 : 0;
  const std::size_t last = in.operands.size() - (reduces ? 1 : 0);
  if (in.operands.empty() || last <= first || last - first > 2) return refuse(in, "a wrong number of operands");
  Instruction filled;
  if (reduces) {
    filled.d = destination(in.operands[0], (flags & code::red_popc) != 0 ? ptx::Type::u32 : ptx::Type::pred);
    filled.c = source(in.operands.back(), ptx::Type::pred);
    if (in.operands.back().negated) flags |= code::negated;
  }
  filled.a = source(in.operands[first], ptx::Type::u32);
  if (last - first == 2) {
    filled.b = source(in.operands[first + 1], ptx::Type::u32);
    flags |= code::has_count;
  } else if ((flags & code::arrive) != 0) {
    return refuse(in, "a number of threads is missing");
  }
  auto& out = emit(control::barrier);
  filled.whole = out.whole;
  filled.masked = out.masked;
  filled.location = out.location;
  filled.code = flags;
  out = filled;
}

void FunctionLowering::lower_stack(const ptx::Instruction& in) {
  if (!only(in, {"u32", "u64"}) || in.operands.empty()) return refuse(in, "this form is not supported");
  const bool is_wide = first_modifier(in) == "u64";
  const auto type = is_wide ? ptx::Type::u64 : ptx::Type::u32;
  if (!is_wide) return refuse(in, "32-bit addresses are not supported");
  if (in.opcode == "stackrestore") {
    const auto slot = source(in.operands[0], type);
    emit(control::restore_stack).a = slot;
    return;
  }
  const auto result = destination(in.operands[0], type);
  if (in.opcode == "stacksave") {
    emit(control::save_stack).d = result;
    return;
  }
  if (in.operands.size() < 2) return refuse(in, "a size is missing");
  const bool has_alignment = in.operands.size() > 2;
  if (has_alignment && in.operands[2].kind != Kind::integer) return refuse(in, "an alignment is a number");
  const auto size = source(in.operands[1], type);
  kernel_.uses_alloca = true;
  auto& out = emit(control::allocate_local);
  out.d = result;
  out.a = size;
  out.code = 8;
  out.immediate = has_alignment ? static_cast<std::int64_t>(in.operands[2].bits) : 16;
}

}  // namespace cujitsu::softgpu
