// SPDX-License-Identifier: MIT
// How many elements an array has, and whether they lie one after another in C's order.
#pragma once

#include <cstdint>

namespace cujitsu::python {

/// Told an array's dimensions from the last to the first. Strides are in any unit, the same as `unit`, which is what one
/// element takes. No allocation.
class ArrayExtent {
 public:
  explicit ArrayExtent(std::int64_t unit) : contiguous_stride_(unit) {}

  void add(std::int64_t extent, std::int64_t stride) {
    // The stride of a dimension of one element is never used, and libraries differ in what they write there.
    if (extent != 1 && stride != contiguous_stride_) has_gaps_ = true;
    add(extent);
  }
  void add(std::int64_t extent) {
    if (extent == 0) is_empty_ = true;
    if (__builtin_mul_overflow(contiguous_stride_, extent, &contiguous_stride_)) is_too_large_ = !is_empty_;
  }

  [[nodiscard]] bool is_contiguous() const noexcept { return is_empty_ || !has_gaps_; }
  /// The product does not fit 63 bits.
  [[nodiscard]] bool is_too_large() const noexcept { return !is_empty_ && is_too_large_; }
  /// All elements' size in the unit.
  [[nodiscard]] std::uint64_t size() const noexcept {
    return is_empty_ ? 0 : static_cast<std::uint64_t>(contiguous_stride_);
  }

 private:
  std::int64_t contiguous_stride_;
  bool is_empty_ = false;
  bool has_gaps_ = false;
  bool is_too_large_ = false;
};

}  // namespace cujitsu::python
