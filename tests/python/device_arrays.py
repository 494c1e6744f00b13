# SPDX-License-Identifier: MIT
"""Arrays of other libraries on the device, as small as they can be: __cuda_array_interface__ and DLPack."""

from __future__ import annotations

import ctypes
import math

import cujitsu as cj
import numpy as np

HOST, CUDA = 1, 2  # DLDeviceType
DLPACK_CODES = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}
BFLOAT = 4


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


class DLDataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class DLTensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("dtype", DLDataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class DLManagedTensor(ctypes.Structure):
    _fields_ = (("tensor", DLTensor), ("manager", ctypes.c_void_p), ("deleter", Deleter))


class DLManagedTensorVersioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", Deleter),
        ("flags", ctypes.c_uint64),
        ("tensor", DLTensor),
    )


Destructor = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, Destructor)
capsule_is_valid = ctypes.pythonapi.PyCapsule_IsValid
capsule_is_valid.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
capsule_pointer.restype = ctypes.c_void_p
capsule_pointer.argtypes = (ctypes.c_void_p, ctypes.c_char_p)

# What was exported and not given back; a capsule outlives the array that made it.
exported: dict[int, tuple[object, ...]] = {}


@Deleter
def give_back(managed):
    del exported[managed]


@Destructor
def drop_capsule(capsule):
    for name in (b"dltensor", b"dltensor_versioned"):  # no consumer has renamed it
        if capsule_is_valid(capsule, name):
            give_back(capsule_pointer(capsule, name))


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
        managed = DLManagedTensorVersioned(major=1) if versioned else DLManagedTensor()
        managed.deleter = give_back
        shape = (ctypes.c_int64 * len(self.shape))(*self.shape)
        strides = (ctypes.c_int64 * len(self.shape))(*self.strides) if self.strides else None
        managed.tensor = DLTensor(
            data=self.memory.address,
            device_type=self.device[0],
            device_id=self.device[1],
            ndim=len(self.shape),
            dtype=DLDataType(DLPACK_CODES.get(self.dtype.kind, BFLOAT), 8 * self.dtype.itemsize, 1),
            shape=shape,
            strides=strides,
            byte_offset=self.offset,
        )
        exported[ctypes.addressof(managed)] = (managed, shape, strides, self.memory)
        name = b"dltensor_versioned" if versioned else b"dltensor"
        return new_capsule(ctypes.addressof(managed), name, drop_capsule)

    def __len__(self):
        return math.prod(self.shape[:1])
