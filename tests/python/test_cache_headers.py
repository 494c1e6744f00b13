# SPDX-License-Identifier: MIT
"""What is compiled again when a header changes, and what is said of it."""

import os

import cujitsu as cj
import pytest

SOURCE = '#include "mine.h"\nextern "C" __global__ void f(int* x) { *x = VALUE; }\n'


@pytest.fixture
def cache(tmp_path):
    return cj.KernelCache(tmp_path / "cache")


@pytest.fixture
def headers(tmp_path):
    folder = tmp_path / "headers"
    folder.mkdir()
    (folder / "mine.h").write_text("#pragma once\n#define VALUE 1\n")
    return folder


def compile_with(cache, *folders, source=SOURCE, **keywords):
    return cj.compile(source, include_dirs=list(folders), cache=cache, arch="sm_80", **keywords)


def test_a_program_with_a_header_is_cached(cache, headers):
    first, second = compile_with(cache, headers), compile_with(cache, headers)
    assert (first.cache_status, second.cache_status) == ("miss", "hit"), (first.cache_reason, second.cache_reason)
    assert first.ptx == second.ptx and first.cubin == second.cubin
    assert [header.path for header in second.headers] == [str(headers / "mine.h")]
    assert not second.headers[0].is_toolkit


def test_an_edited_header_is_noticed_and_named(cache, headers):
    first = compile_with(cache, headers)
    (headers / "mine.h").write_text("#pragma once\n#define VALUE 2\n")  # as long as before, and within the same second
    second = compile_with(cache, headers)
    assert second.cache_status == "miss"
    assert second.cache_changes == [f"header {headers / 'mine.h'} line 2 changed"]
    assert second.cache_nearest == first.cache_key
    assert "line 2 changed" in second.cache_reason
    assert second.ptx != first.ptx
    (headers / "mine.h").write_text("#pragma once\n#define VALUE 1\n")
    assert compile_with(cache, headers).cache_status == "hit"


