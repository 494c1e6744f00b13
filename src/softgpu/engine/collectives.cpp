// SPDX-License-Identifier: MIT
#include "softgpu/engine/collectives.hpp"

#include "softgpu/engine/control.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/ptx/describe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu {
namespace {

enum ShflMode : std::uint8_t { shfl_up, shfl_down, shfl_bfly, shfl_idx };
enum VoteMode : std::uint8_t { vote_all, vote_any, vote_uni, vote_ballot };
enum MatchMode : std::uint8_t { match_any, match_all };
enum ReduxMode : std::uint8_t { redux_add, redux_min, redux_max, redux_and, redux_or, redux_xor };

constexpr std::uint8_t flag_negated = 1;
constexpr std::uint8_t flag_signed = 2;
constexpr std::uint8_t flag_unsynchronised = 4;

std::uint32_t& word(std::byte* registers, std::uint32_t offset, unsigned lane) {
  return reinterpret_cast<std::uint32_t*>(registers + offset)[lane];
}
std::uint64_t& wide(std::byte* registers, std::uint32_t offset, unsigned lane) {
  return reinterpret_cast<std::uint64_t*>(registers + offset)[lane];
}

template <class Body>
void for_each_lane(std::span<const Participant> participants, const Body& body) {
  for (const auto& part : participants)
    for (auto rest = part.lanes; rest != 0; rest &= rest - 1) body(part, static_cast<unsigned>(std::countr_zero(rest)));
}

/// What each lane brings; 0 for lanes that take no part.
using Values = std::array<std::uint64_t, warp_size>;

Values values_of(std::span<const Participant> participants, unsigned bytes) {
  Values values{};
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    values[lane] =
        bytes == 8 ? wide(part.registers, part.instruction->a, lane) : word(part.registers, part.instruction->a, lane);
  });
  return values;
}

void shfl(std::span<const Participant> participants, ShflMode mode) {
  const auto values = values_of(participants, 4);
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    const auto& in = *part.instruction;
    const unsigned b = word(part.registers, in.b, lane) & 31;
    const unsigned c = word(part.registers, in.c, lane);
    const unsigned segment = c >> 8 & 31;
    const unsigned clamp = c & 31;
    const unsigned first = lane & segment;
    const unsigned last = first | (clamp & ~segment);
    int source = 0;
    bool is_valid = false;
    switch (mode) {
      case shfl_up:
        source = static_cast<int>(lane) - static_cast<int>(b);
        is_valid = source >= static_cast<int>(last);
        break;
      case shfl_down:
        source = static_cast<int>(lane + b);
        is_valid = source <= static_cast<int>(last);
        break;
      case shfl_bfly:
        source = static_cast<int>(lane ^ b);
        is_valid = source <= static_cast<int>(last);
        break;
      case shfl_idx:
        source = static_cast<int>(first | (b & ~segment));
        is_valid = source <= static_cast<int>(last);
        break;
    }
    if (!is_valid) source = static_cast<int>(lane);
    word(part.registers, in.d, lane) = static_cast<std::uint32_t>(values[static_cast<unsigned>(source) & 31]);
    if (in.f != 0) word(part.registers, in.f, lane) = is_valid ? ~0u : 0;
  });
}

void vote(std::span<const Participant> participants, VoteMode mode, bool negated) {
  std::uint32_t taking_part = 0;
  std::uint32_t yes = 0;
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    taking_part |= 1u << lane;
    if ((word(part.registers, part.instruction->a, lane) != 0) != negated) yes |= 1u << lane;
  });
  std::uint32_t result = yes;
  if (mode == vote_all) result = yes == taking_part ? ~0u : 0;
  if (mode == vote_any) result = yes != 0 ? ~0u : 0;
  if (mode == vote_uni) result = yes == 0 || yes == taking_part ? ~0u : 0;
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    word(part.registers, part.instruction->d, lane) = result;
  });
}

