// SPDX-License-Identifier: MIT
// The compiler's side of the kernel cache: look up, store, count.
#pragma once

#include "cache/entry_format.hpp"
#include "cache/key_material.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Any function may be called from any thread. Those that a compile calls are noexcept: a cache that fails is a message
/// in the log and a reason, never more.
class KernelCache::Store {
 public:
  /// `root` is absolute. With a `disabled_reason` nothing is ever read or written.
  explicit Store(const std::filesystem::path& root, std::string disabled_reason = {});

  [[nodiscard]] bool enabled() const noexcept { return disabled_reason().empty(); }

  /// The stored code, with cache_status, cache_reason and cache_key set; counts a hit. Nothing on a miss, with `reason`
  /// set to one phrase. A damaged entry is removed, said once in the log, and is a miss; an I/O error removes nothing.
  [[nodiscard]] std::optional<CompiledCode> load(const CacheKey& key, std::string& reason) noexcept;

  /// Publishes an entry. False when it could not be stored, with `reason` set; the first failure of each kind is logged
  /// as a warning, and a folder that can not be written to is not tried again by this process.
  bool save(const CacheKey& key, const CompiledCode& code, std::string& reason) noexcept;

  /// A note saves a later process work; it is of no value of its own. `subject` says what it is about, and is all of its
  /// key. Nothing when there is none, or it is damaged; a failure to save it is a warning in the log.
  [[nodiscard]] std::optional<std::string> load_note(std::string_view subject) noexcept;
  void save_note(std::string_view subject, std::string_view text) noexcept;

  /// What NVRTC took; the counters are this object's, since it was made.
  void count_miss(double seconds) noexcept;
  void count_bypass(double seconds) noexcept;

  // The rest stands behind KernelCache's public functions of the same names.
  [[nodiscard]] std::vector<CacheEntry> list();
  [[nodiscard]] CacheEntry find(std::string_view prefix);
  std::uint64_t clear();
  [[nodiscard]] CacheStats stats();
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& disabled_reason() const noexcept;

 private:
  /// Decided once and then kept, so that one process does not change its mind half-way.
  enum class RootState { unknown, usable, refused };

  /// What became of a look at the root folder.
  struct Access {
    bool usable = false;
    int error = 0;  ///< ENOENT: there is no root yet; another errno: it could not be looked at; 0: see disabled_reason
  };

  Access access();
  Access look_at_root();
  /// For list, find and clear: false where there can be no entry. Throws CacheError where they can not be told.
  bool can_be_asked();

  bool read(const std::string& path, std::string& content, std::string& reason);
  bool publish(const std::string& folder, const std::string& name, std::string_view content, std::string& reason);
  int try_to_publish(const std::string& folder, const std::string& name, std::string_view content);
  [[nodiscard]] std::string unwritable(int error) const;

  std::string root_;
  std::filesystem::path path_;
  std::string folder_;  ///< path_ as text
  std::string disabled_reason_;

  std::atomic<RootState> root_state_{RootState::unknown};
  std::mutex root_mutex_;       ///< held while the root is looked at for the first time
  std::string refused_reason_;  ///< written once, before root_state_ becomes refused

  std::atomic<int> write_error_{0};  ///< the errno after which nothing more is written

  std::atomic<std::uint64_t> hits_{0};
  std::atomic<std::uint64_t> misses_{0};
  std::atomic<std::uint64_t> bypasses_{0};
  std::atomic<std::uint64_t> nanoseconds_compiling_{0};
  std::atomic<std::uint64_t> nanoseconds_saved_{0};
};

}  // namespace cujitsu
