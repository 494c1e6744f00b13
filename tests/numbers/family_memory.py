# SPDX-License-Identifier: MIT
"""Atomics on global, shared and generic addresses (old value and memory afterwards), and loads that extend."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from values import (
    Columns,
    Random,
    float_binary,
    integer_binary,
    integer_ternary,
    integer_unary,
    packed,
    words,
)
from variant import BLOCK, Variant, plain

SPACES = ("global", "shared", "generic global", "generic shared")
CELL = "%cell"


def variants() -> Iterator[Variant]:
    for operation, bits, inputs in operations():
        for space in SPACES:
            yield _atom(operation, bits, inputs, space)
            if not operation.startswith(("exch", "cas")):
                yield _red(operation, bits, inputs, space)
    yield from orders()
    yield from contended()
    yield from loads()
    yield from stores()


def operations() -> Iterator[tuple[str, int, Columns]]:
    """The operation with its type, the width, and memory, operand and (for cas) new value."""
    for bits in (32, 64):
        for name in ("and", "or", "xor", "exch"):
            yield f"{name}.b{bits}", bits, integer_binary(bits)
        for kind in (f"u{bits}", f"s{bits}"):
            for name in ("add", "min", "max"):
                if (name, kind) != ("add", "s64"):
                    yield f"{name}.{kind}", bits, integer_binary(bits)
    for bits in (16, 32, 64):
        first, second, third = integer_ternary(bits)
        half = np.where(np.arange(len(first)) % 2 == 0, first, second)  # every second comparison succeeds
        yield f"cas.b{bits}", bits, (first, half, third)
    yield "inc.u32", 32, integer_binary(32)
    yield "dec.u32", 32, integer_binary(32)
    yield "add.f32", 32, float_binary("f32")
    yield "add.f64", 64, float_binary("f64")
    yield "add.noftz.f16", 16, float_binary("f16")
    yield "add.noftz.f16x2", 32, packed(float_binary("f16"))
    yield "add.noftz.bf16", 16, float_binary("bf16")
    yield "add.noftz.bf16x2", 32, packed(float_binary("bf16"))


def _target(operation: str) -> str:
    return "sm_90" if "bf16" in operation else "sm_80"


def _cell(space: str, bits: int) -> tuple[str, str, str]:
    """What declares and addresses a thread's own cell, the space's name for the instruction, and for load and store."""
    shared = [
        f".shared .align 8 .b8 cells[{8 * BLOCK}];",
        ".reg .b64 %cell;",
        ".reg .b32 %where;",
        "shl.b32 %where, %thread, 3;",
        "cvt.u64.u32 %cell, %where;",
        ".reg .b64 %base;",
        "mov.u64 %base, cells;",
        "add.u64 %cell, %cell, %base;",
    ]
    held = "shared" if space.endswith("shared") else "global"
    lines = shared if held == "shared" else [".reg .b64 %cell;", "mov.u64 %cell, %to;"]
    if space.startswith("generic"):
        lines.append(f"cvta.{held}.u64 %cell, %cell;")
        return "\n".join(lines), "", ""
    return "\n".join(lines), f".{held}", f".{held}"


def _atom(operation: str, bits: int, inputs: Columns, space: str, order: str = "") -> Variant:
    """Result 0 is the memory afterwards, result 1 the old value."""
    before, dot, access = _cell(space, bits)
    operands = "%b, %c" if operation.startswith("cas") else "%b"
    body = "\n".join(
        [
            before,
            f"st{access}.b{bits} [%cell], %a;",
            f"atom{order}{dot}.{operation} %f, [%cell], {operands};",
            f"ld{access}.b{bits} %d, [%cell];",
        ]
    )
    name = f"atom{order}{dot}.{operation}" + (f" ({space})" if not dot else "")
    return plain(name, (bits,) * len(inputs), (bits, bits), inputs, body=body, target=_target(operation))


def _red(operation: str, bits: int, inputs: Columns, space: str, order: str = "") -> Variant:
    before, dot, access = _cell(space, bits)
    body = "\n".join(
        [
            before,
            f"st{access}.b{bits} [%cell], %a;",
            f"red{order}{dot}.{operation} [%cell], %b;",
            f"ld{access}.b{bits} %d, [%cell];",
        ]
    )
    name = f"red{order}{dot}.{operation}" + (f" ({space})" if not dot else "")
    return plain(name, (bits, bits), (bits,), inputs, body=body, target=_target(operation))


def orders() -> Iterator[Variant]:
    """Memory orders and scopes do not change numbers, but they have to be understood."""
    for order, scope in product((".relaxed", ".acquire", ".release", ".acq_rel"), (".cta", ".gpu", ".sys")):
        few = tuple(part[:64] for part in integer_ternary(32))
        yield _atom("cas.b32", 32, (few[0], few[0], few[2]), "global", order + scope)
        yield _atom("add.u32", 32, few[:2], "generic global", order + scope)
        if order in (".relaxed", ".release"):
            yield _red("max.s32", 32, few[:2], "global", order + scope)
    for scope in (".cta", ".gpu", ".sys"):
        yield _atom("add.f32", 32, float_binary("f32"), "global", scope)
        yield _red("add.f32", 32, float_binary("f32"), "global", scope)


def contended() -> Iterator[Variant]:
    """All lanes of a warp on one shared cell, with operations whose outcome does not depend on the order."""
    random = Random(950)
    values = words([random.bits(32) >> 3 * (index // 32) for index in range(2 * BLOCK)])
    for operation in (
        *("add.u32", "add.s32", "min.u32", "max.u32", "min.s32", "max.s32", "and.b32", "or.b32", "xor.b32"),
        *("inc.u32", "dec.u32"),
    ):
        operand = "21" if operation.startswith(("inc", "dec")) else "%a"
        lines = [
            f".shared .align 4 .b32 cells[{BLOCK // 32}];",
            ".reg .b32 %cell, %warp, %base;",
            "shr.u32 %warp, %thread, 5;",
            "shl.b32 %warp, %warp, 2;",
            "mov.u32 %base, cells;",
            "add.u32 %cell, %base, %warp;",
            "st.shared.u32 [%cell], 0x00ff00f0;",
            "bar.sync 0;",
            f"red.shared.{operation} [%cell], {operand};",
            "bar.sync 0;",
            "ld.shared.u32 %d, [%cell];",
        ]
        yield plain(
            f"red.shared.{operation} contended", (32,), (32,), (values,), body="\n".join(lines), whole_warps=True
        )


def loads() -> Iterator[Variant]:
    """A narrow load into a wider register extends by its type."""
    column = integer_unary(64)
    for kind, register in product(("u8", "s8", "b8", "u16", "s16", "b16", "u32", "s32", "b32"), (16, 32, 64)):
        bits = int(kind[1:])
        if bits > register:
            continue
        yield plain(
            f"ld.global.{kind} to b{register}",
            (64,),
            (register,),
            column,
            body=f"ld.global.{kind} %d, [%from];",
        )
    for kind, count in product(("u8", "s16", "b32", "u32", "f32", "s8"), (2, 4)):
        bits = int(kind[1:])
        if bits * count > 64:
            continue
        names = ["%d", "%f", "%x", "%y"][:count]
        lines = [".reg .b32 %x, %y;"] if count == 4 else []
        lines.append(f"ld.global.v{count}.{kind} {{{', '.join(names)}}}, [%from];")
        if count == 4:
            lines += ["shl.b32 %x, %x, 8;", "shl.b32 %y, %y, 16;", "add.u32 %f, %f, %x;", "xor.b32 %f, %f, %y;"]
        yield plain(f"ld.global.v{count}.{kind}", (64,), (32, 32), column, body="\n".join(lines))


def stores() -> Iterator[Variant]:
    """A store of a wider register keeps its low bits."""
    for kind, register in product(("u8", "s8", "u16", "s16", "u32"), (32, 64)):
        lines = ["st.global.b64 [%to], 0x7777777777777777;", f"st.global.{kind} [%to+1], %a;"]
        if int(kind[1:]) > 8:
            lines[1] = f"st.global.{kind} [%to+4], %a;"
        lines.append("ld.global.b64 %d, [%to];")
        body = "\n".join(lines)
        yield plain(f"st.global.{kind} of b{register}", (register,), (64,), integer_unary(register), body=body)
