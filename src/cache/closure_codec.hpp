// SPDX-License-Identifier: MIT
// What a program includes as bytes: in an entry, and on the way to a worker process.
#pragma once

#include "base/byte_stream.hpp"
#include "base/header_record.hpp"

namespace cujitsu {

void write_closure(ByteWriter& writer, const ClosureRecord& closure);
/// Throws FormatError.
[[nodiscard]] ClosureRecord read_closure(ByteReader& reader);

}  // namespace cujitsu
