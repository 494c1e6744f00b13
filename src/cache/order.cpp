// SPDX-License-Identifier: MIT
#include <cujitsu/cache_order.hpp>

#include "base/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace cujitsu {
namespace {

const std::array<std::string, 6> names{"newest", "age", "used", "size", "hits", "seconds"};

}  // namespace

std::span<const std::string> cache_order_names() { return names; }

CacheOrder cache_order(std::string_view name) {
  if (const auto found = std::ranges::find(names, name); found != names.end())
    return static_cast<CacheOrder>(std::distance(names.begin(), found));
  const auto meant = text::nearest(name, names);
  throw ArgumentError(fmt::format("entries can be sorted by {}, not by '{}'{}", text::join(names, ", "), name,
                                  meant ? fmt::format("; did you mean '{}'?", *meant) : std::string()));
}

void sort_entries(std::vector<CacheSummary>& entries, CacheOrder order) {
  const auto by = [&](auto compare, auto member) { std::ranges::stable_sort(entries, compare, member); };
  switch (order) {
    case CacheOrder::newest: return by(std::ranges::greater(), &CacheSummary::created);
    case CacheOrder::age: return by(std::ranges::less(), &CacheSummary::created);
    case CacheOrder::used: return by(std::ranges::greater(), &CacheSummary::last_used);
    case CacheOrder::size: return by(std::ranges::greater(), &CacheSummary::file_bytes);
    case CacheOrder::hits: return by(std::ranges::greater(), &CacheSummary::hits);
    case CacheOrder::seconds: return by(std::ranges::greater(), &CacheSummary::seconds);
  }
}

}  // namespace cujitsu
