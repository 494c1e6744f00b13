// SPDX-License-Identifier: MIT
// Other libraries' arrays by __cuda_array_interface__, versions 2 and 3.
#pragma once

#include "device_memory.hpp"

namespace cujitsu::python {

/// What the dictionary describes. No allocation. Throws ArgumentError: malformed, masked, big-endian, not C-contiguous.
[[nodiscard]] DeviceView array_interface_view(const Place& place, py::handle interface);

}  // namespace cujitsu::python
