// SPDX-License-Identifier: MIT
#include "softgpu/api/copy.hpp"

#include "softgpu/api/errors.hpp"

#include <fmt/format.h>

#include <cstring>
#include <initializer_list>
#include <limits>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

void check_extent(const Place& place, const Extent& extent, const char* what) {
  constexpr auto most = std::size_t{1} << 46;
  if (extent.width > most || extent.height > most || extent.depth > most || place.pitch > most ||
      place.slice_pitch > most)
    fail(result::invalid_value, fmt::format("{}: the size is beyond all memory", what));
  std::size_t rows = 0, slices = 0;
  if (__builtin_mul_overflow(extent.height, place.pitch, &rows) ||
      __builtin_mul_overflow(extent.depth, place.slice_pitch, &slices) || rows > most || slices > most)
    fail(result::invalid_value, fmt::format("{}: the size is beyond all memory", what));
  if ((extent.height > 1 && place.pitch < extent.width) ||
      (extent.depth > 1 && place.slice_pitch < extent.height * place.pitch))
    fail(result::invalid_value, fmt::format("{}: the pitch is less than a row", what));
}

/// When it runs: memory may have been freed in the stream since it was issued.
void check_still_there(const Place& place, const Extent& extent, const char* what) {
  const auto bytes = place.span(extent);
  if (place.kind != Place::Kind::device || device_with(place.address, bytes) != nullptr) return;
  const auto& any = *devices().front();
  fail(result::illegal_address, fmt::format("{}: the {} bytes at {:#x} are no longer device memory ({})", what, bytes,
                                            place.address, any.memory.describe(place.address)));
}

/// What the host writes counts as written, whatever it is.
void note_written(const Place& place, const Extent& extent) {
  if (place.kind != Place::Kind::device) return;
  const auto* device = device_with(place.address, 1);
  if (device == nullptr || device->memory.written_bytes() == nullptr) return;
  for (std::size_t z = 0; z < extent.depth; ++z)
    for (std::size_t y = 0; y < extent.height; ++y)
      device->memory.mark_written(place.address + z * place.slice_pitch + y * place.pitch, extent.width);
}

void copy_rows(const Place& destination, const Place& source, const Extent& extent) {
  check_still_there(destination, extent, "a copy's destination");
  check_still_there(source, extent, "a copy's source");
  note_written(destination, extent);
  for (std::size_t z = 0; z < extent.depth; ++z)
    for (std::size_t y = 0; y < extent.height; ++y)
      std::memmove(reinterpret_cast<void*>(destination.address + z * destination.slice_pitch + y * destination.pitch),
                   reinterpret_cast<const void*>(source.address + z * source.slice_pitch + y * source.pitch),
                   extent.width);
}

template <class Element>
void fill_rows(std::uint64_t address, std::size_t pitch, unsigned value, std::size_t width, std::size_t height) {
  for (std::size_t y = 0; y < height; ++y) {
    auto* row = reinterpret_cast<Element*>(address + y * pitch);
    std::fill_n(row, width, static_cast<Element>(value));
  }
}

/// The other contexts of the devices whose memory is copied.
std::vector<std::shared_ptr<Context>> other_contexts(const Context& own, std::initializer_list<Place> places) {
  std::vector<std::shared_ptr<Context>> others;
  for (const auto& place : places) {
    const auto* device = place.kind == Place::Kind::device ? device_with(place.address, 1) : nullptr;
    if (device == nullptr || device == &own.device) continue;
    for (auto& context : registries().contexts.all())
      if (&context->device == device) others.push_back(std::move(context));
  }
  return others;
}

std::vector<TicketPointer> pending_in(const std::vector<std::shared_ptr<Context>>& contexts) {
  std::vector<TicketPointer> tickets;
  for (const auto& context : contexts)
    for (auto& ticket : context->pending(*context->legacy_stream())) tickets.push_back(std::move(ticket));
  return tickets;
}

/// What an instance of a graph may not change about a node: host memory, or which device's.
std::uint64_t kind_of(const Place& place) {
  const auto* device = place.kind == Place::Kind::device ? device_with(place.address, 1) : nullptr;
  return device == nullptr ? ~std::uint64_t{0} : static_cast<std::uint64_t>(device->ordinal);
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

bool is_captured(Context& context, const Stream& stream) {
  const std::lock_guard lock(context.order());
  return stream.capture != nullptr;
}

}  // namespace

Place device_place(std::uint64_t address, std::size_t pitch, std::size_t slice_pitch, const Extent& extent,
                   const char* what) {
  Place place{address, pitch, slice_pitch, Place::Kind::device};
  check_extent(place, extent, what);
  check_range(address, place.span(extent), what);
  if (host_book().around(address)) place.kind = Place::Kind::pinned;
  return place;
}

Place host_place(const void* data, std::size_t pitch, std::size_t slice_pitch, const Extent& extent, const char* what) {
  const auto address = reinterpret_cast<std::uint64_t>(data);
  Place place{address, pitch, slice_pitch, Place::Kind::pageable};
  if (extent.is_empty()) return place;
  if (data == nullptr) fail(result::invalid_value, fmt::format("{} is null", what));
  check_extent(place, extent, what);
  if (const auto record = host_book().around(address);
      record && place.span(extent) <= record->address + record->bytes - address)
    place.kind = Place::Kind::pinned;
  else if (device_with(address, place.span(extent)) != nullptr)
    place.kind = Place::Kind::device;
  return place;
}

