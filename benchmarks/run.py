# SPDX-License-Identifier: MIT
"""Prints the benchmark table: `./dev bench`. Each row is a ratio to a baseline that was measured in the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from cache_hits import hit_rows
from processes import FRESH_PROCESSES, median, run


def import_row(environment: dict[str, str]) -> dict:
    code = (
        "import time; t0 = time.perf_counter(); import numpy; t1 = time.perf_counter(); import cujitsu;"
        "t2 = time.perf_counter(); import json; print(json.dumps({'numpy_us': (t1-t0)*1e6, 'ours_us': (t2-t1)*1e6}))"
    )
    rows = []
    for _ in range(FRESH_PROCESSES):
        rows += run([sys.executable, "-c", code], environment)
    ours, numpy = median(rows, "ours_us"), median(rows, "numpy_us")
    return {
        "name": "import cujitsu after numpy",
        "baseline": "import numpy",
        "ours_us": ours,
        "baseline_us": numpy,
        "ratio": ours / numpy,
        "better": "lower",
        "target": 10_000 / numpy,
    }


def softgpu_rows(program: str, environment: dict[str, str], folder: str) -> list[dict]:
    """What softgpu takes on one thread and with AVX2, beside PoCL on one thread; and on two threads."""
    one_thread = environment | {
        "CUJITSU_DRIVER": "softgpu",
        "CUJITSU_SOFTGPU_THREADS": "1",
        "CUJITSU_SOFTGPU_ISA": "v3",
        "POCL_CACHE_DIR": str(Path(folder) / "pocl"),
        "POCL_MAX_PTHREAD_COUNT": "1",
    }
    if subprocess.run([program, "has-device"], env=one_thread).returncode != 0:
        print("no rows about softgpu: it is not built", file=sys.stderr)
        return []
    rows = run([program, "softgpu-instructions"], one_thread)
    rows += run([program, "softgpu-kernels"], one_thread)
    if len(os.sched_getaffinity(0)) < 2:
        print("no row about two threads: there is one CPU", file=sys.stderr)
        return rows
    one = run([program, "softgpu-threads"], one_thread)[0]["kernel_us"]
    two = run([program, "softgpu-threads"], one_thread | {"CUJITSU_SOFTGPU_THREADS": "2"})[0]["kernel_us"]
    rows.append(
        {
            "name": "softgpu: two threads",
            "baseline": "one thread",
            "ours_us": two,
            "baseline_us": one,
            "ratio": one / two,
            "better": "higher",
            "target": 1.8,
        }
    )
    return rows


def launch_rows(script: str, built: Path, environment: dict[str, str], markdown: bool) -> list[dict]:
    """Runs launch.py or instructions.py, whose tables have columns of their own and which print them themselves."""
    sys.stdout.flush()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, str(Path(__file__).parent / script), "--folder", str(built), "--json", file.name]
        if subprocess.run([*command, "--markdown"] if markdown else command, env=environment).returncode != 0:
            sys.exit(f"{script} failed")
        return json.loads(Path(file.name).read_text())


def time_text(microseconds: float) -> str:
    if microseconds < 0.1:
        return f"{microseconds * 1000:.2f} ns"
    if microseconds < 10_000:
        return f"{microseconds:.1f} µs"
    return f"{microseconds / 1000:.1f} ms"


def verdict(row: dict) -> tuple[str, str]:
    """The goal, and whether it is met. Some rows only tell."""
    if row["target"] is None:
        return "", ""
    met = row["ratio"] <= row["target"] if row["better"] == "lower" else row["ratio"] >= row["target"]
    sign = "≤" if row["better"] == "lower" else "≥"
    return f"{sign} {row['target']:.3f}", "met" if met else "missed"


def print_table(rows: list[dict]) -> None:
    header = ("what", "ours", "baseline", "ratio", "goal", "", "baseline")
    lines = [header]
    for row in rows:
        lines.append(
            (
                row["name"],
                time_text(row["ours_us"]),
                time_text(row["baseline_us"]),
                f"{row['ratio']:.3f}",
                *verdict(row),
                row["baseline"],
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = [
            cell.rjust(width) if 0 < column < 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(cells).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--program",
        default=str(Path(os.environ.get("CUJITSU_BENCHMARKS", "build/release/benchmarks")) / "cujitsu_bench"),
        help="the built cujitsu_bench",
    )
    parser.add_argument("--only", choices=("softgpu", "launches", "instructions"), help="only these rows")
    parser.add_argument(
        "--markdown", action="store_true", help="the tables about launches as docs/benchmarks.md has them"
    )
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # What is compared with the bare driver needs a GPU; softgpu has rows of its own.
        environment = {"CUJITSU_DRIVER": "cuda"} | os.environ
        environment |= {"CUJITSU_CACHE_DIR": str(Path(folder) / "cache"), "CUDA_CACHE_DISABLE": "1"}
        has_device = subprocess.run([arguments.program, "has-device"], env=environment).returncode == 0
        print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, ", end="")
        print("with a CUDA device" if has_device else "no CUDA device: what needs one is left out")
        rows = []
        if arguments.only is None:
            rows += run([arguments.program, "compile"], environment)
            rows += run([sys.executable, str(Path(__file__).parent / "compile_many.py")], environment)
            rows += hit_rows(arguments.program, environment, has_device)
            rows += run([arguments.program, "cache"], environment)
            rows.append(import_row(environment))
            rows += run([arguments.program, "copy"], environment)
        if arguments.only in (None, "softgpu"):
            rows += softgpu_rows(arguments.program, environment, folder)
        if rows:
            print_table(rows)
        built = Path(arguments.program).parent
        if arguments.only == "launches" or (arguments.only is None and has_device):
            rows += launch_rows("launch.py", built, environment, arguments.markdown)
        if arguments.only == "instructions":  # some minutes; needs valgrind, and no GPU
            rows += launch_rows("instructions.py", built, environment, arguments.markdown)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
