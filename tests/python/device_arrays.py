# SPDX-License-Identifier: MIT
"""Arrays of other libraries on the device, as small as they can be: __cuda_array_interface__ and DLPack."""

from __future__ import annotations

import ctypes
import math

import cujitsu as cj
import numpy as np
from dlpack_producer import (
    BFLOAT,
    BOOL,
    COMPLEX,
    CUDA,
    FLOAT,
    INT,
    UINT,
    Deleter,
    Legacy,
    Tensor,
    Versioned,
    capsule_new,
    numbers,
)

DLPACK_CODES = {"i": INT, "u": UINT, "f": FLOAT, "c": COMPLEX, "b": BOOL}


class DeviceArray:
    """Has `__cuda_array_interface__`; strides are in bytes."""

    def __init__(self, dtype, shape=(8,), strides=None, address=None, version=3, read_only=False, **more):
        self.memory = cj.mem_alloc(max(1, np.dtype(dtype).itemsize) * 64)
        self.address = self.memory.address if address is None else address
        self.__cuda_array_interface__ = {
            "data": (self.address, read_only),
            "shape": shape,
            "typestr": np.dtype(dtype).str,
            "strides": strides,
            "version": version,
            **more,
        }


Destructor = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
# Of a capsule that is being destroyed, so by its address; functions of their own, for ctypes keeps one of each name.
capsule_is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_IsValid", ctypes.pythonapi)
)
pointer_of_capsule = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)

# What was exported and not given back; a capsule outlives the array that made it.
exported: dict[int, tuple[object, ...]] = {}


@Deleter
def give_back(managed):
    del exported[managed]


@Destructor
def drop_capsule(capsule):
    for name in (b"dltensor", b"dltensor_versioned"):  # no consumer has renamed it
        if capsule_is_valid(capsule, name):
            give_back(pointer_of_capsule(capsule, name))


class DeviceTensor:
    """Has DLPack alone; strides are in elements. `versioned`: of DLPack 1, whose producers are told what is wanted."""

    def __init__(self, dtype, shape=(8,), strides=None, device=(CUDA, 0), offset=0, versioned=False):
        self.dtype, self.shape, self.strides = np.dtype(dtype), shape, strides
        self.device, self.offset, self.versioned = device, offset, versioned
        self.memory = cj.mem_alloc(self.dtype.itemsize * 64)
        self.address = self.memory.address + offset
        self.streams = []

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, stream=None, **wanted):
        if wanted and not self.versioned:
            raise TypeError(f"__dlpack__() got an unexpected keyword argument {next(iter(wanted))!r}")
        self.streams.append(stream)
        versioned = self.versioned and "max_version" in wanted
        managed = Versioned(major=1) if versioned else Legacy()
        managed.deleter = give_back
        shape, strides = numbers(self.shape), numbers(self.strides)
        managed.tensor = Tensor(
            data=self.memory.address,
            device_type=self.device[0],
            device_id=self.device[1],
            ndim=len(self.shape),
            code=DLPACK_CODES.get(self.dtype.kind, BFLOAT),
            bits=8 * self.dtype.itemsize,
            lanes=1,
            shape=shape,
            strides=strides,
            byte_offset=self.offset,
        )
        exported[ctypes.addressof(managed)] = (managed, shape, strides, self.memory)
        name = b"dltensor_versioned" if versioned else b"dltensor"
        return capsule_new(ctypes.addressof(managed), name, drop_capsule)

    def __len__(self):
        return math.prod(self.shape[:1])
