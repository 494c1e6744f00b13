# SPDX-License-Identifier: MIT
"""What `cujitsu.cache` answers, as tables: text, rich in a terminal where it is installed, HTML in a notebook."""

from __future__ import annotations

import time

from cujitsu._core import CacheDiff, CacheStats, CacheSummary, RecompileReport, VerifyReport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, SupportsIndex

__all__ = ["CacheListing", "Table", "table_of"]


class Table:
    """Rows of text under headings, with lines before and after them. Control characters in it become blanks."""

    def __init__(
        self,
        columns: Iterable[str] = (),
        *,
        right: Iterable[str] = (),
        before: Iterable[str] = (),
        after: Iterable[str] = (),
    ) -> None:
        self.columns = [_one_line(column) for column in columns]
        self.right = frozenset(right)
        self.rows: list[list[str]] = []
        self.before = [_one_line(line) for line in before]
        self.after = [_one_line(line) for line in after]

    def add(self, *cells: object) -> None:
        """One more row: as many cells as there are columns."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append([_one_line(str(cell)) for cell in cells])

    def to_text(self) -> str:
        """Aligned columns, two blanks between them; no line ends in a blank."""
        lines = list(self.before)
        if self.rows:
            titles = [column.upper() for column in self.columns]
            widths = [max(map(len, cells)) for cells in zip(titles, *self.rows)]
            for row in [titles, *self.rows]:
                cells = [
                    cell.rjust(width) if column in self.right else cell.ljust(width)
                    for cell, width, column in zip(row, widths, self.columns)
                ]
                lines.append("  ".join(cells).rstrip())
        return "\n".join(lines + self.after)

    def to_html(self) -> str:
        """A <table>, with all text escaped."""
        from html import escape

        def paragraphs(lines: list[str]) -> list[str]:
            return [f"<div>{escape(line)}</div>" for line in lines if line]

        def row(tag: str, cells: list[str]) -> str:
            aligned = (
                f'<{tag} style="text-align: {"right" if column in self.right else "left"}">{escape(cell)}</{tag}>'
                for column, cell in zip(self.columns, cells)
            )
            return f"<tr>{''.join(aligned)}</tr>"

        parts = paragraphs(self.before)
        if self.rows:
            parts.append(f"<table><thead>{row('th', self.columns)}</thead><tbody>")
            parts += [row("td", cells) for cells in self.rows]
            parts.append("</tbody></table>")
        return "\n".join(parts + paragraphs(self.after))

    def to_rich(self) -> Any:
        """For rich's print; raises ImportError where rich is not installed."""
        from rich.console import Group
        from rich.table import Table as RichTable
        from rich.text import Text

        # Text, not str: a name in brackets is no markup.
        parts: list[Any] = [Text(line) for line in self.before]
        if self.rows:
            table = RichTable()
            for column in self.columns:
                is_key = column == "key"
                table.add_column(
                    Text(column), justify="right" if column in self.right else "left", no_wrap=is_key, overflow="fold"
                )
            for row in self.rows:
                table.add_row(*map(Text, row))
            parts.append(table)
        return Group(*parts, *(Text(line) for line in self.after))

    def shown(self) -> str:
        """What print() shows: drawn by rich where standard output is a terminal and rich is installed, else text."""
        import sys

        if not _is_terminal(sys.stdout):
            return self.to_text()
        try:
            from rich.console import Console
        except ImportError:
            return self.to_text()
        console = Console(file=sys.stdout)
        with console.capture() as capture:
            console.print(self.to_rich())
        return capture.get().rstrip("\n")


class CacheListing(list[CacheSummary]):
    """The entries of a kernel cache: a list that prints as a table. A slice of it is one too."""

    def __init__(self, entries: Iterable[CacheSummary] = (), with_origin: bool = False) -> None:
        super().__init__(entries)
        self.with_origin = with_origin  # whether the table says which of them come from a seed

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        found = super().__getitem__(index)
        return CacheListing(found, self.with_origin) if isinstance(index, slice) else found

    def __repr__(self) -> str:
        return table_of(self).shown()

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return table_of(self).to_html()

    def __rich__(self) -> Any:
        return table_of(self).to_rich()


def table_of(value: CacheListing | CacheStats | VerifyReport | RecompileReport | CacheDiff) -> Table:
    """The table that print() shows of a value."""
    for kind, make in _makers.items():
        if isinstance(value, kind):
            return make(value)
    raise TypeError(f"there is no table of {type(value).__name__}")


def _one_line(text: str) -> str:
    # C0 and C1: what a terminal may take for a command
    return "".join(" " if ch < " " or "\x7f" <= ch < "\xa0" else ch for ch in text)


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None in a windowed program; closed
        return False


def _bytes(count: float) -> str:
    if count < 1024:
        return f"{count} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 1024 or unit == "TiB":
            break
    return f"{count:.1f} {unit}"


