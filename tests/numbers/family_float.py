# SPDX-License-Identifier: MIT
"""Floating-point arithmetic: every rounding, .ftz, .sat, .NaN and .relu of f32, f64, f16, f16x2, bf16 and bf16x2."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from values import Columns, float_binary, float_ternary, float_unary, packed
from variant import Variant, plain

ROUNDINGS = (".rn", ".rz", ".rm", ".rp")
FTZ = ("", ".ftz")
SAT = ("", ".sat")


def variants() -> Iterator[Variant]:
    yield from single()
    yield from double()
    yield from half()
    yield from brain()
    yield from signs()
    yield from minima()
    yield from approximations()


def single() -> Iterator[Variant]:
    for opcode, rounding, ftz, sat in product(("add", "sub", "mul"), ("", *ROUNDINGS), FTZ, SAT):
        yield plain(f"{opcode}{rounding}{ftz}{sat}.f32", (32, 32), (32,), float_binary("f32"))
    for rounding, ftz, sat in product(ROUNDINGS, FTZ, SAT):
        yield plain(f"fma{rounding}{ftz}{sat}.f32", (32, 32, 32), (32,), float_ternary("f32"))
        yield plain(f"mad{rounding}{ftz}{sat}.f32", (32, 32, 32), (32,), float_ternary("f32"))
    for rounding, ftz in product(ROUNDINGS, FTZ):
        yield plain(f"div{rounding}{ftz}.f32", (32, 32), (32,), float_binary("f32"))
        for opcode in ("rcp", "sqrt"):
            yield plain(f"{opcode}{rounding}{ftz}.f32", (32,), (32,), float_unary("f32"))


def double() -> Iterator[Variant]:
    for opcode, rounding in product(("add", "sub", "mul"), ("", *ROUNDINGS)):
        yield plain(f"{opcode}{rounding}.f64", (64, 64), (64,), float_binary("f64"))
    for rounding in ROUNDINGS:
        yield plain(f"fma{rounding}.f64", (64, 64, 64), (64,), float_ternary("f64"))
        yield plain(f"mad{rounding}.f64", (64, 64, 64), (64,), float_ternary("f64"))
        yield plain(f"div{rounding}.f64", (64, 64), (64,), float_binary("f64"))
        for opcode in ("rcp", "sqrt"):
            yield plain(f"{opcode}{rounding}.f64", (64,), (64,), float_unary("f64"))


def _inputs(kind: str, operands: int) -> tuple[int, Columns]:
    """The width of a scalar or packed 16-bit type, and its input columns."""
    make = {1: float_unary, 2: float_binary, 3: float_ternary}[operands]
    scalar = make(kind.removesuffix("x2"))
    return (32, packed(scalar)) if kind.endswith("x2") else (16, scalar)


def half() -> Iterator[Variant]:
    for kind in ("f16", "f16x2"):
        bits, two = _inputs(kind, 2)
        three = _inputs(kind, 3)[1]
        for opcode, rounding, ftz, sat in product(("add", "sub", "mul"), ("", ".rn"), FTZ, SAT):
            yield plain(f"{opcode}{rounding}{ftz}{sat}.{kind}", (bits, bits), (bits,), two)
        for ftz, end in product(FTZ, ("", ".sat", ".relu")):
            yield plain(f"fma.rn{ftz}{end}.{kind}", (bits,) * 3, (bits,), three)


def brain() -> Iterator[Variant]:
    for kind in ("bf16", "bf16x2"):
        bits, three = _inputs(kind, 3)
        for end in ("", ".relu"):
            yield plain(f"fma.rn{end}.{kind}", (bits,) * 3, (bits,), three)
        two = _inputs(kind, 2)[1]
        for opcode, rounding in product(("add", "sub", "mul"), ("", ".rn")):
            yield plain(f"{opcode}{rounding}.{kind}", (bits, bits), (bits,), two, target="sm_90")


def signs() -> Iterator[Variant]:
    for opcode, ftz in product(("abs", "neg"), FTZ):
        yield plain(f"{opcode}{ftz}.f32", (32,), (32,), float_unary("f32"))
        for kind in ("f16", "f16x2"):
            bits, one = _inputs(kind, 1)
            yield plain(f"{opcode}{ftz}.{kind}", (bits,), (bits,), one)
    for opcode in ("abs", "neg"):
        yield plain(f"{opcode}.f64", (64,), (64,), float_unary("f64"))
        for kind in ("bf16", "bf16x2"):
            bits, one = _inputs(kind, 1)
            yield plain(f"{opcode}.{kind}", (bits,), (bits,), one)
    for kind, bits in (("f32", 32), ("f64", 64)):
        yield plain(f"copysign.{kind}", (bits, bits), (bits,), float_binary(kind))
        for test in ("finite", "infinite", "number", "notanumber", "normal", "subnormal"):
            yield plain(f"testp.{test}.{kind}", (bits,), (1,), float_unary(kind))


def minima() -> Iterator[Variant]:
    for opcode, nan, sign in product(("min", "max"), ("", ".NaN"), ("", ".xorsign.abs")):
        target = "sm_86" if sign else "sm_80"
        for ftz in FTZ:
            yield plain(f"{opcode}{ftz}{nan}{sign}.f32", (32, 32), (32,), float_binary("f32"), target=target)
            for kind in ("f16", "f16x2"):
                bits, two = _inputs(kind, 2)
                yield plain(f"{opcode}{ftz}{nan}{sign}.{kind}", (bits, bits), (bits,), two, target=target)
        for kind in ("bf16", "bf16x2"):
            bits, two = _inputs(kind, 2)
            yield plain(f"{opcode}{nan}{sign}.{kind}", (bits, bits), (bits,), two, target=target)
    for opcode in ("min", "max"):
        yield plain(f"{opcode}.f64", (64, 64), (64,), float_binary("f64"))


def approximations() -> Iterator[Variant]:
    single_input, double_input = float_unary("f32"), float_unary("f64")
    for opcode, ftz in product(("rcp", "rsqrt", "sqrt", "ex2", "lg2", "sin", "cos"), FTZ):
        yield plain(f"{opcode}.approx{ftz}.f32", (32,), (32,), single_input, bound=opcode)
    yield plain("tanh.approx.f32", (32,), (32,), single_input, bound="tanh")
    for mode, ftz in product(("approx", "full"), FTZ):
        yield plain(f"div.{mode}{ftz}.f32", (32, 32), (32,), float_binary("f32"), bound="div")
    for opcode in ("rcp", "rsqrt"):
        yield plain(f"{opcode}.approx.ftz.f64", (64,), (64,), double_input, bound="seed")
    yield plain("rsqrt.approx.f64", (64,), (64,), double_input, bound="rsqrt.f64")
    for opcode, kind in product(("ex2", "tanh"), ("f16", "f16x2")):
        bits, one = _inputs(kind, 1)
        yield plain(f"{opcode}.approx.{kind}", (bits,), (bits,), one, bound=f"{opcode}.{kind}")
    for kind in ("bf16", "bf16x2"):
        bits, one = _inputs(kind, 1)
        yield plain(f"ex2.approx.ftz.{kind}", (bits,), (bits,), one, bound=f"ex2.{kind}", target="sm_90")
        yield plain(f"tanh.approx.{kind}", (bits,), (bits,), one, bound=f"tanh.{kind}", target="sm_90")
