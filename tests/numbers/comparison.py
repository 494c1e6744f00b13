# SPDX-License-Identifier: MIT
"""When a result counts as the recorded one: bit for bit, but for approximate operations within a bound for each.

softgpu rounds approximate operations correctly, a GPU does not; the bounds are a GPU's measured errors. A few points
are exact on a GPU, or wrong in a way that programs see, and are wanted bit for bit: `pinned`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from values import BF16, F16, F32, F64, Float
from variant import Variant

Mask = np.ndarray  # of bool
FLOAT_OF = {"f16": np.float16, "f32": np.float32, "f64": np.float64}


def _nothing(inputs: np.ndarray) -> Mask:
    return np.zeros(len(inputs), dtype=bool)


@dataclass(frozen=True)
class Bound:
    """A result is right if it is within so many units in the last place, or within the absolute distance."""

    form: Float
    ulps: int
    absolute: float = 0.0
    pinned: Callable[[np.ndarray], Mask] = _nothing  # of the first operand's bits


def _magnitude(bits: np.ndarray, form: Float) -> np.ndarray:
    return bits.astype(np.uint64) & np.uint64(form.sign - 1)


def _power_of_two(bits: np.ndarray) -> Mask:
    """Normal f32 numbers."""
    magnitude = _magnitude(bits, F32)
    return (magnitude & np.uint64(0x7FFFFF) == 0) & (magnitude > 0) & (magnitude < np.uint64(F32.infinity))


def _whole(bits: np.ndarray) -> Mask:
    value = bits.astype(np.uint32).view(np.float32)
    with np.errstate(invalid="ignore"):
        return np.isfinite(value) & (np.trunc(value) == value)


def _lg2_pinned(bits: np.ndarray) -> Mask:
    bits = bits.astype(np.uint64)
    points = (F32.power(-1), F32.power(-126), 1)
    return (_power_of_two(bits) & (bits >= np.uint64(F32.one))) | np.isin(bits, np.array(points, dtype=np.uint64))


def _tanh_pinned(bits: np.ndarray) -> Mask:
    return _magnitude(bits, F32) < np.uint64(F32.power(-12))


BOUNDS = {
    "rcp": Bound(F32, 1, pinned=_power_of_two),
    "rsqrt": Bound(F32, 2, pinned=lambda bits: bits.astype(np.uint64) == F32.power(1)),
    "sqrt": Bound(F32, 1, pinned=_power_of_two),
    "ex2": Bound(F32, 3, pinned=_whole),
    "lg2": Bound(F32, 2, absolute=2.0**-22, pinned=_lg2_pinned),
    "sin": Bound(F32, 0, absolute=2.0**-21),
    "cos": Bound(F32, 0, absolute=2.0**-21),
    "tanh": Bound(F32, 140, pinned=_tanh_pinned),
    "div": Bound(F32, 2),
    "seed": Bound(F64, 2**34),  # relative 2^-19: two seeds of 20 bits
    "rsqrt.f64": Bound(F64, 2),
    **{f"{name}.f16{end}": Bound(F16, 1) for name in ("ex2", "tanh") for end in ("", "x2")},
    **{f"{name}.bf16{end}": Bound(BF16, 2) for name in ("ex2", "tanh") for end in ("", "x2")},
}


def mismatches(variant: Variant, expected: tuple[np.ndarray, ...], actual: tuple[np.ndarray, ...]) -> Mask:
    """By case."""
    wrong = np.zeros(variant.count, dtype=bool)
    for first, second in zip(expected, actual):
        wrong |= _outside(variant, first, second) if variant.bound else first != second
    return wrong


def _outside(variant: Variant, expected: np.ndarray, actual: np.ndarray) -> Mask:
    if expected.dtype.itemsize * 8 == BOUNDS[variant.bound].form.bits:
        return _scalar_outside(variant, variant.inputs[0], expected, actual)
    wrong = np.zeros(len(expected), dtype=bool)  # two halves
    for shift in (0, 16):
        parts = [(column.astype(np.uint64) >> np.uint64(shift)).astype(np.uint16) for column in (expected, actual)]
        inputs = variant.inputs[0] >> np.uint64(shift) & np.uint64(0xFFFF)
        wrong |= _scalar_outside(variant, inputs, parts[0], parts[1])
    return wrong


def _scalar_outside(variant: Variant, inputs: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> Mask:
    bound = BOUNDS[variant.bound]
    form = bound.form
    infinity = np.uint64(form.infinity)
    first, second = _magnitude(expected, form), _magnitude(actual, form)
    numbers = (first <= infinity) & (second <= infinity)
    if ".ftz" in variant.name:  # zero and the smallest normal number are neighbours
        flushed = np.uint64((1 << form.mantissa_bits) - 1)
        first, second = (np.where(part > flushed, part - flushed, np.uint64(0)) for part in (first, second))
    same_sign = (expected ^ actual).astype(np.uint64) & np.uint64(form.sign) == 0
    distance = np.where(same_sign, np.maximum(first, second) - np.minimum(first, second), first + second)
    near = numbers & (distance <= np.uint64(bound.ulps))
    if bound.absolute:
        with np.errstate(invalid="ignore"):
            values = [column.view(FLOAT_OF[form.name]).astype(np.float64) for column in (expected, actual)]
            near |= np.abs(values[0] - values[1]) <= bound.absolute
    near &= ~bound.pinned(inputs)
    return ~near & (expected != actual)


def describe(variant: Variant, index: int, expected: tuple[np.ndarray, ...], actual: tuple[np.ndarray, ...]) -> str:
    """One case in hexadecimal: the operands, the recorded results, the results."""

    def digits(values: list[int], widths: tuple[int, ...]) -> str:
        return " ".join(f"{value:0{math.ceil(bits / 4)}x}" for value, bits in zip(values, widths))

    operands = digits([int(column[index]) for column in variant.inputs], variant.operands)
    recorded = digits([int(column[index]) for column in expected], variant.results)
    got = digits([int(column[index]) for column in actual], variant.results)
    return f"{variant.name}: case {index}: {operands} -> {got}, recorded {recorded}"
