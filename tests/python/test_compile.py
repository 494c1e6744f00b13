# SPDX-License-Identifier: MIT
"""Compiling without a device: results, options, headers, the cache, and every kind of bad input."""

import pickle

import cujitsu as cj
import pytest
from conftest import literal

SCALE = """
template <class T> __global__ void scale(T* values, T factor) { values[threadIdx.x] *= factor; }
extern "C" __global__ void plain(float* values, int n) { if (threadIdx.x < n) values[threadIdx.x] = 1; }
"""


def test_one_compile_yields_ptx_and_machine_code():
    module = cj.SourceModule(SCALE, arch="sm_80", cache=False)
    assert ".visible .entry plain" in module.ptx
    assert module.cubin[:4] == b"\x7fELF"
    assert module.arch == "sm_80"
    assert module.log == ""
    assert [kernel.name for kernel in module.kernels] == ["plain"]
    assert any("sm_80" in option for option in module.options)


def test_virtual_architecture_yields_ptx_alone():
    code = cj.compile(SCALE, arch="compute_80", cache=False)
    assert code.ptx and code.cubin == b""


def test_source_may_be_bytes():
    assert cj.compile(SCALE.encode(), cache=False).ptx == cj.compile(SCALE, cache=False).ptx


def test_name_expressions_make_template_instances():
    code = cj.compile(SCALE, name_expressions=["scale<float>", "scale<double>"], cache=False)
    signatures = {kernel.name: str(kernel.signature) for kernel in code.kernels}
    assert signatures["scale<float>"] == "scale<float>(float* values, float factor)"
    assert signatures["scale<double>"] == "scale<double>(double* values, double factor)"
    assert set(code.lowered_names) == {"scale<float>", "scale<double>"}
    assert code.lowered_names["scale<float>"] in code.ptx


def test_signature_gives_each_parameter():
    code = cj.compile("__global__ void f(float const* a, double b, unsigned char c) {}", cache=False)
    kinds = [(p.kind, p.size, p.offset, p.c_type) for p in code.kernels[0].signature.parameters]
    assert kinds == [
        ("pointer", 8, 0, "const float*"),
        ("floating", 8, 8, "double"),
        ("integer", 1, 16, "unsigned char"),
    ]


def test_options_reach_the_compiler():
    source = "__global__ void f(int* x) { *x = VALUE; }"
    assert "4711" in cj.compile(source, options=["-DVALUE=4711"], cache=False).ptx
    assert "4711" in cj.compile(source, options=("-DVALUE=4711",), cache=False).ptx


def test_headers_in_memory_are_found():
    source = '#include "value.h"\n__global__ void f(int* x) { *x = VALUE; }'
    code = cj.compile(source, headers={"value.h": "#define VALUE 4711\n"}, cache=False)
    assert "4711" in code.ptx
    assert "4712" in cj.compile(source, headers={"value.h": b"#define VALUE 4712\n"}, cache=False).ptx


def test_include_dirs_take_paths_and_strings(tmp_path):
    (tmp_path / "value.h").write_text("#define VALUE 4713\n")
    source = '#include "value.h"\n__global__ void f(int* x) { *x = VALUE; }'
    assert "4713" in cj.compile(source, include_dirs=[tmp_path], cache=False).ptx
    assert "4713" in cj.compile(source, include_dirs=[str(tmp_path)], cache=False).ptx


def test_warnings_are_in_the_log_and_in_the_diagnostics():
    code = cj.compile("__global__ void f() {\n  int unused;\n}\n", name="warns.cu", cache=False)
    assert "unused" in code.log
    (warning,) = code.diagnostics()
    assert (warning.file, warning.line, warning.severity) == ("warns.cu", 2, "warning")


