# SPDX-License-Identifier: MIT
"""numpy arrays in page-locked memory."""

from __future__ import annotations

from cujitsu._core import HostBuffer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from numpy.typing import DTypeLike, NDArray

__all__ = ["pagelocked_empty"]


def pagelocked_empty(
    shape: int | Sequence[int], dtype: DTypeLike = float, order: Literal["C", "F"] = "C"
) -> NDArray[Any]:
    """An uninitialised numpy array in page-locked memory, which it owns: copies run at full speed and asynchronously.

    Raises OutOfMemoryError, DriverError, LoadError; ArgumentError for a dtype that holds Python objects.
    """
    import numpy

    from cujitsu.errors import ArgumentTypeError

    element = numpy.dtype(dtype)
    if element.hasobject:
        raise ArgumentTypeError(f"pagelocked_empty(): {element} holds Python objects, which no device can read")
    # Of one broadcast element: numpy checks the shape, and nothing of its size is allocated.
    dimensions = numpy.broadcast_to(numpy.empty((), "u1"), shape).shape
    count = 1
    for extent in dimensions:
        count *= extent
    memory = HostBuffer(count * element.itemsize)
    array: NDArray[Any] = numpy.ndarray(dimensions, element, buffer=memory, order=order)  # type: ignore[arg-type]
    return array
