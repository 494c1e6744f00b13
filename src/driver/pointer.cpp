// SPDX-License-Identifier: MIT
#include "driver/pointer.hpp"

#include "driver/check.hpp"
#include "driver/context.hpp"

#include <fmt/format.h>

#include <array>

namespace cujitsu::driver {

std::optional<DeviceHandle> device_of(DevicePointer address) {
  if (address == 0) return std::nullopt;
  ensure_context();
  unsigned memory_type = 0;
  unsigned is_managed = 0;  // the driver writes one byte or four
  DeviceHandle device = -1;
  std::array attributes{pointer_attribute::memory_type, pointer_attribute::is_managed,
                        pointer_attribute::device_ordinal};
  std::array<void*, 3> values{&memory_type, &is_managed, &device};
  // Asked for several attributes, the driver answers zeros for an address that it does not know; for one, an error.
  check(api().cuPointerGetAttributes(attributes.size(), attributes.data(), values.data(), address),
        "cuPointerGetAttributes", [&] { return fmt::format("address {:#x}", address); });
  if (memory_type != memory_type_device || is_managed != 0 || device < 0) return std::nullopt;
  return device;
}

}  // namespace cujitsu::driver