def _age(seconds: float) -> str:
    seconds = max(int(seconds), 0)
    for limit, unit, text in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // unit} {text}"
    return f"{seconds // 86400} days"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _listing(entries: CacheListing) -> Table:
    total = f"{_count(len(entries), 'entry', 'entries')}, {_bytes(sum(entry.file_bytes for entry in entries))}"
    if not entries:
        return Table(after=["no entries"])
    columns = ["key", "arch", "kernels", "size", "age", "used", "hits", "seconds", "options"]
    if entries.with_origin:
        columns.insert(-1, "origin")
    table = Table(columns, right=("size", "age", "used", "hits", "seconds"), after=["", total])
    now = time.time()
    for entry in entries:
        kernels = ", ".join(entry.kernels[:3])
        if len(entry.kernels) > 3:
            kernels += f", +{len(entry.kernels) - 3} more"
        options = " ".join([*entry.options, *(f"-I{folder}" for folder in entry.include_dirs)])
        table.add(
            entry.key[:16],
            entry.arch,
            _shortened(kernels, 40),
            _bytes(entry.file_bytes),
            _age(now - entry.created),
            _age(now - entry.last_used),
            entry.hits,
            f"{entry.seconds:.2f}",
            *([entry.origin] if entries.with_origin else []),
            _shortened(options, 60),
        )
    return table


def _stats(stats: CacheStats) -> Table:
    bound = _bytes(stats.max_bytes) if stats.max_bytes else "none"
    disk = [f"{_count(stats.entries, 'entry', 'entries')}, {_bytes(stats.bytes)}; bound: {bound}"]
    if stats.seed_entries:
        disk.append(f"seeds: {_count(stats.seed_entries, 'entry', 'entries')}, {_bytes(stats.seed_bytes)}")
    table = Table(["counter", "this process", "folder"], right=("this process", "folder"), before=[*disk, ""])

    def rate(counters: Any) -> str:
        asked = counters.hits + counters.misses
        return f"{100 * counters.hits / asked:.1f} %" if asked else "-"

    rows: dict[str, Callable[[Any], object]] = {
        "hits": lambda counters: counters.hits,
        "misses": lambda counters: counters.misses,
        "bypasses": lambda counters: counters.bypasses,
        "hit rate": rate,
        "read": lambda counters: _bytes(counters.bytes_read),
        "written": lambda counters: _bytes(counters.bytes_written),
        "compiling took": lambda counters: f"{counters.seconds_compiling:.2f} s",
        "hits saved": lambda counters: f"{counters.seconds_saved:.2f} s",
    }
    for name, value in rows.items():
        table.add(name, value(stats), value(stats.folder))
    return table


def _recompile(report: RecompileReport) -> Table:
    compiled = report.same + report.differing + report.failed
    summary = (
        f"compiled {_count(compiled, 'entry', 'entries')} anew in {report.seconds:.2f} s: {report.same} the same, "
        f"{report.differing} not, {report.skipped} skipped, {report.failed} failed"
    )
    table = Table(["key", "name", "outcome", "detail"], before=[summary])
    for entry in report.entries:
        table.add(entry.key[:16], entry.name, entry.outcome, entry.detail)
    return table


def _verify(report: VerifyReport) -> Table:
    looked_at = f"checked {_count(report.entries, 'entry', 'entries')}, {_bytes(report.bytes)}"
    found = _count(len(report.problems), "problem", "problems") if report.problems else "all are sound"
    table = Table(["key", "check", "finding", "file"], before=[f"{looked_at}: {found}"])
    for problem in report.problems:
        table.add(problem.key[:16], "file", problem.problem + ("; removed" if problem.removed else ""), problem.path)
    if report.recompiled is not None:
        table.before += _recompile(report.recompiled).before
        for entry in report.recompiled.entries:
            table.add(entry.key[:16], "compiled anew", f"{entry.outcome}: {entry.detail}", entry.path)
    return table


def _diff(diff: CacheDiff) -> Table:
    def word(equal: bool) -> str:
        return "equal" if equal else "differs"

    def both(before: object, after: object, name: str, text: Callable[[Any], str]) -> str:
        one, other = ("-" if side is None else text(getattr(side, name)) for side in (before, after))
        return one if one == other else f"{one} -> {other}"

    table = Table(
        ["kernel", "registers", "shared", "local", "constant"],
        right=("registers", "shared", "local", "constant"),
        before=[
            f"before  {diff.before}",
            f"after   {diff.after}",
            "",
            *(diff.changes or ["The requests are the same."]),
            *(["", *diff.source_diff.splitlines()] if diff.source_diff else []),
            "",
        ],
        after=[
            "",
            f"PTX: {word(diff.ptx_equal)}. Machine code: {word(diff.cubin_equal)}. Log: {word(diff.log_equal)}.",
        ],
    )
    for pair in diff.kernels:
        cells = [
            both(pair.before, pair.after, name, text)
            for name, text in (
                ("registers", str),
                ("shared_bytes", _bytes),
                ("local_bytes", _bytes),
                ("constant_bytes", _bytes),
            )
        ]
        table.add(pair.name, *cells)
    return table


_makers: dict[type, Callable[[Any], Table]] = {
    CacheListing: _listing,
    CacheStats: _stats,
    VerifyReport: _verify,
    RecompileReport: _recompile,
    CacheDiff: _diff,
}
