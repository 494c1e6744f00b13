// SPDX-License-Identifier: MIT
// What an entry and a facts file look like on disk: docs/cache-format.md in code.
#pragma once

#include "cache/byte_stream.hpp"  // FormatError

#include <cujitsu/compiled_code.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// What only a loaded NVRTC can tell, kept beside the entries so that a hit need not load it.
struct CompilerFacts {
  int major = 0;
  int minor = 0;
  std::vector<std::string> architectures;  ///< "sm_75", … in NVRTC's order

  friend bool operator==(const CompilerFacts&, const CompilerFacts&) = default;
};

struct StoredEntry {
  std::string_view material;  ///< KeyMaterial::serialize's; points into the file's bytes
  std::int64_t created = 0;   ///< seconds since 1970, UTC
  CompiledCode code;          ///< without cache_status, cache_reason and cache_key
};

[[nodiscard]] std::string encode_entry(std::string_view material, const CompiledCode& code, std::int64_t created);
/// Throws FormatError for whatever is not a whole entry of this version.
[[nodiscard]] StoredEntry decode_entry(std::string_view file);

[[nodiscard]] std::string encode_facts(std::string_view compiler_identity, const CompilerFacts& facts);

struct StoredFacts {
  std::string_view compiler_identity;  ///< points into the file's bytes
  CompilerFacts facts;
};

/// Throws FormatError.
[[nodiscard]] StoredFacts decode_facts(std::string_view file);

}  // namespace cujitsu
