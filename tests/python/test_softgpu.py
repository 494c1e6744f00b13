# SPDX-License-Identifier: MIT
"""What softgpu does beyond a GPU: it runs where there is none, and says exactly what a kernel did wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cujitsu as cj
import pytest
from toolkit_headers import needs_header

np = pytest.importorskip("numpy")


@pytest.fixture(autouse=True)
def _only_on_softgpu():
    report = cj.driver_report()
    if not report.is_software:
        pytest.skip(f"softgpu is not in use: {[(c.path, c.reason) for c in report.candidates]}")


PRELUDE = """
import cujitsu as cj, numpy as np
def fault(source, *arguments, grid=1, block=32, shared=0):
    try:
        kernel = cj.SourceModule(source, name="kernel.cu").get_function("k")
        kernel(*arguments, grid=grid, block=block, shared=shared)
        cj.Device.current().synchronize()
    except cj.DriverError as error:
        print(error.code, error)
    else:
        print("no error")
"""


@pytest.fixture
def fault(run_python):
    """The code and message of the error that a kernel ends with, in a process of its own: its context is lost."""

    def run(source, arguments="", **environment):
        result = run_python(f"{PRELUDE}\nfault(r'''{source}''', {arguments})", **environment)
        assert result.returncode == 0, result.stderr
        code, _, message = result.stdout.partition(" ")
        return (int(code), message) if code.isdigit() else (0, result.stdout)

    return run


def test_it_names_itself_and_no_product():
    device = cj.Device.current()
    assert device.name().startswith("CUDA software device")
    assert device.compute_capability() == (8, 0)


def test_a_write_past_the_end_names_thread_line_and_allocation(fault):
    code, message = fault(
        "__global__ void k(int* p) {\n  int i = threadIdx.x;\n  p[i] = i;\n}", "cj.mem_alloc(20 * 4), block=32"
    )
    assert code == 700
    assert "kernel 'k(int*)'" in message and "block (0, 0, 0), thread (20, 0, 0)" in message
    assert "kernel.cu:3" in message
    assert "write of 4 bytes" in message and "past the end" in message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('asm volatile("st.global.u32 [%0], 1;" ::"l"(0ull));', 700),
        ('asm volatile("st.global.u32 [%0], 1;" ::"l"(0x123456780ull));', 700),
        ('asm volatile("st.global.u32 [%0], 1;" ::"l"(0xfff0000012345678ull));', 700),
        ("*(int*)((char*)p + 2) = 1;", 716),
        ('asm("trap;");', 719),
        ("assert(p == nullptr);", 710),
        ("*(volatile long long*)p = 0; (*reinterpret_cast<void (*volatile*)()>(p))();", 718),
        ("extern __shared__ int s[]; s[threadIdx.x + 5000] = 1;", 700),
        ("free(p); ", 719),
    ],
)
def test_faults_have_the_codes_of_a_gpu(fault, body, code):
    assert fault(f"__global__ void k(int* p) {{ {body} }}", "cj.mem_alloc(256)")[0] == code


def test_memory_that_was_freed_is_told_from_memory_that_never_was(fault):
    source = "__global__ void k(int* p) { p[threadIdx.x] = 1; }"
    arguments = "(lambda b: (int(b), b.free())[0])(cj.mem_alloc(4096))"
    code, message = fault(source, f"cj.DeviceSpan({arguments}, 4096)")
    assert code == 700 and "freed" in message


def test_host_memory_is_not_the_devices(fault):
    source = "__global__ void k(int* p) { *p = 1; }"
    code, _ = fault(source, "cj.DeviceSpan(np.zeros(64, np.int32).ctypes.data, 256)")
    assert code == 700


def test_endless_recursion_is_a_fault(fault):
    source = "__device__ __noinline__ int f(int n) { int a[8]; a[n & 7] = n; return f(n + 1) + a[(n * 3) & 7]; }\n"
    code, message = fault(source + "__global__ void k(int* p) { *p = f(1); }", "cj.mem_alloc(4)")
    assert code == 700 and "stack" in message


def test_a_deadlock_is_reported_instead_of_hanging(fault):
    source = (
        "__global__ void k(int* p) {"
        ' if (threadIdx.x < 32) asm volatile("bar.sync 1, 64;"); else asm volatile("bar.sync 2, 64;"); }'
    )
    code, message = fault(source, "cj.mem_alloc(4), block=64")
    assert code == 702 and "deadlock" in message


def test_what_is_not_supported_is_refused_by_name_when_it_is_launched(fault):
    source = """
    #include <mma.h>
    __global__ void other(int* p) { *p = 1; }
    __global__ void k(float* p) {
      nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float> c;
      nvcuda::wmma::fill_fragment(c, 1.0f);
      nvcuda::wmma::store_matrix_sync(p, c, 16, nvcuda::wmma::mem_row_major);
    }"""
    needs_header("mma.h")
    code, message = fault(source, "cj.mem_alloc(1024)")
    assert code == 801
    assert "wmma.store" in message and re.search(r"line \d+", message)


def test_the_choice_of_driver_is_the_users(run_python):
    code = "import cujitsu as cj; r = cj.driver_report(); print(r.usable, r.is_software)"
    assert run_python(code, CUJITSU_DRIVER="softgpu").stdout.split() == ["True", "True"]
    assert run_python(code, CUJITSU_DRIVER="cuda", CUJITSU_LIBCUDA="/nowhere").stdout.split() == ["False", "False"]


def test_memory_is_as_large_as_the_user_says(run_python):
    code = """
