// SPDX-License-Identifier: MIT
// What decides whether two compiles may share an entry.
#pragma once

#include "base/byte_stream.hpp"
#include "base/header_record.hpp"

#include <cujitsu/compile_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Key material as bytes, and their hash: made once for each compile, then asked for by load and save alike.
struct CacheKey {
  std::string material;  ///< a hit compares it in full, so no two programs can share an entry by their hash
  std::string hex;       ///< 32 lower-case hexadecimal digits; the first `group_digits` are the source's alone
};

/// One header that was read: where, and what was in it.
struct KeyHeader {
  std::string path;  ///< as NVRTC opens it
  StrongHash hash{};

  friend bool operator==(const KeyHeader&, const KeyHeader&) = default;
};

/// The part of a key that is known only when the program's headers have been looked for.
struct KeyClosure {
  std::string compiler_identity;     ///< which libnvrtc: told without loading it
  std::vector<KeyHeader> headers;    ///< in the order of their first use
  std::vector<std::string> present;  ///< files that were only asked for
  std::vector<std::string> absent;   ///< where a header would have been found first, had one been there

  void write(ByteWriter& writer) const;
  /// Throws FormatError.
  [[nodiscard]] static KeyClosure read(ByteReader& reader);
  /// Whether these are the headers that the records tell of.
  [[nodiscard]] bool describes(const ClosureRecord& records) const;
  /// Takes them from the records.
  void set_headers(const ClosureRecord& records);

  friend bool operator==(const KeyClosure&, const KeyClosure&) = default;
};

/// Everything that can change what is stored. Two equal values may share an entry.
struct KeyMaterial {
  /// Raised whenever the library would store something else for the same compile (new signature rules, say), so that an
  /// entry never outlives the rules it was made by.
  static constexpr std::uint32_t current_revision = 2;

  // The request: known before anything is looked for.
  std::string source;
  CompileOptions options;  ///< `arch` is what is asked for, never empty; include_dirs as the user gave them
  std::vector<std::string> compiler_options;  ///< what NVRTC is given, in order, without the toolkit's include folders
  std::uint32_t revision = current_revision;

  KeyClosure closure;

  /// The request's bytes, with which those of the whole material begin.
  [[nodiscard]] std::string serialize_request() const;
  /// One unambiguous byte string, laid out as in docs/cache-format.md.
  [[nodiscard]] std::string serialize() const;
  /// Throws FormatError.
  [[nodiscard]] static KeyMaterial deserialize(std::string_view bytes);
  struct Split {
    std::size_t request_bytes = 0;
    KeyClosure closure;
  };
  /// Of what serialize has made, which throws FormatError where it has not.
  [[nodiscard]] static Split split(std::string_view bytes);
  [[nodiscard]] CacheKey key() const;

 private:
  void write_request(ByteWriter& writer) const;
};

/// How many digits of a key all the variants of one source have in common: those of other options, compilers, headers.
inline constexpr std::size_t group_digits = 12;

/// The digits with which every key of this source begins.
[[nodiscard]] std::string key_group(std::string_view source);

}  // namespace cujitsu
