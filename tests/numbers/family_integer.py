# SPDX-License-Identifier: MIT
"""Integer arithmetic, logic, shifts, bit fields and byte permutation."""

from __future__ import annotations

from collections.abc import Iterator

from values import (
    Columns,
    Random,
    bit_fields,
    columns,
    funnel_shifts,
    integer_binary,
    integer_edges,
    integer_ternary,
    integer_unary,
    packed,
    shifts,
    with_predicate,
    words,
)
from variant import Variant, plain

WIDTHS = {"16": 16, "32": 32, "64": 64}
INTEGERS = {f"{sign}{bits}": bits for sign in "us" for bits in (16, 32, 64)}
LONG = {name: bits for name, bits in INTEGERS.items() if bits >= 32}


def variants() -> Iterator[Variant]:
    yield from arithmetic()
    yield from multiplication()
    yield from carry_chains()
    yield from sums_of_bytes()
    yield from logic()
    yield from lookup_tables()
    yield from shifting()
    yield from fields()
    yield from permutation()
    yield from selection()
    yield from moves()


def arithmetic() -> Iterator[Variant]:
    for kind, bits in INTEGERS.items():
        for opcode in ("add", "sub", "div", "rem", "min", "max"):
            yield plain(f"{opcode}.{kind}", (bits, bits), (bits,), integer_binary(bits))
        yield plain(f"sad.{kind}", (bits, bits, bits), (bits,), integer_ternary(bits))
        if kind.startswith("s"):
            for opcode in ("abs", "neg"):
                yield plain(f"{opcode}.{kind}", (bits,), (bits,), integer_unary(bits))
    for opcode in ("add", "sub"):
        yield plain(f"{opcode}.sat.s32", (32, 32), (32,), integer_binary(32))
    pairs = packed(integer_binary(16))
    for kind in ("u16x2", "s16x2"):
        for opcode in ("add", "min", "max"):
            yield plain(f"{opcode}.{kind}", (32, 32), (32,), pairs, target="sm_90")
    for opcode in ("min", "max"):
        yield plain(f"{opcode}.relu.s16x2", (32, 32), (32,), pairs, target="sm_90")
        yield plain(f"{opcode}.relu.s32", (32, 32), (32,), integer_binary(32), target="sm_90")


def multiplication() -> Iterator[Variant]:
    for kind, bits in INTEGERS.items():
        for half in ("lo", "hi"):
            yield plain(f"mul.{half}.{kind}", (bits, bits), (bits,), integer_binary(bits))
            yield plain(f"mad.{half}.{kind}", (bits, bits, bits), (bits,), integer_ternary(bits))
        if bits < 64:
            yield plain(f"mul.wide.{kind}", (bits, bits), (2 * bits,), integer_binary(bits))
            yield plain(f"mad.wide.{kind}", (bits, bits, 2 * bits), (2 * bits,), integer_ternary(bits, 2 * bits))
    yield plain("mad.hi.sat.s32", (32, 32, 32), (32,), integer_ternary(32))
    for kind in ("u32", "s32"):
        for half in ("lo", "hi"):
            yield plain(f"mul24.{half}.{kind}", (32, 32), (32,), _around_24_bits(2))
            yield plain(f"mad24.{half}.{kind}", (32, 32, 32), (32,), _around_24_bits(3))
    yield plain("mad24.hi.sat.s32", (32, 32, 32), (32,), _around_24_bits(3))


def _around_24_bits(count: int) -> Columns:
    edges = [0, 1, 2**24 - 1, 2**24, 2**23, 2**23 - 1, 2**23 + 1, 2**32 - 1, 2**31, 0x00ABCDEF, 0xFF123456, 0x7FFFFFFF]
    random = Random(800)
    rows = [(first, second) for first in edges for second in edges]
    rows += [(random.bits(32), random.bits(32)) for _ in range(48)]
    return columns([(*row, random.choice(integer_edges(32))) if count == 3 else row for row in rows])


