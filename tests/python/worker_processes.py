# SPDX-License-Identifier: MIT
"""What tests see of the worker processes that compile."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from pathlib import Path

import cujitsu as cj


def children(parent: int) -> list[int]:
    """The processes that `parent` has started and that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, ppid = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until(condition, what: str):
    deadline = time.monotonic() + 60
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        os.sched_yield()
    return value


def real_command() -> list[str]:
    """A worker that compiles."""
    code = "import sys; from cujitsu._core import cli_main; sys.exit(cli_main(['worker', *sys.argv[2:]]))"
    return [sys.executable, "-c", code]


def write_worker(file: Path, script: str, *, greets: bool = True) -> Path:
    """A program for CUJITSU_WORKER: it greets as a worker of this version does, and then does what it is told."""
    file.write_text(
        f"#!{sys.executable} -IS\n"
        "import os, signal, sys, time\n"
        f"greeting = b'cujitsu worker {cj.__version__}, protocol 2'\n"
        + ("os.write(1, len(greeting).to_bytes(8, 'little') + greeting)\n" if greets else "")
        + f"real = {real_command()!r} + sys.argv[1:]\n"
        + textwrap.dedent(script)
    )
    file.chmod(0o755)
    return file
