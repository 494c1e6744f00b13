# SPDX-License-Identifier: MIT
"""One instruction with all its modifiers, the operands it is tried with, and the PTX entry that does so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from values import Columns

BLOCK = 128
REGISTERS = ("%a", "%b", "%c", "%e")
RESULTS = ("%d", "%f")


@dataclass(frozen=True, eq=False)
class Variant:
    """One .entry: thread i runs `body` on the i-th value of every input column and stores the results' bits.

    Bits of 1 stand for a predicate, of 8 for the low byte of a 32-bit register.
    """

    family: str
    name: str
    body: str
    operands: tuple[int, ...]
    results: tuple[int, ...]
    inputs: Columns
    bound: str = ""  # of comparison.BOUNDS; empty: every bit counts
    outside: str = ""  # declarations at module scope
    whole_warps: bool = False  # lanes look at each other, so no lane may be missing
    target: str = "sm_80"

    @property
    def entry(self) -> str:
        return "t_" + re.sub(r"\W", "_", self.name)

    @property
    def count(self) -> int:
        """How many threads run; a multiple of BLOCK if whole warps are wanted."""
        return len(self.inputs[0])

    @property
    def result_bytes(self) -> tuple[int, ...]:
        """Of each result in the recorded data."""
        return tuple(max(bits // 8, 1) for bits in self.results)

    @property
    def size(self) -> int:
        return self.count * sum(self.result_bytes)

    def checksum(self) -> str:
        """Of the PTX and of the inputs: what a recorded result depends on."""
        digest = hashlib.sha256(self.ptx().encode())
        for column in self.inputs:
            digest.update(column.astype("<u8").tobytes())
        return digest.hexdigest()[:12]

    def ptx(self) -> str:
        lines = [f"// {self.name}"]
        if self.outside:
            lines.append(self.outside)
        lines += [
            f".visible .entry {self.entry}(.param .u64 inputs, .param .u64 results)",
            "{",
            "  .reg .pred %past;",
            "  .reg .b32 %i, %block, %thread;",
            "  .reg .b64 %from, %to, %offset;",
            *_declarations(self.operands, REGISTERS),
            *_declarations(self.results, RESULTS),
            "  mov.u32 %thread, %tid.x;",
            "  mov.u32 %block, %ctaid.x;",
            f"  mad.lo.u32 %i, %block, {BLOCK}, %thread;",
            f"  setp.ge.u32 %past, %i, {self.count};",
            "  @%past ret;",
            "  mul.wide.u32 %offset, %i, 8;",
            "  ld.param.u64 %from, [inputs];",
            "  add.u64 %from, %from, %offset;",
            "  ld.param.u64 %to, [results];",
            "  add.u64 %to, %to, %offset;",
        ]
        for index, bits in enumerate(self.operands):
            lines += _load(REGISTERS[index], bits, 8 * self.count * index)
        lines += ["  " + line for line in self.body.splitlines()]
        for index, bits in enumerate(self.results):
            lines += _store(RESULTS[index], bits, 8 * self.count * index)
        return "\n".join([*lines, "  ret;", "}", ""])


def _declarations(widths: Sequence[int], names: Sequence[str]) -> list[str]:
    lines = []
    for bits, name in zip(widths, names):
        if bits == 1:
            lines += [f"  .reg .pred {name};", f"  .reg .b32 {name}_word;"]
        else:
            lines.append(f"  .reg .b{max(bits, 32) if bits == 8 else bits} {name};")
    return lines


def _load(name: str, bits: int, offset: int) -> list[str]:
    if bits == 1:
        return [f"  ld.global.b32 {name}_word, [%from+{offset}];", f"  setp.ne.u32 {name}, {name}_word, 0;"]
    return [f"  ld.global.b{32 if bits == 8 else bits} {name}, [%from+{offset}];"]


def _store(name: str, bits: int, offset: int) -> list[str]:
    if bits == 1:
        return [f"  selp.b32 {name}_word, 1, 0, {name};", f"  st.global.b8 [%to+{offset}], {name}_word;"]
    return [f"  st.global.b{bits} [%to+{offset}], {name};"]


def plain(
    name: str,
    operands: Sequence[int],
    results: Sequence[int],
    inputs: Columns,
    *,
    body: str = "",
    family: str = "",
    **more: object,
) -> Variant:
    """The instruction `name` on its operands in order, unless `body` says otherwise; the family is its opcode."""
    destination = "|".join(RESULTS[: len(results)])
    sources = ", ".join(REGISTERS[: len(operands)])
    return Variant(
        family=family or name.split(".", 1)[0],
        name=name,
        body=body or f"{name} {destination}, {sources};",
        operands=tuple(operands),
        results=tuple(results),
        inputs=inputs,
        **more,  # type: ignore[arg-type]
    )


def module_ptx(variants: Sequence[Variant]) -> str:
    """A whole PTX module; all variants must have one target."""
    targets = {variant.target for variant in variants}
    if len(targets) != 1:
        raise ValueError(f"a module has one target, not {sorted(targets)}")
    header = f".version 9.0\n.target {targets.pop()}\n.address_size 64\n\n"
    return header + "\n".join(variant.ptx() for variant in variants)
