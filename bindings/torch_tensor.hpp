// SPDX-License-Identifier: MIT
// torch's tensors, by torch's own methods; torch is never imported.
//
// Nothing here orders streams: as in torch itself, work on a tensor belongs in the stream that is current to torch, and
// whoever launches in another one waits. Tensors that require a gradient are taken: a kernel is no part of the graph that
// is differentiated, as with every kernel that a torch.autograd.Function launches.
#pragma once

#include "device_memory.hpp"

namespace cujitsu::python {

/// False as long as nobody has imported torch. A few comparisons otherwise.
[[nodiscard]] bool is_torch_tensor(py::handle value);

/// The memory of a torch tensor on the GPU or in page-locked memory; nothing for one of the CPU. No allocation, but for
/// temporary Python integers. Throws ArgumentError for meta, sparse, lazily conjugated and non-contiguous tensors.
[[nodiscard]] std::optional<DeviceView> torch_view(const Place& place, py::handle tensor);

/// Whether the tensor is on a GPU. Throws py::error_already_set.
[[nodiscard]] bool is_cuda_tensor(py::handle tensor);

/// Whether it has dimensions: one of the CPU without any is a number to a kernel.
[[nodiscard]] bool has_dimensions(py::handle tensor);

}  // namespace cujitsu::python
