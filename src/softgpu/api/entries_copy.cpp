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

enum MemoryType : int { host = 1, device = 2, array = 3, any = 4 };

/// One end of a 2D or 3D copy. A pitch of 0 means rows without gaps, as the driver has it.
Place corner(int type, const void* data, DevicePointer address, std::size_t x, std::size_t y, std::size_t z,
             std::size_t pitch, std::size_t height, const Extent& extent, const char* what) {
  if (pitch == 0) pitch = x + extent.width;
  if (height == 0) height = y + extent.height;
  if (pitch < x + extent.width)
    fail(result::invalid_value, fmt::format("{}: a pitch of {} is less than a row", what, pitch));
  if (extent.depth > 1 && height < y + extent.height)
    fail(result::invalid_value, fmt::format("{}: the height is less than a slice", what));
  constexpr std::size_t most = std::size_t{1} << 40;
  if (x > most || y > most || z > most || pitch > most || height > most)
    fail(result::invalid_value, fmt::format("{}: the size is beyond all memory", what));
  const auto slice = pitch * height;
  const auto offset = z * slice + y * pitch + x;
  switch (type) {
    case host:
      return host_place(data == nullptr ? nullptr : static_cast<const char*>(data) + offset, pitch, slice, extent,
                        what);
    case device: return device_place(address + offset, pitch, slice, extent, what);
    case any: return any_place(address + offset, pitch, slice, extent, what);
    case array: fail(result::not_supported, fmt::format("{}: CUDA arrays are not supported", what));
    default: fail(result::invalid_value, fmt::format("{}: {} is no memory type", what, type));
  }
}

Result copy_2d(const char* function, const Copy2D* it, StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(it, "the copy");
    const Extent extent{it->width, it->height, 1};
    if (extent.is_empty()) return;
    copy(stream,
         corner(it->destination_type, it->destination_host, it->destination_device, it->destination_x,
                it->destination_y, 0, it->destination_pitch, 0, extent, to),
         corner(it->source_type, it->source_host, it->source_device, it->source_x, it->source_y, 0, it->source_pitch, 0,
                extent, from),
         extent, wait);
  });
}

Result copy_3d(const char* function, const Copy3D* it, StreamHandle stream, bool wait) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(it, "the copy");
    const Extent extent{it->width, it->height, it->depth};
    if (extent.is_empty()) return;
    if (it->source_lod != 0 || it->destination_lod != 0) fail(result::invalid_value, "a level of detail is not 0");
    copy(stream,
         corner(it->destination_type, it->destination_host, it->destination_device, it->destination_x,
                it->destination_y, it->destination_z, it->destination_pitch, it->destination_height, extent, to),
         corner(it->source_type, it->source_host, it->source_device, it->source_x, it->source_y, it->source_z,
                it->source_pitch, it->source_height, extent, from),
         extent, wait);
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

Result cuMemcpy2D_v2(const Copy2D* copy) { return copy_2d("cuMemcpy2D", copy, nullptr, true); }
Result cuMemcpy2DUnaligned_v2(const Copy2D* copy) { return copy_2d("cuMemcpy2DUnaligned", copy, nullptr, true); }
Result cuMemcpy2DAsync_v2(const Copy2D* copy, StreamHandle stream) {
  return copy_2d("cuMemcpy2DAsync", copy, stream, false);
}
Result cuMemcpy3D_v2(const Copy3D* copy) { return copy_3d("cuMemcpy3D", copy, nullptr, true); }
Result cuMemcpy3DAsync_v2(const Copy3D* copy, StreamHandle stream) {
  return copy_3d("cuMemcpy3DAsync", copy, stream, false);
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
