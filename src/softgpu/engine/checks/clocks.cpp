// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/clocks.hpp"

#include <algorithm>
#include <utility>

namespace cujitsu::softgpu {
namespace {

void raise_to(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) noexcept {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = std::max(to[i], from[i]);
}

}  // namespace

bool Clocks::start(std::uint32_t threads) {
  constexpr std::uint32_t many = 1u << 31;
  const bool is_worn = latest_ > many;
  if (is_worn) latest_ = 0;
  if (is_worn || own_.size() != threads) {
    own_.assign(threads, 0);
    known_.assign(threads, nullptr);
    places_ = {};
  }
  arrivals_ = {};
  join_all();
  return !is_worn;
}

void Clocks::join_all() {
  // One number more than any clock there was: every earlier moment is before it, without a vector.
  start_ = latest_ + 1;
  latest_ = start_;
  std::ranges::fill(own_, start_);
  std::ranges::fill(known_, nullptr);
}

/// All that a thread has done and knows of.
void Clocks::add(Vector& to, std::uint32_t thread) const {
  if (known_[thread] != nullptr) raise_to(to, *known_[thread]);
  to[thread] = own_[thread];
}

void Clocks::join(std::span<const std::uint32_t> threads) {
  if (threads.empty()) return;
  Shared joined = known_[threads.front()];
  const bool is_common = std::ranges::all_of(threads, [&](std::uint32_t thread) { return known_[thread] == joined; });
  // Usually these threads were joined before, and nobody else knows what they know.
  const bool is_own = is_common && joined != nullptr && joined.use_count() == static_cast<long>(threads.size()) + 1;
  if (!is_own) {
    auto all = is_common && joined != nullptr ? std::make_shared<Vector>(*joined) : fresh();
    const Vector* added = is_common ? joined.get() : nullptr;
    for (const auto thread : threads) {
      const auto& known = known_[thread];
      if (known == nullptr || known.get() == added) continue;
      raise_to(*all, *known);
      added = known.get();
    }
    joined = std::move(all);
  }
  for (const auto thread : threads) {
    (*joined)[thread] = own_[thread]++;
    latest_ = std::max(latest_, own_[thread]);
    known_[thread] = joined;
  }
}

void Clocks::arrive(std::uint32_t thread, std::uint32_t barrier) {
  auto& [all, added] = arrivals_[barrier];
  if (all == nullptr) all = fresh();
  const auto& known = known_[thread];
  if (known != nullptr && known != added) {
    raise_to(*all, *known);
    added = known;
  }
  (*all)[thread] = own_[thread]++;
  latest_ = std::max(latest_, own_[thread]);
}

void Clocks::leave(std::span<const std::uint32_t> threads, std::uint32_t barrier) {
  const auto all = std::exchange(arrivals_[barrier], {}).known;
  for (const auto thread : threads) known_[thread] = all;
}

void Clocks::release(std::uint32_t thread, std::uint32_t place) {
  auto& [start, known] = places_[place];
  if (start != start_) {
    known.assign(own_.size(), 0);
    start = start_;
  }
  add(known, thread);
  latest_ = std::max(latest_, ++own_[thread]);
}

void Clocks::acquire(std::uint32_t thread, std::uint32_t place) {
  const auto& [start, known] = places_[place];
  if (start != start_) return;
  auto& mine = known_[thread];
  if (mine == nullptr)
    mine = std::make_shared<Vector>(known);
  else {
    if (mine.use_count() != 1) mine = std::make_shared<Vector>(*mine);
    raise_to(*mine, known);
  }
}

}  // namespace cujitsu::softgpu
