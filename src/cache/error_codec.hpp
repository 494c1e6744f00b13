// SPDX-License-Identifier: MIT
// A CompileError as bytes: in the note of one that is remembered, and on the way from a worker process.
#pragma once

#include "base/byte_stream.hpp"

#include <cujitsu/errors.hpp>

#include <string_view>

namespace cujitsu {

void write_compile_error(ByteWriter& writer, std::string_view message, const CompileError::Details& details);
/// Throws FormatError.
[[nodiscard]] CompileError read_compile_error(ByteReader& reader);

}  // namespace cujitsu
