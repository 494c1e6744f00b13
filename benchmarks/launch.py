# SPDX-License-Identifier: MIT
"""Prints what a kernel launch costs the host: ours from C++ and from Python, and other libraries' where installed.

Every row stands beside the bare cuLaunchKernel loop in C++ of the same process. Without a GPU, softgpu or the null
driver can stand in for one (CUJITSU_DRIVER, CUJITSU_LIBCUDA), which says little about other libraries.
"""

from __future__ import annotations

import argparse
import ctypes
import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import cujitsu as cj
from launch_harness import (
    BLOCK,
    ELEMENTS,
    GRAPH_KERNELS,
    GRAPH_LAUNCHES,
    GRID,
    LAUNCHES,
    MIXED_RESULT,
    MIXED_SCALARS,
    SAXPY_RESULT,
    SAXPY_SCALARS,
    SOURCE,
    BareDriver,
    Contender,
    D,
    I,
    X,
    check_result,
    measure,
    pointers_to,
    rows_of,
    skip,
    timed,
)
from launch_peers import BARE, MIXED, PEERS
from table import print_table

BARE_GRAPH = f"bare cuGraphLaunch, {GRAPH_KERNELS} kernels"
BARE_GRAPH_WAIT = f"{BARE_GRAPH}, and wait"


class Subject:
    """The kernels and their arguments on the device, for ourselves and for the bare loop."""

    def __init__(self, bare: BareDriver):
        self.bare = bare
        self.module = cj.SourceModule(SOURCE)
        self.saxpy, self.mixed = self.module.get_function("saxpy"), self.module.get_function("mixed")
        self.buffers = {"y": cj.mem_alloc(X.nbytes)}
        for name, array in {"x": X, "d": D, "i": I}.items():
            self.buffers[name] = cj.mem_alloc(array.nbytes)
            cj.memcpy_htod(self.buffers[name], array)
        self.y_address = int(self.buffers["y"])

    def few(self, **names: object) -> dict[str, object]:
        return {"kernel": self.saxpy, "g": GRID, "b": BLOCK, **self._pointers("yx"), "a": 2.0, "n": ELEMENTS, **names}

    def many(self, **names: object) -> dict[str, object]:
        # Named apart from the arguments g and b.
        return {"kernel": self.mixed, "grid": GRID, "block": BLOCK, **self._pointers("yxdi"), **MIXED_SCALARS, **names}

    def _pointers(self, names: str) -> dict[str, object]:
        return {name: self.buffers[name] for name in names}

    def contender(
        self, name: str, statement: str, names: dict[str, object], goal: float | None, arguments: int = 4
    ) -> Contender:
        expected = SAXPY_RESULT if arguments == 4 else MIXED_RESULT
        check_result(self.bare, name, self.y_address, expected, timed(statement, names, 1, 1))
        return Contender(name, arguments, timed(statement, names), BARE, goal)


def bare_contenders(it: Subject) -> list[Contender]:
    image = it.module.ptx.encode() + b"\0" if cj.driver_report().is_software else it.module.cubin
    function, kernel = it.bare.load(image, "saxpy")
    mixed, _ = it.bare.load(image, "mixed")
    pointers = {name: ctypes.c_uint64(int(buffer)) for name, buffer in it.buffers.items()}
    c = ctypes
    few = pointers_to([pointers["y"], pointers["x"], c.c_float(SAXPY_SCALARS["a"]), c.c_int(SAXPY_SCALARS["n"])])
    types = (c.c_float, c.c_double, c.c_int, c.c_uint, c.c_longlong, c.c_ulonglong, c.c_short, c.c_ubyte, c.c_float)
    types += (c.c_int, c.c_bool, c.c_double)
    scalars = [kind(value) for kind, value in zip(types, MIXED_SCALARS.values())]
    many = pointers_to([*pointers.values(), *scalars])
    check_result(it.bare, BARE, it.y_address, LAUNCHES * SAXPY_RESULT, lambda: it.bare.time_launches(function, few))
    check_result(it.bare, BARE, it.y_address, MIXED_RESULT, lambda: it.bare.time_launches(mixed, many))
    bare, graph = it.bare, it.bare.make_graph(function, few)
    return [
        Contender(BARE, 4, lambda: bare.time_launches(function, few)),
        Contender(BARE, 16, lambda: bare.time_launches(mixed, many)),
        Contender(f"{BARE} of a CUkernel", 4, lambda: bare.time_launches(kernel, few), BARE),
        Contender(BARE_GRAPH, 4, lambda: bare.time_graph(graph, waiting=False)),
        Contender(BARE_GRAPH_WAIT, 4, lambda: bare.time_graph(graph, waiting=True)),
    ]


def our_contenders(it: Subject) -> list[Contender]:
    few, many = it.few(), it.many()
    arguments, settings = "y, x, a, n", {"grid": GRID, "block": BLOCK}
    bound = it.saxpy.bind(*(few[name] for name in arguments.split(", ")), **settings)
    bound_mixed = it.mixed.bind(*(many[name] for name in MIXED.split(", ")), **settings)
    kept, kept_mixed = it.few(kernel=it.saxpy[GRID, BLOCK]), it.many(kernel=it.mixed[GRID, BLOCK])
    tuples = it.few(g=(GRID, 1, 1), b=(BLOCK, 1, 1))
    mine = [
        it.contender("keyword form", f"kernel({arguments}, grid=g, block=b)", few, 120),
        it.contender("keyword form, grid and block as tuples", f"kernel({arguments}, grid=g, block=b)", tuples, None),
        it.contender("subscript form", f"kernel[g, b]({arguments})", few, 100),
        it.contender("subscript form, kernel[grid, block] kept", f"kernel({arguments})", kept, 100),
        it.contender("BoundLaunch", "launch()", {"launch": bound}, 50),
        it.contender("keyword form", f"kernel({MIXED}, grid=grid, block=block)", many, 250, 16),
        it.contender("subscript form", f"kernel[grid, block]({MIXED})", many, None, 16),
        it.contender("subscript form, kernel[grid, block] kept", f"kernel({MIXED})", kept_mixed, None, 16),
        it.contender("BoundLaunch", "launch()", {"launch": bound_mixed}, None, 16),
    ]
    return mine


