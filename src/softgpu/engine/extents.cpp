// SPDX-License-Identifier: MIT
#include "softgpu/engine/extents.hpp"

#include <iterator>

namespace cujitsu::softgpu {

void Extents::insert(std::uint64_t begin, std::uint64_t bytes) {
  by_address_.emplace(begin, bytes);
  by_size_.emplace(bytes, begin);
}

void Extents::erase(std::map<std::uint64_t, std::uint64_t>::iterator piece) {
  by_size_.erase({piece->second, piece->first});
  by_address_.erase(piece);
}

Extents::Extent Extents::add(std::uint64_t begin, std::uint64_t bytes) {
  const auto may_join_at = [&](std::uint64_t address) { return boundary_ == 0 || address % boundary_ != 0; };
  const auto next = by_address_.lower_bound(begin);
  if (next != by_address_.end() && next->first == begin + bytes && may_join_at(next->first)) {
    bytes += next->second;
    erase(next);
  }
  const auto after = by_address_.lower_bound(begin);
  if (after != by_address_.begin()) {
    const auto previous = std::prev(after);
    if (previous->first + previous->second == begin && may_join_at(begin)) {
      begin = previous->first;
      bytes += previous->second;
      erase(previous);
    }
  }
  insert(begin, bytes);
  return {begin, bytes};
}

Extents::Extent Extents::take(std::uint64_t bytes, std::uint64_t alignment) {
  for (auto size = by_size_.lower_bound({bytes, 0}); size != by_size_.end(); ++size) {
    const std::uint64_t begin = size->second;
    const std::uint64_t end = begin + size->first;
    const std::uint64_t aligned = (begin + alignment - 1) & ~(alignment - 1);
    if (aligned < begin || aligned >= end || end - aligned < bytes) continue;
    erase(by_address_.find(begin));
    if (aligned != begin) insert(begin, aligned - begin);
    if (aligned + bytes != end) insert(aligned + bytes, end - aligned - bytes);
    return {aligned, bytes};
  }
  return {};
}

}  // namespace cujitsu::softgpu
