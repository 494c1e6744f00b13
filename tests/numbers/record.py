#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every variant on a GPU and writes what it answered to data/, which softgpu is then compared with.

What the driver refuses, and what differs from one run to the next, is listed on stderr with its log, noted in the
manifest, and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from pathlib import Path

import generator
import recorded
from runner import Outcome, Runner

from driver import Driver

REPEAT = 3  # launches of every entry: what does not give the same each time is no fact


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--driver", default="libcuda.so.1", help="the driver library (libcuda.so.1)")
    parser.add_argument("--device", type=int, default=0, help="its number (0)")
    parser.add_argument("--output", type=Path, default=recorded.FOLDER, help="the folder to write to")
    parser.add_argument("--family", help="run only this family and write nothing")
    options = parser.parse_args()

    started = time.monotonic()
    driver = Driver(options.driver, options.device)
    runner = Runner(driver)
    outcomes: list[Outcome] = []
    for members in generator.modules(options.family):
        for outcome in runner.run(members, REPEAT):
            outcomes.append(outcome)
            if outcome.results is None:
                print(f"left out: {outcome.variant.name}: {outcome.refusal}", file=sys.stderr)
    refused = sum(outcome.results is None for outcome in outcomes)
    print(
        f"{driver.name}, compute capability {driver.compute_capability}, driver {driver.version}: "
        f"{len(outcomes) - refused} variants run, {refused} left out, "
        f"{sum(outcome.variant.count for outcome in outcomes)} cases, {time.monotonic() - started:.1f} s"
    )
    if not options.family:
        origin = {
            "device": driver.name,
            "compute_capability": driver.compute_capability,
            "driver": driver.version,
            "ptx": "9.0",
            "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            "generator": recorded.revision(generator.all_variants()),
        }
        stream, manifest = recorded.write(options.output, origin, outcomes)
        print(f"{options.output}: {stream} bytes of results, {manifest} bytes of manifest")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
