# SPDX-License-Identifier: MIT
"""cvt between all pairs of types, with every rounding, .ftz, .sat and .relu that PTX has for the pair."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from values import Columns, float_binary, float_unary, integer_binary, integer_ternary, integer_unary
from variant import Variant, plain

INTEGERS = {f"{sign}{bits}": bits for sign in "us" for bits in (8, 16, 32, 64)}
FLOATS = {"f16": 16, "f32": 32, "f64": 64}
ROUNDINGS = (".rn", ".rz", ".rm", ".rp")
INTEGRAL = (".rni", ".rzi", ".rmi", ".rpi")
SAT = ("", ".sat")


def variants() -> Iterator[Variant]:
    yield from between_integers()
    yield from to_float()
    yield from to_integer()
    yield from between_floats()
    yield from brain()
    yield from packed_results()
    yield from packed_integers()


def _register(bits: int) -> int:
    """8- and 16-bit integers sit in 32-bit registers here, so that their extension is seen."""
    return max(bits, 32)


def _flushes(*kinds: str) -> tuple[str, ...]:
    return ("", ".ftz") if "f32" in kinds else ("",)


def _holds_all(target: str, source: str) -> bool:
    """Whether every value of the integer type `source` is one of `target`."""
    if target[0] == source[0]:
        return INTEGERS[target] >= INTEGERS[source]
    return target[0] == "s" and INTEGERS[target] > INTEGERS[source]


def _integer_source(bits: int) -> Columns:
    """Values of a narrow type with all kinds of bits above it."""
    if bits >= 32:
        return integer_unary(bits)
    wide, narrow = integer_unary(32)[0], integer_unary(bits)[0]
    return (wide[: len(narrow)] * np.uint64(1 << bits) % np.uint64(2**32) | narrow,)


def between_integers() -> Iterator[Variant]:
    for target, source in product(INTEGERS, INTEGERS):
        bits = _register(INTEGERS[source])
        for sat in SAT:
            if sat and _holds_all(target, source):
                continue
            name = f"cvt{sat}.{target}.{source}"
            yield plain(name, (bits,), (_register(INTEGERS[target]),), _integer_source(INTEGERS[source]))


def to_float() -> Iterator[Variant]:
    for target, source in product(FLOATS, INTEGERS):
        bits = _register(INTEGERS[source])
        for rounding, ftz, sat in product(ROUNDINGS, _flushes(target), SAT):
            name = f"cvt{rounding}{ftz}{sat}.{target}.{source}"
            yield plain(name, (bits,), (FLOATS[target],), _integer_source(INTEGERS[source]))


def to_integer() -> Iterator[Variant]:
    for target, source in product(INTEGERS, FLOATS):
        for rounding, ftz, sat in product(INTEGRAL, _flushes(source), SAT):
            name = f"cvt{rounding}{ftz}{sat}.{target}.{source}"
            yield plain(name, (FLOATS[source],), (_register(INTEGERS[target]),), float_unary(source))


def between_floats() -> Iterator[Variant]:
    for target, source in product(FLOATS, FLOATS):
        same = ("", *INTEGRAL) if target == source else ("",)
        roundings = ROUNDINGS if FLOATS[target] < FLOATS[source] else same
        for rounding, ftz, sat in product(roundings, _flushes(target, source), SAT):
            name = f"cvt{rounding}{ftz}{sat}.{target}.{source}"
            yield plain(name, (FLOATS[source],), (FLOATS[target],), float_unary(source))
    for rounding in (".rn", ".rz"):
        yield plain(f"cvt{rounding}.relu.f16.f32", (32,), (16,), float_unary("f32"))


def brain() -> Iterator[Variant]:
    for rounding, relu in product((".rn", ".rz"), ("", ".relu")):
        yield plain(f"cvt{rounding}{relu}.bf16.f32", (32,), (16,), float_unary("f32"))
    yield plain("cvt.rna.tf32.f32", (32,), (32,), float_unary("f32"))
    for rounding, relu in product((".rn", ".rz"), ("", ".relu")):
        yield plain(f"cvt{rounding}{relu}.tf32.f32", (32,), (32,), float_unary("f32"), target="sm_90")
    yield plain("cvt.f32.bf16", (16,), (32,), float_unary("bf16"), target="sm_90")
    for source, bits in FLOATS.items():
        for rounding in ROUNDINGS if source != "f32" else (".rm", ".rp"):
            yield plain(f"cvt{rounding}.bf16.{source}", (bits,), (16,), float_unary(source), target="sm_90")
    # Here the integer's register has to have exactly its width.
    for integer, rounding in product(INTEGERS, ROUNDINGS):
        bits = INTEGERS[integer]
        inputs = (_integer_source(bits)[0] & np.uint64(2 ** max(bits, 16) - 1),)
        name = f"cvt{rounding}.bf16.{integer}"
        narrow = f".reg .{integer} %x;\nld.global.{integer} %x, [%from];\n{name} %d, %x;" if bits == 8 else ""
        yield plain(name, (max(bits, 16),), (16,), inputs, body=narrow, target="sm_90")
    for integer, rounding in product(INTEGERS, INTEGRAL):
        bits = INTEGERS[integer]
        name = f"cvt{rounding}.{integer}.bf16"
        narrow = f".reg .{integer} %x;\n{name} %x, %a;\ncvt.u16.{integer} %d, %x;" if bits == 8 else ""
        yield plain(name, (16,), (max(bits, 16),), float_unary("bf16"), body=narrow, target="sm_90")
    for target, rounding in (("f16", ".rn"), ("f16", ".rz"), ("f64", "")):
        yield plain(f"cvt{rounding}.{target}.bf16", (16,), (FLOATS[target],), float_unary("bf16"), target="sm_90")


def packed_results() -> Iterator[Variant]:
    """Two f32 to one packed register; the first operand is the upper half."""
    for kind, rounding, relu in product(("f16x2", "bf16x2"), (".rn", ".rz"), ("", ".relu")):
        yield plain(f"cvt{rounding}{relu}.{kind}.f32", (32, 32), (32,), float_binary("f32"))


def packed_integers() -> Iterator[Variant]:
    for kind in ("u16", "s16"):
        yield plain(f"cvt.pack.sat.{kind}.s32", (32, 32), (32,), integer_binary(32))
    for kind in ("u8", "s8", "u4", "s4", "u2", "s2"):
        yield plain(f"cvt.pack.sat.{kind}.s32.b32", (32, 32, 32), (32,), integer_ternary(32))
