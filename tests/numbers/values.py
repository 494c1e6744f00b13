# SPDX-License-Identifier: MIT
"""The operand values of the numbers test: edge values by type, fixed pseudo-random ones, and how they are paired.

Everything is a bit pattern in numpy.uint64 and depends on nothing but this file, because only results are stored: the
inputs that belong to them are made anew, here, on every machine.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Words = np.ndarray  # of numpy.uint64
Columns = tuple[Words, ...]  # one array for each operand, all of one length


class Random:
    """A linear congruential generator of our own: the same numbers on every platform and numpy version."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) % 2**64
        for _ in range(4):
            self.bits(32)

    def bits(self, count: int) -> int:
        if count > 32:
            return self.bits(32) << (count - 32) | self.bits(count - 32)
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self._state >> (64 - count) if count else 0

    def below(self, limit: int) -> int:
        return self.bits(32) * limit >> 32

    def choice(self, values: Sequence[int]) -> int:
        return values[self.below(len(values))]


@dataclass(frozen=True)
class Float:
    """A binary floating-point format."""

    name: str
    bits: int
    mantissa_bits: int

    @property
    def exponent_bits(self) -> int:
        return self.bits - 1 - self.mantissa_bits

    @property
    def bias(self) -> int:
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def sign(self) -> int:
        return 1 << (self.bits - 1)

    @property
    def infinity(self) -> int:
        return (2**self.exponent_bits - 1) << self.mantissa_bits

    @property
    def one(self) -> int:
        return self.bias << self.mantissa_bits

    def encode(self, value: float) -> int:
        """The nearest pattern toward zero; infinity past the largest finite number."""
        sign = self.sign if math.copysign(1.0, value) < 0 else 0
        magnitude = abs(value)
        if magnitude == 0:
            return sign
        fraction, exponent = math.frexp(magnitude)  # 0.5 <= fraction < 1
        exponent = max(exponent - 1, 1 - self.bias)
        mantissa = int(math.ldexp(magnitude, self.mantissa_bits - exponent))
        if exponent > self.bias:
            return sign | self.infinity
        if mantissa >> self.mantissa_bits:  # a normal number
            return sign | ((exponent + self.bias) << self.mantissa_bits) + mantissa - (1 << self.mantissa_bits)
        return sign | mantissa

    def power(self, exponent: int) -> int:
        """Of two; only exponents of normal numbers."""
        return (exponent + self.bias) << self.mantissa_bits


F16 = Float("f16", 16, 10)
BF16 = Float("bf16", 16, 7)
F32 = Float("f32", 32, 23)
F64 = Float("f64", 64, 52)
FLOATS = {item.name: item for item in (F16, BF16, F32, F64)}


def words(values: Sequence[int]) -> Words:
    return np.array([value % 2**64 for value in values], dtype=np.uint64)


def columns(rows: Sequence[Sequence[int]]) -> Columns:
    return tuple(words(column) for column in zip(*rows))


def float_edges(form: Float) -> list[int]:
    """Zeros, ends of the subnormal and normal ranges, neighbours of one, infinities, NaNs quiet and signalling."""
    quiet = form.infinity | 1 << (form.mantissa_bits - 1)
    payload = 0x12345 % (1 << (form.mantissa_bits - 1))
    smallest_normal = 1 << form.mantissa_bits
    positive = [0, 1, smallest_normal - 1, smallest_normal, form.one, form.infinity - 1, form.infinity]
    return [
        *positive,
        *(value | form.sign for value in positive),
        form.one - 1,
        form.one + 1,
        form.power(1),
        form.power(-1) | 1,
        quiet,
        quiet | payload | form.sign,
        form.infinity | 1,
        form.infinity | payload | form.sign,
    ]


def random_float(form: Float, random: Random, spread: int) -> int:
    """A normal number with an exponent of at most `spread` around zero."""
    spread = min(spread, form.bias - 1)
    exponent = random.below(2 * spread + 1) - spread
    return random.bits(1) * form.sign | form.power(exponent) | random.bits(form.mantissa_bits)


