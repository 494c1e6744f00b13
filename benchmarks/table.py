# SPDX-License-Identifier: MIT
"""Tables for a terminal, and for a page."""

from __future__ import annotations

from collections.abc import Sequence


def print_table(header: Sequence[str], lines: list[Sequence[str]], markdown: bool) -> None:
    """The first column and the last two are text; those between are numbers."""
    if markdown:
        for line in (header, ("---",) * len(header), *lines):
            print("| " + " | ".join(line) + " |")
        return
    widths = [max(len(line[column]) for line in (header, *lines)) for column in range(len(header))]
    for line in (header, *lines):
        cells = [c.rjust(w) if 0 < k < len(header) - 2 else c.ljust(w) for k, (c, w) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())
