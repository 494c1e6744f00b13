# SPDX-License-Identifier: MIT
"""Runs variants on a device and gives their result bits; what the driver refuses is an outcome too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from variant import BLOCK, REGISTERS, RESULTS, Variant, module_ptx

from driver import Driver, DriverError

MOST_CASES = 4096
FILLER = 0xA5A5A5A5A5A5A5A5
UNSIGNED = {1: np.dtype("<u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4"), 8: np.dtype("<u8")}

Results = tuple[np.ndarray, ...]  # of unsigned integers as wide as each result


@dataclass(frozen=True, eq=False)
class Outcome:
    variant: Variant
    results: Results | None
    refusal: str = ""  # why there are no results


def _agreed(variant: Variant, found: Sequence[Results]) -> Outcome:
    differing = sum(int((first != other).sum()) for results in found[1:] for first, other in zip(found[0], results))
    if differing:
        return Outcome(variant, None, f"{differing} results differ from one run to the next")
    return Outcome(variant, found[0])


class Runner:
    """Owns two buffers on the device. After a fault it starts again in a fresh context."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._allocate()

    def _allocate(self) -> None:
        self._inputs = self._driver.allocate(8 * MOST_CASES * len(REGISTERS))
        self._results = self._driver.allocate(8 * MOST_CASES * len(RESULTS))

    def _recover(self) -> bool:
        """Whether the context had to be made anew, with what was in it lost."""
        try:
            self._driver.call("cuCtxSynchronize")
        except DriverError:
            self._driver.reset()
            self._allocate()
            return True
        return False

    def run(self, members: Sequence[Variant], repeat: int = 1) -> Iterator[Outcome]:
        """One module, every entry `repeat` times, which has to give the same each time.

        If it cannot be loaded, its variants are loaded one by one, so that the culprit is named.
        """
        members = list(members)
        while members:
            try:
                module = self._driver.load(module_ptx(members))
            except DriverError as error:
                if len(members) == 1:
                    yield Outcome(members[0], None, str(error))
                else:
                    for variant in members:
                        yield from self.run([variant], repeat)
                return
            lost = False
            while members and not lost:
                variant = members.pop(0)
                try:
                    found = [self._run_one(module, variant) for _ in range(repeat)]
                    yield _agreed(variant, found)
                except DriverError as error:
                    lost = self._recover()
                    yield Outcome(variant, None, str(error))
            if not lost:
                self._driver.unload(module)

    def _run_one(self, module: int, variant: Variant) -> Results:
        count = variant.count
        if count > MOST_CASES or variant.whole_warps and count % BLOCK:
            raise ValueError(f"{variant.name} has {count} cases")
        function = self._driver.function(module, variant.entry)
        self._driver.upload(self._inputs, np.concatenate(variant.inputs))
        total = count * len(variant.results)
        self._driver.upload(self._results, np.full(total, FILLER, dtype=np.uint64))
        self._driver.launch(function, -(-count // BLOCK), BLOCK, self._inputs, self._results)
        stored = self._driver.download(self._results, total).reshape(len(variant.results), count)
        kinds = [UNSIGNED[size] for size in variant.result_bytes]
        return tuple(column.astype(kind) for column, kind in zip(stored, kinds))