@functools.cache
def float_unary(name: str) -> Columns:
    """Edges, numbers around the limits of every integer type, ties, and pseudo-random numbers."""
    form = FLOATS[name]
    values = float_edges(form)
    for exponent in (7, 8, 15, 16, 31, 32, 63, 64):
        if exponent > form.bias:
            continue
        pattern = form.power(exponent)
        for value in (pattern - 1, pattern, pattern + 1):
            values += [value, value | form.sign]
        if exponent < form.mantissa_bits:  # 127.5 and 128.5, and what lies next to them
            for offset in (-0.5, 0.5):
                tie = form.encode(2.0**exponent + offset)
                values += [tie - 1, tie, tie + 1, tie | form.sign]
    for tie in (0.5, 1.5, 2.5, 3.5, 0.25, 0.75, 254.5, 255.5, 65504.0, 65519.0, 65520.0, 65535.5):
        pattern = form.encode(tie)
        values += [pattern, pattern | form.sign, pattern - 1, pattern + 1]
    if form is F64:  # around what f32 and f16 can hold
        for low in (
            math.ldexp(2 - 2**-23, 127),
            math.ldexp(2 - 2**-24, 127),
            2.0**-149,
            2.0**-150,
            2.0**-126,
            2.0**-126 * (1 - 2**-24),
            1 + 2**-24,
            1 + 3 * 2**-24,
            2.0**-14,
            2.0**-24,
            2.0**-25,
            1 + 2**-11,
            1 + 3 * 2**-11,
        ):
            pattern = form.encode(low)
            values += [pattern, pattern - 1, pattern + 1, pattern | form.sign]
    if form is F32:  # around what f16, bf16 and tf32 can hold
        for low in (
            2.0**-14,
            2.0**-24,
            2.0**-25,
            1 + 2**-11,
            1 + 3 * 2**-11,
            1 + 2**-8,
            1 + 3 * 2**-8,
            2.0**-133,
            2.0**-134,
        ):
            pattern = form.encode(low)
            values += [pattern, pattern - 1, pattern + 1, pattern | form.sign]
        values += [0x7F7F7FFF, 0x7F7F8000, 0x7F7FEFFF, 0x7F7FF000, 0x3F800FFF, 0x3F801000, 0x3F801001, 0x3F803000]
    random = Random(form.bits + form.mantissa_bits)
    values += [random.bits(form.bits) for _ in range(32)]
    values += [random_float(form, random, 12) for _ in range(48)]
    values += [random_float(form, random, 40) for _ in range(16)]
    values += [random.bits(1) * form.sign | random.bits(form.mantissa_bits) for _ in range(8)]  # subnormal
    return (words(list(dict.fromkeys(value % 2**form.bits for value in values))),)


