// SPDX-License-Identifier: MIT
// A cache's root: whether it may be used, and the way into and out of it.
#pragma once

#include "cache/key_file.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

namespace cujitsu {

/// The writable folder of a cache, or one of its seeds. Any thread.
class CacheFolder {
 public:
  enum class Kind { writable, seed };

  /// What became of a look at the root.
  struct Access {
    bool usable = false;
    int error = 0;  ///< ENOENT: there is no root yet; another errno: it could not be looked at; 0: see refusal
  };

  /// `root` is absolute; `key_file` must outlive this.
  CacheFolder(std::string root, Kind kind, KeyFile& key_file);

  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  /// The entries' folder, version included.
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  [[nodiscard]] bool is_seed() const noexcept { return kind_ == Kind::seed; }

  /// Looks at the root where that has not been done; once it is found usable or refused, that stays, so that a process
  /// does not change its mind half-way. A refusal is one warning.
  Access access();
  /// Empty, or one sentence.
  [[nodiscard]] const std::string& refusal() const noexcept;

  /// Makes the root and `folder`, which is below it, where they are missing. 0 or an errno; 0 and a refusal.
  [[nodiscard]] int make(const std::string& folder);
  /// The same, with a file in it.
  [[nodiscard]] int publish(const std::string& folder, const std::string& name, std::string_view content);

 private:
  enum class State { unknown, usable, refused };

  Access look();

  std::string root_;
  std::string folder_;
  Kind kind_;
  KeyFile& key_file_;
  std::atomic<State> state_{State::unknown};
  std::mutex mutex_;     ///< held while the root is looked at
  std::string refusal_;  ///< written once, before state_ becomes refused
};

}  // namespace cujitsu
