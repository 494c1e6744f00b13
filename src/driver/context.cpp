// SPDX-License-Identifier: MIT
#include "driver/context.hpp"

#include "driver/check.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <mutex>
#include <vector>

namespace cujitsu::driver {
namespace {

struct Primaries {
  std::mutex mutex;
  std::vector<ContextHandle> contexts;
};

Primaries& primaries() {
  static auto* instance = new Primaries;
  return *instance;
}

}  // namespace

ContextHandle ensure_context() {
  const auto& table = api();
  ContextHandle context = nullptr;
  check(table.cuCtxGetCurrent(&context), "cuCtxGetCurrent");
  if (context == nullptr) [[unlikely]] {
    context = primary_context(0);
    check(table.cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }
  return context;
}

DeviceHandle current_device() {
  ensure_context();
  DeviceHandle device = 0;
  check(api().cuCtxGetDevice(&device), "cuCtxGetDevice");
  return device;
}

ContextHandle primary_context(int ordinal) {
  const auto& table = api();
  const int count = device_count();
  if (ordinal < 0 || ordinal >= count)
    throw ArgumentError(
        fmt::format("there is no device {}: {}", ordinal,
                    count == 1 ? "there is one, number 0" : fmt::format("there are {}, numbered from 0", count)));
  const std::lock_guard lock(primaries().mutex);
  auto& contexts = primaries().contexts;
  contexts.resize(static_cast<std::size_t>(count));
  auto& context = contexts[static_cast<std::size_t>(ordinal)];
  if (context == nullptr) {
    DeviceHandle device = 0;
    const auto describe = [&] { return fmt::format("device {}", ordinal); };
    check(table.cuDeviceGet(&device, ordinal), "cuDeviceGet", describe);
    check(table.cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", describe);
  }
  return context;
}

int device_count() {
  static const int count = [] {
    int value = 0;
    check(api().cuDeviceGetCount(&value), "cuDeviceGetCount");
    return value;
  }();
  return count;
}

int device_attribute_value(int attribute, DeviceHandle device) {
  int value = 0;
  check(api().cuDeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute",
        [&] { return fmt::format("attribute {} of device {}", attribute, device); });
  return value;
}

ContextScope::ContextScope(ContextHandle context) noexcept : api_(api_if_alive()) {
  if (api_ != nullptr && api_->cuCtxPushCurrent(context) != result::success) api_ = nullptr;
}

ContextScope::~ContextScope() {
  ContextHandle popped = nullptr;
  if (api_ != nullptr) api_->cuCtxPopCurrent(&popped);
}

}  // namespace cujitsu::driver
