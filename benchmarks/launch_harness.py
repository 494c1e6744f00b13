# SPDX-License-Identifier: MIT
"""How a launch from Python is timed, and the bare C++ loop in the same process that it is compared with."""

from __future__ import annotations

import ctypes
import gc
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cujitsu as cj
import numpy as np

ELEMENTS = 1000
GRID = 4
BLOCK = 256
# Few enough that the queue of the device (1024 launches) never fills.
LAUNCHES = 200
UNROLLED = 20
GRAPH_KERNELS = 100
GRAPH_LAUNCHES = 5

SOURCE = (Path(__file__).parent / "launch_kernels.cu").read_text()
# What the kernels are launched with, behind their pointers; small integers, so that sums of floats are exact.
SAXPY_SCALARS = {"a": 2.0, "n": ELEMENTS}
MIXED_SCALARS = {"a": 2.0, "b": 3.0, "n": ELEMENTS, "m": 5, "p": 7, "q": 11, "s": 13, "c": 17, "e": 19.0, "f": 23}
MIXED_SCALARS |= {"g": True, "h": 29.0}
MIXED_TYPES = {"a": "f4", "b": "f8", "n": "i4", "m": "u4", "p": "i8", "q": "u8", "s": "i2", "c": "u1", "e": "f4"}
MIXED_TYPES |= {"f": "i4", "g": "?", "h": "f8"}

X = np.arange(ELEMENTS, dtype=np.float32)
D = np.full(ELEMENTS, 3.0)
I = np.arange(ELEMENTS, dtype=np.int32)  # noqa: E741
SAXPY_RESULT = 2 * X
MIXED_RESULT = (2 * X + 3 * D + I + (5 + 7 + 11 + 13 + 17 + 19 + 23 + 1 + 29)).astype(np.float32)


def numpy_scalars(values: dict[str, object], types: dict[str, str]) -> dict[str, object]:
    """For libraries that know no signature: the caller says each type."""
    return {name: np.dtype(types[name]).type(value) for name, value in values.items()}


class BareDriver:
    """The driver that cujitsu has opened, called by a loop in C++. Raises RuntimeError."""

    def __init__(self, library: Path):
        self._library = ctypes.CDLL(str(library))
        path = next(candidate.path for candidate in cj.driver_report().candidates if candidate.chosen)
        self._call("bench_open", path.encode())
        self.executes = not hasattr(ctypes.CDLL(path), "cujitsu_null_driver")

    def _call(self, name: str, *arguments: object) -> None:
        function = getattr(self._library, name)
        function.restype = ctypes.c_char_p
        if failure := function(*arguments):
            raise RuntimeError(failure.decode())

    def load(self, image: bytes, name: str) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
        """The function of the current context, and the kernel of every context."""
        function, kernel = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("bench_load", image, name.encode(), ctypes.byref(function), ctypes.byref(kernel))
        return function, kernel

    def synchronize(self) -> None:
        self._call("bench_synchronize")

    def time_launches(self, function: ctypes.c_void_p, parameters: ctypes.Array) -> float:
        """Nanoseconds for each launch."""
        each = ctypes.c_double()
        self._call("bench_time_launches", function, GRID, BLOCK, parameters, LAUNCHES, ctypes.byref(each))
        return each.value

    def make_graph(
        self, function: ctypes.c_void_p, parameters: ctypes.Array
    ) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
        executable, stream = ctypes.c_void_p(), ctypes.c_void_p()
        made = ctypes.byref(executable), ctypes.byref(stream)
        self._call("bench_make_graph", function, GRID, BLOCK, parameters, GRAPH_KERNELS, *made)
        return executable, stream

    def time_graph(self, graph: tuple[ctypes.c_void_p, ctypes.c_void_p], waiting: bool) -> float:
        each = ctypes.c_double()
        self._call("bench_time_graph", *graph, GRAPH_LAUNCHES, int(waiting), ctypes.byref(each))
        return each.value

    def read(self, array: np.ndarray, address: int) -> None:
        self._call(
            "bench_read", ctypes.c_void_p(array.ctypes.data), ctypes.c_uint64(address), ctypes.c_size_t(array.nbytes)
        )

    def write(self, address: int, array: np.ndarray) -> None:
        self._call(
            "bench_write", ctypes.c_uint64(address), ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
        )


def pointers_to(values: list[ctypes._SimpleCData]) -> ctypes.Array:
    """cuLaunchKernel's list of parameters; keeps the values alive."""
    array = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
    array.values = values
    return array


@dataclass
class Contender:
    """One way to launch. `batch` returns nanoseconds for each launch and does not wait for the device afterwards."""

    name: str
    arguments: int
    batch: Callable[[], float]
    baseline: str = ""  # the name of a contender with as many arguments; empty: it is a baseline
    goal_above: float | None = None  # nanoseconds above the baseline
    goal_ratio: float | None = None
    times: list[float] = field(default_factory=list)


def timed(statement: str, names: dict[str, object], launches: int = LAUNCHES, unrolled: int = UNROLLED) -> Callable:
    """A function that executes a statement `launches` times and returns the nanoseconds for each.

    The statement is repeated in the text of a loop, so that of Python's own loop 1/`unrolled` remains, and its names
    are the function's locals, as in a loop that somebody has written with care.
    """
    body = "\n        ".join([statement] * unrolled)
    arguments = ", ".join(names)
    text = f"""
def batch(_clock, _repeat, _times, {arguments}):
    _start = _clock()
    for _ in _repeat(None, _times):
        {body}
    return _clock() - _start
"""
    scope: dict[str, Callable] = {}
    exec(text, scope)
    batch, values, times = scope["batch"], tuple(names.values()), launches // unrolled
    return lambda: batch(time.perf_counter_ns, itertools.repeat, times, *values) / (times * unrolled)


def check_result(bare: BareDriver, name: str, address: int, expected: np.ndarray, launch: Callable[[], object]) -> None:
    """Launches once, and refuses to measure what does not compute what it should."""
    zeros = np.zeros_like(expected)
    bare.synchronize()
    bare.write(address, zeros)
    launch()
    bare.synchronize()
    result = np.empty_like(expected)
    bare.read(result, address)
    if bare.executes and not np.array_equal(result, expected):
        wrong = int(np.flatnonzero(result != expected)[0])
        raise RuntimeError(f"{name}: element {wrong} is {result[wrong]} and not {expected[wrong]}")


def measure(contenders: list[Contender], rounds: int, synchronize: Callable[[], None]) -> None:
    """Batches in turn, begun by another contender in each round, with the garbage collector off."""
    gc.collect()
    gc.disable()
    try:
        for turn in range(-2, rounds):  # two to warm up
            first = turn % len(contenders)
            for contender in contenders[first:] + contenders[:first]:
                nanoseconds = contender.batch()
                synchronize()
                if turn >= 0:
                    contender.times.append(nanoseconds)
    finally:
        gc.enable()


def rows_of(contenders: list[Contender]) -> list[dict]:
    baselines = {(it.name, it.arguments): statistics.median(it.times) for it in contenders if not it.baseline}
    return [
        {
            "name": it.name,
            "arguments": it.arguments,
            "ns": statistics.median(it.times),
            "bare_ns": baselines[it.baseline or it.name, it.arguments],
            "goal_above_ns": it.goal_above,
            "goal_ratio": it.goal_ratio,
        }
        for it in contenders
    ]


def skip(name: str, reason: object) -> None:
    print(f"no rows about {name}: {reason}", file=sys.stderr)
