// SPDX-License-Identifier: MIT
// What an entry looks like on disk: docs/cache-format.md in code.
#pragma once

#include "base/byte_stream.hpp"  // FormatError
#include "base/header_record.hpp"
#include "cache/frame.hpp"

#include <cujitsu/compiled_code.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

inline constexpr Tag entry_kind = "ENTR";
inline constexpr Tag head_section = "HEAD";  ///< comes first: cache/entry_head.hpp

inline constexpr Tag note_kind = "NOTE";
inline constexpr Tag note_section = "TEXT";

struct StoredEntry {
  std::string_view material;      ///< KeyMaterial::serialize's; points into the file's bytes
  std::string_view request;       ///< what the material begins with: KeyMaterial::serialize_request's
  std::string compiler_identity;  ///< the material's
  std::int64_t created = 0;       ///< seconds since 1970, UTC
  ClosureRecord closure;          ///< what the key material's headers were when they were read
  bool has_its_records = false;   ///< `closure` tells of the very headers of the material
  CompiledCode code;              ///< without cache_status, cache_reason and cache_key
};

/// `code` as a look-up returns it.
[[nodiscard]] CompiledCode as_hit(const std::string& key, CompiledCode code);

[[nodiscard]] std::string encode_entry(std::string_view material, const CompiledCode& code, std::int64_t created,
                                       const ClosureRecord& closure = {}, const FrameKey* key = nullptr);
/// Throws FormatError for whatever is not a whole entry of this version, AuthenticationError as Frame does.
[[nodiscard]] StoredEntry decode_entry(std::string_view file, const FrameKey* key = nullptr);

}  // namespace cujitsu