def test_syntax_error_has_line_column_and_caret():
    with pytest.raises(cj.CompileError) as caught:
        cj.compile("__global__ void f(float* x)\n{\n  x[0] = undeclared;\n}\n", name="broken.cu", cache=False)
    error = caught.value
    (diagnostic,) = error.diagnostics
    assert (diagnostic.file, diagnostic.line, diagnostic.column) == ("broken.cu", 3, 10)
    assert diagnostic.severity == "error"
    assert "undeclared" in diagnostic.text
    assert diagnostic.source.strip() == "x[0] = undeclared;"
    assert error.name == "broken.cu"
    assert "undeclared" in error.log
    lines = str(error).splitlines()
    (excerpt,) = (number for number, line in enumerate(lines) if "x[0] = undeclared;" in line)
    assert lines[excerpt + 1].index("^") == lines[excerpt].index("undeclared")


def test_compile_error_can_be_pickled():
    with pytest.raises(cj.CompileError) as caught:
        cj.compile("nonsense", cache=False)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert copy.diagnostics == caught.value.diagnostics
    assert copy.options == caught.value.options


def test_missing_header_says_where_it_looked(tmp_path):
    with pytest.raises(cj.CompileError) as caught:
        cj.compile('#include "nowhere.h"\n', include_dirs=[tmp_path], cache=False)
    assert "nowhere.h" in str(caught.value)
    assert str(tmp_path) in caught.value.hint
    assert caught.value.diagnostics[0].line == 1


def test_unknown_option_is_a_compile_error():
    with pytest.raises(cj.CompileError, match="--no-such-option"):
        cj.compile("__global__ void f() {}", options=["--no-such-option"], cache=False)


@pytest.mark.parametrize("arch", ["sm_1", "sm_12345", "ampere", "sm_"])
def test_unknown_architecture_is_an_argument_error(arch):
    with pytest.raises(cj.ArgumentError, match=arch) as caught:
        cj.compile("__global__ void f() {}", arch=arch, cache=False)
    assert isinstance(caught.value, ValueError)


def test_bytes_that_are_no_utf8_do_not_hide_the_error():
    with pytest.raises(cj.CompileError) as caught:
        cj.compile(b"__global__ void f() { \xff\xfe nonsense }", cache=False)
    assert caught.value.diagnostics


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"options": "--use_fast_math"}, "options.*['--use_fast_math']"),
        ({"include_dirs": "/usr/include"}, "include_dirs"),
        ({"name_expressions": "scale<float>"}, "name_expressions"),
        ({"options": [1]}, "options.*int 1"),
        ({"options": 5}, "options.*int 5"),
        ({"include_dirs": [3.5]}, "include_dirs.*float"),
        ({"headers": ["a.h"]}, "headers.*list"),
        ({"headers": {"a.h": 1}}, "header.*int 1"),
        ({"arch": 90}, "arch.*int 90"),
        ({"name": b"x"}, "name.*bytes"),
        ({"cache": "no"}, "cache.*'no'"),
        ({"nvcc": "nvcc"}, "nvcc"),
        ({"optoins": []}, "optoins.*did you mean 'options'"),
    ],
)
@pytest.mark.parametrize("function", [cj.compile, cj.SourceModule])
def test_misused_keyword_is_named(function, keywords, words):
    with pytest.raises(cj.ArgumentError, match=literal(words)) as caught:
        function("__global__ void f() {}", **keywords)
    assert isinstance(caught.value, TypeError)


def test_source_of_another_type_is_refused():
    with pytest.raises(cj.ArgumentError, match="source.*int 5"):
        cj.compile(5)


def test_none_stands_for_the_standard_value():
    nothing = dict.fromkeys(("options", "include_dirs", "headers", "name_expressions", "arch", "name"))
    source = "__global__ void f() {}"
    assert cj.compile(source, cache=False, **nothing).ptx == cj.compile(source, cache=False).ptx


def test_second_compile_is_a_hit(empty_cache):
    first = cj.SourceModule(SCALE, cache=empty_cache)
    second = cj.SourceModule(SCALE, cache=empty_cache)
    assert (first.cache_status, second.cache_status) == ("miss", "hit")
    assert second.explain() and first.explain() != second.explain()
    assert (first.ptx, first.cubin, first.log) == (second.ptx, second.cubin, second.log)
    assert [k.name for k in second.kernels] == ["plain"]
    stats = empty_cache.stats()
    assert (stats.misses, stats.hits, stats.entries) == (1, 1, 1)


