// SPDX-License-Identifier: MIT
// A stored compile against the present: whether it would be hit, and what has changed since it was made.
#pragma once

#include <cujitsu/compile.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <string_view>
#include <vector>

namespace cujitsu {

/// Tells what a compile of the same request (source, options, name, headers in memory) would find now. `nearest` is the
/// entry's own key unless it is hit, and `changes` what is otherwise than it was for this entry: empty where nothing is, and
/// another entry answers the same. Relative folders count from the current one.
///
/// `prefix` as for KernelCache::find, which throws CacheError; throws LoadError as explain() does. Any thread.
[[nodiscard]] CUJITSU_API Explanation explain_entry(std::string_view prefix,
                                                    KernelCache& cache = KernelCache::standard());

enum class HeaderState {
  same,     ///< its content is what the compile read
  changed,  ///< it is not
  missing,  ///< there is no such file, or it can not be read
};

struct CheckedHeader {
  HeaderFile header;
  HeaderState state = HeaderState::same;
};

/// The headers that an entry's compile read from disk, each read anew and compared by its hash. `prefix`, errors and threads
/// as above.
[[nodiscard]] CUJITSU_API std::vector<CheckedHeader> check_headers(std::string_view prefix,
                                                                   KernelCache& cache = KernelCache::standard());

/// "same", "changed" or "missing".
[[nodiscard]] CUJITSU_API std::string_view to_string(HeaderState state) noexcept;

}  // namespace cujitsu
