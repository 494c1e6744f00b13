# SPDX-License-Identifier: MIT
"""The recorded data and the generator belong together, and the recording is believable. Needs no device."""

from __future__ import annotations

import generator
import numpy as np
import pytest
import recorded
import reference


@pytest.fixture(scope="module")
def recording() -> recorded.Recording:
    return recorded.read()


def test_every_variant_is_recorded_as_it_is_generated_now(recording: recorded.Recording) -> None:
    wanted = {variant.name: variant.checksum() for variant in generator.all_variants()}
    found = {name: wanted.get(name) for name in recording.left_out} | dict(recording.checksums)
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    assert not stale, f"{len(stale)} variants have changed since, or are not recorded: run record.py again"


def test_the_recording_says_where_it_is_from(recording: recorded.Recording) -> None:
    assert recording.origin.keys() == {"device", "compute_capability", "driver", "ptx", "date", "generator"}
    assert recording.origin["generator"] == recorded.revision(generator.all_variants())


def test_recorded_integers_are_those_of_numpy(recording: recorded.Recording) -> None:
    checked = 0
    for variant in generator.all_variants():
        wanted = reference.expected(variant)
        if wanted is not None:
            (found,) = recording.results(variant)
            assert np.array_equal(found.astype(np.uint64), wanted), variant.name
            checked += 1
    assert checked == len(reference.OPERATIONS)


def test_the_data_is_small() -> None:
    assert sum((recorded.FOLDER / name).stat().st_size for name in (recorded.STREAM, recorded.MANIFEST)) < 1_500_000
