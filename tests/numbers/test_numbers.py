# SPDX-License-Identifier: MIT
"""softgpu computes what a GPU was recorded to compute. Skipped where the software driver has not been built."""

from __future__ import annotations

import functools
import os
from fnmatch import fnmatchcase
from pathlib import Path

import comparison
import generator
import pytest
import recorded
from runner import Runner

from driver import Driver

LIBRARY = "libcujitsu_softgpu.so"
SHOWN = 4  # wrong cases of a variant
REFUSED = Path(__file__).resolve().parent / "refused.txt"


def library() -> Path | None:
    """Named by the environment, or beside the package, installed or in its build tree."""
    if named := os.environ.get("CUJITSU_SOFTGPU_LIBRARY"):
        return Path(named)
    try:
        import cujitsu
    except ImportError:
        return None
    package = Path(cujitsu.__file__).absolute().parent
    candidates = (package / LIBRARY, package / "lib" / LIBRARY, package.parents[1] / "lib" / LIBRARY)
    return next((path for path in candidates if path.exists()), None)


@functools.cache
def recording() -> recorded.Recording:
    return recorded.read()


@functools.cache
def refused_patterns() -> tuple[str, ...]:
    lines = (line.strip() for line in REFUSED.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def is_refused(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in refused_patterns())


@pytest.fixture(scope="module")
def runner() -> Runner:
    path = library()
    if path is None:
        pytest.skip(f"{LIBRARY} is not beside the package, and CUJITSU_SOFTGPU_LIBRARY does not name it")
    return Runner(Driver(str(path)))


@pytest.mark.parametrize("family", generator.families())
def test_numbers_are_those_of_a_gpu(family: str, runner: Runner) -> None:
    problems: list[str] = []
    wrong_variants = wrong_cases = cases = variants = 0
    for members in generator.modules(family):
        for outcome in runner.run([member for member in members if member.name not in recording().left_out]):
            variant = outcome.variant
            variants, cases = variants + 1, cases + variant.count
            if outcome.results is None:
                if not is_refused(variant.name):
                    problems.append(f"{variant.name}: {outcome.refusal}")
                    wrong_variants += 1
                continue
            if is_refused(variant.name):
                problems.append(f"{variant.name}: runs, although refused.txt lists it")
            expected = recording().results(variant)
            wrong = comparison.mismatches(variant, expected, outcome.results)
            if not wrong.any():
                continue
            wrong_variants, wrong_cases = wrong_variants + 1, wrong_cases + int(wrong.sum())
            places = wrong.nonzero()[0]
            problems += [comparison.describe(variant, int(at), expected, outcome.results) for at in places[:SHOWN]]
            if len(places) > SHOWN:
                problems.append(f"{variant.name}: {len(places)} of {variant.count} cases differ")
    if problems:
        count = f"{wrong_variants} of {variants} variants and {wrong_cases} of {cases} cases differ"
        pytest.fail("\n".join([f"{family}: {count}", *problems]), pytrace=False)


def test_the_list_of_refusals_names_existing_variants() -> None:
    names = [variant.name for variant in generator.all_variants()]
    idle = [pattern for pattern in refused_patterns() if not any(fnmatchcase(name, pattern) for name in names)]
    assert not idle
