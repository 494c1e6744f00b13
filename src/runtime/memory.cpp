// SPDX-License-Identifier: MIT
#include <cujitsu/memory.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <string_view>

namespace cujitsu {
namespace {

using driver::api;
using driver::check;

void check_range(DeviceSpan span, std::size_t bytes, std::string_view call, std::string_view role) {
  if (bytes > span.size())
    throw ArgumentError(fmt::format("{}: {} bytes do not fit: the {} has {} bytes", call, bytes, role, span.size()));
}

void check_host(const void* data, std::size_t bytes, std::string_view call, std::string_view role) {
  if (data == nullptr && bytes > 0) throw ArgumentError(fmt::format("{}: the {} is a null pointer", call, role));
}

/// The bytes of `count` elements; throws when they overflow, as they then fit no buffer either.
std::size_t fill_bytes(DeviceSpan destination, std::size_t count, std::size_t element, std::string_view call) {
  if (count > DeviceSpan::unknown_size / element)
    throw ArgumentError(fmt::format("{}: {} elements are more than any buffer holds", call, count));
  check_range(destination, count * element, call, "destination");
  return count * element;
}

constexpr const char* device_buffer = "device buffer";

template <class Call>
void copy(const char* call, std::size_t bytes, const Call& run) {
  if (bytes == 0) return;
  driver::ensure_context();
  check(run(), call, [&] { return fmt::format("{} bytes", bytes); });
}

template <class Call>
void fill(const char* call, DeviceSpan destination, std::size_t count, std::size_t element, const Call& run) {
  const auto bytes = fill_bytes(destination, count, element, call);
  copy(call, bytes, run);
}

}  // namespace

DeviceSpan DeviceSpan::offset(std::size_t bytes) const {
  check_range(*this, bytes, "DeviceSpan::offset", device_buffer);
  return {address_ + bytes, size_ == unknown_size ? unknown_size : size_ - bytes};
}

void memcpy_htod(DeviceSpan destination, const void* source, std::size_t bytes) {
  check_range(destination, bytes, "memcpy_htod", device_buffer);
  check_host(source, bytes, "memcpy_htod", "source");
  copy("cuMemcpyHtoD", bytes, [&] { return api().cuMemcpyHtoD(destination.address(), source, bytes); });
}

void memcpy_dtoh(void* destination, DeviceSpan source, std::size_t bytes) {
  check_range(source, bytes, "memcpy_dtoh", device_buffer);
  check_host(destination, bytes, "memcpy_dtoh", "destination");
  if (bytes == 0) return;
  copy("cuMemcpyDtoH", bytes, [&] { return api().cuMemcpyDtoH(destination, source.address(), bytes); });
  // what the legacy default stream had queued has ended well
  driver::launch_history::forget(driver::ensure_context(), nullptr);
}

void memcpy_dtod(DeviceSpan destination, DeviceSpan source, std::size_t bytes) {
  check_range(destination, bytes, "memcpy_dtod", "destination");
  check_range(source, bytes, "memcpy_dtod", "source");
  copy("cuMemcpyDtoD", bytes, [&] { return api().cuMemcpyDtoD(destination.address(), source.address(), bytes); });
}

void memcpy_htod_async(DeviceSpan destination, const void* source, std::size_t bytes, StreamHandle stream) {
  check_range(destination, bytes, "memcpy_htod_async", device_buffer);
  check_host(source, bytes, "memcpy_htod_async", "source");
  copy("cuMemcpyHtoDAsync", bytes,
       [&] { return api().cuMemcpyHtoDAsync(destination.address(), source, bytes, stream); });
}

void memcpy_dtoh_async(void* destination, DeviceSpan source, std::size_t bytes, StreamHandle stream) {
  check_range(source, bytes, "memcpy_dtoh_async", device_buffer);
  check_host(destination, bytes, "memcpy_dtoh_async", "destination");
  copy("cuMemcpyDtoHAsync", bytes,
       [&] { return api().cuMemcpyDtoHAsync(destination, source.address(), bytes, stream); });
}

void memcpy_dtod_async(DeviceSpan destination, DeviceSpan source, std::size_t bytes, StreamHandle stream) {
  check_range(destination, bytes, "memcpy_dtod_async", "destination");
  check_range(source, bytes, "memcpy_dtod_async", "source");
  copy("cuMemcpyDtoDAsync", bytes,
       [&] { return api().cuMemcpyDtoDAsync(destination.address(), source.address(), bytes, stream); });
}

void memset_d8(DeviceSpan destination, std::uint8_t value, std::size_t count) {
  fill("cuMemsetD8", destination, count, 1, [&] { return api().cuMemsetD8(destination.address(), value, count); });
}

void memset_d16(DeviceSpan destination, std::uint16_t value, std::size_t count) {
  fill("cuMemsetD16", destination, count, 2, [&] { return api().cuMemsetD16(destination.address(), value, count); });
}

void memset_d32(DeviceSpan destination, std::uint32_t value, std::size_t count) {
  fill("cuMemsetD32", destination, count, 4, [&] { return api().cuMemsetD32(destination.address(), value, count); });
}

void memset_d8_async(DeviceSpan destination, std::uint8_t value, std::size_t count, StreamHandle stream) {
  fill("cuMemsetD8Async", destination, count, 1,
       [&] { return api().cuMemsetD8Async(destination.address(), value, count, stream); });
}

void memset_d16_async(DeviceSpan destination, std::uint16_t value, std::size_t count, StreamHandle stream) {
  fill("cuMemsetD16Async", destination, count, 2,
       [&] { return api().cuMemsetD16Async(destination.address(), value, count, stream); });
}

void memset_d32_async(DeviceSpan destination, std::uint32_t value, std::size_t count, StreamHandle stream) {
  fill("cuMemsetD32Async", destination, count, 4,
       [&] { return api().cuMemsetD32Async(destination.address(), value, count, stream); });
}

}  // namespace cujitsu
