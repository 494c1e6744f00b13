// SPDX-License-Identifier: MIT
// cuMemcpy* and cuMemset*.
#include "softgpu/api/call.hpp"
#include "softgpu/api/copy.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

constexpr const char* to = "the destination";
constexpr const char* from = "the source";

Place device_line(DevicePointer address, std::size_t bytes, const char* what) {
  return device_place(address, 0, 0, {bytes}, what);
}
Place host_line(const void* data, std::size_t bytes, const char* what) { return host_place(data, 0, 0, {bytes}, what); }

Result unified(const char* function, DevicePointer destination, DevicePointer source, std::size_t bytes,
               StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    copy(stream, any_place(destination, 0, 0, {bytes}, to), any_place(source, 0, 0, {bytes}, from), {bytes}, wait);
  });
}

Result peer(const char* function, DevicePointer destination, ContextHandle destination_context, DevicePointer source,
            ContextHandle source_context, std::size_t bytes, StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    context_of(destination_context)->check_alive();
    const auto other = context_of(source_context);
    other->check_alive();
    copy(stream, device_line(destination, bytes, to), device_line(source, bytes, from), {bytes}, wait);
  });
}

Result host_to_device(const char* function, DevicePointer destination, const void* source, std::size_t bytes,
                      StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    copy(stream, device_line(destination, bytes, to), host_line(source, bytes, from), {bytes}, wait);
  });
}

Result device_to_host(const char* function, void* destination, DevicePointer source, std::size_t bytes,
                      StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    copy(stream, host_line(destination, bytes, to), device_line(source, bytes, from), {bytes}, wait);
  });
}

Result device_to_device(const char* function, DevicePointer destination, DevicePointer source, std::size_t bytes,
                        StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    copy(stream, device_line(destination, bytes, to), device_line(source, bytes, from), {bytes}, wait);
  });
}

template <class Copy>
Result copy_rectangle(const char* function, const Copy* it, StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(it, "the copy");
    const auto plan = plan_of(*it);
    if (!plan.extent.is_empty()) copy(stream, plan.destination, plan.source, plan.extent, wait);
  });
}

Result set(const char* function, DevicePointer destination, std::size_t pitch, unsigned value,
           std::size_t element_bytes, std::size_t width, std::size_t height, StreamHandle stream) {
  return answer_in_context(function,
                           [&](Context&) { fill(stream, destination, pitch, value, element_bytes, width, height); });
}

}  // namespace

extern "C" {

Result cuMemcpy(DevicePointer destination, DevicePointer source, std::size_t bytes) {
  return unified("cuMemcpy", destination, source, bytes, nullptr, true);
}
Result cuMemcpyAsync(DevicePointer destination, DevicePointer source, std::size_t bytes, StreamHandle stream) {
  return unified("cuMemcpyAsync", destination, source, bytes, stream, false);
}
Result cuMemcpyPeer(DevicePointer destination, ContextHandle destination_context, DevicePointer source,
                    ContextHandle source_context, std::size_t bytes) {
  return peer("cuMemcpyPeer", destination, destination_context, source, source_context, bytes, nullptr, true);
}
Result cuMemcpyPeerAsync(DevicePointer destination, ContextHandle destination_context, DevicePointer source,
                         ContextHandle source_context, std::size_t bytes, StreamHandle stream) {
  return peer("cuMemcpyPeerAsync", destination, destination_context, source, source_context, bytes, stream, false);
}

Result cuMemcpyHtoD_v2(DevicePointer destination, const void* source, std::size_t bytes) {
  return host_to_device("cuMemcpyHtoD", destination, source, bytes, nullptr, true);
}
Result cuMemcpyDtoH_v2(void* destination, DevicePointer source, std::size_t bytes) {
  return device_to_host("cuMemcpyDtoH", destination, source, bytes, nullptr, true);
}
Result cuMemcpyDtoD_v2(DevicePointer destination, DevicePointer source, std::size_t bytes) {
  return device_to_device("cuMemcpyDtoD", destination, source, bytes, nullptr, true);
}
Result cuMemcpyHtoDAsync_v2(DevicePointer destination, const void* source, std::size_t bytes, StreamHandle stream) {
  return host_to_device("cuMemcpyHtoDAsync", destination, source, bytes, stream, false);
}
Result cuMemcpyDtoHAsync_v2(void* destination, DevicePointer source, std::size_t bytes, StreamHandle stream) {
  return device_to_host("cuMemcpyDtoHAsync", destination, source, bytes, stream, false);
}
Result cuMemcpyDtoDAsync_v2(DevicePointer destination, DevicePointer source, std::size_t bytes, StreamHandle stream) {
  return device_to_device("cuMemcpyDtoDAsync", destination, source, bytes, stream, false);
}

Result cuMemcpy2D_v2(const Copy2D* copy) { return copy_rectangle("cuMemcpy2D", copy, nullptr, true); }
Result cuMemcpy2DUnaligned_v2(const Copy2D* copy) { return copy_rectangle("cuMemcpy2DUnaligned", copy, nullptr, true); }
Result cuMemcpy2DAsync_v2(const Copy2D* copy, StreamHandle stream) {
  return copy_rectangle("cuMemcpy2DAsync", copy, stream, false);
}
Result cuMemcpy3D_v2(const Copy3D* copy) { return copy_rectangle("cuMemcpy3D", copy, nullptr, true); }
Result cuMemcpy3DAsync_v2(const Copy3D* copy, StreamHandle stream) {
  return copy_rectangle("cuMemcpy3DAsync", copy, stream, false);
}

#define MEMSET(bits, type)                                                                                       \
  Result cuMemsetD##bits##_v2(DevicePointer destination, type value, std::size_t count) {                        \
    return set("cuMemsetD" #bits, destination, 0, value, bits / 8, count, 1, nullptr);                           \
  }                                                                                                              \
  Result cuMemsetD##bits##Async(DevicePointer destination, type value, std::size_t count, StreamHandle stream) { \
    return set("cuMemsetD" #bits "Async", destination, 0, value, bits / 8, count, 1, stream);                    \
  }                                                                                                              \
  Result cuMemsetD2D##bits##_v2(DevicePointer destination, std::size_t pitch, type value, std::size_t width,     \
                                std::size_t height) {                                                            \
    return set("cuMemsetD2D" #bits, destination, pitch, value, bits / 8, width, height, nullptr);                \
  }                                                                                                              \
  Result cuMemsetD2D##bits##Async(DevicePointer destination, std::size_t pitch, type value, std::size_t width,   \
                                  std::size_t height, StreamHandle stream) {                                     \
    return set("cuMemsetD2D" #bits "Async", destination, pitch, value, bits / 8, width, height, stream);         \
  }
MEMSET(8, unsigned char)
MEMSET(16, unsigned short)
MEMSET(32, unsigned)
#undef MEMSET

}  // extern "C"

}  // namespace cujitsu::softgpu::api
