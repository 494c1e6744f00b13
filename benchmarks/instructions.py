# SPDX-License-Identifier: MIT
"""Counts the instructions of a launch, under callgrind and with a driver whose calls return at once.

Callgrind counts nothing but a loop of COUNT launches, behind some that it does not count, so that all that happens once
is left out. A count does not depend on the machine's load. Needs valgrind, and no GPU.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from table import print_table

COUNT = 2000
WARM_UP = 100
REGION = "cujitsu_counted_region"  # a function of bare_driver.cpp
ARGUMENTS = "y, x, a, n"
MIXED = "y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h"

# What is executed, and how often in the loop `for _ in repeat(None, count)`.
PYTHON_FORMS = {
    "empty loop": "pass",
    "keyword form": f"kernel({ARGUMENTS}, grid=grid, block=block)",
    "keyword form, grid and block as tuples": f"kernel({ARGUMENTS}, grid=grids, block=blocks)",
    "keyword form, stream=": f"kernel({ARGUMENTS}, grid=grid, block=block, stream=stream)",
    "keyword form, numpy scalars": "kernel(y, x, numpy_a, numpy_n, grid=grid, block=block)",
    "subscript form": f"kernel[grid, block]({ARGUMENTS})",
    "subscript form, kernel[grid, block] kept": f"kept({ARGUMENTS})",
    "BoundLaunch": "bound()",
    "keyword form, 16 arguments": f"mixed({MIXED}, grid=grid, block=block)",
    "subscript form, 16 arguments": f"mixed[grid, block]({MIXED})",
    "subscript form, kernel[grid, block] kept, 16 arguments": f"kept_mixed({MIXED})",
    "BoundLaunch, 16 arguments": "bound_mixed()",
}
CPP_FORMS = {
    "C++: bare call of cuLaunchKernel": "bare-4",
    "C++: Kernel::launch": "launch-4",
    "C++: BoundLaunch": "bound-4",
    "C++: Kernel::launch, 16 arguments": "launch-16",
    "C++: BoundLaunch, 16 arguments": "bound-16",
}
GOALS = {"keyword form": 700}


def execute(form: str, count: int, folder: Path) -> None:
    """What a process under callgrind does."""
    import ctypes

    import cujitsu as cj

    module = cj.SourceModule((Path(__file__).parent / "launch_kernels.cu").read_text())
    names: dict[str, object] = {"kernel": module.get_function("saxpy"), "mixed": module.get_function("mixed")}
    names |= {name: cj.mem_alloc(8000) for name in "yxdi"}
    names |= {"a": 2.0, "b": 3.0, "n": 1000, "m": 5, "p": 7, "q": 11, "s": 13, "c": 17, "e": 19.0, "f": 23, "g": True}
    names |= {"h": 29.0, "grid": 4, "block": 256, "grids": (4, 1, 1), "blocks": (256, 1, 1)}
    statement = PYTHON_FORMS[form]
    if "stream" in statement:
        names["stream"] = cj.Stream()
    if "numpy" in statement:
        import numpy

        names |= {"numpy_a": numpy.float32(2), "numpy_n": numpy.int32(1000)}
    settings = {"grid": names["grid"], "block": names["block"]}
    names["kept"], names["kept_mixed"] = names["kernel"][4, 256], names["mixed"][4, 256]
    names["bound"] = names["kernel"].bind(*(names[name] for name in ARGUMENTS.split(", ")), **settings)
    names["bound_mixed"] = names["mixed"].bind(*(names[name] for name in MIXED.split(", ")), **settings)
    scope: dict = {}
    exec(f"def loop(_times, {', '.join(names)}):\n    for _ in _times:\n        {statement}\n", scope)
    loop, values, failures = scope["loop"], names.values(), []

    @ctypes.CFUNCTYPE(None)
    def counted() -> None:
        try:
            loop(itertools.repeat(None, count), *values)
        except BaseException as error:  # ctypes would print and forget it
            failures.append(error)

    loop(itertools.repeat(None, WARM_UP), *values)
    ctypes.PyDLL(str(folder / "libcujitsu_bench_loop.so")).bench_count(counted)
    if failures:
        raise failures[0]


def functions_of(profile: str) -> Counter[str]:
    """Instructions by function, without those of what it calls, from callgrind's own format."""
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    function, is_call = "", False
    for line in profile.splitlines():
        if match := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            if match[2]:
                names[match[1]] = match[2]
            if line.startswith("fn="):
                function = names[match[1]]
        elif line.startswith("calls="):
            is_call = True
        elif match := re.match(r"(?:\d+|[+-]\d+|\*) (\d+)$", line):
            if not is_call:  # the line after calls= is what was called
                costs[function] += int(match[1])
            is_call = False
    total = int(re.search(r"^(?:summary|totals): (\d+)", profile, re.MULTILINE)[1])
    if costs.total() != total:
        raise RuntimeError(f"callgrind's profile was misread: {costs.total()} instructions of {total}")
    return costs