def carry_chains() -> Iterator[Variant]:
    """Chains: the low part sets the carry, the high part takes it, and what is left of it is shown by a third."""
    for kind, bits in (("u32", 32), ("s32", 32), ("u64", 64), ("s64", 64)):
        inputs = integer_binary(bits)
        turned = (*inputs, inputs[0][::-1].copy(), inputs[1][::-1].copy())
        four, two = (bits,) * 4, (bits, bits)
        for opcode in ("add", "sub"):
            name = f"{opcode}.cc.{kind} + {opcode}c.{kind}"
            body = f"{opcode}.cc.{kind} %d, %a, %b;\n{opcode}c.{kind} %f, %c, %e;"
            yield plain(name, four, two, turned, body=body, family=f"{opcode}c")
            name = f"{opcode}.cc.{kind} + {opcode}c.cc.{kind} + {opcode}c.{kind}"
            body = f"{opcode}.cc.{kind} %d, %a, %b;\n{opcode}c.cc.{kind} %d, %c, %e;\n{opcode}c.{kind} %f, 0, 0;"
            yield plain(name, four, two, turned, body=body, family=f"{opcode}c")
            name = f"{opcode}.cc.{kind} + {opcode}c.{kind} of zeros"
            body = f"{opcode}.cc.{kind} %d, %a, %b;\n{opcode}c.{kind} %f, 0, 0;"
            yield plain(name, two, two, inputs, body=body, family=f"{opcode}c")
        # A flag from one family taken by another: subtraction's is set where nothing was borrowed.
        for first, second in (("sub", "addc"), ("add", "subc")):
            name = f"{first}.cc.{kind} + {second}.{kind} of zeros"
            body = f"{first}.cc.{kind} %d, %a, %b;\n{second}.{kind} %f, 0, 0;"
            yield plain(name, two, two, inputs, body=body, family=second)
        name = f"sub.cc.{kind} + subc.cc.{kind} + addc.{kind}"
        body = f"sub.cc.{kind} %d, %a, %b;\nsubc.cc.{kind} %d, %c, %e;\naddc.{kind} %f, 0, 0;"
        yield plain(name, four, two, turned, body=body, family="subc")
        mixed = (*integer_ternary(bits), inputs[0][: len(integer_ternary(bits)[0])])
        for half in ("lo", "hi"):
            name = f"mad.{half}.cc.{kind} + addc.{kind}"
            body = f"mad.{half}.cc.{kind} %d, %a, %b, %c;\naddc.{kind} %f, %e, 0;"
            yield plain(name, four, two, mixed, body=body, family="madc")
            name = f"add.cc.{kind} + madc.{half}.{kind}"
            body = f"add.cc.{kind} %d, %a, %e;\nmadc.{half}.{kind} %f, %a, %b, %c;"
            yield plain(name, four, two, mixed, body=body, family="madc")
            name = f"add.cc.{kind} + madc.{half}.cc.{kind} + addc.{kind}"
            body = f"add.cc.{kind} %d, %a, %e;\nmadc.{half}.cc.{kind} %d, %a, %b, %c;\naddc.{kind} %f, 0, 0;"
            yield plain(name, four, two, mixed, body=body, family="madc")
            name = f"sub.cc.{kind} + madc.{half}.{kind}"
            body = f"sub.cc.{kind} %d, %a, %e;\nmadc.{half}.{kind} %f, %a, %b, %c;"
            yield plain(name, four, two, mixed, body=body, family="madc")
            name = f"mad.{half}.cc.{kind} + subc.{kind}"
            body = f"mad.{half}.cc.{kind} %d, %a, %b, %c;\nsubc.{kind} %f, %e, 0;"
            yield plain(name, four, two, mixed, body=body, family="madc")


