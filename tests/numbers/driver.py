# SPDX-License-Identifier: MIT
"""The few driver functions that load a PTX text and launch its entries, by ctypes, from whichever library is named."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p

import numpy as np

# As the header of CUDA 13 maps them.
FUNCTIONS: dict[str, tuple[object, ...]] = {
    "cuInit": (c_uint,),
    "cuDriverGetVersion": (POINTER(c_int),),
    "cuGetErrorName": (c_int, POINTER(c_char_p)),
    "cuDeviceGet": (POINTER(c_int), c_int),
    "cuDeviceGetName": (c_char_p, c_int, c_int),
    "cuDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cuDevicePrimaryCtxRetain": (POINTER(c_void_p), c_int),
    "cuDevicePrimaryCtxReset_v2": (c_int,),
    "cuCtxSetCurrent": (c_void_p,),
    "cuCtxSynchronize": (),
    "cuMemAlloc_v2": (POINTER(c_uint64), c_size_t),
    "cuMemFree_v2": (c_uint64,),
    "cuMemcpyHtoD_v2": (c_uint64, c_void_p, c_size_t),
    "cuMemcpyDtoH_v2": (c_void_p, c_uint64, c_size_t),
    "cuModuleLoadDataEx": (POINTER(c_void_p), c_void_p, c_uint, POINTER(c_int), POINTER(c_void_p)),
    "cuModuleUnload": (c_void_p,),
    "cuModuleGetFunction": (POINTER(c_void_p), c_void_p, c_char_p),
    "cuLaunchKernel": (c_void_p, *(c_uint,) * 7, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
}

JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 5, 6
COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR = 75, 76
LOG_BYTES = 1 << 16


class DriverError(Exception):
    """A driver call that failed, with the assembler's log where there is one."""

    def __init__(self, call: str, name: str, code: int, log: str = "") -> None:
        super().__init__(f"{call}: {name} ({code})" + (f": {log}" if log else ""))
        self.name, self.code = name, code


class Driver:
    """One device of one driver library, with its primary context current. Not for several threads."""

    def __init__(self, path: str = "libcuda.so.1", ordinal: int = 0) -> None:
        self.path = path
        self._library = ctypes.CDLL(path, mode=os.RTLD_LOCAL | os.RTLD_NOW)
        for name, arguments in FUNCTIONS.items():
            function = getattr(self._library, name)
            function.argtypes, function.restype = arguments, c_int
        self.call("cuInit", 0)
        device, self._context = c_int(), c_void_p()
        self.call("cuDeviceGet", byref(device), ordinal)
        self._device = device.value
        self._enter()

    def call(self, name: str, *arguments: object) -> None:
        if code := getattr(self._library, name)(*arguments):
            text = c_char_p()
            known = self._library.cuGetErrorName(code, byref(text)) == 0 and text.value
            raise DriverError(name, text.value.decode() if known else "unknown error", code)

    def _enter(self) -> None:
        self.call("cuDevicePrimaryCtxRetain", byref(self._context), self._device)
        self.call("cuCtxSetCurrent", self._context)

    def reset(self) -> None:
        """After a fault: a fresh context. All memory and modules are gone."""
        self.call("cuDevicePrimaryCtxReset_v2", self._device)
        self._enter()

    @property
    def name(self) -> str:
        text = ctypes.create_string_buffer(256)
        self.call("cuDeviceGetName", text, len(text), self._device)
        return text.value.decode()

    @property
    def version(self) -> str:
        value = c_int()
        self.call("cuDriverGetVersion", byref(value))
        return f"{value.value // 1000}.{value.value % 1000 // 10}"

    @property
    def compute_capability(self) -> str:
        return f"{self.attribute(COMPUTE_CAPABILITY_MAJOR)}.{self.attribute(COMPUTE_CAPABILITY_MINOR)}"

    def attribute(self, number: int) -> int:
        value = c_int()
        self.call("cuDeviceGetAttribute", byref(value), number, self._device)
        return value.value

    def allocate(self, count: int) -> int:
        address = c_uint64()
        self.call("cuMemAlloc_v2", byref(address), count)
        return address.value

    def free(self, address: int) -> None:
        self.call("cuMemFree_v2", address)

    def upload(self, address: int, data: np.ndarray) -> None:
        data = np.ascontiguousarray(data)
        self.call("cuMemcpyHtoD_v2", address, data.ctypes.data, data.nbytes)

    def download(self, address: int, count: int) -> np.ndarray:
        """That many 64-bit words."""
        data = np.empty(count, dtype=np.uint64)
        self.call("cuMemcpyDtoH_v2", data.ctypes.data, address, data.nbytes)
        return data

    def load(self, ptx: str) -> int:
        log = ctypes.create_string_buffer(LOG_BYTES)
        options = (c_int * 2)(JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
        values = (c_void_p * 2)(ctypes.addressof(log), LOG_BYTES)
        module = c_void_p()
        try:
            self.call("cuModuleLoadDataEx", byref(module), ptx.encode() + b"\0", 2, options, values)
        except DriverError as error:
            text = log.value.decode(errors="replace").strip()
            raise DriverError("cuModuleLoadDataEx", error.name, error.code, text) from None
        return module.value or 0

    def unload(self, module: int) -> None:
        self.call("cuModuleUnload", module)

    def function(self, module: int, name: str) -> int:
        function = c_void_p()
        self.call("cuModuleGetFunction", byref(function), module, name.encode())
        return function.value or 0

    def launch(self, function: int, grid: int, block: int, *addresses: int) -> None:
        """With 64-bit arguments, and waits for the end."""
        held = [c_uint64(address) for address in addresses]
        parameters = (c_void_p * len(held))(*(ctypes.addressof(item) for item in held))
        self.call("cuLaunchKernel", function, grid, 1, 1, block, 1, 1, 0, None, parameters, None)
        self.call("cuCtxSynchronize")