class Counting:
    """Runs processes under callgrind, with a kernel cache of their own in `folder`."""

    def __init__(self, built: Path, folder: Path):
        self._built = built.resolve()
        self._profile = folder / "callgrind.out"
        self._environment = os.environ | {
            "CUJITSU_DRIVER": "cuda",
            "CUJITSU_LIBCUDA": str(self._built / "libcujitsu_null_driver.so"),
            "CUJITSU_CACHE_DIR": str(folder / "cache"),
            "PYTHONHASHSEED": "0",
        }

    def _run(self, command: list[str]) -> None:
        result = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stdout}{result.stderr}")

    def command(self, form: str, count: int) -> list[str]:
        if form in CPP_FORMS:
            return [str(self._built / "cujitsu_bench"), "launch-repeat", CPP_FORMS[form], str(count)]
        return [sys.executable, __file__, "--folder", str(self._built), "--execute", form, str(count)]

    def prime(self) -> None:
        """Compiles the kernels, so that no process under callgrind has to."""
        self._run(self.command("keyword form", 1))
        self._run(self.command("C++: Kernel::launch", 1))

    def of_each(self, form: str) -> dict[str, float]:
        """Instructions of one launch, by function."""
        options = ["--tool=callgrind", f"--callgrind-out-file={self._profile}", f"--toggle-collect={REGION}"]
        self._run(["valgrind", *options, *self.command(form, COUNT)])
        return {name: cost / COUNT for name, cost in functions_of(self._profile.read_text()).items()}


HEADER = ("launch", "instructions", "without Python's loop", "goal", "")


def cells_of(row: dict) -> tuple[str, ...]:
    goal = "" if row["goal"] is None else f"≤ {row['goal']}"
    met = "" if row["goal"] is None else "met" if row["net"] <= row["goal"] else "missed"
    return (row["name"], f"{row['all']:.0f}", "" if row["net"] is None else f"{row['net']:.0f}", goal, met)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    folder = Path(os.environ.get("CUJITSU_BENCHMARKS", "build/release/benchmarks"))
    parser.add_argument("--folder", type=Path, default=folder, help="where cujitsu_bench and its libraries were built")
    parser.add_argument(
        "--form", action="append", choices=[*PYTHON_FORMS, *CPP_FORMS], help="this row; may be repeated"
    )
    parser.add_argument("--functions", type=int, metavar="COUNT", help="also the COUNT costliest functions of each row")
    parser.add_argument("--markdown", action="store_true", help="the table as docs/benchmarks.md has it")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    parser.add_argument("--execute", nargs=2, metavar=("FORM", "COUNT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.execute:
        execute(arguments.execute[0], int(arguments.execute[1]), arguments.folder)
        return 0

    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed: it counts the instructions")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        counting = Counting(arguments.folder, Path(scratch))
        counting.prime()
        empty = sum(counting.of_each("empty loop").values())
        for form in arguments.form or [*PYTHON_FORMS, *CPP_FORMS]:
            functions = counting.of_each(form)
            count = sum(functions.values())
            net = None if form in CPP_FORMS or form == "empty loop" else count - empty
            rows.append({"name": form, "all": count, "net": net, "goal": GOALS.get(form)})
            if arguments.functions:
                print(f"{form}: {count:.1f}")
                for name, cost in sorted(functions.items(), key=lambda item: -item[1])[: arguments.functions]:
                    print(f"  {cost:8.1f}  {name}")
    print_table(HEADER, [cells_of(row) for row in rows], arguments.markdown)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
