// SPDX-License-Identifier: MIT
// The secret that authenticates entries in folders that are shared.
#pragma once

#include "cache/frame.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace cujitsu {

/// Read once, when first asked. A file that can not be used is a refusal, so that the cache goes unused: without the
/// key, entries that anybody may have made would be taken. Any thread.
class KeyFile {
 public:
  static constexpr std::size_t least_bytes = 32;
  static constexpr std::size_t most_bytes = 64 * 1024;

  /// Empty for none. Absolute.
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  /// Empty, or one phrase: "the key file /a/b can be read by others …".
  [[nodiscard]] const std::string& refusal();
  /// nullptr without a key file, or with one that is refused. Lives as long as this object.
  [[nodiscard]] const FrameKey* key();

 private:
  void read();

  std::string path_;
  std::once_flag read_;
  std::optional<FrameKey> key_;
  std::string refusal_;
};

}  // namespace cujitsu
