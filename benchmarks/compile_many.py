# SPDX-License-Identifier: MIT
"""Many programs at once against one by one, and precompiled headers: prints one JSON line for each row.

Each measurement compiles programs that nothing has seen before, into a cache of its own. With --modes every way of
compile_many is measured, which is what its choice between threads and processes was made from.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable

import cujitsu as cj

seeds = itertools.count(os.getpid() * 1_000_000)


def plain(seed: int) -> str:
    return f"""
__global__ void saxpy(float* y, const float* x, float a, int n) {{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i] + {seed}.0f;
}}
"""


def half(seed: int) -> str:
    return "#include <cuda_fp16.h>\n" + plain(seed)


def cub(seed: int) -> str:
    return f"""#include <cub/block/block_reduce.cuh>
__global__ void sum(const float* x, float* y) {{
  using Reduce = cub::BlockReduce<float, 128>;
  __shared__ typename Reduce::TempStorage storage;
  float total = Reduce(storage).Sum(x[threadIdx.x] + {seed}.0f);
  if (threadIdx.x == 0) *y = total;
}}
"""


def time_of(call: Callable[[list[str], cj.KernelCache], object], make: Callable[[int], str], count: int) -> float:
    """Seconds for `count` new programs."""
    sources = [make(next(seeds)) for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        cache = cj.KernelCache(folder)
        start = time.perf_counter()
        call(sources, cache)
        seconds = time.perf_counter() - start
        assert cache.stats().entries == count
    return seconds


def one_by_one(sources: list[str], cache: cj.KernelCache) -> None:
    for source in sources:
        cj.SourceModule(source, cache=cache, arch="sm_80")


def many(mode: str, workers: int) -> Callable[[list[str], cj.KernelCache], object]:
    def call(sources: list[str], cache: cj.KernelCache) -> object:
        return cj.compile_many(sources, cache=cache, arch="sm_80", mode=mode, workers=workers, progress=False)

    return call


def row(name: str, baseline: str, ours: float, theirs: float, target: float | None, better: str = "higher") -> None:
    ratio = theirs / ours if better == "higher" else ours / theirs
    print(
        json.dumps(
            {
                "name": name,
                "baseline": baseline,
                "ours_us": 1e6 * ours,
                "baseline_us": 1e6 * theirs,
                "ratio": ratio,
                "better": better,
                "target": target,
            }
        ),
        flush=True,
    )


def compare(name: str, make: Callable[[int], str], count: int, modes: list[str], workers: int, rounds: int) -> None:
    """The best of some rounds that take turns: other work on the machine only ever adds time."""
    alone, together = [], {mode: [] for mode in modes}
    for _ in range(rounds):
        alone.append(time_of(one_by_one, make, count))
        for mode in modes:
            together[mode].append(time_of(many(mode, workers), make, count))
    for mode in modes:
        target = 0.8 * workers if mode == "auto" else None
        row(
            f"compile_many, {count} {name}, {workers} workers, {mode}",
            "one by one",
            min(together[mode]),
            min(alone),
            target,
        )


def precompiled() -> None:
    def one(pch: str) -> float:
        source = cub(next(seeds))
        start = time.perf_counter()
        cj.compile(source, arch="sm_80", cache=False, pch=pch)
        return time.perf_counter() - start

    without = min(one("off") for _ in range(3))
    row("CUB, first compile with pch='auto'", "without", one("auto"), without, None, "lower")
    row("CUB, further compiles with pch='auto'", "without", min(one("auto") for _ in range(3)), without, 0.25, "lower")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="kernels without headers")
    parser.add_argument("--cub", type=int, default=24, help="programs that include CUB; 0 for none")
    parser.add_argument("--half", type=int, default=0, help="programs that include cuda_fp16.h")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--modes", action="store_true", help="threads and processes besides auto")
    parser.add_argument("--no-pch", action="store_true")
    arguments = parser.parse_args()
    cj.compile(plain(next(seeds)), arch="sm_80", cache=False)  # loads NVRTC
    modes = ["auto", "threads", "processes"] if arguments.modes else ["auto"]
    for name, make, count in (
        ("kernels", plain, arguments.count),
        ("with cuda_fp16", half, arguments.half),
        ("with CUB", cub, arguments.cub),
    ):
        if count > 0:
            compare(name, make, count, modes, arguments.workers, arguments.rounds)
    if not arguments.no_pch:
        precompiled()
    return 0


if __name__ == "__main__":
    sys.exit(main())
