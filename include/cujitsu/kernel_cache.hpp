// SPDX-License-Identifier: MIT
// The disk cache of compiled code: see docs/cache-format.md.
#pragma once

#include <cujitsu/cache_bundle.hpp>
#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// One stored compile, whole, as `find` returns it.
struct CacheEntry {
  std::string key;             ///< 32 hexadecimal digits
  std::filesystem::path path;  ///< its one file
  std::uint64_t file_bytes = 0;
  std::int64_t created = 0;  ///< seconds since 1970, UTC
  std::string source;        ///< the user's string
  CompileOptions options;    ///< as given; `arch` is what was asked for, by the user or for the device
  CompiledCode code;
};

enum class CacheOrigin {
  cache,  ///< the cache's own, writable folder
  seed,   ///< one of the read-only folders behind it
};

/// What `list` tells of an entry, from the first bytes of its file alone: the rest is neither read nor verified.
struct CacheSummary {
  std::string key;             ///< 32 hexadecimal digits
  std::filesystem::path path;  ///< its one file
  CacheOrigin origin = CacheOrigin::cache;
  std::uint64_t file_bytes = 0;
  std::int64_t created = 0;    ///< seconds since 1970, UTC
  std::int64_t last_used = 0;  ///< likewise; to the hour, since a hit marks its entry at most once an hour
  std::uint64_t hits = 0;      ///< by all processes, as far as they have told; a process that is killed tells nothing
  std::string name;            ///< the program's name
  std::string arch;            ///< what was asked for
  std::vector<std::string> kernels;
  std::vector<std::string> options;  ///< the user's, in order
  std::vector<std::string> include_dirs;
  std::vector<std::string> name_expressions;
  bool is_shortened = false;  ///< the lists above are not whole, because they were long; `find` has all
  double seconds = 0;         ///< what NVRTC took
  int compiler_major = 0;     ///< NVRTC's version
  int compiler_minor = 0;
  std::uint64_t header_count = 0;  ///< headers that the source included, those in memory among them
};

/// Which entries: those that fit all that is set.
struct CacheFilter {
  std::string arch = {};  ///< "sm_90"; empty for any. `*`, `?` and `[…]` mean what they do in a shell, here and below
  std::string name = {};  ///< the program's name or one of its kernels'; empty for any
  std::optional<std::chrono::seconds> older_than = std::nullopt;  ///< not used for this long

  [[nodiscard]] CUJITSU_API bool fits(const CacheSummary& entry) const;
};

/// With nothing set but dry_run: down to 80 % of the cache's own bound, if it has grown beyond that.
struct PruneOptions {
  /// Removes the least recently used until all entries together are no larger. Without it, but with one of the next
  /// three: removes all that fit.
  std::optional<std::uint64_t> max_bytes = std::nullopt;
  std::optional<std::chrono::seconds> older_than = std::nullopt;  ///< this and the next two as in CacheFilter
  std::string arch = {};
  std::string name = {};
  bool dry_run = false;  ///< only tells what would be removed
};

struct PruneResult {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

struct VerifyOptions {
  bool remove_damaged = false;  ///< never those of a seed
};

/// A file that is not what it should be.
struct CacheProblem {
  std::string key;
  std::filesystem::path path;
  std::string problem;   ///< a phrase: "damaged (checksum)", "not authenticated by the key file", …
  bool damaged = false;  ///< its content is wrong; else it could not be read, or is not to be trusted
  bool removed = false;
};

struct VerifyReport {
  std::uint64_t entries = 0;  ///< looked at, those with problems among them
  std::uint64_t bytes = 0;
  std::vector<CacheProblem> problems;
};

struct CacheCounters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t bypasses = 0;
  std::uint64_t bytes_read = 0;     ///< of entries, by hits
  std::uint64_t bytes_written = 0;  ///< of entries
  double seconds_compiling = 0;     ///< spent in NVRTC
  double seconds_saved = 0;         ///< what the hits had cost when they were compiled
};

/// The counters of this process since it started (of this object, for a cache in a folder of the program's choice), and
/// what is on disk now.
struct CacheStats : CacheCounters {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t seed_entries = 0;
  std::uint64_t seed_bytes = 0;
  std::uint64_t max_bytes = 0;  ///< the bound; 0 for none
  /// Of all processes that used the folder, this one included. They tell when they exit: one that is killed, or ends by
  /// _exit as forked Python workers do, is missing.
  CacheCounters folder;
};

