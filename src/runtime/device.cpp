// SPDX-License-Identifier: MIT
#include <cujitsu/device.hpp>

#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"

#include <fmt/format.h>

#include <array>

namespace cujitsu {
namespace {

using driver::api;
using driver::check;

std::string describe(int ordinal) { return fmt::format("device {}", ordinal); }

void synchronize_current() {
  const auto context = driver::ensure_context();
  check(api().cuCtxSynchronize(), "cuCtxSynchronize");
  driver::launch_history::forget(context);
}

/// Makes another context current for a scope that may throw.
class OtherContext {
 public:
  explicit OtherContext(ContextHandle context) { check(api().cuCtxPushCurrent(context), "cuCtxPushCurrent"); }
  ~OtherContext() {
    ContextHandle popped = nullptr;
    api().cuCtxPopCurrent(&popped);
  }
  OtherContext(const OtherContext&) = delete;
  OtherContext& operator=(const OtherContext&) = delete;
};

}  // namespace

Device::Device(int ordinal) : ordinal_(ordinal) {
  if (ordinal < 0 || ordinal >= driver::device_count()) static_cast<void>(driver::primary_context(ordinal));  // throws
}

int Device::count() { return driver::device_count(); }

std::vector<Device> Device::all() {
  std::vector<Device> devices;
  for (int i = 0; i < count(); ++i) devices.emplace_back(i);
  return devices;
}

Device Device::current() {
  ContextHandle context = nullptr;
  check(api().cuCtxGetCurrent(&context), "cuCtxGetCurrent");
  if (context == nullptr) return Device(0);
  driver::DeviceHandle device = 0;
  check(api().cuCtxGetDevice(&device), "cuCtxGetDevice");
  return Device(device);
}

std::string Device::name() const {
  std::array<char, 256> text{};
  check(api().cuDeviceGetName(text.data(), static_cast<int>(text.size()), ordinal_), "cuDeviceGetName",
        [&] { return describe(ordinal_); });
  return text.data();
}

ComputeCapability Device::compute_capability() const {
  return {attribute(driver::device_attribute::compute_capability_major),
          attribute(driver::device_attribute::compute_capability_minor)};
}

std::size_t Device::total_memory() const {
  std::size_t bytes = 0;
  check(api().cuDeviceTotalMem(&bytes, ordinal_), "cuDeviceTotalMem", [&] { return describe(ordinal_); });
  return bytes;
}

std::size_t Device::free_memory() const {
  const OtherContext scope(driver::primary_context(ordinal_));
  std::size_t free = 0;
  std::size_t total = 0;
  check(api().cuMemGetInfo(&free, &total), "cuMemGetInfo", [&] { return describe(ordinal_); });
  return free;
}

int Device::multiprocessor_count() const { return attribute(driver::device_attribute::multiprocessor_count); }

std::string Device::uuid() const {
  driver::Uuid uuid{};
  check(api().cuDeviceGetUuid(&uuid, ordinal_), "cuDeviceGetUuid", [&] { return describe(ordinal_); });
  std::string text = "GPU";
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", uuid.bytes[i]);
  }
  return text;
}

std::string Device::pci_bus_id() const {
  std::array<char, 32> text{};
  check(api().cuDeviceGetPCIBusId(text.data(), static_cast<int>(text.size()), ordinal_), "cuDeviceGetPCIBusId",
        [&] { return describe(ordinal_); });
  return text.data();
}

int Device::attribute(int cu_device_attribute) const {
  return driver::device_attribute_value(cu_device_attribute, ordinal_);
}

void Device::make_current() const {
  check(api().cuCtxSetCurrent(driver::primary_context(ordinal_)), "cuCtxSetCurrent",
        [&] { return describe(ordinal_); });
}

void Device::synchronize() const {
  const OtherContext scope(driver::primary_context(ordinal_));
  synchronize_current();
}

void synchronize() { synchronize_current(); }

int driver_version() {
  static_cast<void>(api());
  return driver::version_or_zero();
}

}  // namespace cujitsu
