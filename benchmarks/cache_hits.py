# SPDX-License-Identifier: MIT
"""What a hit of the kernel cache takes, first in a process and later: without includes, and with those of CUB."""

from __future__ import annotations

import statistics
import time

from processes import FRESH_PROCESSES, median, run

# Microseconds: from string to Kernel, and with CUB's hundreds of headers to code, first in a process and again.
GOAL = 100
GOAL_CUB_FIRST, GOAL_CUB_AGAIN = 10_000, 1_000


def row(name: str, baseline: str, ours: float, theirs: float, goal: float | None) -> dict:
    return {
        "name": f"cache hit, {name}",
        "baseline": baseline,
        "ours_us": ours,
        "baseline_us": theirs,
        "ratio": ours / theirs,
        "better": "lower",
        "target": None if goal is None else goal / theirs,
    }


def hit_rows(program: str, environment: dict[str, str], has_device: bool) -> list[dict]:
    """A compile that these hits save is the baseline, but for the load: that is compared with the bare driver's."""
    rows = []
    for kind, what in (("plain", "no includes"), ("cub", "CUB's headers")):
        compiled = run([program, "prime", kind], environment)[0]["compile_us"]
        run([program, "hit", kind], environment)  # whatever a first process does once for all
        time.sleep(2.5)  # an entry that has just been written is read again each time
        hits, bare = [], []
        for _ in range(FRESH_PROCESSES):
            hits += run([program, "hit", kind], environment)
            if has_device and kind == "plain":
                bare += run([program, "bare-load"], environment)
        first, again = (GOAL_CUB_FIRST, GOAL_CUB_AGAIN) if kind == "cub" else (None if has_device else GOAL, None)
        compiling = "the compile, with NVRTC's start"
        rows.append(row(f"{what}, first in a process, to code", compiling, median(hits, "compile_us"), compiled, first))
        rows.append(row(f"{what}, again, to code", compiling, median(hits, "again_us"), compiled, again))
        if bare:
            total = statistics.median(hit["compile_us"] + hit["load_us"] for hit in hits)
            driver = "bare cuLibraryLoadData … cuKernelGetFunction"
            rows.append(row(f"{what}, first in a process, to Kernel", driver, total, median(bare, "load_us"), GOAL))
            total = statistics.median(hit["again_us"] + hit["again_load_us"] for hit in hits)
            rows.append(row(f"{what}, again, to Kernel", driver, total, median(bare, "load_us"), None))
    return rows
