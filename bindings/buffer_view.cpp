// SPDX-License-Identifier: MIT
#include "buffer_view.hpp"

#include "array_extent.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

std::size_t total_size(const ElementFormat& format, const std::vector<std::int64_t>& shape) {
  ArrayExtent extent(static_cast<std::int64_t>(format.size));
  for (auto it = shape.rbegin(); it != shape.rend(); ++it) extent.add(*it);
  if (extent.is_too_large()) throw ArgumentError("the view's shape has more than 2**63 bytes");
  return extent.size();
}

ElementFormat element_format(const char* function, py::handle given) {
  py::object dtype;
  try {
    dtype = py::module_::import("numpy").attr("dtype")(given);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_TypeError)) throw;
    throw ArgumentError(fmt::format("{}(): dtype must be a numpy dtype, or what numpy.dtype() takes, not {}", function,
                                    describe(given)),
                        type_kind);
  }
  if (py::cast<bool>(dtype.attr("hasobject"))) {
    throw ArgumentError(fmt::format("{}(): dtype {} has Python objects, which no device can hold", function,
                                    py::cast<std::string>(py::str(dtype))),
                        type_kind);
  }
  ElementFormat format;
  format.typestr = py::cast<std::string>(dtype.attr("str"));
  format.size = py::cast<std::size_t>(dtype.attr("itemsize"));
  format.alignment = py::cast<std::size_t>(dtype.attr("alignment"));
  format.element = element_of_typestr(format.typestr);
  if (format.size == 0) {
    throw ArgumentError(fmt::format("{}(): dtype {} has no size", function, py::cast<std::string>(py::str(dtype))));
  }
  if (format.typestr.front() == '>') {
    throw ArgumentError(fmt::format("{}(): dtype '{}' is big-endian, and the device is not", function, format.typestr));
  }
  return format;
}

std::vector<std::int64_t> shape_argument(const char* function, py::handle shape) {
  std::vector<std::int64_t> result;
  const auto add = [&](py::handle extent) {
    result.push_back(static_cast<std::int64_t>(size_argument(function, "a dimension of shape", extent)));
  };
  if (PyTuple_Check(shape.ptr()) || PyList_Check(shape.ptr())) {
    for (const py::handle extent : py::reinterpret_borrow<py::sequence>(shape)) add(extent);
  } else {
    add(shape);
  }
  return result;
}

}  // namespace

BufferView::BufferView(py::object buffer)
    : buffer_(std::move(buffer)),
      memory_(&py::cast<const DeviceBuffer&>(buffer_)),
      size_(memory_->size()),
      shape_{static_cast<std::int64_t>(size_)} {}

BufferView BufferView::as(ElementFormat format, std::vector<std::int64_t> shape, std::size_t offset) const {
  const std::size_t bytes = total_size(format, shape);
  if (offset > size_ || bytes > size_ - offset) {
    throw ArgumentError(
        fmt::format("a view of {} bytes at byte {} passes the end of the {} bytes there are", bytes, offset, size_));
  }
  BufferView result(*this);
  result.offset_ += offset;
  result.size_ = bytes;
  if (result.offset_ % format.alignment != 0) {
    throw ArgumentError(fmt::format("a view of '{}' at byte {} of its buffer is not aligned to {} bytes",
                                    format.typestr, result.offset_, format.alignment));
  }
  result.format_ = std::move(format);
  result.shape_ = std::move(shape);
  return result;
}

BufferView BufferView::as(ElementFormat format, std::size_t offset) const {
  const std::size_t left = offset > size_ ? 0 : size_ - offset;
  if (left % format.size != 0) {
    throw ArgumentError(
        fmt::format("{} bytes are no whole number of elements of {} bytes; pass a shape", left, format.size));
  }
  const auto count = static_cast<std::int64_t>(left / format.size);
  return as(std::move(format), {count}, offset);
}

BufferView BufferView::part(std::size_t start, std::size_t stop) const {
  std::vector<std::int64_t> shape = shape_;
  shape.front() = 1;
  const std::size_t row = total_size(format_, shape);
  shape.front() = static_cast<std::int64_t>(stop - start);
  BufferView result(*this);
  result.offset_ += start * row;
  result.size_ = (stop - start) * row;
  result.shape_ = std::move(shape);
  return result;
}

BufferView buffer_slice(const BufferView& view, const char* function, py::handle index) {
  if (!PySlice_Check(index.ptr())) {
    throw ArgumentError(fmt::format("{}[]: takes a slice, such as [16:32], not {}; the device's memory is read with "
                                    "memcpy_dtoh",
                                    function, describe(index)),
                        type_kind);
  }
  if (view.shape().empty()) throw ArgumentError(fmt::format("{}[]: a view without dimensions has no slices", function));
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 0;
  if (PySlice_Unpack(index.ptr(), &start, &stop, &step) != 0) throw py::error_already_set();
  if (step != 1) {
    throw ArgumentError(fmt::format("{}[]: a slice has the step 1, not {}: a view is contiguous", function, step));
  }
  const Py_ssize_t count = view.shape().front();
  const auto in_bounds = [&](Py_ssize_t given) { return given < 0 ? given + count : given; };
  const py::object given_stop = py::reinterpret_borrow<py::object>(index).attr("stop");
  const Py_ssize_t first = in_bounds(start);
  const Py_ssize_t last = given_stop.is_none() ? count : in_bounds(stop);
  // A slice of a list is cut at the list's end; here that is always a mistake.
  if (first < 0 || last > count || first > last) {
    throw ArgumentError(fmt::format("{}[]: {} passes the end of the {} elements there are", function,
                                    py::cast<std::string>(py::str(index)), count));
  }
  return view.part(static_cast<std::size_t>(first), static_cast<std::size_t>(last));
}

BufferView buffer_view(const BufferView& view, const char* function, py::handle dtype, py::handle shape,
                       py::handle offset) {
  ElementFormat format = element_format(function, dtype);
  const std::size_t bytes = size_argument(function, "offset", offset);
  if (bytes > view.size()) {
    throw ArgumentError(
        fmt::format("{}(): offset {} passes the end of the {} bytes there are", function, bytes, view.size()));
  }
  if (shape.is_none()) return view.as(std::move(format), bytes);
  return view.as(std::move(format), shape_argument(function, shape), bytes);
}

}  // namespace cujitsu::python
