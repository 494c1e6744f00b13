#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All variants, in the order in which their results are recorded, and the PTX modules that hold them."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import family_compare
import family_convert
import family_float
import family_integer
import family_memory
import family_warp
from variant import Variant, module_ptx

ENTRIES_PER_MODULE = 200
PARTS = (family_integer, family_float, family_convert, family_compare, family_warp, family_memory)


@functools.cache
def all_variants() -> tuple[Variant, ...]:
    found = [variant for part in PARTS for variant in part.variants()]
    entries: dict[str, str] = {}
    for variant in found:
        if (other := entries.setdefault(variant.entry, variant.name)) != variant.name or variant.count == 0:
            raise ValueError(f"{variant.name} and {other} have the same entry name, or there is no input")
    if len(entries) != len(found):
        names = [variant.name for variant in found]
        raise ValueError(f"made twice: {sorted({name for name in names if names.count(name) > 1})}")
    order = {family: index for index, family in enumerate(dict.fromkeys(variant.family for variant in found))}
    return tuple(sorted(found, key=lambda variant: (order[variant.family], variant.target)))


def families() -> tuple[str, ...]:
    return tuple(dict.fromkeys(variant.family for variant in all_variants()))


def modules(family: str | None = None) -> Iterator[tuple[Variant, ...]]:
    """Variants of one family and target, in groups that make a module of a bearable size."""
    chosen = [variant for variant in all_variants() if family in (None, variant.family)]
    for _, group in groupby(chosen, key=lambda variant: (variant.family, variant.target)):
        members = tuple(group)
        for start in range(0, len(members), ENTRIES_PER_MODULE):
            yield members[start : start + ENTRIES_PER_MODULE]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the PTX modules there")
    parser.add_argument("--family", help="only this family")
    parser.add_argument("--list", action="store_true", help="print the variants' names")
    options = parser.parse_args()
    made = list(modules(options.family))
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
    for number, members in enumerate(made):
        if options.write:
            name = f"{number:03}_{members[0].family.replace(' ', '_')}_{members[0].target}.ptx"
            (options.write / name).write_text(module_ptx(members))
        if options.list:
            for variant in members:
                print(f"{variant.family:20} {variant.name:50} {variant.count:5} x {variant.results}")
    chosen = [variant for members in made for variant in members]
    print(
        f"{len(chosen)} variants of {len({variant.family for variant in chosen})} families in {len(made)} modules, "
        f"{sum(variant.count for variant in chosen)} cases, {sum(variant.size for variant in chosen)} bytes of results"
    )


if __name__ == "__main__":
    main()
