// SPDX-License-Identifier: MIT
// CompileOptions as bytes: in the key material, in what tells recorded compiles apart, and on the way to a worker process.
#pragma once

#include "base/byte_stream.hpp"

#include <cujitsu/compile_options.hpp>

namespace cujitsu {

/// All that can change the result: pch is left out. Two equal byte strings are equal options.
void write_options(ByteWriter& writer, const CompileOptions& options);
/// Throws FormatError.
[[nodiscard]] CompileOptions read_options(ByteReader& reader);

}  // namespace cujitsu