def _random_pairs(form: Float, random: Random) -> list[tuple[int, int]]:
    pairs = [(random_float(form, random, 6), random_float(form, random, 6)) for _ in range(32)]
    pairs += [(random.bits(form.bits), random.bits(form.bits)) for _ in range(12)]
    smallest = 1 - form.bias
    for _ in range(12):  # products and quotients around the smallest normal number
        exponent = random.below(form.bias // 2)
        first = form.power(-exponent) | random.bits(form.mantissa_bits)
        second = form.power(max(smallest, smallest + exponent)) | random.bits(form.mantissa_bits)
        pairs.append((first, second | random.bits(1) * form.sign))
    for _ in range(8):  # sums that cancel or end in the subnormal range
        first = form.power(smallest + random.below(3)) | random.bits(form.mantissa_bits)
        pairs.append((first, (first ^ form.sign) + random.bits(4)))
    return pairs


@functools.cache
def float_binary(name: str) -> Columns:
    form = FLOATS[name]
    edges = float_edges(form)
    rows = [(first, second) for first in edges for second in edges]
    rows += _random_pairs(form, Random(100 + form.bits + form.mantissa_bits))
    normal = 1 << form.mantissa_bits
    # Products next to the smallest normal number, where "tiny" before and after rounding differ.
    rows += [
        (normal, form.one - 1),
        (normal + 1, form.one - 2),
        (normal + 2, form.one - 2),
        (normal | form.sign, form.one - 1),
    ]
    return columns(rows)


def _multiply(form: Float, first: int, second: int) -> int:
    """About first · second, good enough to make an addend that cancels it."""

    def value(pattern: int) -> float:
        exponent = pattern >> form.mantissa_bits & (2**form.exponent_bits - 1)
        mantissa = (pattern & ((1 << form.mantissa_bits) - 1)) | (1 << form.mantissa_bits)
        return math.ldexp(-mantissa if pattern & form.sign else mantissa, exponent - form.bias - form.mantissa_bits)

    return form.encode(value(first) * value(second))


@functools.cache
def float_ternary(name: str) -> Columns:
    """For fma: all pairs of edges with a third that cycles, cancellations, and ties that a tiny addend breaks."""
    form = FLOATS[name]
    edges = float_edges(form)
    random = Random(200 + form.bits + form.mantissa_bits)
    rows = [(first, second, random.choice(edges)) for first in edges for second in edges]
    for _ in range(40):
        first, second = random_float(form, random, 4), random_float(form, random, 4)
        rows.append((first, second, _multiply(form, first, second) ^ form.sign))
    rows += [tuple(random_float(form, random, 5) for _ in range(3)) for _ in range(48)]
    rows += [tuple(random.bits(form.bits) for _ in range(3)) for _ in range(16)]
    smallest = 1 - form.bias
    tiny = [0, 1, *(form.power(max(smallest, low)) for low in (smallest, smallest // 2, -form.mantissa_bits - 8))]
    for _ in range(8):  # 1.5 · an odd mantissa below 4/3 lies exactly between two numbers
        odd = form.one | random.below((1 << form.mantissa_bits) // 3) | 1
        for addend in tiny:
            rows += [(form.power(0) | 1 << (form.mantissa_bits - 1), odd, addend | sign) for sign in (0, form.sign)]
    return columns(rows)


def packed(parts: Columns, shift: int = 16) -> Columns:
    """Two 16-bit values in each word: the list itself below, the list turned by a third above."""
    turn = len(parts[0]) // 3
    return tuple(part | np.roll(part, turn) << np.uint64(shift) for part in parts)


def integer_edges(bits: int) -> list[int]:
    top, full = 1 << (bits - 1), (1 << bits) - 1
    pattern = 0x5555555555555555 & full
    return [
        0,
        1,
        2,
        3,
        full,
        full - 1,
        top,
        top - 1,
        top + 1,
        pattern,
        pattern ^ full,
        1 << bits // 2,
        (1 << bits // 2) - 1,
    ]


def _integer_random(bits: int, random: Random) -> int:
    return random.bits(bits) >> random.below(bits) if random.bits(1) else random.bits(bits)


@functools.cache
def integer_unary(bits: int) -> Columns:
    random = Random(300 + bits)
    values = integer_edges(bits) + [1 << index for index in range(bits)] + [random.bits(bits) for _ in range(32)]
    values += [_integer_random(bits, random) for _ in range(32)]
    full = (1 << bits) - 1
    for limit in (8, 16, 24, 32, 53, 63):  # the ends of narrower integers and of what a float holds exactly
        if limit < bits:
            for value in (
                (1 << limit) - 1,
                (1 << limit) + 1,
                (1 << limit) + 3,
                -(1 << limit) - 1,
                -(1 << limit),
                1 - (1 << limit),
            ):
                values.append(value & full)
    values += [
        value & full for value in (65504, 65519, 65520, 65535, -65520, 2049, 2051, 257, 259, 0x7FFFFFBF, 0x7FFFFFC0)
    ]
    return (words(list(dict.fromkeys(values))),)


@functools.cache
def integer_binary(bits: int) -> Columns:
    edges, random = integer_edges(bits), Random(400 + bits)
    rows = [(first, second) for first in edges for second in edges]
    rows += [(_integer_random(bits, random), _integer_random(bits, random)) for _ in range(64)]
    return columns(rows)


@functools.cache
def integer_ternary(bits: int, third_bits: int | None = None) -> Columns:
    edges, random = integer_edges(bits), Random(500 + bits)
    third = third_bits or bits
    thirds = integer_edges(third)
    rows = [(first, second, random.choice(thirds)) for first in edges for second in edges]
    rows += [(*(_integer_random(bits, random) for _ in range(2)), _integer_random(third, random)) for _ in range(64)]
    return columns(rows)


SHIFT_COUNTS = (0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 128, 255, 256, 257, 260, 2**31, 2**32 - 1)


@functools.cache
def shifts(bits: int) -> Columns:
    """A value and a 32-bit count, at and past the width."""
    random = Random(600 + bits)
    values = [1, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1, *(random.bits(bits) for _ in range(5))]
    return columns([(value, count) for value in values for count in SHIFT_COUNTS])


@functools.cache
def funnel_shifts() -> Columns:
    random = Random(610)
    pairs = [(0, 2**32 - 1), (2**32 - 1, 0), (1, 2**31), *((random.bits(32), random.bits(32)) for _ in range(6))]
    return columns([(*pair, count) for pair in pairs for count in SHIFT_COUNTS])


FIELD_NUMBERS = (0, 1, 4, 8, 15, 16, 24, 31, 32, 33, 63, 64, 65, 255, 256, 260, 2**32 - 1)


@functools.cache
def bit_fields(bits: int, values: int) -> Columns:
    """`values` values, then position and length."""
    random = Random(620 + bits)
    fixed = [(1 << bits) - 1, 1 << (bits - 1)]
    rows = []
    for position in FIELD_NUMBERS:
        for length in FIELD_NUMBERS:
            rows.append((*(random.bits(bits) for _ in range(values)), position, length))
            rows.append((random.choice(fixed), *(random.bits(bits) for _ in range(values - 1)), position, length))
    return columns(rows)


@functools.cache
def with_predicate(make: Callable[..., Columns], *arguments: object) -> Columns:
    """The columns of `make`, and one more of zeros and ones."""
    parts = make(*arguments)
    random = Random(700)
    return (*parts, words([random.bits(1) for _ in range(len(parts[0]))]))