def test_a_header_that_shadows_another_is_noticed(cache, headers, tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    first = compile_with(cache, before, headers)
    (before / "mine.h").write_text("#define VALUE 3\n")
    second = compile_with(cache, before, headers)
    assert (first.cache_status, second.cache_status) == ("miss", "miss")
    assert second.cache_changes == [f"header {before / 'mine.h'} is there now and found before {headers / 'mine.h'}"]
    (before / "mine.h").unlink()
    assert compile_with(cache, before, headers).cache_status == "hit"


def test_a_header_in_a_branch_that_is_not_taken_is_none_of_the_program(cache, headers):
    (headers / "other.h").write_text("#define OTHER 1\n")
    source = '#define WITH_OTHER 0\n#if WITH_OTHER\n#include "other.h"\n#endif\n' + SOURCE
    compile_with(cache, headers, source=source)
    (headers / "other.h").write_text("#define OTHER 2\n")
    assert compile_with(cache, headers, source=source).cache_status == "hit"
    assert compile_with(cache, headers, source=source, options=["-DWITH_OTHER=1"]).cache_status == "miss"


def test_relative_folders_count_from_the_current_one(cache, headers, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere" / "headers"
    other.mkdir(parents=True)
    (other / "mine.h").write_text("#define VALUE 7\n")
    monkeypatch.chdir(tmp_path)
    first = compile_with(cache, "headers")
    monkeypatch.chdir(tmp_path / "elsewhere")
    second = compile_with(cache, "headers")
    assert (first.cache_status, second.cache_status) == ("miss", "miss")
    assert first.ptx != second.ptx
    monkeypatch.chdir(tmp_path)
    assert compile_with(cache, "headers").cache_status == "hit"


def test_templates_includes_options_and_toolkit_headers_are_cached_together(cache, headers):
    source = (
        '#include <cuda_fp16.h>\n#include "mine.h"\n'
        "template <class T> __global__ void scale(T* x, T a) { x[threadIdx.x] *= a * T(VALUE); }\n"
    )
    keywords = {"name_expressions": ["scale<float>", "scale<__half>"], "options": ["--use_fast_math"]}
    first = compile_with(cache, headers, source=source, **keywords)
    second = compile_with(cache, headers, source=source, **keywords)
    assert (first.cache_status, second.cache_status) == ("miss", "hit"), second.cache_reason
    assert first.lowered_names == second.lowered_names and first.cubin == second.cubin
    assert any(header.is_toolkit for header in second.headers)


def test_a_macro_that_names_a_header_is_followed(cache, headers):
    source = "#include NAME\n" + SOURCE.split("\n", 1)[1]
    keywords = {"source": source, "options": ['-DNAME="mine.h"']}
    assert compile_with(cache, headers, **keywords).cache_status == "miss"
    assert compile_with(cache, headers, **keywords).cache_status == "hit"
    (headers / "mine.h").write_text("#define VALUE 5\n")
    assert compile_with(cache, headers, **keywords).cache_status == "miss"


def test_a_link_is_followed_to_what_it_points_to_now(cache, headers, tmp_path):
    (headers / "one.h").write_text("#define VALUE 1\n")
    (headers / "two.h").write_text("#define VALUE 2\n")
    (headers / "mine.h").unlink()
    (headers / "mine.h").symlink_to("one.h")
    first = compile_with(cache, headers)
    (headers / "mine.h").unlink()
    (headers / "mine.h").symlink_to("two.h")
    second = compile_with(cache, headers)
    assert (first.cache_status, second.cache_status) == ("miss", "miss")
    assert first.ptx != second.ptx


@pytest.mark.parametrize(
    ("options", "since"), [(["--fdevice-time-trace=trace.json"], (13, 0)), (["--create-pch=x.pch"], (12, 8))]
)
def test_options_with_side_effects_bypass_the_cache_and_say_so(cache, headers, options, since, tmp_path, monkeypatch):
    report = cj.nvrtc_report()
    if (report.major, report.minor) < since:
        pytest.skip(f"NVRTC {report.major}.{report.minor} does not compile with {options[0]}")
    monkeypatch.chdir(tmp_path)
    code = compile_with(cache, headers, options=options)
    assert code.cache_status == "bypass"
    assert options[0].split("=")[0] in code.cache_reason


def test_hermetic_gives_the_same_code(cache, headers):
    plain = compile_with(cache, headers)
    hermetic = compile_with(cache, headers, hermetic=True)
    assert hermetic.cache_status == "miss" and hermetic.ptx == plain.ptx
    assert hermetic.cache_changes == ["hermetic now"]
    assert compile_with(cache, headers, hermetic=True).cache_status == "hit"


def test_explain_tells_without_compiling(cache, headers):
    keywords = {"include_dirs": [headers], "cache": cache, "arch": "sm_80"}
    nothing = cj.explain(SOURCE, **keywords)
    assert (nothing.status, nothing.nearest, nothing.changes) == ("miss", "", [])
    assert "nothing like it" in nothing.reason
    stored = cj.compile(SOURCE, **keywords)
    assert cj.explain(SOURCE, **keywords).status == "hit"
    assert cj.explain(SOURCE, **keywords).key == stored.cache_key
    other = cj.explain(SOURCE, options=["-O1"], **keywords)
    assert (other.status, other.changes, other.nearest) == ("miss", ["option -O1 added"], stored.cache_key)
    assert cj.explain(SOURCE, include_dirs=[headers], cache=False).status == "bypass"
    edited = cj.explain(SOURCE.replace("*x", "x[0]"), **keywords)
    assert edited.changes == ["source line 2 changed"]
    stats = cache.stats()
    assert (stats.hits, stats.misses, stats.bypasses) == (0, 1, 0)


def test_without_nvrtc_what_is_stored_still_runs(run_python, headers):
    program = (
        "import cujitsu\n"
        f"source, folder = {SOURCE!r}, {str(headers)!r}\n"
        "code = cujitsu.compile(source, include_dirs=[folder], arch='sm_80')\n"
        "print(code.cache_status, code.cache_reason)\n"
    )
    assert run_python(program).stdout.startswith("miss")
    absent = {"CUJITSU_NVRTC": os.devnull + "/libnvrtc.so"}
    found = run_python(program, **absent)
    assert found.stdout.startswith("hit"), found.stderr
    (headers / "mine.h").write_text("#define VALUE 9\n")
    refused = run_python(program, **absent)
    assert refused.returncode != 0 and "no usable NVRTC" in refused.stderr
