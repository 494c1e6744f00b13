// SPDX-License-Identifier: MIT
// Who last used which bytes of a block's shared memory, and whether an access is ordered after that.
#pragma once

#include "softgpu/engine/checks/clocks.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

namespace cujitsu::softgpu {

struct Observation;

/// One access to bytes of a word.
struct WordAccess {
  const Observation* by = nullptr;  ///< nullptr: none
  std::uint32_t clock = 0;
  std::uint16_t thread = 0;
  std::uint8_t bytes = 0;  ///< a bit for each byte of the word
  bool is_ordered = false;
};

/// For each word of four bytes the last write of each byte, and up to four reads since. Of more reads some are forgotten,
/// so a race may be missed; none is invented. Takes 32 times the shared memory that is used.
class RaceShadow {
 public:
  explicit RaceShadow(std::uint32_t shared_bytes);
  void clear();

  struct Conflict {
    WordAccess earlier;
    bool is_write = false;  ///< the earlier one
  };
  /// Enters the access, or says with which one it is in conflict. `word`: offset / 4.
  [[nodiscard]] std::optional<Conflict> read(const Clocks& clocks, std::uint32_t word, const WordAccess& access);
  /// `same`: bytes that the write does not change, which two threads may write at the same time. `same_as(earlier)` is
  /// asked for the bytes in conflict that an earlier write of the same instruction may have in common with this one.
  template <class SameAs>
  [[nodiscard]] std::optional<Conflict> write(const Clocks& clocks, std::uint32_t word, const WordAccess& access,
                                              std::uint8_t same, const SameAs& same_as) {
    auto& at = words_.get()[word];
    for (const auto& earlier : at.writes)
      if (const auto bytes = unordered(clocks, earlier, access);
          bytes != 0 && (bytes & ~same) != 0 && !same_as(earlier, bytes))
        return Conflict{earlier, true};
    for (const auto& earlier : at.reads)
      if ((unordered(clocks, earlier, access) & ~same) != 0) return Conflict{earlier, false};
    enter_write(at, access, same);
    return std::nullopt;
  }

 private:
  struct Word {
    std::array<WordAccess, 4> writes;  // of different bytes
    std::array<WordAccess, 4> reads;
  };
  struct Free {
    void operator()(Word* words) const noexcept { std::free(words); }
  };

  /// The bytes that both use and that nothing orders.
  static std::uint8_t unordered(const Clocks& clocks, const WordAccess& earlier, const WordAccess& access) noexcept;
  static void enter_write(Word& at, const WordAccess& access, std::uint8_t same) noexcept;
  static void enter_read(const Clocks& clocks, Word& at, const WordAccess& access) noexcept;

  std::size_t count_;
  std::unique_ptr<Word[], Free> words_;  ///< zeroed pages that take no memory until they are used
};

}  // namespace cujitsu::softgpu
