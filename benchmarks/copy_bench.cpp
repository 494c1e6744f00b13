// SPDX-License-Identifier: MIT
#include "benchmarks/copy_bench.hpp"

#include "base/text.hpp"
#include "benchmarks/measure.hpp"
#include "driver/context.hpp"

#include <cujitsu/cujitsu.hpp>

#include <cstring>
#include <stdexcept>

namespace cujitsu::bench {
namespace {

void check(driver::Result result) {
  if (result != 0) throw std::runtime_error("the driver failed");
}

void compare_copy(std::size_t bytes, const char* kind, void* host) {
  const auto& api = driver::api();
  const DeviceBuffer device(bytes);
  const auto address = device.address();
  // small copies are repeated, so that the clock's resolution does not matter
  const int repeats = bytes < (1U << 20) ? 200 : 1;
  const int rounds = bytes < (std::size_t{1} << 28) ? 41 : 15;
  const auto size = text::bytes(bytes);
  const auto times = [repeats](const auto& copy) {
    return [repeats, copy] {
      for (int i = 0; i < repeats; ++i) copy();
    };
  };
  compare(fmt::format("memcpy_htod, {} {}", size, kind), "bare cuMemcpyHtoD", rounds, "higher", 0.98,
          times([&] { memcpy_htod(device, host, bytes); }),
          times([&] { check(api.cuMemcpyHtoD(address, host, bytes)); }));
  compare(fmt::format("memcpy_dtoh, {} {}", size, kind), "bare cuMemcpyDtoH", rounds, "higher", 0.98,
          times([&] { memcpy_dtoh(host, device, bytes); }),
          times([&] { check(api.cuMemcpyDtoH(host, address, bytes)); }));
}

}  // namespace

void compare_copies() {
  Device::current().make_current();
  for (const std::size_t bytes : {std::size_t{4} << 10, std::size_t{1} << 20, std::size_t{256} << 20}) {
    std::vector<char> pageable(bytes, 1);
    compare_copy(bytes, "pageable", pageable.data());
    const HostBuffer locked(bytes);
    std::memset(locked.data(), 1, bytes);
    compare_copy(bytes, "page-locked", locked.data());
  }
}

}  // namespace cujitsu::bench
