// SPDX-License-Identifier: MIT
// Other libraries' arrays by DLPack: __dlpack_device__ and __dlpack__, with versioned tensors and those of before.
#pragma once

#include "device_memory.hpp"
#include "dlpack_abi.hpp"

namespace cujitsu::python {

/// Makes the names and numbers that the calls need. At import: making tuples may collect garbage, and so run Python code
/// and other threads, for which the lock of a static is no place.
void prepare_dlpack();

/// Unknown for vectors, types of less than a byte and those that no C type of a kernel can be compared with.
[[nodiscard]] ElementType element_of_dlpack(dlpack::DataType type);

/// What a tensor describes; `loan` and `producer` are the caller's to fill. Throws ArgumentError unless it is C-contiguous
/// memory of a GPU, managed or page-locked.
[[nodiscard]] DeviceView dlpack_tensor_view(const Place& place, const dlpack::Tensor& tensor);

/// Whether kernels can reach memory of that DLPack device.
[[nodiscard]] bool is_device_type(std::int64_t type);

/// Nothing where the object has no __dlpack_device__, or names the CPU or another maker's device. `consumer` as
/// device_view has it. Throws ArgumentError.
[[nodiscard]] std::optional<DeviceView> dlpack_view(const Place& place, py::handle value,
                                                    std::optional<StreamHandle> consumer);

/// The device type alone, without taking the array; 0 where the object does not tell. Throws py::error_already_set.
[[nodiscard]] std::int64_t dlpack_device_type(py::handle value);

}  // namespace cujitsu::python
