// SPDX-License-Identifier: MIT
// Streams as __cuda_array_interface__ and DLPack write them: 1 is the legacy default stream, 2 the per-thread one, and
// 0, which could be either, is not allowed.
#pragma once

#include "numbers.hpp"

#include <cstdint>

namespace cujitsu::python {

inline constexpr std::uint64_t legacy_stream_of_protocol = 1;

/// As a handle; a null handle is the legacy default stream.
[[nodiscard]] inline StreamHandle stream_of_protocol(std::uint64_t number) {
  return to_stream_handle(number == legacy_stream_of_protocol ? 0 : number);
}

/// And back.
[[nodiscard]] inline std::uint64_t protocol_stream(StreamHandle stream) {
  return stream == nullptr ? legacy_stream_of_protocol : to_integer(stream);
}

}  // namespace cujitsu::python