void match(std::span<const Participant> participants, MatchMode mode, unsigned bytes) {
  const auto values = values_of(participants, bytes);
  std::uint32_t taking_part = 0;
  for (const auto& part : participants) taking_part |= part.lanes;
  const auto equal_to = [&](std::uint64_t value) {
    std::uint32_t lanes = 0;
    for (unsigned lane = 0; lane < warp_size; ++lane)
      if ((taking_part >> lane & 1) != 0 && values[lane] == value) lanes |= 1u << lane;
    return lanes;
  };
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    const auto lanes = equal_to(values[lane]);
    const bool all = lanes == taking_part;
    const auto& in = *part.instruction;
    word(part.registers, in.d, lane) = mode == match_any ? lanes : all ? taking_part : 0;
    if (in.f != 0) word(part.registers, in.f, lane) = all ? ~0u : 0;
  });
}

void redux(std::span<const Participant> participants, ReduxMode mode, bool is_signed) {
  bool is_first = true;
  std::uint32_t result = 0;
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    const auto value = word(part.registers, part.instruction->a, lane);
    if (is_first) {
      result = value;
      is_first = false;
      return;
    }
    const auto less = is_signed ? static_cast<std::int32_t>(value) < static_cast<std::int32_t>(result) : value < result;
    switch (mode) {
      case redux_add: result += value; break;
      case redux_min: result = less ? value : result; break;
      case redux_max: result = less ? result : value; break;
      case redux_and: result &= value; break;
      case redux_or: result |= value; break;
      case redux_xor: result ^= value; break;
    }
  });
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    word(part.registers, part.instruction->d, lane) = result;
  });
}

void elect(std::span<const Participant> participants) {
  std::uint32_t taking_part = 0;
  for (const auto& part : participants) taking_part |= part.lanes;
  const auto leader = static_cast<std::uint32_t>(std::countr_zero(taking_part));
  for_each_lane(participants, [&](const Participant& part, unsigned lane) {
    const auto& in = *part.instruction;
    word(part.registers, in.d, lane) = leader;
    if (in.f != 0) word(part.registers, in.f, lane) = lane == leader ? ~0u : 0;
  });
}

/// All that is left to do is to tell the checks: who has met here has waited for the others.
void warp_barrier(const Warp& warp, std::span<const Participant> participants) {
  if (warp.block->checks == nullptr) return;
  std::uint32_t lanes = 0;
  for (const auto& part : participants) lanes |= part.lanes;
  warp.block->checks->warp_barrier(warp, lanes);
}

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto it = std::ranges::find(words, word);
  return it == words.end() ? -1 : static_cast<int>(it - words.begin());
}

constexpr std::array<std::string_view, 4> shfl_modes{"up", "down", "bfly", "idx"};
constexpr std::array<std::string_view, 4> vote_modes{"all", "any", "uni", "ballot"};
constexpr std::array<std::string_view, 2> match_modes{"any", "all"};
constexpr std::array<std::string_view, 6> redux_modes{"add", "min", "max", "and", "or", "xor"};

Decoding accept(CollectiveCode code, std::initializer_list<ptx::Type> operands, ptx::Type second = ptx::Type::none) {
  Decoding decoding;
  decoding.answer = Decoding::Answer::decoded;
  decoding.whole = decoding.masked = control::collective;
  std::copy(operands.begin(), operands.end(), decoding.operands.begin());
  decoding.second = second;
  decoding.code = code.pack();
  return decoding;
}

bool is_negated(const ptx::Instruction& in, std::size_t operand) {
  return operand < in.operands.size() && in.operands[operand].negated;
}

}  // namespace

std::uint32_t member_slot(const Instruction& in) noexcept {
  const auto code = CollectiveCode::unpack(in.code);
  if ((code.flags & flag_unsynchronised) != 0) return 0;
  switch (code.kind) {
    case CollectiveKind::shfl: return in.e;
    case CollectiveKind::vote:
    case CollectiveKind::match:
    case CollectiveKind::redux: return in.b;
    case CollectiveKind::elect: return in.a;
    case CollectiveKind::warp_barrier: return in.d;
  }
  return 0;
}

