// SPDX-License-Identifier: MIT
// The frame around every file of the cache: header, tagged sections, checksum.
#pragma once

#include "cache/byte_stream.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu {

/// Stored in every file and part of the path ("v2"). Raised for every change that a reader of the old format would
/// misread.
inline constexpr std::uint32_t cache_format_version = 2;

/// Four characters, as stored.
using Tag = std::string_view;

/// Writes the header when made, then sections one after the other, then the checksum.
class FrameWriter {
 public:
  /// `payload_bytes` is a guess that saves reallocations.
  FrameWriter(Tag kind, std::size_t payload_bytes);

  void section(Tag tag, std::string_view content);
  /// Calls `write(ByteWriter&)` for the section's content.
  template <std::invocable<ByteWriter&> Write>
  void section(Tag tag, const Write& write) {
    const auto start = begin(tag);
    write(writer_);
    end(start);
  }
  [[nodiscard]] std::string finish() &&;

 private:
  std::size_t begin(Tag tag);
  void end(std::size_t start);
  ByteWriter writer_;
};

/// Checks the whole frame when made, and throws FormatError unless every byte is as it was written. Sections are views
/// into the file's bytes.
class Frame {
 public:
  Frame(Tag kind, std::string_view file);

  /// Throws FormatError when it is missing.
  [[nodiscard]] std::string_view section(Tag tag) const;

 private:
  std::vector<std::pair<Tag, std::string_view>> sections_;
};

}  // namespace cujitsu
