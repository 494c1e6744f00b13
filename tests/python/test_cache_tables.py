# SPDX-License-Identifier: MIT
"""`cujitsu.cache` from Python: what it answers, and how that prints in a terminal, as text and in a notebook."""

import datetime
import html.parser
import importlib.util
import io
import os
import pty
import re
import time

import cujitsu as cj
import pytest
from cujitsu.tables import CacheListing, Table, table_of

ADD = "__global__ void add(float* sum, const float* a) { sum[threadIdx.x] += a[threadIdx.x]; }\n"
HOSTILE = "<script>alert('&')</script>\x1b[31m[bold]\x9b2J.cu"
needs_rich = pytest.mark.skipif(importlib.util.find_spec("rich") is None, reason="rich is not installed")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """No test changes it."""
    cache = cj.KernelCache(tmp_path_factory.mktemp("cache"))
    cj.compile(ADD, arch="sm_80", name="add.cu", cache=cache)
    cj.compile(ADD, arch="sm_90", name="add.cu", options=["--use_fast_math"], cache=cache)
    cj.compile(ADD, arch="sm_80", name=HOSTILE, cache=cache)
    return cache


def value_error(call, *words):
    with pytest.raises(cj.ArgumentError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)
    return caught.value


# Values


def test_a_listing_is_a_list_of_summaries(cache):
    listing = cache.list()
    assert isinstance(listing, list) and isinstance(listing, CacheListing) and len(listing) == 3
    assert all(isinstance(entry, cj.CacheSummary) for entry in listing)
    assert isinstance(listing[:2], CacheListing) and isinstance(listing[0], cj.CacheSummary)
    assert [entry.key for entry in reversed(listing)] == [entry.key for entry in listing][::-1]
    (entry,) = cache.list(arch="sm_90")
    assert entry.kernels == ["add"] and entry.options == ["--use_fast_math"] and entry.name == "add.cu"
    assert entry.origin == "cache" and entry.hits >= 0 and entry.file_bytes == entry.path.stat().st_size
    assert entry.compiler_major >= 11 and entry.seconds > 0 and not entry.is_shortened
    assert cache.find(entry.key).code.arch == "sm_90"


def test_a_listing_is_filtered_sorted_and_limited(cache):
    assert len(cache.list(arch="sm_8*")) == 2
    assert len(cache.list(name="add.cu")) == 2 and len(cache.list(name="ad?")) == 3
    assert cache.list(name="nobody") == []
    for old in (0, 0.0, "0s", datetime.timedelta(0)):
        assert len(cache.list(older_than=old)) == 3
    for old in (7 * 86400, "7d", "1w", datetime.timedelta(days=7)):
        assert cache.list(older_than=old) == []
    sizes = [entry.file_bytes for entry in cache.list(sort="size")]
    assert sizes == sorted(sizes, reverse=True)
    assert [entry.file_bytes for entry in cache.list(sort="size", reverse=True)] == sizes[::-1]
    assert [entry.file_bytes for entry in cache.list(sort="size", limit=1)] == sizes[:1]


def test_a_wrong_filter_says_what_is_allowed(cache):
    value_error(lambda: cache.list(sort="sizes"), "newest, age, used, size, hits, seconds", "'sizes'", "'size'?")
    for old in ("7x", -1, object(), True):
        value_error(lambda old=old: cache.list(older_than=old), "older_than")
    for size in ("lots", -1, 1.5, True):
        value_error(lambda size=size: cache.prune(max_bytes=size), "max_bytes")
    value_error(lambda: cache.verify(arch="sm_80"), "recompile=True")


def test_explain_takes_a_source_a_key_or_an_entry(cache):
    (entry,) = cache.list(arch="sm_90")
    for what in (entry, entry.key, entry.key[:20], cache.find(entry.key)):
        explanation = cache.explain(what)
        assert (explanation.status, explanation.key, explanation.changes) == ("hit", entry.key, [])
    explanation = cache.explain(ADD, arch="sm_90", name="add.cu", options=["--use_fast_math", "-DN=1"])
    assert explanation.status == "miss" and explanation.changes == ["option -DN=1 added"]
    assert explanation.nearest == entry.key
    value_error(lambda: cache.explain(entry, arch="sm_80"), "stored with it")
    value_error(lambda: cache.explain(ADD, cache=True), "cujitsu.explain")
    value_error(lambda: cache.explain(ADD, archs="sm_80"), "archs", "arch")
    with pytest.raises(cj.CacheError, match="0{32}"):
        cache.explain("0" * 32)


def test_prune_and_verify(tmp_path):
    cache = cj.KernelCache(tmp_path / "cache", max_bytes="500M")
    code = cj.compile(ADD, arch="sm_80", cache=cache)
    cj.compile(ADD, arch="sm_90", cache=cache)
    assert cache.stats().max_bytes == 500 << 20
    assert cache.prune(arch="sm_80", dry_run=True).entries == 1 and len(cache.list()) == 2
    report = cache.verify()
    assert (report.entries, report.problems, report.recompiled) == (2, [], None)
    recompiled = cache.verify(recompile=True, arch="sm_80").recompiled
    assert (recompiled.same, recompiled.skipped, recompiled.entries) == (1, 0, [])

    path = cache.find(code.cache_key).path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (problem,) = cache.verify().problems
    assert problem.key == code.cache_key and problem.damaged and problem.problem and not problem.removed
    assert code.cache_key[:16] in str(cache.verify()) and "1 problem" in str(cache.verify())
    (problem,) = cache.verify(remove_damaged=True).problems
    assert problem.removed and not path.exists()
    assert cache.prune(max_bytes=0).entries == 1 and cache.list() == []


