# SPDX-License-Identifier: MIT
"""The objects of cujitsu under the names that PyCUDA gives them: `import cujitsu.driver as cuda`."""

from __future__ import annotations

from cujitsu._core import (
    Device,
    DeviceBuffer,
    Event,
    HostBuffer,
    In,
    InOut,
    Out,
    Stream,
    driver_version,
    mem_alloc,
    memcpy_dtod,
    memcpy_dtod_async,
    memcpy_dtoh,
    memcpy_dtoh_async,
    memcpy_htod,
    memcpy_htod_async,
    memset_d8,
    memset_d8_async,
    memset_d16,
    memset_d16_async,
    memset_d32,
    memset_d32_async,
    synchronize,
)
from cujitsu.errors import CompileError, DriverError, Error, LaunchError, OutOfMemoryError
from cujitsu.pagelocked import pagelocked_empty

__all__ = [
    "CompileError",
    "Context",
    "Device",
    "DeviceAllocation",
    "DriverError",
    "Error",
    "Event",
    "HostBuffer",
    "In",
    "InOut",
    "LaunchError",
    "LogicError",
    "MemoryError",
    "Out",
    "RuntimeError",
    "Stream",
    "init",
    "mem_alloc",
    "mem_get_info",
    "memcpy_dtod",
    "memcpy_dtod_async",
    "memcpy_dtoh",
    "memcpy_dtoh_async",
    "memcpy_htod",
    "memcpy_htod_async",
    "memset_d8",
    "memset_d8_async",
    "memset_d16",
    "memset_d16_async",
    "memset_d32",
    "memset_d32_async",
    "pagelocked_empty",
    "synchronize",
]

DeviceAllocation = DeviceBuffer
MemoryError = OutOfMemoryError
LogicError = DriverError
RuntimeError = DriverError


class Context:
    """The current context. cujitsu retains the primary one on first use, so there is none to make or to pop."""

    synchronize = staticmethod(synchronize)

    @staticmethod
    def get_device() -> Device:
        """The device of this thread's current context."""
        return Device.current()


def init() -> None:
    """Checks that there is a driver; it is initialised on first use anyway. Raises LoadError."""
    driver_version()


def mem_get_info() -> tuple[int, int]:
    """Bytes of device memory, free and in all, on the current device. Raises LoadError, DriverError."""
    device = Device.current()
    return device.free_memory(), device.total_memory()
