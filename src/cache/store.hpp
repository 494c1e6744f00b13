// SPDX-License-Identifier: MIT
// The compiler's side of the kernel cache: look up, store, count.
#pragma once

#include "base/file.hpp"
#include "cache/cache_folder.hpp"
#include "cache/entry_memo.hpp"
#include "cache/key_file.hpp"
#include "cache/key_material.hpp"
#include "cache/layout.hpp"
#include "cache/sweeper.hpp"
#include "cache/usage_counter.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

struct StoreSettings {
  KernelCacheOptions options;
  bool sweeps = false;  ///< in the background, after a save
};

/// Any function may be called from any thread. Those that a compile calls are noexcept: a cache that fails is a message
/// in the log and a reason, never more.
class KernelCache::Store {
 public:
  /// `root` is absolute. With a `disabled_reason` nothing is ever read or written.
  explicit Store(const std::filesystem::path& root, std::string disabled_reason = {}, StoreSettings settings = {});
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  [[nodiscard]] bool enabled() const noexcept { return disabled_reason().empty(); }

  /// The stored code, with cache_status, cache_reason and cache_key set; counts a hit. Looks into the cache, then into
  /// its seeds. Nothing on a miss, with `reason` set to one phrase where something is wrong. A damaged entry is removed (but for a seed's), said
  /// once in the log, and is a miss; an I/O error removes nothing.
  [[nodiscard]] std::optional<CompiledCode> load(const CacheKey& key, std::string& reason) noexcept;

  /// Publishes an entry. False when it could not be stored, with `reason` set; the first failure of each kind is logged
  /// as a warning, and a folder that can not be written to is not tried again by this process.
  bool save(const CacheKey& key, const CompiledCode& code, std::string& reason,
            const ClosureRecord& closure = {}) noexcept;

  // load in its parts, for a caller who decides himself which of several entries is the right one.

  /// Entries whose keys start with `prefix`, of two digits or more: the cache's own, then each seed's; most recently used
  /// first within each. None for whatever can not be read.
  [[nodiscard]] std::vector<layout::EntryFile> candidates(std::string_view prefix) noexcept;

  struct LoadedEntry {
    std::shared_ptr<const SoundEntry> sound;  ///< never nullptr
    layout::EntryFile file;
    FileStamp stamp;  ///< of the file, when it was read

    [[nodiscard]] const StoredEntry& entry() const noexcept { return sound->entry; }
  };
  using Accepts = std::function<bool(const StoredEntry& entry)>;
  /// As load does it, but for the comparison and the count.
  [[nodiscard]] std::optional<LoadedEntry> read_entry(const layout::EntryFile& file, std::string& reason) noexcept;
  /// The entry with this very key, if `accepts` takes it.
  [[nodiscard]] std::optional<LoadedEntry> look_up(const CacheKey& key, const Accepts& accepts,
                                                   std::string& reason) noexcept;
  /// The first of the entries of this source that `accepts` takes: for one that includes something, whose key is known only
  /// together with what that is.
  [[nodiscard]] std::optional<LoadedEntry> look_up_variant(std::string_view source, const Accepts& accepts,
                                                           std::string& reason) noexcept;
  /// Counts, marks the entry as used, and sets cache_status, cache_reason and cache_key.
  [[nodiscard]] CompiledCode take_hit(const LoadedEntry& loaded);

  /// When an entry with this key was evicted, in seconds since 1970; nothing when it was not, or too long ago.
  [[nodiscard]] std::optional<std::int64_t> evicted(std::string_view key) noexcept;

  /// A note saves a later process work; it is of no value of its own. `subject` says what it is about, and is all of its
  /// key. Nothing when there is none, or it is damaged; a failure to save it is a warning in the log. Seeds have none.
  [[nodiscard]] std::optional<std::string> load_note(std::string_view subject) noexcept;
  void save_note(std::string_view subject, std::string_view text) noexcept;
  void remove_note(std::string_view subject) noexcept;

