// SPDX-License-Identifier: MIT
// Our device memory as DLPack.
#pragma once

#include "buffer_view.hpp"

namespace cujitsu::python {

/// __dlpack__(stream=, max_version=, dl_device=, copy=): a capsule that keeps the buffer alive until its consumer has
/// called the deleter, in any thread. Nothing is ordered: a DeviceBuffer does not know which streams work on it. Throws
/// ArgumentError for memory that has been freed and for stream 0; py::error_already_set with BufferError for elements
/// that DLPack does not know, for another device and for copy=True.
[[nodiscard]] py::object dlpack_export(const BufferView& view, py::handle stream, py::handle max_version,
                                       py::handle wanted_device, py::handle copy);

/// __dlpack_device__(): (2, ordinal).
[[nodiscard]] py::tuple dlpack_export_device(const BufferView& view);

}  // namespace cujitsu::python
