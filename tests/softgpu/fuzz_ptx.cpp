// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the text, it is refused with a log or runs, and nothing else happens. `./dev fuzz` runs it.
#include "exercise.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)cujitsu::softgpu::test::exercise(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
