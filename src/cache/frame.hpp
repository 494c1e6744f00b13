// SPDX-License-Identifier: MIT
// The frame around every file of the cache: header, tagged sections, hash.
#pragma once

#include "base/byte_stream.hpp"
#include "base/hash.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu {

/// Stored in every file and part of the path ("v3"). Raised for every change that a reader of the old format would
/// misread.
inline constexpr std::uint32_t cache_format_version = 3;

/// What authenticates files: made of the user's key file (cache/key_file.hpp).
struct FrameKey {
  HashSecret secret{};
  std::uint32_t id = 1;  ///< tells keys apart, and nothing of the secret; never 0
};

/// A file that may be whole but is not authenticated as it should be: without a key, with another one, or with one where
/// this process has none. Nobody's damage, so that it must not be removed.
class AuthenticationError : public FormatError {
 public:
  using FormatError::FormatError;
};

/// Four characters, as stored.
using Tag = std::string_view;

/// What a file's first bytes say of it; nothing of it is checked.
struct FrameHead {
  std::uint32_t version = 0;
  std::string_view kind;         ///< points into the bytes that it was read from
  std::uint64_t file_bytes = 0;  ///< the whole frame, header and hash included; means nothing for another version
};

/// As many bytes as read_frame_head needs.
inline constexpr std::size_t frame_head_bytes = 32;

/// Throws FormatError for what does not start as a file of the cache does.
[[nodiscard]] FrameHead read_frame_head(std::string_view bytes);

/// Writes the header when made, then sections one after the other, then the hash: keyed where there is a key, which must
/// outlive the writer.
class FrameWriter {
 public:
  /// `payload_bytes` is a guess that saves reallocations.
  FrameWriter(Tag kind, std::size_t payload_bytes, const FrameKey* key = nullptr);

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
  const FrameKey* key_;
};

/// Checks the whole frame when made, and throws FormatError unless every byte is as it was written, AuthenticationError
/// unless it was written with `key` (nullptr: without one). Sections are views into the file's bytes.
class Frame {
 public:
  Frame(Tag kind, std::string_view file, const FrameKey* key = nullptr);

  /// Throws FormatError when it is missing.
  [[nodiscard]] std::string_view section(Tag tag) const;

 private:
  std::vector<std::pair<Tag, std::string_view>> sections_;
};

/// A look at a file through its first bytes, none of which is verified: whoever can write the file decides what is there.
struct FirstSection {
  std::string_view content;  ///< a view into those bytes; empty while `wanted` is more than they are
  std::size_t wanted = 0;    ///< how many bytes of the file hold the whole section
};

/// The first section, which must be called `tag` and end within `most` bytes of the file. Throws FormatError for what is
/// no file of this kind and version.
[[nodiscard]] FirstSection first_section(Tag kind, Tag tag, std::string_view beginning, std::size_t most);

}  // namespace cujitsu
