// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace cujitsu {

/// Runs `body` for a noexcept function. Only a lack of memory can come out of it.
template <class Body>
auto guarded(std::string& reason, const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    reason = "out of memory";  // short enough for the string's own buffer, so this can not throw
    return decltype(body())();
  }
}

}  // namespace cujitsu
