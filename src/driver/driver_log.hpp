// SPDX-License-Identifier: MIT
// What the driver itself writes down about failures: plain-English causes, from CUDA 12.9 on.
#pragma once

#include "driver/driver.hpp"

#include <string>

namespace cujitsu::driver {

/// The lines since `iterator`, which is moved behind them; 0 is the beginning. Empty where the driver keeps no log.
[[nodiscard]] std::string read_log(const Api& table, unsigned& iterator);

}  // namespace cujitsu::driver
