// SPDX-License-Identifier: MIT
// Part of a DeviceBuffer, as bytes or as an array of a type and shape: Python's DeviceView.
#pragma once

#include "device_memory.hpp"

#include <cujitsu/device_buffer.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cujitsu::python {

/// How a view's elements are to be understood.
struct ElementFormat {
  std::string typestr = "|u1";
  ElementType element;        ///< unknown for bytes, which any pointer may point at
  std::size_t size = 1;       ///< bytes of one element
  std::size_t alignment = 1;  ///< of one element's address
};

/// Keeps the buffer alive, but not its memory: use after DeviceBuffer.free() throws ArgumentError, in every member that
/// needs the address. Copied, used and destroyed with the GIL held.
class BufferView {
 public:
  /// All of the buffer, as bytes.
  explicit BufferView(py::object buffer);

  [[nodiscard]] DevicePointer address() const { return memory_->address() + offset_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  ///< bytes
  [[nodiscard]] bool is_freed() const noexcept { return memory_->is_freed(); }
  [[nodiscard]] const py::object& buffer() const noexcept { return buffer_; }
  [[nodiscard]] const ElementFormat& format() const noexcept { return format_; }
  [[nodiscard]] const std::vector<std::int64_t>& shape() const noexcept { return shape_; }

  /// The memory as `format` in `shape`, `offset` bytes from where this view begins; without a shape, as many elements as
  /// are left. Throws ArgumentError past the end, and where an element would not be aligned.
  [[nodiscard]] BufferView as(ElementFormat format, std::vector<std::int64_t> shape, std::size_t offset) const;
  [[nodiscard]] BufferView as(ElementFormat format, std::size_t offset) const;

  /// Elements `start` to `stop` of the first dimension, both in bounds.
  [[nodiscard]] BufferView part(std::size_t start, std::size_t stop) const;

 private:
  py::object buffer_;
  const DeviceBuffer* memory_;  // in buffer_
  std::size_t offset_ = 0;      // bytes
  std::size_t size_ = 0;        // bytes
  ElementFormat format_;
  std::vector<std::int64_t> shape_;
};

/// view[index] and view.view(dtype, shape, offset) of `function`'s class. Throw ArgumentError.
[[nodiscard]] BufferView buffer_slice(const BufferView& view, const char* function, py::handle index);
[[nodiscard]] BufferView buffer_view(const BufferView& view, const char* function, py::handle dtype, py::handle shape,
                                     py::handle offset);

}  // namespace cujitsu::python
