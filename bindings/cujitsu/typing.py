# SPDX-License-Identifier: MIT
"""What the functions of cujitsu take, for annotations and type checkers; nothing at run time needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import SupportsIndex

    import numpy.typing
    from typing_extensions import Buffer

    from cujitsu._core import DeviceBuffer, DeviceSpan, DeviceView, HostBuffer, LaunchConfig, Stream

__all__ = [
    "CudaArray",
    "CudaStream",
    "DLPackArray",
    "DTypeLike",
    "DeviceMemory",
    "Dimensions",
    "HostMemory",
    "LaunchSubscript",
    "Shape",
    "StreamLike",
]


class CudaStream(Protocol):
    """A stream of another library, by the CUDA stream protocol."""

    def __cuda_stream__(self) -> tuple[int, int]: ...


class CudaArray(Protocol):
    """An array on the device, of CuPy, torch or another library."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...


class DLPackArray(Protocol):
    """An array of another library that shares its memory by DLPack, on the device or page-locked."""

    def __dlpack__(self, *, stream: int | None = None) -> Any: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...


#: Blocks or threads along x, y and z.
Dimensions: TypeAlias = "SupportsIndex | Sequence[SupportsIndex]"
#: None is the legacy default stream; an integer is a CUstream.
StreamLike: TypeAlias = "Stream | CudaStream | int | None"
#: An integer is an address.
DeviceMemory: TypeAlias = "DeviceBuffer | DeviceView | DeviceSpan | CudaArray | DLPackArray | SupportsIndex"
#: A numpy dtype, or what numpy.dtype() takes.
DTypeLike: TypeAlias = "numpy.typing.DTypeLike"
#: Elements along each dimension.
Shape: TypeAlias = "SupportsIndex | Sequence[SupportsIndex]"
#: Anything with the buffer protocol, such as a numpy array.
HostMemory: TypeAlias = "Buffer | HostBuffer"
#: What kernel[...] takes: grid, block, stream and shared.
LaunchSubscript: TypeAlias = (
    "LaunchConfig | tuple[Dimensions, Dimensions] | tuple[Dimensions, Dimensions, StreamLike]"
    " | tuple[Dimensions, Dimensions, StreamLike, SupportsIndex]"
)