def test_diff_compares_two_entries(cache):
    (fast,) = cache.list(arch="sm_90")
    (plain,) = cache.list(arch="sm_80", name="add.cu")
    diff = cache.diff(plain.key, fast.key[:20])
    assert diff.before == plain.key and diff.after == fast.key and diff.source_diff == ""
    assert set(diff.changes) == {"option --use_fast_math added", "architecture sm_80 → sm_90"}
    (pair,) = diff.kernels
    assert pair.before.registers > 0 and pair.after.registers > 0 and not diff.ptx_equal
    assert "option --use_fast_math added" in str(diff) and "add(float* sum, const float* a)" in str(diff)


# Tables


def test_a_listing_prints_as_a_table(cache):
    lines = str(cache.list()).splitlines()
    assert lines[0].split() == ["KEY", "ARCH", "KERNELS", "SIZE", "AGE", "USED", "HITS", "SECONDS", "OPTIONS"]
    assert len(lines) == 6 and lines[-1].startswith("3 entries, ")
    assert "--use_fast_math" in str(cache.list(arch="sm_90"))
    assert repr(cache.list(arch="sm_75")) == "no entries"
    assert f"{cache.list()}" == repr(cache.list())


def test_stats_print_process_and_folder(cache):
    text = str(cache.stats())
    assert "THIS PROCESS" in text and "FOLDER" in text and re.search(r"^misses +3 ", text, re.M)
    assert "CacheStats(hits=" in repr(cache.stats())


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_escapes_hostile_names(cache):
    (entry,) = cache.list(name="<*")
    key = entry.key
    other = cj.compile(ADD, name=HOSTILE, arch="sm_80", options=["-DX=<img src=x>"], cache=cache).cache_key
    for value in (cache.list(), cache.diff(key, other), cache.verify(recompile=True), cache.stats()):
        page = Tags(value._repr_html_())
        assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "div"}, type(value)
        assert not set("".join(page.texts)) & {"\x1b", "\x9b"}
    assert "-DX=<img src=x>" in "".join(Tags(cache.list()._repr_html_()).texts)


def test_a_table_shows_any_text_as_text():
    table = Table(["name", "count"], right=["count"], before=["<b>before</b>\x1b[0m"])
    table.add(HOSTILE, 1)
    assert Tags(table.to_html()).tags == {"table", "thead", "tbody", "tr", "th", "td", "div"}
    assert "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;" in table.to_html()
    assert not set(table.to_text()) & {"\x1b", "\x9b", "\x07"}
    assert all(line == line.rstrip() for line in table.to_text().splitlines())
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        table.add("alone")
    with pytest.raises(TypeError, match="no table of int"):
        table_of(3)


@needs_rich
def test_rich_draws_a_table_and_takes_no_markup_from_names(cache):
    import rich.console

    output = io.StringIO()
    rich.console.Console(file=output, width=200).print(cache.list(name="<*"), cache.stats(), cache.verify())
    text = output.getvalue()
    assert "options" in text and "\x1b" not in text and "all are sound" in text
    table = Table(["name"])
    table.add("[bold]x[/bold]")
    output = io.StringIO()
    rich.console.Console(file=output).print(table.to_rich())
    assert "[bold]x[/bold]" in output.getvalue()


def test_a_terminal_gets_what_it_can_show(tmp_path):
    """A boxed table where rich is installed, plain columns elsewhere; never an escape sequence out of a name."""
    import subprocess
    import sys

    code = (
        "import cujitsu as cj\n"
        f"cache = cj.KernelCache({str(tmp_path / 'cache')!r})\n"
        f"cj.compile({ADD!r}, arch='sm_80', name={HOSTILE!r}, options=['-DX=\\x1b[2J'], cache=cache)\n"
        "print(cache.list())\n"
    )
    screen, terminal = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=terminal, env={**os.environ, "NO_COLOR": "1"})
    os.close(terminal)
    text = b""
    while True:
        try:
            chunk = os.read(screen, 4096)
        except OSError:
            break
        text += chunk
    os.close(screen)
    assert process.wait(timeout=60) == 0
    shown = text.decode()
    assert "sm_80" in shown and "\x1b[2J" not in shown
    assert ("─" in shown or "━" in shown) == (importlib.util.find_spec("rich") is not None)


def test_neither_import_nor_use_without_a_terminal_imports_rich(run_python, tmp_path):
    result = run_python(
        "import sys, cujitsu\n"
        "assert not {'rich', 'html', 'cujitsu.tables'} & set(sys.modules)\n"
        f"cache = cujitsu.KernelCache({str(tmp_path / 'cache')!r})\n"
        "print(cache.list(), cache.stats(), cache.verify())\n"
        "assert 'cujitsu.tables' in sys.modules and 'rich' not in sys.modules\n"
    )
    assert result.returncode == 0, result.stderr


def test_a_long_listing_is_whole(cache):
    (entry,) = cache.list(arch="sm_90")
    listing = CacheListing([entry] * 10_000)
    started = time.perf_counter()
    lines = str(listing).splitlines()
    took = time.perf_counter() - started
    print(f"10,000 entries as text: {took:.3f} s")
    assert len(lines) == 10_003 and lines[-1].startswith("10000 entries, ")