def test_cache_lists_finds_and_clears(empty_cache):
    code = cj.compile(SCALE, options=["-DX=1"], name="scale.cu", cache=empty_cache)
    (summary,) = empty_cache.list()
    assert summary.key == code.cache_key
    assert summary.options == ["-DX=1"] and summary.name == "scale.cu"
    entry = empty_cache.find(summary.key)
    assert entry.source == SCALE
    assert entry.options.options == ["-DX=1"] and entry.options.name == "scale.cu"
    assert entry.code.ptx == code.ptx
    assert entry.path.stat().st_size == entry.file_bytes
    assert empty_cache.find(entry.key[:6]).key == entry.key
    assert empty_cache.clear() == 1
    assert empty_cache.list() == []
    with pytest.raises(cj.CacheError, match=entry.key[:6]):
        empty_cache.find(entry.key[:6])


def test_cache_false_is_a_bypass():
    code = cj.compile(SCALE, cache=False)
    assert code.cache_status == "bypass"
    assert code.cache_reason and code.cache_key == ""


def test_options_change_the_key(empty_cache):
    assert cj.compile(SCALE, cache=empty_cache).cache_status == "miss"
    assert cj.compile(SCALE, options=["-DX"], cache=empty_cache).cache_status == "miss"
    assert cj.compile(SCALE, cache=empty_cache).cache_status == "hit"


def test_hit_loads_no_nvrtc(run_python):
    code = (
        "import cujitsu\n"
        "module = cujitsu.SourceModule('__global__ void only_here() {}', arch='sm_80')\n"
        "print(module.cache_status, 'libnvrtc' in open('/proc/self/maps').read())\n"
    )
    first, second = run_python(code), run_python(code)
    assert first.stdout == "miss True\n", first.stderr
    assert second.stdout == "hit False\n", second.stderr


def test_unwritable_cache_costs_a_warning_and_not_the_result(run_python):
    result = run_python(
        "import cujitsu\n"
        "module = cujitsu.SourceModule('__global__ void f() {}')\n"
        "assert '.entry' in module.ptx\n"
        "print(module.cache_status)\n",
        CUJITSU_CACHE_DIR="/proc/no/such/folder",
    )
    assert result.returncode == 0, result.stderr
    assert "warning" in result.stderr


def test_compiled_code_makes_a_module_without_compiling():
    code = cj.compile(SCALE, cache=False)
    module = cj.SourceModule(code)
    assert module.ptx == code.ptx
    with pytest.raises(cj.ArgumentError, match="CompiledCode"):
        cj.SourceModule(code, arch="sm_80")


def test_code_outlives_its_module():
    code = cj.SourceModule(SCALE, cache=False).code
    assert "plain" in code.ptx


def test_no_nvrtc_is_a_load_error_that_says_what_was_tried(run_python):
    result = run_python(
        "import cujitsu\n"
        "try:\n"
        "    cujitsu.compile('__global__ void f() {}', cache=False)\n"
        "except cujitsu.LoadError as error:\n"
        "    assert any('/nonexistent' in line for line in error.tried), error.tried\n"
        "    assert '/nonexistent' in str(error)\n"
        "    print('refused')\n",
        CUJITSU_NVRTC="/nonexistent/libnvrtc.so",
    )
    assert result.stdout == "refused\n", result.stderr


def test_nvrtc_report_names_the_chosen_library():
    report = cj.nvrtc_report()
    assert report.usable
    (chosen,) = [candidate for candidate in report.candidates if candidate.chosen]
    assert "nvrtc" in chosen.path
    assert all(candidate.reason for candidate in report.candidates)
    assert "sm_80" in report.architectures
    assert report.major >= 12


def test_log_level_is_checked():
    with pytest.raises(cj.ArgumentError, match="loud"):
        cj.set_log_level("loud")
    cj.set_log_level("warning")
