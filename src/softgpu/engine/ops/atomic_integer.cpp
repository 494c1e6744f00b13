// SPDX-License-Identifier: MIT
#include "softgpu/engine/ops/atomic_handlers.hpp"
#include "softgpu/engine/ops/atomic_lanes.hpp"

#include <type_traits>

namespace cujitsu::softgpu {
namespace {

using Operation = AtomicOperation;

template <Operation O, class T>
T next_value(T old, T b, T c) noexcept {
  using U = std::make_unsigned_t<T>;
  switch (O) {
    case Operation::add: return static_cast<T>(static_cast<U>(old) + static_cast<U>(b));
    case Operation::min: return b < old ? b : old;
    case Operation::max: return b > old ? b : old;
    case Operation::inc: return old >= b ? T{0} : static_cast<T>(old + 1);
    case Operation::dec: return old == 0 || old > b ? b : static_cast<T>(old - 1);
    case Operation::bit_and: return old & b;
    case Operation::bit_or: return old | b;
    case Operation::bit_xor: return old ^ b;
    case Operation::exchange: return b;
    case Operation::compare: return old == b ? c : old;
  }
  return old;
}

template <Operation O, class T>
struct Integer {
  using Type = std::make_unsigned_t<T>;
  using Scope = NoScope;

  static Type next(Type old, Type b, Type c, bool) noexcept {
    return static_cast<Type>(next_value<O, T>(static_cast<T>(old), static_cast<T>(b), static_cast<T>(c)));
  }

  static Type perform(Type* at, Type b, Type c) noexcept {
    if constexpr (O == Operation::add) return __atomic_fetch_add(at, b, __ATOMIC_SEQ_CST);
    if constexpr (O == Operation::bit_and) return __atomic_fetch_and(at, b, __ATOMIC_SEQ_CST);
    if constexpr (O == Operation::bit_or) return __atomic_fetch_or(at, b, __ATOMIC_SEQ_CST);
    if constexpr (O == Operation::bit_xor) return __atomic_fetch_xor(at, b, __ATOMIC_SEQ_CST);
    if constexpr (O == Operation::exchange) return __atomic_exchange_n(at, b, __ATOMIC_SEQ_CST);
    if constexpr (O == Operation::compare) {
      __atomic_compare_exchange_n(at, &b, c, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
      return b;
    }
    return exchange_loop(at, [&](Type old) { return next(old, b, c, false); });
  }
};

/// The commonest atomic adds to one counter: then one addition does for the warp, and each lane gets the value that it
/// would have found had the lanes gone one after the other.
template <class T, bool Returns>
const Instruction* add_lanes(Warp& warp, const Instruction* in) {
  if (!has_one_address(warp, in)) return atomic_lanes<Integer<Operation::add, T>, Returns>(warp, in);
  const std::uint64_t real = resolve_one(warp, in, sizeof(T));
  if (real == 0) return nullptr;
  const std::uint32_t active = warp.active;
  auto* d = slot<T>(warp, in->d);
  const auto* b = slot<const T>(warp, in->b);
  T sum = 0;
  if (active == 0xffffffff) {
    for (std::uint32_t lane = 0; lane < warp_size; ++lane) sum += b[lane];
  } else {
    for (std::uint32_t left = active; left != 0; left &= left - 1) sum += b[__builtin_ctz(left)];
  }
  T* const at = reinterpret_cast<T*>(real);
  T before = 0;
  if (is_in_shared(warp, real)) {
    before = *at;
    *at = before + sum;
  } else {
    before = __atomic_fetch_add(at, sum, __ATOMIC_SEQ_CST);
  }
  if constexpr (Returns) {
    for (std::uint32_t left = active; left != 0; left &= left - 1) {
      const auto lane = static_cast<std::uint32_t>(__builtin_ctz(left));
      const T own = b[lane];  // d may be b
      d[lane] = before;
      before += own;
    }
  }
  return in + 1;
}

template <Operation O, class T>
Handler choose(bool returns) noexcept {
  return returns ? atomic_lanes<Integer<O, T>, true> : atomic_lanes<Integer<O, T>, false>;
}

template <class T>
Handler choose_add(bool returns) noexcept {
  return returns ? add_lanes<T, true> : add_lanes<T, false>;
}

template <Operation O>
Handler choose_order(ptx::Type type, bool returns) noexcept {
  switch (type) {
    case ptx::Type::u32: return choose<O, std::uint32_t>(returns);
    case ptx::Type::s32: return choose<O, std::int32_t>(returns);
    case ptx::Type::u64: return choose<O, std::uint64_t>(returns);
    case ptx::Type::s64: return choose<O, std::int64_t>(returns);
    default: return nullptr;
  }
}

template <Operation O>
Handler choose_bits(ptx::Type type, bool returns) noexcept {
  switch (type) {
    case ptx::Type::b32: return choose<O, std::uint32_t>(returns);
    case ptx::Type::b64: return choose<O, std::uint64_t>(returns);
    default: return nullptr;
  }
}

}  // namespace

Handler integer_atomic(AtomicOperation operation, ptx::Type type, bool returns) noexcept {
  switch (operation) {
    case Operation::add:
      if (type == ptx::Type::u32 || type == ptx::Type::s32) return choose_add<std::uint32_t>(returns);
      if (type == ptx::Type::u64 || type == ptx::Type::s64) return choose_add<std::uint64_t>(returns);
      return nullptr;
    case Operation::min: return choose_order<Operation::min>(type, returns);
    case Operation::max: return choose_order<Operation::max>(type, returns);
    case Operation::inc: return type == ptx::Type::u32 ? choose<Operation::inc, std::uint32_t>(returns) : nullptr;
    case Operation::dec: return type == ptx::Type::u32 ? choose<Operation::dec, std::uint32_t>(returns) : nullptr;
    case Operation::bit_and: return choose_bits<Operation::bit_and>(type, returns);
    case Operation::bit_or: return choose_bits<Operation::bit_or>(type, returns);
    case Operation::bit_xor: return choose_bits<Operation::bit_xor>(type, returns);
    case Operation::exchange: return returns ? choose_bits<Operation::exchange>(type, true) : nullptr;
    case Operation::compare:
      if (!returns) return nullptr;
      return type == ptx::Type::b16 ? choose<Operation::compare, std::uint16_t>(true)
                                    : choose_bits<Operation::compare>(type, true);
  }
  return nullptr;
}

}  // namespace cujitsu::softgpu
