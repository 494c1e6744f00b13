// SPDX-License-Identifier: MIT
// What is known of the kernels of a compile, as bytes: in an entry, and on the way from a worker process.
#pragma once

#include "base/byte_stream.hpp"

#include <cujitsu/compiled_code.hpp>

#include <vector>

namespace cujitsu {

void write_kernels(ByteWriter& writer, const std::vector<KernelInfo>& kernels);
/// Throws FormatError.
[[nodiscard]] std::vector<KernelInfo> read_kernels(ByteReader& reader);

}  // namespace cujitsu