void execute_collective(Warp& warp, std::span<const Participant> participants, std::uint32_t) {
  const auto code = CollectiveCode::unpack(participants.front().instruction->code);
  switch (code.kind) {
    case CollectiveKind::shfl: return shfl(participants, static_cast<ShflMode>(code.mode));
    case CollectiveKind::vote:
      return vote(participants, static_cast<VoteMode>(code.mode), (code.flags & flag_negated) != 0);
    case CollectiveKind::match: return match(participants, static_cast<MatchMode>(code.mode), code.bytes);
    case CollectiveKind::redux:
      return redux(participants, static_cast<ReduxMode>(code.mode), (code.flags & flag_signed) != 0);
    case CollectiveKind::elect: return elect(participants);
    case CollectiveKind::warp_barrier: return warp_barrier(warp, participants);
  }
}

Decoding decode_collective(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  using ptx::Type;
  const auto& words = in.modifiers;
  const auto refuse = [&] { return refused(ptx::to_text(in) + " is not supported"); };
  const bool is_sync = !words.empty() && words.front() == "sync";
  const auto rest = std::span(words).subspan(is_sync ? 1 : 0);

  if (in.opcode == "shfl") {
    if (rest.size() != 2 || rest[1] != "b32" || in.operands.size() != (is_sync ? 5u : 4u)) return refuse();
    const int mode = index_of(shfl_modes, rest[0]);
    if (mode < 0) return refuse();
    CollectiveCode code{CollectiveKind::shfl, static_cast<std::uint8_t>(mode), 4,
                        is_sync ? std::uint8_t{0} : flag_unsynchronised};
    return accept(code, {Type::b32, Type::b32, Type::b32, Type::b32, is_sync ? Type::b32 : Type::none}, Type::pred);
  }
  if (in.opcode == "vote") {
    if (rest.size() != 2 || in.operands.size() != (is_sync ? 3u : 2u)) return refuse();
    const int mode = index_of(vote_modes, rest[0]);
    if (mode < 0 || rest[1] != (mode == vote_ballot ? "b32" : "pred")) return refuse();
    const auto flags =
        static_cast<std::uint8_t>((is_negated(in, 1) ? flag_negated : 0) | (is_sync ? 0 : flag_unsynchronised));
    return accept({CollectiveKind::vote, static_cast<std::uint8_t>(mode), 4, flags},
                  {mode == vote_ballot ? Type::b32 : Type::pred, Type::pred, is_sync ? Type::b32 : Type::none});
  }
  if (in.opcode == "match") {  // the only one with its mode before .sync
    if (words.size() != 3 || words[1] != "sync" || (words[2] != "b32" && words[2] != "b64") || in.operands.size() != 3)
      return refuse();
    const int mode = index_of(match_modes, words[0]);
    if (mode < 0) return refuse();
    const auto bytes = static_cast<std::uint8_t>(words[2] == "b64" ? 8 : 4);
    return accept({CollectiveKind::match, static_cast<std::uint8_t>(mode), bytes, 0},
                  {Type::b32, bytes == 8 ? Type::b64 : Type::b32, Type::b32}, Type::pred);
  }
  if (in.opcode == "redux") {
    if (!is_sync || rest.size() != 2 || in.operands.size() != 3) return refuse();
    const int mode = index_of(redux_modes, rest[0]);
    const auto type = rest[1];
    const bool is_bitwise = mode >= redux_and;
    if (mode < 0 || (is_bitwise ? type != "b32" : type != "u32" && type != "s32")) return refuse();
    return accept(
        {CollectiveKind::redux, static_cast<std::uint8_t>(mode), 4, type == "s32" ? flag_signed : std::uint8_t{0}},
        {Type::b32, Type::b32, Type::b32});
  }
  if (in.opcode == "elect") {
    if (!is_sync || !rest.empty() || in.operands.size() != 2) return refuse();
    return accept({CollectiveKind::elect, 0, 4, 0}, {Type::b32, Type::b32}, Type::pred);
  }
  if (in.opcode == "bar" && words.size() == 2 && words[0] == "warp" && words[1] == "sync") {
    if (in.operands.size() != 1) return refuse();
    return accept({CollectiveKind::warp_barrier, 0, 4, 0}, {Type::b32});
  }
  static_cast<void>(slots);
  return {};
}

}  // namespace cujitsu::softgpu
