# SPDX-License-Identifier: MIT
"""A module in torch's place, with as much of a tensor as cujitsu looks at; imported in a process of its own."""

from __future__ import annotations

import ctypes
import math
import sys
import types
from typing import Any

from dlpack_producer import COMPLEX, CPU, CUDA, FLOAT, INT, Tensor, capsule_new, numbers


class dtype:
    def __init__(self, name: str, itemsize: int, code: int) -> None:
        self.name, self.itemsize, self.code = name, itemsize, code
        self.is_floating_point = code == FLOAT
        self.is_complex = code == COMPLEX

    def __str__(self) -> str:
        return f"torch.{self.name}"


float32, float64 = dtype("float32", 4, FLOAT), dtype("float64", 8, FLOAT)
int32, complex64 = dtype("int32", 4, INT), dtype("complex64", 8, COMPLEX)
bfloat16, qint8 = dtype("bfloat16", 2, FLOAT), dtype("qint8", 1, INT)


class FakeTensor:
    """`asked` are the names of the attributes that were looked at."""

    def __init__(self, address: int, shape: tuple[int, ...] = (8,), dtype: dtype = float32, **state: Any) -> None:
        self.__dict__.update(address=address, shape=shape, dtype_=dtype, state=state, asked=[])

    def __getattribute__(self, name: str) -> Any:
        read = object.__getattribute__
        state = read(self, "state") if "state" in read(self, "__dict__") else {}
        if not name.startswith("_") and name not in ("address", "shape", "state", "asked", "dtype_"):
            read(self, "asked").append(name)
        if name in state:
            value = state[name]
            if isinstance(value, Exception):
                raise value
            return value
        return read(self, name)

    is_cuda = True
    is_meta = False
    layout = "torch.strided"
    nbytes = property(lambda self: self.dtype_.itemsize * math.prod(self.shape))
    ndim = property(lambda self: len(self.shape))
    dtype = property(lambda self: self.dtype_)

    def data_ptr(self) -> int:
        return self.address

    def get_device(self) -> int:
        return self.state.get("device", 0)

    def is_contiguous(self) -> bool:
        return not self.state.get("gaps")

    def is_conj(self) -> bool:
        return bool(self.state.get("conj"))

    def is_neg(self) -> bool:
        return False

    def is_pinned(self) -> bool:
        return bool(self.state.get("pinned"))


class Parameter(FakeTensor):
    pass


Fill = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(Tensor))


class ExchangeApi(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("previous", ctypes.c_void_p),
        ("allocate", ctypes.c_void_p),
        ("managed_from_object", ctypes.c_void_p),
        ("managed_to_object", ctypes.c_void_p),
        ("tensor_from_object", Fill),
        ("current_stream", ctypes.c_void_p),
    )


filled: list[Any] = []


@Fill
def fill(tensor: Any, result: Any) -> int:
    filled.append(tensor)
    read = object.__getattribute__
    state, shape, kind = read(tensor, "state"), read(tensor, "shape"), read(tensor, "dtype_")
    if state.get("is_meta"):
        ctypes.pythonapi.PyErr_SetString(ctypes.py_object(ValueError), b"Unknown device type meta")
        return -1
    strides = [1] * len(shape)
    for i in reversed(range(len(shape) - 1)):
        strides[i] = strides[i + 1] * shape[i + 1]
    tensor.__dict__["_kept"] = (
        numbers(shape),
        numbers(tuple(2 * s for s in strides) if state.get("gaps") else tuple(strides)),
    )
    device = (CUDA, state.get("device", 0)) if state.get("is_cuda", True) else (CPU, 0)
    code = 4 if kind is bfloat16 else kind.code
    result[0] = Tensor(
        read(tensor, "address"), *device, len(shape), code, 8 * kind.itemsize, 1, *tensor.__dict__["_kept"], 0
    )
    return 0


def install(*, exchange: bool, older: bool = False) -> None:
    """Puts it into sys.modules; with the table of C functions that torch 2.10 and newer have, or without."""
    module = types.ModuleType("torch")
    FakeTensor.__module__, FakeTensor.__name__, FakeTensor.__qualname__ = "torch", "Tensor", "Tensor"
    module.Tensor = FakeTensor
    if exchange:
        newest = api = ExchangeApi(1, 3, None, None, None, None, fill, None)
        if older:
            newest = ExchangeApi(2, 0, ctypes.addressof(api), None, None, None, Fill(), None)
        module.kept = (api, newest)
        FakeTensor.__dlpack_c_exchange_api__ = capsule_new(ctypes.addressof(newest), b"dlpack_exchange_api", None)
    sys.modules["torch"] = module
