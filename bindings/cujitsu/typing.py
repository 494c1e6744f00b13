# SPDX-License-Identifier: MIT
"""What the functions of cujitsu take, for annotations and type checkers; nothing at run time needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import SupportsIndex

    from typing_extensions import Buffer

    from cujitsu._core import DeviceBuffer, DeviceSpan, HostBuffer, LaunchConfig, Stream

__all__ = [
    "CudaArray",
    "CudaStream",
    "DeviceMemory",
    "Dimensions",
    "HostMemory",
    "LaunchSubscript",
    "StreamLike",
]


class CudaStream(Protocol):
    """A stream of another library, by the CUDA stream protocol."""

    def __cuda_stream__(self) -> tuple[int, int]: ...


class CudaArray(Protocol):
    """An array on the device, of CuPy, torch or another library."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...


#: Blocks or threads along x, y and z.
Dimensions: TypeAlias = "SupportsIndex | Sequence[SupportsIndex]"
#: None is the legacy default stream; an integer is a CUstream.
StreamLike: TypeAlias = "Stream | CudaStream | int | None"
#: An integer is an address.
DeviceMemory: TypeAlias = "DeviceBuffer | DeviceSpan | CudaArray | SupportsIndex"
#: Anything with the buffer protocol, such as a numpy array.
HostMemory: TypeAlias = "Buffer | HostBuffer"
#: What kernel[...] takes: grid, block, stream and shared.
LaunchSubscript: TypeAlias = (
    "LaunchConfig | tuple[Dimensions, Dimensions] | tuple[Dimensions, Dimensions, StreamLike]"
    " | tuple[Dimensions, Dimensions, StreamLike, SupportsIndex]"
)
