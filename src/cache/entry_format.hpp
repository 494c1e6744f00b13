// SPDX-License-Identifier: MIT
// What an entry looks like on disk: docs/cache-format.md in code.
#pragma once

#include "cache/byte_stream.hpp"  // FormatError

#include <cujitsu/compiled_code.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

struct StoredEntry {
  std::string_view material;  ///< KeyMaterial::serialize's; points into the file's bytes
  std::int64_t created = 0;   ///< seconds since 1970, UTC
  CompiledCode code;          ///< without cache_status, cache_reason and cache_key
};

[[nodiscard]] std::string encode_entry(std::string_view material, const CompiledCode& code, std::int64_t created);
/// Throws FormatError for whatever is not a whole entry of this version.
[[nodiscard]] StoredEntry decode_entry(std::string_view file);

}  // namespace cujitsu
