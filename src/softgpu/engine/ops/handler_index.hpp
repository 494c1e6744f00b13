// SPDX-License-Identifier: MIT
// Looking up handlers by key. For the decoders, which are built once.
#pragma once

#include "softgpu/engine/ops/table.hpp"

#include <cstdint>
#include <initializer_list>
#include <unordered_map>

namespace cujitsu::softgpu {

class HandlerIndex {
 public:
  HandlerIndex(std::initializer_list<HandlerTable> tables) {
    for (const HandlerTable& table : tables) {
      for (std::uint32_t i = 0; i < table.count; ++i)
        handlers_.emplace(table.entries[i].key, table.entries[i].handlers);
    }
  }

  /// nullptr: there is none.
  [[nodiscard]] const HandlerPair* find(std::uint32_t key) const {
    const auto found = handlers_.find(key);
    return found == handlers_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::size_t size() const noexcept { return handlers_.size(); }

 private:
  std::unordered_map<std::uint32_t, HandlerPair> handlers_;
};

}  // namespace cujitsu::softgpu
