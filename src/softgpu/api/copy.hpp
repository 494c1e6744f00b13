// SPDX-License-Identifier: MIT
// Copies and fills of pitched memory: checked when they are issued, and again when they run.
#pragma once

#include "softgpu/api/objects.hpp"

namespace cujitsu::softgpu::api {

/// Rows of bytes, in slices.
struct Extent {
  std::size_t width = 0;
  std::size_t height = 1;
  std::size_t depth = 1;
  [[nodiscard]] bool is_empty() const noexcept { return width == 0 || height == 0 || depth == 0; }
};

/// One end of a copy.
struct Place {
  enum class Kind { device, pinned, pageable };
  std::uint64_t address = 0;
  std::size_t pitch = 0;        ///< from row to row
  std::size_t slice_pitch = 0;  ///< from slice to slice
  Kind kind = Kind::pageable;

  /// From the first byte to the end of the last.
  [[nodiscard]] std::uint64_t span(const Extent& extent) const noexcept {
    return extent.is_empty() ? 0 : (extent.depth - 1) * slice_pitch + (extent.height - 1) * pitch + extent.width;
  }
};

/// Fails unless all of it is memory of a device.
[[nodiscard]] Place device_place(std::uint64_t address, std::size_t pitch, std::size_t slice_pitch,
                                 const Extent& extent, const char* what);
/// Host memory; fails for null.
[[nodiscard]] Place host_place(const void* data, std::size_t pitch, std::size_t slice_pitch, const Extent& extent,
                               const char* what);
/// Whichever the address belongs to.
[[nodiscard]] Place any_place(std::uint64_t address, std::size_t pitch, std::size_t slice_pitch, const Extent& extent,
                              const char* what);

/// What a copy is between, and of what.
struct CopyPlan {
  Place destination;
  Place source;
  Extent extent;
};
/// Of the driver's structs; fails for what they can not mean. An empty copy has no places.
[[nodiscard]] CopyPlan plan_of(const Copy2D& copy);
[[nodiscard]] CopyPlan plan_of(const Copy3D& copy);

/// What copies, or fills, for a stream or a graph; checks it.
[[nodiscard]] NodeContent content_of(const CopyPlan& copy);
[[nodiscard]] NodeContent fill_content(std::uint64_t address, std::size_t pitch, unsigned value,
                                       std::size_t element_bytes, std::size_t width, std::size_t height);

/// `synchronous`: returns when it is done. Otherwise pageable sources are read at once, and pageable destinations are
/// written before it returns; all else happens in the stream.
void copy(StreamHandle stream, const Place& destination, const Place& source, const Extent& extent, bool synchronous);

/// Fills rows of `width` elements of `element_bytes` (1, 2 or 4).
void fill(StreamHandle stream, std::uint64_t address, std::size_t pitch, unsigned value, std::size_t element_bytes,
          std::size_t width, std::size_t height);

}  // namespace cujitsu::softgpu::api
