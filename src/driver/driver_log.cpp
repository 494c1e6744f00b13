// SPDX-License-Identifier: MIT
#include "driver/driver_log.hpp"

#include "base/text.hpp"

#include <array>
#include <string_view>

namespace cujitsu::driver {

std::string read_log(const Api& table, unsigned& iterator) {
  if (table.cuLogsDumpToMemory == nullptr) return {};
  std::array<char, 25600> buffer{};  // the driver's own limit
  std::size_t size = buffer.size();
  if (table.cuLogsDumpToMemory(&iterator, buffer.data(), &size, 0) != result::success) return {};
  return std::string(text::trim(std::string_view(buffer.data(), size)));
}

}  // namespace cujitsu::driver
