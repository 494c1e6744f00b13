# SPDX-License-Identifier: MIT
"""Measurements that are programs of their own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

FRESH_PROCESSES = 31


def run(command: list[str], environment: dict[str, str]) -> list[dict]:
    """The JSON lines that a command prints. What it says besides is for the reader."""
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stderr}")
    print(result.stderr, end="", file=sys.stderr)
    return [json.loads(line) for line in result.stdout.splitlines()]


def median(rows: list[dict], key: str) -> float:
    return statistics.median(row[key] for row in rows)
