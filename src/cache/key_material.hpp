// SPDX-License-Identifier: MIT
// What decides whether two compiles may share an entry.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Key material as bytes, and their hash: made once for each compile, then asked for by load and save alike.
struct CacheKey {
  std::string material;  ///< a hit compares it in full, so no two programs can share an entry by their hash
  std::string hex;       ///< 32 lower-case hexadecimal digits
};

/// Everything that can change what is stored. Two equal values may share an entry.
struct KeyMaterial {
  /// Raised whenever the library would store something else for the same compile (new signature rules, say), so that an
  /// entry never outlives the rules it was made by.
  static constexpr std::uint32_t current_revision = 1;

  std::string source;
  CompileOptions options;  ///< `arch` is what is asked for, never empty; include_dirs as the user gave them
  std::vector<std::string> compiler_options;  ///< what NVRTC is given, in order, without the toolkit's include folders
  std::string compiler_identity;              ///< which libnvrtc: told without loading it
  std::string header_identity;                ///< which toolkit headers; empty for a source that includes none of them
  std::uint32_t revision = current_revision;

  /// One unambiguous byte string, laid out as in docs/cache-format.md.
  [[nodiscard]] std::string serialize() const;
  /// Throws FormatError.
  [[nodiscard]] static KeyMaterial deserialize(std::string_view bytes);
  [[nodiscard]] CacheKey key() const;
};

}  // namespace cujitsu
