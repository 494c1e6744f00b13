# SPDX-License-Identifier: MIT
"""setp and set: every comparison of every type, with .ftz and the combination with a predicate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from values import Columns, float_binary, integer_binary, packed, with_predicate
from variant import Variant, plain

EQUALITY = ("eq", "ne")
ORDER = (*EQUALITY, "lt", "le", "gt", "ge")
UNSIGNED_ORDER = (*ORDER, "lo", "ls", "hi", "hs")
FLOAT_ORDER = (*ORDER, "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan")


def comparisons(kind: str) -> tuple[str, ...]:
    return {"b": EQUALITY, "u": UNSIGNED_ORDER, "s": ORDER, "f": FLOAT_ORDER}[kind[0]]


INTEGERS = tuple(f"{sign}{bits}" for sign in "bus" for bits in (16, 32, 64))
SCALARS = (*INTEGERS, "f32", "f64")


def variants() -> Iterator[Variant]:
    yield from predicates()
    yield from half_predicates()
    yield from values()
    yield from half_values()
    yield from brain()


def _flushes(kind: str) -> tuple[str, ...]:
    return ("", ".ftz") if kind in ("f32", "f16", "f16x2") else ("",)


def _pairs(kind: str) -> tuple[int, Columns]:
    if kind.endswith("x2"):
        return 32, packed(float_binary(kind.removesuffix("x2")))
    bits = int(kind.lstrip("bfus"))
    return bits, float_binary(kind) if kind.startswith(("f", "bf")) else integer_binary(bits)


def _columns(kind: str) -> Columns:
    return _pairs(kind)[1]


def _pairs_and_predicate(kind: str) -> tuple[int, Columns]:
    return _pairs(kind)[0], with_predicate(_columns, kind)


def _outcomes(kind: str) -> tuple[int, ...]:
    """Two predicates: the outcome and its opposite, or one for each half; f16 and bf16 have only the first."""
    return (1,) if kind in ("f16", "bf16") else (1, 1)


def _setp(kind: str, comparison: str, ftz: str, target: str = "sm_80") -> Iterator[Variant]:
    bits, two = _pairs(kind)
    yield plain(f"setp.{comparison}{ftz}.{kind}", (bits, bits), _outcomes(kind), two, target=target)


def _setp_with(kind: str, comparison: str, ftz: str, target: str = "sm_80") -> Iterator[Variant]:
    bits, three = _pairs_and_predicate(kind)
    for operation, negation in product(("and", "or", "xor"), ("", "!")):
        name = f"setp.{comparison}.{operation}{ftz}.{kind}"
        outcomes = _outcomes(kind)
        body = f"{name} {'%d|%f' if len(outcomes) == 2 else '%d'}, %a, %b, {negation}%c;"
        shown = f"{name} {negation}c" if negation else name
        yield plain(shown, (bits, bits, 1), outcomes, three, body=body, target=target)


def predicates() -> Iterator[Variant]:
    for kind in SCALARS:
        for comparison, ftz in product(comparisons(kind), _flushes(kind)):
            yield from _setp(kind, comparison, ftz)
        for ftz in _flushes(kind):
            yield from _setp_with(kind, "ne" if kind.startswith("b") else "lt", ftz)
        bits, two = _pairs(kind)
        yield plain(f"setp.eq.{kind} p", (bits, bits), (1,), two, body=f"setp.eq.{kind} %d, %a, %b;")


def half_predicates() -> Iterator[Variant]:
    for kind in ("f16", "f16x2"):
        for comparison, ftz in product(FLOAT_ORDER, _flushes(kind)):
            yield from _setp(kind, comparison, ftz)
        for ftz in _flushes(kind):
            yield from _setp_with(kind, "ltu", ftz)


def values() -> Iterator[Variant]:
    for kind in SCALARS:
        bits, two = _pairs(kind)
        with_third = _pairs_and_predicate(kind)[1]
        for ftz in _flushes(kind):
            for comparison in comparisons(kind):
                yield plain(f"set.{comparison}{ftz}.u32.{kind}", (bits, bits), (32,), two)
            for result in ("s32", "f32"):
                for comparison in ("eq", "ne") if kind.startswith("b") else ("eq", "gt"):
                    yield plain(f"set.{comparison}{ftz}.{result}.{kind}", (bits, bits), (32,), two)
            for operation, result in product(("and", "or", "xor"), ("u32", "s32", "f32")):
                name = f"set.ne.{operation}{ftz}.{result}.{kind}"
                yield plain(name, (bits, bits, 1), (32,), with_third)


def half_values() -> Iterator[Variant]:
    half, pair = _pairs("f16")[1], _pairs("f16x2")[1]
    for ftz in ("", ".ftz"):
        for comparison in FLOAT_ORDER:
            yield plain(f"set.{comparison}{ftz}.f16.f16", (16, 16), (16,), half)
            yield plain(f"set.{comparison}{ftz}.f16x2.f16x2", (32, 32), (32,), pair)
        for comparison in ("lt", "neu"):
            for result in ("u16", "s16", "u32", "s32"):
                bits = int(result[1:])
                yield plain(f"set.{comparison}{ftz}.{result}.f16", (16, 16), (bits,), half)
            for result in ("u32", "s32"):
                yield plain(f"set.{comparison}{ftz}.{result}.f16x2", (32, 32), (32,), pair)
        for kind in SCALARS:
            if ftz and kind != "f32":
                continue
            bits, two = _pairs(kind)
            for comparison in ("eq", "ne"):
                yield plain(f"set.{comparison}{ftz}.f16.{kind}", (bits, bits), (16,), two)
        for operation in ("and", "or", "xor"):
            three = _pairs_and_predicate("f16")[1]
            yield plain(f"set.ge.{operation}{ftz}.f16.f16", (16, 16, 1), (16,), three)
            three = _pairs_and_predicate("f16x2")[1]
            yield plain(f"set.ge.{operation}{ftz}.f16x2.f16x2", (32, 32, 1), (32,), three)


def brain() -> Iterator[Variant]:
    for kind in ("bf16", "bf16x2"):
        bits, two = _pairs(kind)
        for comparison in FLOAT_ORDER:
            yield from _setp(kind, comparison, "", "sm_90")
        yield from _setp_with(kind, "gtu", "", "sm_90")
        for comparison in ("lt", "neu"):
            yield plain(f"set.{comparison}.{kind}.{kind}", (bits, bits), (bits,), two, target="sm_90")
