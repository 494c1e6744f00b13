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

void copy(StreamHandle handle, const Place& destination, const Place& source, const Extent& extent, bool synchronous) {
  const auto [context, stream] = stream_of(handle);
  if (extent.is_empty()) return;
  using Kind = Place::Kind;
  const bool among_devices = destination.kind == Kind::device && source.kind == Kind::device;
  const auto work = [=](Context&) { copy_rows(destination, source, extent); };
  if (!is_captured(*context, *stream)) {
    // "Serialized with respect to all pending and future asynchronous work into the current context, the source context,
    // and the destination context" (cuMemcpyPeer); the others copy between devices in the same way.
    std::vector<std::shared_ptr<Context>> others;
    if (synchronous) others = other_contexts(*context, {destination, source});
    const auto earlier = pending_in(others);
    if (synchronous && among_devices) {
      const auto ticket = context->submit(*stream, NodeType::memcpy, work, false, earlier);
      for (const auto& other : others) other->wait_for(*other->legacy_stream(), ticket);
      return;
    }
    for (const auto& ticket : earlier) ticket->wait();
    if (synchronous || destination.kind == Kind::pageable) {
      context->run_now(*stream, work);
      return;
    }
    if (source.kind == Kind::pageable) {
      const auto packed = std::make_shared<std::vector<std::byte>>(extent.width * extent.height * extent.depth);
      const Place staged{reinterpret_cast<std::uint64_t>(packed->data()), extent.width, extent.width * extent.height,
                         Kind::pageable};
      copy_rows(staged, source, extent);
      context->submit(*stream, NodeType::memcpy, [=](Context&) {
        (void)packed;  // kept as long as the work
        copy_rows(destination, staged, extent);
      });
      return;
    }
  } else if (synchronous) {
    context->check_not_capturing(stream.get(), "a synchronous copy");
  }
  context->submit(*stream, NodeType::memcpy, work);
}

void fill(StreamHandle handle, std::uint64_t address, std::size_t pitch, unsigned value, std::size_t element_bytes,
          std::size_t width, std::size_t height) {
  const auto [context, stream] = stream_of(handle);
  if (width > std::numeric_limits<std::size_t>::max() / element_bytes)
    fail(result::invalid_value, "the size is beyond all memory");
  const Extent extent{width * element_bytes, height, 1};
  if (extent.is_empty()) return;
  if (address % element_bytes != 0 || (height > 1 && pitch % element_bytes != 0))
    fail(result::invalid_value,
         fmt::format("{:#x} (pitch {}) is not aligned to elements of {} bytes", address, pitch, element_bytes));
  const auto place = device_place(address, pitch, 0, extent, "the destination");
  context->submit(*stream, NodeType::memset, [=](Context&) {
    check_still_there(place, extent, "a memset's destination");
    note_written(place, extent);
    switch (element_bytes) {
      case 1: return fill_rows<std::uint8_t>(address, pitch, value, width, height);
      case 2: return fill_rows<std::uint16_t>(address, pitch, value, width, height);
      default: return fill_rows<std::uint32_t>(address, pitch, value, width, height);
    }
  });
}

}  // namespace cujitsu::softgpu::api
