// SPDX-License-Identifier: MIT
// What to do about a call that stream capture does not allow.
#pragma once

#include "driver/api.hpp"

#include <string>
#include <string_view>

namespace cujitsu::driver {

/// For an error that has to do with capture (900 to 908, and a capture that is not in the state `call` needs): what is
/// illegal and what to do instead. Empty for every other error.
[[nodiscard]] std::string capture_advice(Result result, std::string_view call);

}  // namespace cujitsu::driver
