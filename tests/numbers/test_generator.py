# SPDX-License-Identifier: MIT
"""The generator makes the same, well-formed variants everywhere, and the files keep results unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import comparison
import generator
import numpy as np
import pytest
import recorded
from runner import MOST_CASES, Outcome
from values import BF16, F16, F32, F64, Float, Random, float_edges
from variant import BLOCK, Variant, module_ptx, plain

HERE = Path(__file__).resolve().parent


def test_names_and_entries_are_unique() -> None:
    variants = generator.all_variants()
    assert len({variant.name for variant in variants}) == len(variants)
    assert len({variant.entry for variant in variants}) == len(variants)


def test_another_process_makes_the_same_variants() -> None:
    code = "import generator, recorded; print(recorded.revision(generator.all_variants()))"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(HERE)}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == recorded.revision(generator.all_variants())


def test_modules_hold_every_variant_once_and_stay_small() -> None:
    made = list(generator.modules())
    assert [variant for members in made for variant in members] == list(generator.all_variants())
    assert all(len(members) <= generator.ENTRIES_PER_MODULE for members in made)
    assert all(len({(variant.family, variant.target) for variant in members}) == 1 for members in made)


def test_variants_have_consistent_shapes() -> None:
    for variant in generator.all_variants():
        assert len(variant.inputs) == len(variant.operands), variant.name
        assert len({len(column) for column in variant.inputs}) == 1, variant.name
        assert 0 < variant.count <= min(MOST_CASES, 1000), variant.name
        assert not variant.whole_warps or variant.count % BLOCK == 0, variant.name
        assert not variant.bound or variant.bound in comparison.BOUNDS, variant.name
        for column, bits in zip(variant.inputs, variant.operands):
            limit = 2 ** (32 if bits == 8 else bits)
            assert column.dtype == np.uint64 and int(column.max()) < limit, variant.name


def test_a_module_has_one_header_and_one_entry_for_each_variant() -> None:
    members = next(generator.modules("add"))
    text = module_ptx(members)
    assert text.count(".version") == 1 and text.count(".target") == 1
    assert text.count(".visible .entry") == len(members)


def test_random_numbers_are_fixed() -> None:
    random = Random(1)
    assert [random.bits(32) for _ in range(3)] == [93686501, 1731125015, 2052755267]
    assert 0 <= Random(5).below(7) < 7


@pytest.mark.parametrize(("form", "kind"), [(F16, np.float16), (F32, np.float32), (F64, np.float64)])
def test_encoding_agrees_with_numpy(form: Float, kind: type) -> None:
    unsigned = np.dtype(f"u{form.bits // 8}")
    for value in (0.0, -0.0, 1.0, -1.5, 0.25, 254.5, 2.0**-14, 2.0**-24, 65504.0):
        assert form.encode(value) == int(np.array([value], dtype=kind).view(unsigned)[0])


def test_edges_contain_the_ends_of_every_range() -> None:
    assert {0, 0x8000, 1, 0x007F, 0x0080, 0x3F80, 0x7F7F, 0x7F80, 0xFF80, 0x7FC0, 0x7F81} <= set(float_edges(BF16))


def _example(bound: str = "", name: str = "rcp.approx.f32", inputs: tuple[int, ...] = (0x40400000,)) -> Variant:
    return plain(name, (32,), (32,), (np.array(inputs, dtype=np.uint64),), bound=bound)


def _wrong(variant: Variant, expected: int, actual: int) -> bool:
    columns = [(np.array([value], dtype=np.uint32),) for value in (expected, actual)]
    return bool(comparison.mismatches(variant, columns[0], columns[1])[0])


def test_results_are_compared_bit_by_bit_unless_there_is_a_bound() -> None:
    assert _wrong(_example(), 0x3EAAAAAA, 0x3EAAAAAB)
    assert not _wrong(_example("rcp"), 0x3EAAAAAA, 0x3EAAAAAB)
    assert _wrong(_example("rcp"), 0x3EAAAAAA, 0x3EAAAAAC)
    assert _wrong(_example("rcp"), 0x7FFFFFFF, 0x7FC00000), "the bits of a NaN count"
    assert _wrong(_example("rcp"), 0x00000001, 0x80000001), "two ulps across zero"


def test_pinned_points_allow_no_difference() -> None:
    assert _wrong(_example("rcp", inputs=(0x40000000,)), 0x3F000000, 0x3F000001)


def test_flushing_makes_zero_the_neighbour_of_the_smallest_normal_number() -> None:
    variant = _example("rcp", "rcp.approx.ftz.f32", (0x7E800001,))
    assert not _wrong(variant, 0x00000000, 0x00800000)
    assert _wrong(_example("rcp", inputs=(0x7E800001,)), 0x00000000, 0x00800000)


def test_an_absolute_bound_covers_small_results() -> None:
    assert not _wrong(_example("sin", "sin.approx.f32"), 0x00000000, 0x33800000)
    assert _wrong(_example("sin", "sin.approx.f32"), 0x00000000, 0x35800000)
    assert _wrong(_example("sin", "sin.approx.f32"), 0x7FFFFFFF, 0x00000000)


def test_recorded_results_come_back_and_stale_ones_are_refused(tmp_path: Path) -> None:
    first, second = next(generator.modules("add"))[:2]
    results = tuple(np.arange(first.count, dtype=f"<u{size}") for size in first.result_bytes)
    recorded.write(tmp_path, {"device": "none"}, [Outcome(first, results), Outcome(second, None, "line 4: no")])
    recording = recorded.read(tmp_path)
    assert recording.origin == {"device": "none"}
    assert recording.left_out == {second.name: "line 4: no"}
    assert all(np.array_equal(*pair) for pair in zip(recording.results(first), results))
    changed = plain(first.name, first.operands, first.results, tuple(column[:9] for column in first.inputs))
    with pytest.raises(ValueError, match="has changed"):
        recording.results(changed)
    with pytest.raises(KeyError):
        recording.results(second)
