# SPDX-License-Identifier: MIT
"""Steers tests/support/fake_driver.cpp, a CUDA driver that executes nothing: see fake_driver.hpp there."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import cujitsu


def library() -> Path | None:
    """Where the build tree that holds the package under test has put the fake; None where there is none."""
    named = os.environ.get("CUJITSU_FAKE_DRIVER")
    build_tree = Path(cujitsu.__file__).absolute().parents[2]
    candidate = Path(named) if named else build_tree / "tests" / "libcujitsu_fake_driver.so"
    return candidate if candidate.exists() else None


def in_use() -> bool:
    """Whether this process has been told to use it."""
    return os.environ.get("CUJITSU_LIBCUDA", "") == str(library())


class _Control(ctypes.Structure):
    _fields_ = (
        ("fail", ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
        ("calls", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)),
        (
            "record_arguments",
            ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.c_size_t),
        ),
        ("allocated", ctypes.CFUNCTYPE(ctypes.c_size_t)),
        ("break_context", ctypes.CFUNCTYPE(None, ctypes.c_int)),
        ("reset", ctypes.CFUNCTYPE(None)),
    )


def control() -> _Control:
    """Its functions; the library is already in the process."""
    get = ctypes.CDLL(str(library())).fake_driver_control
    get.restype = ctypes.POINTER(_Control)
    return get().contents


def launched_with(kernel: cujitsu.Kernel, *args: object, **keywords: object) -> list[bytes]:
    """Launches, and returns each parameter's bytes as the driver has got them."""
    sizes = [parameter.size for parameter in kernel.signature.parameters]
    received = ctypes.create_string_buffer(sum(sizes) or 1)
    control().record_arguments(received, (ctypes.c_size_t * len(sizes))(*sizes), len(sizes))
    try:
        kernel(*args, block=keywords.pop("block", 1), **keywords)
    finally:
        control().reset()
    parts, at = [], 0
    for size in sizes:
        parts.append(received.raw[at : at + size])
        at += size
    return parts
