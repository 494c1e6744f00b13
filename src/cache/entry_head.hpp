// SPDX-License-Identifier: MIT
// The first section of an entry, HEAD: what `list` shows, small enough to be read without the rest.
#pragma once

#include "base/byte_stream.hpp"

#include <cujitsu/compiled_code.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

struct KeyMaterial;

struct EntryHead {
  /// With the frame's header it is never larger than that: one read of one block has it.
  static constexpr std::size_t usual_bytes = 4096;

  std::int64_t created = 0;  ///< seconds since 1970, UTC
  double seconds = 0;
  std::int32_t compiler_major = 0;
  std::int32_t compiler_minor = 0;
  std::string name;
  std::string arch;
  std::vector<std::string> kernels;
  std::vector<std::string> options;
  std::vector<std::string> include_dirs;
  std::vector<std::string> name_expressions;
  bool is_shortened = false;
  std::uint64_t header_count = 0;
};

[[nodiscard]] EntryHead make_head(const KeyMaterial& material, const CompiledCode& code, std::int64_t created,
                                  std::uint64_t header_count);

/// Leaves out items of long lists until all of it is within usual_bytes.
void write_head(ByteWriter& writer, EntryHead head);
/// Throws FormatError.
[[nodiscard]] EntryHead read_head(std::string_view section);

/// The head of an entry whose file begins with `beginning`, unverified. Nothing, with `wanted` set, when more of the file
/// is needed. Throws FormatError.
[[nodiscard]] std::optional<EntryHead> peek_head(std::string_view beginning, std::size_t& wanted);

}  // namespace cujitsu
