# SPDX-License-Identifier: MIT
"""Arrays of another library, made by hand: DLPack capsules, legacy and versioned, and what consumers did with them."""

from __future__ import annotations

import ctypes
from typing import Any

CUDA, CUDA_HOST, CUDA_MANAGED, CPU = 2, 3, 13, 1
INT, UINT, FLOAT, OPAQUE, BFLOAT, COMPLEX, BOOL = range(7)
READ_ONLY = 1


class Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Legacy(ctypes.Structure):
    _fields_ = (("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", Deleter))


class Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", Deleter),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    )


capsule_new = ctypes.pythonapi.PyCapsule_New
capsule_new.restype = ctypes.py_object
capsule_new.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
capsule_name = ctypes.pythonapi.PyCapsule_GetName
capsule_name.restype = ctypes.c_char_p
capsule_name.argtypes = (ctypes.py_object,)
capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
capsule_pointer.restype = ctypes.c_void_p
capsule_pointer.argtypes = (ctypes.py_object, ctypes.c_char_p)


def numbers(values: tuple[int, ...] | None) -> Any:
    return None if values is None else (ctypes.c_int64 * len(values))(*values)


class Producer:
    """`calls` are the keywords of each __dlpack__; `deleted` is how often a deleter was called."""

    def __init__(
        self,
        address: int,
        shape: tuple[int, ...],
        dtype: tuple[int, int] = (FLOAT, 32),
        *,
        lanes: int = 1,
        strides: tuple[int, ...] | None = None,
        device: tuple[int, int] = (CUDA, 0),
        byte_offset: int = 0,
        version: tuple[int, int] | None = (1, 0),
        flags: int = 0,
    ) -> None:
        self.device = device
        self.version = version
        self.flags = flags
        self.calls: list[dict[str, Any]] = []
        self.capsules: list[Any] = []
        self.deleted = 0
        self._shape, self._strides = numbers(shape), numbers(strides)
        self._tensor = Tensor(
            address,
            *device,
            len(shape),
            *dtype,
            lanes,
            self._shape,
            self._strides,
            byte_offset,
        )
        self._deleter = Deleter(self._delete)
        self._managed: list[Any] = []

    def _delete(self, _: int) -> None:
        self.deleted += 1

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device

    def __dlpack__(self, **keywords: Any) -> Any:
        self.calls.append(keywords)
        if self.version is None:
            if set(keywords) - {"stream"}:
                raise TypeError("__dlpack__() got an unexpected keyword argument")
            managed, name = Legacy(self._tensor, None, self._deleter), b"dltensor"
        else:
            managed = Versioned(*self.version, None, self._deleter, self.flags, self._tensor)
            name = b"dltensor_versioned"
        self._managed.append(managed)
        capsule = capsule_new(ctypes.addressof(managed), name, None)
        self.capsules.append(capsule)
        return capsule