  /// The file whose locks tell processes who compiles what, in a folder that has been made and checked. Nothing where that
  /// can not be written to: then there is nothing to share either.
  [[nodiscard]] std::optional<std::string> lock_file() noexcept;

  /// For a compile that another thread made: `seconds` are what NVRTC took.
  void count_hit(double seconds) noexcept;
  /// What NVRTC took; the counters are this object's, since it was made.
  void count_miss(double seconds) noexcept;
  void count_bypass(double seconds) noexcept;

  /// What happens when the process ends: the sweep is stopped, the counters are published. Not to be called by a thread
  /// that is within another call.
  void end() noexcept;
  /// For tests: until the sweep in the background, if any, is through.
  void wait_for_sweep() { sweeper_.wait(); }

  // The rest stands behind KernelCache's public functions of the same names.
  [[nodiscard]] std::vector<CacheSummary> list(const CacheFilter& filter = {});
  [[nodiscard]] CacheEntry find(std::string_view prefix);
  std::uint64_t clear();
  PruneResult prune(const PruneOptions& options);
  [[nodiscard]] VerifyReport verify(const VerifyOptions& options);
  [[nodiscard]] CacheStats stats();
  // Both in bundle_store.cpp.
  BundleExport export_bundle(const std::filesystem::path& file, const CacheFilter& filter,
                             const std::vector<std::string>& keys);
  BundleImport import_bundle(const std::filesystem::path& file);
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const std::vector<std::filesystem::path>& seeds() const noexcept { return options_.seeds; }
  [[nodiscard]] const std::string& disabled_reason() const noexcept;

 private:
  /// For list, find, clear, prune and verify: false where there can be no entry. Throws CacheError where they can not be
  /// told.
  bool can_be_asked(CacheFolder& place);
  /// A seed whose folder can not be read, and why, as a phrase. Not those that are missing or refused.
  struct UnreadableSeed {
    std::string root;
    std::string problem;
  };
  std::vector<UnreadableSeed> unreadable_seeds();
  /// The cache's own entries and each seed's, of which only those whose keys the former do not have.
  std::vector<layout::EntryFile> all_entries(std::string_view prefix = {});
  std::vector<CacheSummary> summaries(const std::vector<layout::EntryFile>& files);
  Usage usage();

  /// Calls `look`, which returns an errno, if the place may be used; false where that was not so, or it failed.
  template <class Look>
  bool look_at(CacheFolder& place, const std::string& path, std::string& reason, const Look& look);
  bool read(CacheFolder& place, const std::string& path, std::string& content, file::Status& status,
            std::string& reason);
  bool is_trusted(const CacheFolder& place, const std::string& path, const file::Status& status, std::string& reason);
  std::optional<LoadedEntry> read_from(CacheFolder& place, const layout::EntryFile& file, std::string& reason);
  bool publish(const std::string& folder, const std::string& name, std::string_view content, std::string& reason);
  [[nodiscard]] CacheFolder& place_of(const layout::EntryFile& file);
  [[nodiscard]] const FrameKey* frame_key() { return key_file_.key(); }
  /// What export_bundle chooses from, in the order of keys.
  [[nodiscard]] std::vector<layout::EntryFile> entries_with(const std::vector<std::string>& keys);
  [[nodiscard]] bool has_sound_entry(const std::string& key);
  void publish_entry_file(const std::string& key, std::string_view content);
  [[nodiscard]] std::string unwritable(int error) const;
  void ends_with_process();

  std::filesystem::path path_;
  std::string disabled_reason_;
  KernelCacheOptions options_;
  KeyFile key_file_;
  CacheFolder root_;
  std::vector<std::unique_ptr<CacheFolder>> seeds_;
  bool sweeps_;
  Sweeper sweeper_;
  UsageCounter counter_;
  EntryMemo memo_;                    ///< of hits
  std::atomic<unsigned> ends_in_{0};  ///< the fork generation in which `end` is due at exit, plus 1

  std::atomic<int> write_error_{0};  ///< the errno after which nothing more is written
};

}  // namespace cujitsu
