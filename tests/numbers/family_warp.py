# SPDX-License-Identifier: MIT
"""Instructions by which the lanes of a warp look at each other, and those that show who and where a thread is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from values import Columns, Random, integer_edges, words
from variant import BLOCK, Variant, plain

WARPS = 8  # two blocks
LANES = 32
FULL = 0xFFFFFFFF
# By warp. Lanes outside do not take part, as an `if` around the instruction has it.
MASKS = (FULL, 0x0000FFFF, 0xFFFF0000, 0x55555555, 0x80000001, 0x00000010, 0x7FFFFFFE, 0x0F0F00F1)


def variants() -> Iterator[Variant]:
    yield from shuffles()
    yield from votes()
    yield from matches()
    yield from reductions()
    yield from barrier_reductions()
    yield from special_registers()
    yield from address_spaces()


def _threads() -> np.ndarray:
    return np.arange(WARPS * LANES, dtype=np.uint64)


def _by_warp(values: tuple[int, ...]) -> np.ndarray:
    return np.repeat(words([values[warp % len(values)] for warp in range(WARPS)]), LANES)


def _random(bits: int, seed: int) -> np.ndarray:
    random = Random(seed)
    return words([random.bits(bits) for _ in range(WARPS * LANES)])


def _masked(instruction: str, mask: str, *cleared: str) -> str:
    """The instruction in the lanes that `mask` names; elsewhere the results are what `cleared` sets."""
    return "\n".join(
        [
            ".reg .b32 %bit, %lane;",
            ".reg .pred %off;",
            *cleared,
            "mov.u32 %lane, %laneid;",
            f"shr.u32 %bit, {mask}, %lane;",
            "and.b32 %bit, %bit, 1;",
            "setp.eq.u32 %off, %bit, 0;",
            "@%off bra skip;",
            instruction,
            "skip:",
        ]
    )


CLEAR_RESULT = "mov.b32 %d, 0xdeadbeef;"
CLEAR_BOTH = (CLEAR_RESULT, "setp.ne.u32 %f, 0, 0;")


def shuffles() -> Iterator[Variant]:
    value = _random(32, 900)
    for mode in ("up", "down", "bfly", "idx"):
        ends = (0x0000, 0x1800, 0x1C00, 0x1000, 0x1E00, 0x0800, 0x0003, 0x1F00) if mode == "up" else None
        ends = ends or (0x001F, 0x181F, 0x1C1F, 0x101F, 0x1E1F, 0x000F, 0x1F1F, 0x1803)
        for label, distances in (
            ("small", (0, 1, 2, 3, 4, 5, 7, 8)),
            ("large", (15, 16, 17, 30, 31, 32, 33, 255)),
        ):
            columns = (value, _by_warp(distances), _by_warp(ends))
            yield _whole(
                f"shfl.sync.{mode}.b32 {label}", (32, 32, 32), (32, 1), columns,
                f"shfl.sync.{mode}.b32 %d|%f, %a, %b, %c, 0xffffffff;",
            )  # fmt: skip
        own = (value, _threads() * np.uint64(5) % np.uint64(37), _by_warp(ends))
        yield _whole(
            f"shfl.sync.{mode}.b32 by lane", (32, 32, 32), (32, 1), own,
            f"shfl.sync.{mode}.b32 %d|%f, %a, %b, %c, 0xffffffff;",
        )  # fmt: skip
        end = 0 if mode == "up" else 0x1F
        masked = (value, _by_warp((1, 2, 3, 4, 16, 0, 8, 5)), _by_warp(MASKS))
        instruction = f"shfl.sync.{mode}.b32 %d|%f, %a, %b, {end}, %c;"
        body = _masked(instruction, "%c", *CLEAR_BOTH)
        yield _whole(f"shfl.sync.{mode}.b32 masks", (32, 32, 32), (32, 1), masked, body)
        yield _whole(f"shfl.sync.{mode}.b32 d", (32,), (32,), (value,), f"shfl.sync.{mode}.b32 %d, %a, 3, {end}, -1;")


def _whole(
    name: str, operands: tuple[int, ...], results: tuple[int, ...], columns: Columns, body: str, family: str = ""
) -> Variant:
    return plain(name, operands, results, columns, body=body, whole_warps=True, family=family)


def votes() -> Iterator[Variant]:
    """By warp: all true, all false, one true, one false, and mixtures; then the same with masks."""
    patterns = (FULL, 0, 0x00000400, 0xFFFFFBFF, 0x0000FFFF, 0x5A5A5A5A, 0x80000001, 0x7FFFFFFE)
    lanes = _threads() % np.uint64(LANES)
    choices = _by_warp(patterns) >> lanes & np.uint64(1)
    for mode in ("all", "any", "uni", "ballot"):
        kind, bits = ("b32", 32) if mode == "ballot" else ("pred", 1)
        for source in ("%a", "!%a"):
            name = f"vote.sync.{mode}.{kind}{' !p' if source != '%a' else ''}"
            yield _whole(name, (1,), (bits,), (choices,), f"vote.sync.{mode}.{kind} %d, {source}, 0xffffffff;")
        clear = CLEAR_RESULT if bits == 32 else "setp.ne.u32 %d, 0, 0;"
        for turn in (0, 3):
            masks = _by_warp(MASKS[turn:] + MASKS[:turn])
            body = _masked(f"vote.sync.{mode}.{kind} %d, %a, %b;", "%b", clear)
            yield _whole(f"vote.sync.{mode}.{kind} masks {turn}", (1, 32), (bits,), (choices, masks), body)
    body = _masked("activemask.b32 %d;", "%a", CLEAR_RESULT)
    yield _whole("activemask.b32", (32,), (32,), (_by_warp(MASKS),), body)


def matches() -> Iterator[Variant]:
    for bits in (32, 64):
        high = np.uint64(0 if bits == 32 else 0x1234567800000000)
        few = _threads() * np.uint64(7) % np.uint64(5) | high
        equal = np.where(_by_warp((0, 1, 0, 1)) == 1, np.uint64(77), few)
        one_off = np.where(_threads() == np.uint64(70), np.uint64(2**31), np.full(WARPS * LANES, 9, dtype=np.uint64))
        for label, column in (("few", few), ("equal", equal), ("one off", one_off)):
            name = f"match.any.sync.b{bits}"
            yield _whole(f"{name} {label}", (bits,), (32,), (column,), f"{name} %d, %a, 0xffffffff;")
            body = _masked(f"{name} %d, %a, %b;", "%b", CLEAR_RESULT)
            yield _whole(f"{name} {label} masks", (bits, 32), (32,), (column, _by_warp(MASKS)), body)
            name = f"match.all.sync.b{bits}"
            yield _whole(f"{name} {label}", (bits,), (32, 1), (column,), f"{name} %d|%f, %a, 0xffffffff;")
            body = _masked(f"{name} %d|%f, %a, %b;", "%b", *CLEAR_BOTH)
            yield _whole(f"{name} {label} masks", (bits, 32), (32, 1), (column, _by_warp(MASKS)), body)


def reductions() -> Iterator[Variant]:
    random, edges = Random(910), integer_edges(32)
    column = words([random.choice(edges) if index % 64 < 40 else random.bits(32) for index in range(WARPS * LANES)])
    operations = [f"{name}.{kind}" for name, kind in product(("add", "min", "max"), ("u32", "s32"))]
    for operation in (*operations, "and.b32", "or.b32", "xor.b32"):
        name = f"redux.sync.{operation}"
        yield _whole(name, (32,), (32,), (column,), f"{name} %d, %a, 0xffffffff;")
        body = _masked(f"{name} %d, %a, %b;", "%b", CLEAR_RESULT)
        yield _whole(f"{name} masks", (32, 32), (32,), (column, _by_warp(MASKS)), body)


def barrier_reductions() -> Iterator[Variant]:
    """Over a block; the second block has one thread that differs from all others."""
    thread = _threads()
    some = thread * np.uint64(11) % np.uint64(3) % np.uint64(2)
    most = (thread != np.uint64(BLOCK + 77)).astype(np.uint64)
    for opcode in ("bar.red", "barrier.red"):
        for label, column in (("some", some), ("most", most)):
            name = f"{opcode}.popc.u32"
            yield _whole(f"{name} {label}", (1,), (32,), (column,), f"{name} %d, 1, %a;", family="bar.red")
            yield _whole(f"{name} {label} !p", (1,), (32,), (column,), f"{name} %d, 2, !%a;", family="bar.red")
            for operation in ("and", "or"):
                name = f"{opcode}.{operation}.pred"
                yield _whole(f"{name} {label}", (1,), (1,), (column,), f"{name} %d, 1, %a;", family="bar.red")
                body = f"{name} %d, 2, {BLOCK}, !%a;"
                yield _whole(f"{name} {label} !p", (1,), (1,), (column,), body, family="bar.red")


def special_registers() -> Iterator[Variant]:
    nothing = (_threads(),)
    names = [f"{name}.{axis}" for name, axis in product(("tid", "ntid", "ctaid", "nctaid"), "xyz")]
    names += ["laneid", "warpid", *(f"lanemask_{relation}" for relation in ("eq", "le", "lt", "ge", "gt"))]
    for name in names:
        yield _whole(f"mov.u32 %{name}", (32,), (32,), nothing, f"mov.u32 %d, %{name};", family="special registers")


def address_spaces() -> Iterator[Variant]:
    """isspacep of a generic address of each space; the address itself is not looked at."""
    # Named after the entry, so that no two entries have a variable in common.
    outside = "\n".join(f".{held} .align 8 .b64 {held[0]}_{{0}};" for held in ("global", "shared", "const"))
    for tested, held in product(("global", "shared", "local", "const"), repeat=2):
        label = f"{tested}_{held}"
        lines = [".reg .b64 %address;"]
        if held == "local":
            lines.insert(0, ".local .align 8 .b64 l;")
            symbol = "l"
        else:
            symbol = f"{held[0]}_{label}"
        lines += [
            f"mov.u64 %address, {symbol};",
            f"cvta.{held}.u64 %address, %address;",
            f"isspacep.{tested} %d, %address;",
        ]
        yield plain(
            f"isspacep.{tested} of {held}",
            (32,),
            (1,),
            (_threads()[:32],),
            body="\n".join(lines),
            outside=outside.format(label),
        )
