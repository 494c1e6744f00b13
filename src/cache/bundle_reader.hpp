// SPDX-License-Identifier: MIT
// A bundle from front to back.
#pragma once

#include "base/file_stream.hpp"
#include "cache/bundle.hpp"
#include "cache/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Holds one entry at a time, and checks each as a look-up does. Errors name the file. One thread.
class BundleReader {
 public:
  struct Entry {
    std::string_view key;
    std::string_view content;  ///< the entry's file; valid until the next one is asked for
    std::string problem;       ///< why it must not be used; empty: it is whole, and of that key
  };

  /// Reads the head. `key` must outlive this. Throws CacheError when the file can not be read or is no bundle of ours.
  BundleReader(std::string file, const FrameKey* key);

  /// The next entry; nothing behind the last. Throws CacheError when the file can not be read.
  [[nodiscard]] std::optional<Entry> next();
  /// How many bytes have not been read; behind the last entry there should be none.
  [[nodiscard]] std::uint64_t left() const noexcept { return input_.left(); }

 private:
  [[noreturn]] void raise(std::string_view why) const;
  void read(std::uint64_t count, std::string& content);

  std::string file_;
  const FrameKey* key_;
  file::Source input_;
  std::vector<BundleItem> items_;
  std::size_t position_ = 0;
  std::string content_;
};

}  // namespace cujitsu
