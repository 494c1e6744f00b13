// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/observe.hpp"

#include "softgpu/engine/checks/early_reads.hpp"
#include "softgpu/engine/checks/register_uses.hpp"
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/ops/memory_access.hpp"
#include "softgpu/engine/settings.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace cujitsu::softgpu {
namespace {

// --- what is executed instead ---

using Original = Handler Observation::*;

const Instruction* proceed(Warp& warp, const Instruction* in, Original original) {
  return (observation_of(*warp.frame->program, in).*original)(warp, in);
}

template <Original original>
const Instruction* access(Warp& warp, const Instruction* in) {
  return warp.block->checks->access(warp, in) ? proceed(warp, in, original) : nullptr;
}

template <Original original>
const Instruction* decide(Warp& warp, const Instruction* in) {
  return warp.block->checks->late_reads(warp, in) ? proceed(warp, in, original) : nullptr;
}

template <Original original>
const Instruction* barrier(Warp& warp, const Instruction* in) {
  return warp.block->checks->barrier(warp, in) ? proceed(warp, in, original) : nullptr;
}

/// The stack above what the caller uses belongs to the callee, which finds nothing there.
template <Original original>
const Instruction* call(Warp& warp, const Instruction* in) {
  warp.block->checks->forget_local(warp, warp.active, warp.frame->local_top, warp.local_stride);
  return proceed(warp, in, original);
}

template <Original original>
const Instruction* allocate(Warp& warp, const Instruction* in) {
  const auto before = warp.frame->local_top;
  const auto* next = proceed(warp, in, original);
  if (next != nullptr) warp.block->checks->forget_local(warp, warp.active, before, warp.frame->local_top);
  return next;
}

// --- what is watched ---

bool has_modifier(const ptx::Instruction& in, std::initializer_list<std::string_view> words) {
  return std::ranges::find_first_of(in.modifiers, words) != in.modifiers.end();
}

bool is_watched_place(const Instruction& in) {
  const auto where = where_of(&in);
  return where != Where::kernel_param && where != Where::call_param && where != Where::entry;
}

class ProgramObserver {
 public:
  explicit ProgramObserver(Program& program)
      : program_(program),
        source_(program.function->instructions),
        uses_(uses_of_registers(*program.function)),
        last_of_(source_.size()) {}

  void run() {
    auto& code = program_.code;
    program_.observations.resize(code.size());
    // The guard and what fills operands in come before the instruction itself.
    for (auto& in : code)
      if (in.location < source_.size()) last_of_[in.location] = &in;
    for (const auto& decision : find_early_reads(*program_.function, uses_)) defer(decision);
    for (std::size_t i = 0; i < code.size(); ++i) {
      auto& in = code[i];
      auto& seen = program_.observations[i];
      seen.whole = in.whole;
      seen.masked = in.masked;
      seen.program = &program_;
      seen.location = in.location;
      if (in.location < source_.size()) watch(in, seen, source_[in.location]);  // else it is the return at the end
    }
  }

 private:
  static void replace(Instruction& in, Handler whole, Handler masked) {
    in.whole = whole;
    in.masked = masked;
  }

  void defer(const Decision& decision) {
    const auto* decider = last_of_[decision.decider];
    const auto predicate = decision.predicate == 1 ? decider->a : decision.predicate == 2 ? decider->b : decider->c;
    auto& seen = program_.observations[static_cast<std::size_t>(decider - program_.code.data())];
    seen.late_reads.push_back({last_of_[decision.load], predicate, decision.reads_if});
    deferred_.insert(decision.load);
  }

  void watch(Instruction& in, Observation& seen, const ptx::Instruction& source) {
    if (in.whole == control::barrier) {
      seen.is_aligned = source.opcode == "bar" || has_modifier(source, {"aligned"});
      replace(in, barrier<&Observation::whole>, barrier<&Observation::masked>);
    } else if (in.whole == control::call) {
      replace(in, call<&Observation::whole>, call<&Observation::masked>);
    } else if (in.whole == control::allocate_local) {
      replace(in, allocate<&Observation::whole>, allocate<&Observation::masked>);
    } else if (!seen.late_reads.empty()) {
      replace(in, decide<&Observation::whole>, decide<&Observation::masked>);
    } else if (&in == last_of_[in.location] && describe_access(source, in, seen) && !deferred_.contains(in.location)) {
      replace(in, access<&Observation::whole>, access<&Observation::masked>);
    }
  }

  bool describe_access(const ptx::Instruction& source, const Instruction& in, Observation& seen) {
    using Kind = Observation::Kind;
    const bool is_load = source.opcode == "ld" || source.opcode == "ldu";
    const bool is_store = source.opcode == "st";
    const bool is_atomic = source.opcode == "atom" || source.opcode == "red";
    if ((!is_load && !is_store && !is_atomic) || !is_watched_place(in)) return false;
    seen.kind = is_load ? Kind::read : is_store ? Kind::write : Kind::atomic;
    seen.is_ordered =
        is_atomic || has_modifier(source, {"volatile", "relaxed", "acquire", "release", "acq_rel", "mmio"});
    seen.acquires = seen.is_ordered && (is_load || source.opcode == "atom");
    seen.releases = seen.is_ordered && !is_load;
    // Nothing but the old value that somebody may look at depends on what was there: how locks are initialised.
    seen.uses_old = !has_modifier(source, {"exch"});
    seen.element_bytes = element_bytes(&in);
    seen.bytes = seen.element_bytes * vector_of(&in);
    for (const auto& operand : source.operands)
      for_registers(operand, [&](std::uint32_t reg) {
        seen.depends_on_path = seen.depends_on_path || uses_[reg].definitions > 1;
      });
    if (is_atomic) return true;
    const auto& operand = source.operands[is_load ? 0 : 1];
    if (operand.kind == ptx::Operand::Kind::vector)
      for (const auto& element : operand.elements) seen.elements.push_back(element_for(element, is_load));
    else
      seen.elements.push_back(element_for(operand, is_load));
    return true;
  }

  ObservedElement element_for(const ptx::Operand& operand, bool is_load) {
    ObservedElement element;
    element.is_used = !is_load;
    if (operand.kind != ptx::Operand::Kind::reg) return element;
    const auto& use = uses_[operand.index];
    element.is_used = use.reads != 0;
    element.is_taken_apart = use.is_taken_apart;
    if (!settings().checks.uninitialized || use.copied_bits == 0 || !element.is_used) return element;
    auto& slot = written_slots_[operand.index];
    if (slot == 0) {
      slot = program_.register_bytes;
      program_.register_bytes += slot_bytes(SlotKind::b32);
    }
    element.written_slot = slot;
    return element;
  }

  Program& program_;
  const std::vector<ptx::Instruction>& source_;
  std::vector<RegisterUse> uses_;
  std::vector<Instruction*> last_of_;                     ///< by PTX instruction
  std::unordered_set<std::uint32_t> deferred_;            ///< PTX instructions
  std::map<std::uint32_t, std::uint32_t> written_slots_;  ///< by register
};

}  // namespace

void observe(KernelProgram& kernel) {
  for (auto& [function, program] : kernel.programs) ProgramObserver(program).run();
}

}  // namespace cujitsu::softgpu