Place any_place(std::uint64_t address, std::size_t pitch, std::size_t slice_pitch, const Extent& extent,
                const char* what) {
  if (device_with(address, 1) != nullptr) return device_place(address, pitch, slice_pitch, extent, what);
  return host_place(reinterpret_cast<const void*>(address), pitch, slice_pitch, extent, what);
}

CopyPlan plan_of(const Copy2D& it) {
  const Extent extent{it.width, it.height, 1};
  if (extent.is_empty()) return {{}, {}, extent};
  return {corner(it.destination_type, it.destination_host, it.destination_device, it.destination_x, it.destination_y, 0,
                 it.destination_pitch, 0, extent, "the destination"),
          corner(it.source_type, it.source_host, it.source_device, it.source_x, it.source_y, 0, it.source_pitch, 0,
                 extent, "the source"),
          extent};
}

CopyPlan plan_of(const Copy3D& it) {
  const Extent extent{it.width, it.height, it.depth};
  if (extent.is_empty()) return {{}, {}, extent};
  if (it.source_lod != 0 || it.destination_lod != 0) fail(result::invalid_value, "a level of detail is not 0");
  return {corner(it.destination_type, it.destination_host, it.destination_device, it.destination_x, it.destination_y,
                 it.destination_z, it.destination_pitch, it.destination_height, extent, "the destination"),
          corner(it.source_type, it.source_host, it.source_device, it.source_x, it.source_y, it.source_z,
                 it.source_pitch, it.source_height, extent, "the source"),
          extent};
}

NodeContent content_of(const CopyPlan& copy) {
  return {.type = NodeType::memcpy,
          .work = [copy](Context&) { copy_rows(copy.destination, copy.source, copy.extent); },
          .fixed = {kind_of(copy.destination), kind_of(copy.source)}};
}

void copy(StreamHandle handle, const Place& destination, const Place& source, const Extent& extent, bool synchronous) {
  const auto [context, stream] = stream_of(handle);
  if (extent.is_empty()) return;
  using Kind = Place::Kind;
  const bool among_devices = destination.kind == Kind::device && source.kind == Kind::device;
  auto content = content_of({destination, source, extent});
  if (!is_captured(*context, *stream)) {
    // "Serialized with respect to all pending and future asynchronous work into the current context, the source context,
    // and the destination context" (cuMemcpyPeer); the others copy between devices in the same way.
    std::vector<std::shared_ptr<Context>> others;
    if (synchronous) others = other_contexts(*context, {destination, source});
    const auto earlier = pending_in(others);
    if (synchronous && among_devices) {
      const auto ticket = context->submit(*stream, std::move(content), false, earlier);
      for (const auto& other : others) other->wait_for(*other->legacy_stream(), ticket);
      return;
    }
    for (const auto& ticket : earlier) ticket->wait();
    if (synchronous || destination.kind == Kind::pageable) {
      context->run_now(*stream, content.work);
      return;
    }
    if (source.kind == Kind::pageable) {
      const auto packed = std::make_shared<std::vector<std::byte>>(extent.width * extent.height * extent.depth);
      const Place staged{reinterpret_cast<std::uint64_t>(packed->data()), extent.width, extent.width * extent.height,
                         Kind::pageable};
      copy_rows(staged, source, extent);
      content.work = [=](Context&) {
        (void)packed;  // kept as long as the work
        copy_rows(destination, staged, extent);
      };
      context->submit(*stream, std::move(content));
      return;
    }
  } else if (synchronous) {
    context->check_not_capturing(stream.get(), "a synchronous copy");
  }
  context->submit(*stream, std::move(content));
}

NodeContent fill_content(std::uint64_t address, std::size_t pitch, unsigned value, std::size_t element_bytes,
                         std::size_t width, std::size_t height) {
  if (width > std::numeric_limits<std::size_t>::max() / element_bytes)
    fail(result::invalid_value, "the size is beyond all memory");
  const Extent extent{width * element_bytes, height, 1};
  if (address % element_bytes != 0 || (height > 1 && pitch % element_bytes != 0))
    fail(result::invalid_value,
         fmt::format("{:#x} (pitch {}) is not aligned to elements of {} bytes", address, pitch, element_bytes));
  const auto place = device_place(address, pitch, 0, extent, "the destination");
  NodeContent content{.type = NodeType::memset};
  content.work = [=](Context&) {
    check_still_there(place, extent, "a memset's destination");
    note_written(place, extent);
    switch (element_bytes) {
      case 1: return fill_rows<std::uint8_t>(address, pitch, value, width, height);
      case 2: return fill_rows<std::uint16_t>(address, pitch, value, width, height);
      default: return fill_rows<std::uint32_t>(address, pitch, value, width, height);
    }
  };
  content.fixed = {kind_of(place), height};
  if (height > 1) content.fixed.insert(content.fixed.end(), {width, pitch, element_bytes});
  return content;
}

void fill(StreamHandle handle, std::uint64_t address, std::size_t pitch, unsigned value, std::size_t element_bytes,
          std::size_t width, std::size_t height) {
  const auto [context, stream] = stream_of(handle);
  if (width == 0 || height == 0) return;
  context->submit(*stream, fill_content(address, pitch, value, element_bytes, width, height));
}

}  // namespace cujitsu::softgpu::api
