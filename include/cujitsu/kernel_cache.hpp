// SPDX-License-Identifier: MIT
// The disk cache of compiled code: see docs/cache-format.md.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// One stored compile, as `list` and `find` return it.
struct CacheEntry {
  std::string key;             ///< 32 hexadecimal digits
  std::filesystem::path path;  ///< its one file
  std::uint64_t file_bytes = 0;
  std::int64_t created = 0;  ///< seconds since 1970, UTC
  std::string source;        ///< the user's string
  CompileOptions options;    ///< as given; `arch` is what was asked for, by the user or for the device
  CompiledCode code;
};

/// Counters since the process started (hits, misses, bypasses, …), and what is on disk now (entries, bytes).
struct CacheStats {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t bypasses = 0;
  double seconds_compiling = 0;  ///< spent in NVRTC by this process
  double seconds_saved = 0;      ///< what the hits had cost when they were compiled
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// A folder of entries, one file each, published by one rename.
///
/// Several threads and processes may use one folder at once: a reader sees a whole entry or none. Every function may be
/// called from any thread. Nothing is created before the first entry is stored. What goes wrong inside a compile is a
/// warning in the log; only `list`, `find` and `clear` throw CacheError.
class CUJITSU_API KernelCache {
 public:
  /// A cache in `root`; the format's version is a folder below it.
  explicit KernelCache(const std::filesystem::path& root);
  ~KernelCache();
  KernelCache(const KernelCache&) = delete;
  KernelCache& operator=(const KernelCache&) = delete;

  /// The user's own: CUJITSU_CACHE_DIR, else $XDG_CACHE_HOME/cujitsu, else ~/.cache/cujitsu. Read when first called.
  /// Disabled, with one warning, when none of them is set. Lives until the process ends.
  static KernelCache& standard();

  /// The folder that holds the entries, version included; empty when disabled.
  [[nodiscard]] const std::filesystem::path& path() const noexcept;
  /// Empty, or why this cache is not used at all.
  [[nodiscard]] const std::string& disabled_reason() const noexcept;

  /// Every readable entry, newest first. Damaged files are left out. Throws CacheError when the folder can not be read.
  [[nodiscard]] std::vector<CacheEntry> list() const;
  /// The entry whose key starts with `prefix`; throws CacheError when there is none, or more than one.
  [[nodiscard]] CacheEntry find(std::string_view prefix) const;
  /// Removes every entry; returns how many. Files that are not ours stay. Throws CacheError.
  std::uint64_t clear();
  [[nodiscard]] CacheStats stats() const;

  class Store;  ///< what the compiler's side uses; private to the library
  [[nodiscard]] Store& store() noexcept { return *store_; }

 private:
  explicit KernelCache(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace cujitsu