/// Settings of a cache in a folder of the program's own choice. The standard cache takes them from the environment.
struct KernelCacheOptions {
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  ///< 0: no bound
  std::vector<std::filesystem::path> seeds = {};     ///< roots of other caches, read only, looked at in this order
  std::filesystem::path key_file = {};               ///< authenticates entries; empty: none
};

/// A folder of entries, one file each, published by one rename; behind it any number of seeds, which are only read.
///
/// Several threads and processes may use one folder at once: a reader sees a whole entry or none. Every function may be
/// called from any thread. Nothing is created before the first entry is stored. What goes wrong inside a compile is a
/// warning in the log; only `list`, `find`, `clear`, `prune`, `verify`, `export_bundle` and
/// `import_bundle` throw CacheError.
///
/// The folder is bounded: after an entry is stored, at most once an hour for each folder, a thread in the background
/// removes the least recently used entries down to 80 % of the bound, and what dead writers left behind.
class CUJITSU_API KernelCache {
 public:
  /// A cache in `root`; the format's version is a folder below it.
  explicit KernelCache(const std::filesystem::path& root, const KernelCacheOptions& options = {});
  ~KernelCache();
  KernelCache(const KernelCache&) = delete;
  KernelCache& operator=(const KernelCache&) = delete;

  /// The user's own: CUJITSU_CACHE_DIR, else $XDG_CACHE_HOME/cujitsu, else ~/.cache/cujitsu; also listens to
  /// CUJITSU_CACHE_MAX_BYTES, CUJITSU_CACHE_SEED and CUJITSU_CACHE_KEY_FILE. Read when first called.
  /// Disabled, with one warning, when there is no folder. Lives until the process ends.
  static KernelCache& standard();

  /// The folder that holds the entries, version included; empty when disabled.
  [[nodiscard]] const std::filesystem::path& path() const noexcept;
  /// Empty, or why this cache is not used at all.
  [[nodiscard]] const std::string& disabled_reason() const noexcept;
  /// The seeds' roots, as given.
  [[nodiscard]] const std::vector<std::filesystem::path>& seeds() const noexcept;

  /// Every entry whose beginning is readable, newest first; a seed's only where the cache has none with its key.
  /// Throws CacheError when the folder can not be read.
  [[nodiscard]] std::vector<CacheSummary> list(const CacheFilter& filter = {}) const;
  /// The entry whose key starts with `prefix`; throws CacheError when there is none, or more than one.
  [[nodiscard]] CacheEntry find(std::string_view prefix) const;
  /// Removes every entry; returns how many. Seeds and files that are not ours stay. Throws CacheError.
  std::uint64_t clear();
  /// Removes entries at once; seeds stay. Throws CacheError when the folder can not be read.
  PruneResult prune(const PruneOptions& options = {});
  /// Reads every entry, seeds included, and checks its frame, its hash, its name and all of its content. Throws
  /// CacheError when the folder can not be read.
  [[nodiscard]] VerifyReport verify(const VerifyOptions& options = {});
  [[nodiscard]] CacheStats stats() const;

  /// Writes the entries that fit `filter`, and whose key starts with one of `keys` (all, when there is none), into one
  /// file in the order of their keys; what was at `file` is replaced by one rename. Seeds' entries are among them, as in
  /// `list`. Throws CacheError when there is nothing to write, no entry has one of `keys`, or `file` can not be written.
  /// Needs memory for one entry at a time.
  BundleExport export_bundle(const std::filesystem::path& file, const CacheFilter& filter = {},
                             const std::vector<std::string>& keys = {}) const;
  /// Stores the entries of a bundle. Each is checked (frame, hash, name, content) before it is published by one rename;
  /// one that is here already (not only in a seed) is kept. With a key file, bundle and entries must have been made with
  /// the same. Throws CacheError when the bundle can not be read, or is of another format version,
  /// and when this cache can not be written to. A damaged entry is left out and told in the result.
  BundleImport import_bundle(const std::filesystem::path& file);

  class Store;  ///< what the compiler's side uses; private to the library
  [[nodiscard]] Store& store() noexcept { return *store_; }

 private:
  explicit KernelCache(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace cujitsu