def prepared_contenders(it: Subject) -> list[Contender]:
    kernel = it.module.get_function("saxpy")
    kernel.prepare("PPfi")
    names = it.few(kernel=kernel.prepared_call, g=(GRID, 1), b=(BLOCK, 1, 1))
    return [it.contender("prepared_call", "kernel(g, b, y, x, a, n)", names, None)]


def tensor_contenders(it: Subject) -> list[Contender]:
    import torch

    tensors = {"y": torch.zeros(ELEMENTS, device="cuda"), "x": torch.from_numpy(X).cuda()}
    name, statement = "keyword form, torch tensors", "kernel(y, x, a, n, grid=g, block=b)"
    names = it.few(**tensors)
    check_result(it.bare, name, tensors["y"].data_ptr(), SAXPY_RESULT, timed(statement, names, 1, 1))
    return [Contender(name, 4, timed(statement, names), BARE)]


def graph_contenders(it: Subject) -> list[Contender]:
    stream = cj.Stream(non_blocking=True)
    with cj.capture(stream) as graph:
        for _ in range(GRAPH_KERNELS):
            it.saxpy(it.buffers["y"], it.buffers["x"], 2.0, ELEMENTS, grid=GRID, block=BLOCK, stream=stream)
    names = {"launch": graph.instantiate().launch, "stream": stream, "wait": stream.synchronize}
    name = f"graph of {GRAPH_KERNELS} kernels, exec.launch"
    once = timed("launch(stream)", names, 1, 1)
    check_result(it.bare, name, it.y_address, GRAPH_KERNELS * SAXPY_RESULT, once)
    queued = timed("launch(stream)", names, GRAPH_LAUNCHES, GRAPH_LAUNCHES)
    awaited = timed("launch(stream); wait()", names, GRAPH_LAUNCHES, GRAPH_LAUNCHES)
    return [
        Contender(name, 4, queued, BARE_GRAPH, goal_ratio=1.05),
        Contender(f"{name}, and wait", 4, awaited, BARE_GRAPH_WAIT, goal_ratio=1.05),
    ]


def optional_contenders(it: Subject, peers: bool) -> list[Contender]:
    """What depends on other libraries, and on what this version of cujitsu can do."""
    groups: dict[str, Callable[[], Iterable[Contender]]] = {}
    if hasattr(it.saxpy, "prepare"):
        groups["prepared_call"] = lambda: prepared_contenders(it)
    else:
        skip("prepared_call", "Kernel has no prepare")
    if hasattr(cj, "capture"):
        groups["graphs from Python"] = lambda: graph_contenders(it)
    else:
        skip("graphs from Python", "cujitsu has no capture")
    if peers:
        groups["torch tensors as arguments"] = lambda: tensor_contenders(it)
        groups |= {name: functools.partial(peer, it.bare) for name, peer in PEERS.items()}
    contenders: list[Contender] = []
    for name, group in groups.items():
        try:
            contenders.extend(group())
        except ModuleNotFoundError as error:
            skip(name, f"not installed ({error})")
        except Exception as error:  # what does not work here must not end the other rows
            skip(name, f"{type(error).__name__}: {error}")
    return contenders


def cells_of(row: dict) -> tuple[str, ...]:
    above, ratio = row["ns"] - row["bare_ns"], row["ns"] / row["bare_ns"]
    goal, met = "", ""
    if row["goal_above_ns"] is not None:
        goal, met = f"≤ +{row['goal_above_ns']:.0f} ns", "met" if above <= row["goal_above_ns"] else "missed"
    elif row["goal_ratio"] is not None:
        goal, met = f"≤ {row['goal_ratio']:.2f}", "met" if ratio <= row["goal_ratio"] else "missed"
    is_baseline = row["name"].removeprefix("C++: ") in (BARE, BARE_GRAPH, BARE_GRAPH_WAIT)
    difference = "" if is_baseline else f"{above:+.0f}"
    return (row["name"], str(row["arguments"]), f"{row['ns']:.0f}", difference, f"{ratio:.3f}", goal, met)


HEADER = ("launch", "arguments", "ns", "above bare", "ratio", "goal", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    folder = Path(os.environ.get("CUJITSU_BENCHMARKS", "build/release/benchmarks"))
    parser.add_argument("--folder", type=Path, default=folder, help="where cujitsu_bench and its libraries were built")
    parser.add_argument("--rounds", type=int, default=301, help="batches of each row, of which the median counts")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--markdown", action="store_true", help="the table as docs/benchmarks.md has it")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    arguments = parser.parse_args()

    program = subprocess.run([arguments.folder / "cujitsu_bench", "launch"], capture_output=True, text=True)
    if program.returncode != 0:
        sys.exit(f"cujitsu_bench launch failed:\n{program.stderr}")
    rows = [json.loads(line) for line in program.stdout.splitlines()]
    bare = BareDriver(arguments.folder.resolve() / "libcujitsu_bench_loop.so")
    it = Subject(bare)
    contenders = bare_contenders(it) + our_contenders(it) + optional_contenders(it, not arguments.no_peers)
    measure(contenders, arguments.rounds, bare.synchronize)
    rows += rows_of(contenders)
    print_table(HEADER, [cells_of(row) for row in rows], arguments.markdown)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
