// SPDX-License-Identifier: MIT
// The head of a bundle: what stands before the entry files. docs/cache-format.md in code.
#pragma once

#include "base/byte_stream.hpp"  // FormatError
#include "cache/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// One entry file in a bundle; they follow each other in this order, without gaps.
struct BundleItem {
  std::string key;          ///< 32 lower-case hexadecimal digits
  std::uint64_t bytes = 0;  ///< of the file

  friend bool operator==(const BundleItem&, const BundleItem&) = default;
};

/// The head for `items`, padded to what it would be for `room` items, so that it can be written before it is known which
/// of them will be there.
[[nodiscard]] std::string encode_bundle_head(const std::vector<BundleItem>& items, std::size_t room,
                                             const FrameKey* key = nullptr);

/// How many bytes the head takes, from the first frame_head_bytes of the file. Throws FormatError for a file that is no
/// bundle, and for one of another version, which it names together with ours.
[[nodiscard]] std::uint64_t bundle_head_bytes(std::string_view start);

/// Throws FormatError unless every byte of the head is as it was written, AuthenticationError as Frame does.
[[nodiscard]] std::vector<BundleItem> decode_bundle_head(std::string_view head, const FrameKey* key = nullptr);

}  // namespace cujitsu
