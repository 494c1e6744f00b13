// SPDX-License-Identifier: MIT
// cuInit, versions, error texts and devices.
#include "softgpu/api/attributes.hpp"
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

void copy_text(const std::string& text, char* buffer, int size) {
  check_pointer(buffer, "the buffer");
  if (size <= 0) fail(result::invalid_value, "the buffer's size is not above 0");
  const auto length = std::min(text.size(), static_cast<std::size_t>(size) - 1);
  std::memcpy(buffer, text.data(), length);
  buffer[length] = '\0';
}

std::string bus_id(const Device& device) { return fmt::format("0000:00:{:02X}.0", device.ordinal); }

Result uuid_of(const char* function, Uuid* uuid, DeviceHandle handle) {
  return answer(function, [&] {
    check_pointer(uuid, "the UUID");
    const auto& device = device_of(handle);
    static_assert(sizeof(Uuid) == 16);
    std::memcpy(uuid->bytes, "cujitsu-softgpu", 16);
    uuid->bytes[15] = static_cast<unsigned char>(device.ordinal);
  });
}

}  // namespace

extern "C" {

Result cuInit(unsigned flags) {
  return answer_unchecked("cuInit", [&] {
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    initialize();
  });
}

Result cuDriverGetVersion(int* version) {
  return answer_unchecked("cuDriverGetVersion", [&] {
    check_pointer(version, "the version");
    *version = limits::driver_version;
  });
}

Result cuGetErrorName(Result error, const char** text) {
  if (text == nullptr) return result::invalid_value;
  *text = error_name(error);
  return *text != nullptr ? result::success : result::invalid_value;
}

Result cuGetErrorString(Result error, const char** text) {
  if (text == nullptr) return result::invalid_value;
  *text = error_text(error);
  return *text != nullptr ? result::success : result::invalid_value;
}

Result cuDeviceGet(DeviceHandle* device, int ordinal) {
  return answer("cuDeviceGet", [&] {
    check_pointer(device, "the device");
    *device = device_of(ordinal).ordinal;
  });
}

Result cuDeviceGetCount(int* count) {
  return answer("cuDeviceGetCount", [&] {
    check_pointer(count, "the count");
    *count = static_cast<int>(devices().size());
  });
}

Result cuDeviceGetName(char* name, int size, DeviceHandle device) {
  return answer("cuDeviceGetName", [&] {
    (void)device_of(device);
    const auto threads = configuration().threads;
    copy_text(fmt::format("CUDA software device ({} thread{})", threads, threads == 1 ? "" : "s"), name, size);
  });
}

Result cuDeviceGetAttribute(int* value, int attribute, DeviceHandle device) {
  return answer("cuDeviceGetAttribute", [&] {
    check_pointer(value, "the value");
    const auto found = device_attribute(attribute, device_of(device).ordinal);
    if (!found) fail(result::invalid_value, fmt::format("{} is no device attribute", attribute));
    *value = *found;
  });
}

Result cuDeviceGetProperties(DeviceProperties* properties, DeviceHandle device) {
  return answer("cuDeviceGetProperties", [&] {
    check_pointer(properties, "the properties");
    const auto ordinal = device_of(device).ordinal;
    const auto get = [&](int attribute) { return device_attribute(attribute, ordinal).value_or(0); };
    *properties = {
        get(1), {get(2), get(3), get(4)}, {get(5), get(6), get(7)}, get(8), get(9), get(10), get(11), get(12), get(13),
        get(14)};
  });
}

Result cuDeviceComputeCapability(int* major, int* minor, DeviceHandle device) {
  return answer("cuDeviceComputeCapability", [&] {
    check_pointer(major, "major");
    check_pointer(minor, "minor");
    (void)device_of(device);
    *major = limits::capability_major;
    *minor = limits::capability_minor;
  });
}

Result cuDeviceTotalMem_v2(std::size_t* bytes, DeviceHandle device) {
  return answer("cuDeviceTotalMem", [&] {
    check_pointer(bytes, "the size");
    *bytes = device_of(device).memory.capacity();
  });
}

Result cuDeviceGetPCIBusId(char* text, int size, DeviceHandle device) {
  return answer("cuDeviceGetPCIBusId", [&] { copy_text(bus_id(device_of(device)), text, size); });
}

Result cuDeviceGetByPCIBusId(DeviceHandle* device, const char* text) {
  return answer("cuDeviceGetByPCIBusId", [&] {
    check_pointer(device, "the device");
    check_pointer(text, "the text");
    unsigned domain = 0, bus = 0, number = 0, function = 0;
    const bool full = std::sscanf(text, "%x:%x:%x.%x", &domain, &bus, &number, &function) == 4;
    if (!full) {
      domain = function = 0;
      if (std::sscanf(text, "%x:%x.%x", &bus, &number, &function) < 2)
        fail(result::invalid_value, "the text is no PCI bus id");
    }
    if (domain != 0 || bus != 0 || function != 0 || number >= devices().size())
      fail(result::invalid_device, fmt::format("there is no device '{}'", text));
    *device = static_cast<DeviceHandle>(number);
  });
}

Result cuDeviceGetUuid(Uuid* uuid, DeviceHandle device) { return uuid_of("cuDeviceGetUuid", uuid, device); }
Result cuDeviceGetUuid_v2(Uuid* uuid, DeviceHandle device) { return uuid_of("cuDeviceGetUuid", uuid, device); }

Result cuDeviceCanAccessPeer(int* can, DeviceHandle device, DeviceHandle peer) {
  return answer("cuDeviceCanAccessPeer", [&] {
    check_pointer(can, "the answer");
    (void)device_of(device);
    (void)device_of(peer);
    *can = 0;
  });
}

Result cuDeviceGetP2PAttribute(int* value, int attribute, DeviceHandle source, DeviceHandle destination) {
  return answer("cuDeviceGetP2PAttribute", [&] {
    check_pointer(value, "the value");
    if (&device_of(source) == &device_of(destination)) fail(result::invalid_device, "a device is not its own peer");
    if (attribute < 1 || attribute > 5) fail(result::invalid_value, fmt::format("{} is no peer attribute", attribute));
    *value = 0;
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