def sums_of_bytes() -> Iterator[Variant]:
    inputs = integer_ternary(32)
    for first in ("u32", "s32"):
        for second in ("u32", "s32"):
            yield plain(f"dp4a.{first}.{second}", (32, 32, 32), (32,), inputs)
            for half in ("lo", "hi"):
                yield plain(f"dp2a.{half}.{first}.{second}", (32, 32, 32), (32,), inputs)
            for result in ("u32", "s32"):
                for suffix in ("", ".sat", ".add"):
                    opcode = f"vabsdiff4.{result}.{first}.{second}{suffix}"
                    yield plain(opcode, (32, 32, 32), (32,), inputs)
    opcode = "vabsdiff4.u32.u32.u32"
    for mask in ("b0", "b20", "b310"):
        yield plain(
            f"{opcode} d.{mask}",
            (32, 32, 32),
            (32,),
            inputs,
            body=f"mov.b32 %d, 0;\n{opcode} %d.{mask}, %a, %b, %c;",
        )
    body = f"{opcode} %d, %a.b7531, %b.b0246, %c;"
    yield plain(f"{opcode} a.b7531 b.b0246", (32, 32, 32), (32,), inputs, body=body)


def logic() -> Iterator[Variant]:
    for name, bits in WIDTHS.items():
        for opcode in ("and", "or", "xor"):
            yield plain(f"{opcode}.b{name}", (bits, bits), (bits,), integer_binary(bits))
        for opcode in ("not", "cnot"):
            yield plain(f"{opcode}.b{name}", (bits,), (bits,), integer_unary(bits))
    truth = columns([(first, second) for first in (0, 1) for second in (0, 1)])
    for opcode in ("and", "or", "xor"):
        yield plain(f"{opcode}.pred", (1, 1), (1,), truth)
    yield plain("not.pred", (1,), (1,), (words([0, 1]),))
    yield plain("mov.pred", (1,), (1,), (words([0, 1]),))


def lookup_tables() -> Iterator[Variant]:
    every = columns([(0xF0F0F0F0, 0xCCCCCCCC, 0xAAAAAAAA), (0x0F1E2D3C, 0x12345678, 0x9ABCDEF0), (0, 2**32 - 1, 2**31)])
    tables = {1 << bit for bit in range(8)} | {255 ^ 1 << bit for bit in range(8)}
    tables |= {0, 255, 0xF0, 0xCC, 0xAA, 0x96, 0xE8, 0xCA, 0x80, 0xFE, 0x78, 0x3C, 0x6A, 0x1E, 0xD8, 0xB8, 0x2D, 0x60}
    for table in sorted(tables):
        name = f"lop3.b32 {table:#04x}"
        yield plain(name, (32, 32, 32), (32,), every, body=f"lop3.b32 %d, %a, %b, %c, {table};")
    for operation in ("and", "or"):
        for table in (0x00, 0xC0, 0x96):
            yield plain(
                f"lop3.{operation}.b32 {table:#04x}",
                (32, 32, 32, 1),
                (32, 1),
                with_predicate(integer_ternary, 32),
                body=f"lop3.{operation}.b32 %d|%f, %a, %b, %c, {table}, %e;",
            )


def shifting() -> Iterator[Variant]:
    for name, bits in WIDTHS.items():
        for opcode in (f"shl.b{name}", f"shr.b{name}", f"shr.u{name}", f"shr.s{name}"):
            yield plain(opcode, (bits, 32), (bits,), shifts(bits))
    for direction in "lr":
        for mode in ("wrap", "clamp"):
            yield plain(f"shf.{direction}.{mode}.b32", (32, 32, 32), (32,), funnel_shifts())


