# SPDX-License-Identifier: MIT
"""One compile for all who want the same at once, and errors that are remembered, with the real compiler."""

import json
import os
import subprocess
import sys
import threading

import cujitsu as cj
import pytest
from conftest import Runner

SOURCE = """
template <int N> struct Sum { static __device__ float of(const float* x) { return x[N] + Sum<N - 1>::of(x); } };
template <> struct Sum<0> { static __device__ float of(const float* x) { return x[0]; } };
extern "C" __global__ void sum(float* y, const float* x) { *y = Sum<200>::of(x); }
"""
WRONG = "__global__ void k(int* x) { *x = undeclared; }\n"

COMPILE = """
import json, sys
import cujitsu as cj
print("ready", flush=True)
sys.stdin.readline()
try:
    code = cj.compile(sys.argv[1], arch="sm_80", name="a.cu")
    print(json.dumps({"status": code.cache_status, "reason": code.cache_reason, "ptx": code.ptx}))
except cj.CompileError as error:
    print(json.dumps({"message": str(error), "log": error.log, "hint": error.hint, "code": error.code,
                      "options": error.options, "diagnostics": [d.text for d in error.diagnostics]}))
"""


def at_once(source: str, count: int, folder, **environment: str) -> list[dict]:
    """What `count` processes print that are told together to compile `source`."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILE, source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "CUJITSU_CACHE_DIR": str(folder), **environment},
        )
        for _ in range(count)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = []
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        results.append(json.loads(output))
    return results


def test_eight_processes_compile_once(tmp_path):
    results = at_once(SOURCE, 8, tmp_path / "cache")
    assert sorted(result["status"] for result in results) == ["hit"] * 7 + ["miss"]
    assert len({result["ptx"] for result in results}) == 1
    assert all("sum" in result["ptx"] for result in results)


def test_without_a_wait_processes_do_not_wait(tmp_path):
    results = at_once(SOURCE, 3, tmp_path / "cache", CUJITSU_CACHE_LOCK_TIMEOUT="0")
    assert {result["status"] for result in results} <= {"hit", "miss"}
    assert len({result["ptx"] for result in results}) == 1


def test_eight_processes_get_the_error_of_one_compile(tmp_path):
    results = at_once(WRONG, 8, tmp_path / "cache", CUJITSU_CACHE_FAILURES="100")
    (first,) = [result for result in results if "remembered" not in result["message"]]
    assert 'identifier "undeclared" is undefined' in first["message"]
    for other in results:
        assert other["message"].startswith(first["message"])
        assert other["hint"].startswith(first["hint"])
        for part in ("log", "code", "options", "diagnostics"):
            assert other[part] == first[part]
    assert first["code"] == 6


def test_threads_compile_once(empty_cache):
    codes = []
    barrier = threading.Barrier(6)

    def compile_it():
        barrier.wait()
        codes.append(cj.compile(SOURCE, arch="sm_80", cache=empty_cache))

    threads = [threading.Thread(target=compile_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(code.cache_status for code in codes) == ["hit"] * 5 + ["miss"]
    assert len({code.ptx for code in codes}) == 1
    assert empty_cache.stats().misses == 1


def test_an_error_is_remembered_with_all_it_said(empty_cache):
    with pytest.raises(cj.CompileError) as first:
        cj.compile(WRONG, arch="sm_80", name="w.cu", cache=empty_cache)
    with pytest.raises(cj.CompileError) as second:
        cj.compile(WRONG, arch="sm_80", name="w.cu", cache=empty_cache)
    assert "remembered" not in str(first.value)
    assert str(second.value).startswith(str(first.value))
    assert "remembered" in str(second.value) and "CUJITSU_CACHE_FAILURES=0" in second.value.hint
    for part in ("name", "log", "options", "diagnostics", "code"):
        assert getattr(second.value, part) == getattr(first.value, part)


def test_a_changed_program_is_not_answered_with_the_old_error(empty_cache):
    with pytest.raises(cj.CompileError):
        cj.compile(WRONG, arch="sm_80", cache=empty_cache)
    assert cj.compile(WRONG, options=["-Dundeclared=7"], arch="sm_80", cache=empty_cache).cache_status == "miss"
    with pytest.raises(cj.CompileError, match="other") as caught:
        cj.compile(WRONG.replace("undeclared", "other"), arch="sm_80", cache=empty_cache)
    assert "remembered" not in str(caught.value)


def test_a_missing_header_is_asked_for_each_time(empty_cache):
    for _ in range(2):
        with pytest.raises(cj.CompileError) as caught:
            cj.compile("#include <cuda_no_such_header.h>\n", arch="sm_80", cache=empty_cache)
        assert "remembered" not in str(caught.value)


def test_error_directives_and_shared_memory_are_remembered(empty_cache):
    too_large = "__global__ void k(int* y) { __shared__ int x[100000]; x[threadIdx.x] = 1; *y = x[threadIdx.x ^ 1]; }"
    for source in ("#error this tile does not fit\n", too_large):
        with pytest.raises(cj.CompileError):
            cj.compile(source, arch="sm_80", cache=empty_cache)
        with pytest.raises(cj.CompileError, match="remembered"):
            cj.compile(source, arch="sm_80", cache=empty_cache)


def test_without_a_cache_nothing_is_remembered():
    for _ in range(2):
        with pytest.raises(cj.CompileError) as caught:
            cj.compile(WRONG, arch="sm_80", cache=False)
        assert "remembered" not in str(caught.value)


def test_remembering_is_switched_off(run_python: Runner, tmp_path):
    code = f"""
import cujitsu as cj
for _ in range(2):
    try:
        cj.compile({WRONG!r}, arch="sm_80")
    except cj.CompileError as error:
        print("remembered" in str(error))
"""
    for seconds, second in (("0", "False"), ("60", "True")):
        result = run_python(code, CUJITSU_CACHE_FAILURES=seconds, CUJITSU_CACHE_DIR=str(tmp_path / f"cache {seconds}"))
        assert result.stdout.split() == ["False", second], result.stderr


def test_a_setting_that_is_no_number_is_warned_of(run_python: Runner, tmp_path):
    code = "import cujitsu as cj; print(cj.compile('__global__ void k() {}', arch='sm_80').cache_status)"
    result = run_python(code, CUJITSU_CACHE_LOCK_TIMEOUT="soon", CUJITSU_CACHE_DIR=str(tmp_path / "cache"))
    assert result.stdout == "miss\n"
    assert "CUJITSU_CACHE_LOCK_TIMEOUT=soon is not a number of seconds" in result.stderr