import cujitsu as cj
print(cj.Device.current().total_memory())
try: cj.mem_alloc(65 << 20)
except cj.OutOfMemoryError as error: print("out of memory:", error.code)
"""
    result = run_python(code, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_MEMORY="64M")
    assert result.stdout.splitlines() == [str(64 << 20), "out of memory: 2"]


def test_there_are_as_many_devices_as_the_user_says(run_python):
    code = """
import cujitsu as cj, numpy as np
print(cj.Device.count())
module = cj.SourceModule("__device__ int n; __global__ void k(int* p) { *p = ++n; }")
for device in cj.Device.all():
    device.make_current()
    out = np.zeros(1, np.int32)
    module.get_function("k")(cj.Out(out), grid=1, block=1)
    print(out[0])
"""
    result = run_python(code, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_DEVICES="3")
    assert result.stdout.split() == ["3", "1", "1", "1"], result.stderr


def test_the_tests_for_several_devices_pass_on_two():
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", Path(__file__).with_name("test_devices.py")],
        env={**os.environ, "CUJITSU_DRIVER": "softgpu", "CUJITSU_SOFTGPU_DEVICES": "2"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0 and "skipped" not in result.stdout, result.stdout + result.stderr


def test_one_thread_gives_the_same_results_as_many(run_python):
    code = """
import cujitsu as cj, numpy as np
out = np.zeros(1 << 14, np.float32)
cj.SourceModule("__global__ void k(float* p) { int i = blockIdx.x * blockDim.x + threadIdx.x; p[i] = sinf(i) * i; }"
    ).get_function("k")(cj.Out(out), grid=64, block=256)
print(out.tobytes().hex())
"""
    results = {run_python(code, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_THREADS=str(n)).stdout for n in (1, 2, 5)}
    assert len(results) == 1 and len(results.pop()) > 1000


@pytest.mark.parametrize("isa", ["baseline", "v3", "v4"])
def test_every_instruction_set_gives_the_same_results(run_python, isa):
    code = """
import cujitsu as cj, numpy as np
out = np.zeros(4096, np.float32)
cj.SourceModule('''__global__ void k(float* p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x; unsigned x = i * 2654435761u;
  for (int n = 0; n < 20; ++n) x = x * 1664525u + 1013904223u ^ x >> (n & 7);
  p[i] = fmaf(sqrtf(x), 1.25f, x % 1000) / (1 + (i & 15)) - expf(-(x & 7));
}''').get_function("k")(cj.Out(out), grid=16, block=256)
print(out.tobytes().hex())
"""
    here = run_python(code, CUJITSU_DRIVER="softgpu").stdout
    other = run_python(code, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_ISA=isa)
    assert other.returncode == 0, other.stderr
    assert other.stdout == here and len(here) > 1000


def test_a_setting_that_is_none_is_explained_once(run_python):
    code = "import cujitsu as cj; [print(c.path, c.reason) for c in cj.driver_report().candidates]"
    result = run_python(code, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_ISA="v9")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("'v9' is not one of baseline, v3, v4") == 1