def fields() -> Iterator[Variant]:
    for kind, bits in LONG.items():
        yield plain(f"bfe.{kind}", (bits, 32, 32), (bits,), bit_fields(bits, 1))
        for suffix in ("", ".shiftamt"):
            yield plain(f"bfind{suffix}.{kind}", (bits,), (32,), integer_unary(bits))
    for bits in (32, 64):
        yield plain(f"bfi.b{bits}", (bits, bits, 32, 32), (bits,), bit_fields(bits, 2))
        yield plain(f"brev.b{bits}", (bits,), (bits,), integer_unary(bits))
        for opcode in ("popc", "clz"):
            yield plain(f"{opcode}.b{bits}", (bits,), (32,), integer_unary(bits))
    for mode in ("clamp", "wrap"):
        yield plain(f"bmsk.{mode}.b32", (32, 32), (32,), bit_fields(32, 1)[1:])
        for kind in ("u32", "s32"):
            yield plain(f"szext.{mode}.{kind}", (32, 32), (32,), shifts(32))


def permutation() -> Iterator[Variant]:
    random = Random(810)
    pairs = [(0x83828180, 0x87868584), (0x03020100, 0x07060504), (0x7F80FF00, 0x01FE8001)]
    default = [(*pair, random.bits(32)) for pair in pairs for _ in range(40)]
    selectors = (0x3210, 0x7654, 0xBA98, 0xFEDC, 0x88888888, 0xFFFF, 0, 2**32 - 1)
    default += [(*pairs[0], selector) for selector in selectors]
    yield plain("prmt.b32", (32, 32, 32), (32,), columns(default))
    modes = [(*pair, selector) for pair in pairs for selector in (0, 1, 2, 3, 4, 7, 2**32 - 1, 0x12345676)]
    for mode in ("f4e", "b4e", "rc8", "ecl", "ecr", "rc16"):
        yield plain(f"prmt.b32.{mode}", (32, 32, 32), (32,), columns(modes))


def selection() -> Iterator[Variant]:
    selectors = (0, 1, 2**31, 2**32 - 1, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x80000001, 0xBF800000)
    signs = words(selectors * 7)[:64]
    for kind in ("b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"):
        bits = int(kind[1:])
        few = tuple(part[:64] for part in integer_binary(bits))
        chosen = words([index * 7 % 3 % 2 for index in range(64)])
        yield plain(f"selp.{kind}", (bits, bits, 1), (bits,), (*few, chosen))
        yield plain(f"slct.{kind}.s32", (bits, bits, 32), (bits,), (*few, signs))
        for flush in ("", ".ftz"):
            yield plain(f"slct{flush}.{kind}.f32", (bits, bits, 32), (bits,), (*few, signs))


def moves() -> Iterator[Variant]:
    """Packing and unpacking of vectors."""
    yield plain("mov.b32 {16,16}", (16, 16), (32,), integer_binary(16), body="mov.b32 %d, {%a, %b};")
    yield plain("mov.b64 {32,32}", (32, 32), (64,), integer_binary(32), body="mov.b64 %d, {%a, %b};")
    quarters = (*integer_binary(16), *(part[::-1].copy() for part in integer_binary(16)))
    yield plain("mov.b64 {16,16,16,16}", (16,) * 4, (64,), quarters, body="mov.b64 %d, {%a, %b, %c, %e};")
    yield plain("mov {16,16}.b32", (32,), (16, 16), integer_unary(32), body="mov.b32 {%d, %f}, %a;")
    yield plain("mov {32,32}.b64", (64,), (32, 32), integer_unary(64), body="mov.b64 {%d, %f}, %a;")
    yield plain("mov {_,32}.b64", (64,), (32,), integer_unary(64), body="mov.b64 {_, %d}, %a;")
    spare = ".reg .b16 %u, %v;\n"
    body = spare + "mov.b64 {%d, %u, %v, %f}, %a;"
    yield plain("mov {16,16,16,16}.b64", (64,), (16, 16), integer_unary(64), body=body)
    for kind in ("b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"):
        bits = int(kind[1:])
        yield plain(f"mov.{kind}", (bits,), (bits,), integer_unary(bits))
