# SPDX-License-Identifier: MIT
"""Driver functions that a GPU and softgpu must answer in the same way, of those that the package does not wrap yet."""

import ctypes

import cujitsu as cj
import pytest
from driver_calls import Driver, DriverCallError, parameters
from toolkit_headers import needs_header

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.needs_device


@pytest.fixture
def driver():
    return Driver()


def ptx_of(source, *options):
    return cj.compile(source, options=list(options), arch="compute_80").ptx.encode() + b"\0"


def loaded(driver, image, name):
    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    driver.cuModuleLoadData(ctypes.byref(module), image)
    driver.cuModuleGetFunction(ctypes.byref(function), module, name.encode())
    return function


def result_of(memory, count, kind=np.int32):
    out = np.zeros(count, kind)
    cj.memcpy_dtoh(out, memory)
    return out


# Cooperative launches

GRID_BARRIER = """
#include <cooperative_groups.h>
extern "C" __global__ void rounds(unsigned* values, unsigned* out, int count) {
  auto grid = cooperative_groups::this_grid();
  const unsigned n = grid.size(), i = grid.thread_rank();
  values[i] = i;
  for (int k = 1; k <= count; ++k) {
    grid.sync();
    const unsigned neighbour = values[(i + k * blockDim.x + 1) % n];
    grid.sync();
    values[i] = values[i] * 31 + neighbour;
  }
  out[i] = values[i];
}
"""


def test_a_grid_barrier_joins_all_blocks_of_a_cooperative_launch(driver):
    needs_header("cooperative_groups.h")
    function = loaded(driver, ptx_of(GRID_BARRIER), "rounds")
    blocks, threads, count = 6, 64, 7
    n = blocks * threads
    values, out = cj.mem_alloc(4 * n), cj.mem_alloc(4 * n)
    arguments = parameters(ctypes.c_uint64(int(values)), ctypes.c_uint64(int(out)), ctypes.c_int(count))
    for _ in range(2):  # the barrier is as new after each launch
        driver.cuLaunchCooperativeKernel(function, blocks, 1, 1, threads, 1, 1, 0, None, arguments)
        expected = np.arange(n, dtype=np.uint32)
        for k in range(1, count + 1):
            expected = expected * np.uint32(31) + np.roll(expected, -(k * threads + 1))
        assert (result_of(out, n, np.uint32) == expected).all()


def test_a_cooperative_launch_of_more_blocks_than_are_resident_is_refused(driver):
    needs_header("cooperative_groups.h")
    function = loaded(driver, ptx_of(GRID_BARRIER), "rounds")
    arguments = parameters(ctypes.c_uint64(0), ctypes.c_uint64(0), ctypes.c_int(0))
    with pytest.raises(DriverCallError) as failure:
        driver.cuLaunchCooperativeKernel(function, 1 << 20, 1, 1, 1024, 1, 1, 0, None, arguments)
    assert failure.value.code == 720


# Linking

LIBRARY = """
__constant__ int factor = 3;
__device__ int counter = 10;
static __device__ __noinline__ int own(int x) { return x + 1; }
__device__ int scaled(int x) { return own(x) * factor; }
typedef int (*Function)(int);
__device__ Function chosen = scaled;
"""
PROGRAM = """
extern __constant__ int factor;
extern __device__ int counter;
static __device__ __noinline__ int own(int x) { return x + 1000; }
__device__ int scaled(int x);
typedef int (*Function)(int);
extern __device__ Function chosen;
extern "C" __global__ void use(int* out) {
  out[threadIdx.x] = scaled(threadIdx.x) + own(0) + chosen(factor) + atomicAdd(&counter, 0);
}
"""


def link(driver, *units):
    state, image, size = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
    log = ctypes.create_string_buffer(2000)
    options = (ctypes.c_int * 2)(5, 6)  # CU_JIT_ERROR_LOG_BUFFER and its size
    values = (ctypes.c_void_p * 2)(ctypes.addressof(log), len(log))
    driver.cuLinkCreate_v2(2, options, values, ctypes.byref(state))
    try:
        for number, unit in enumerate(units):
            driver.cuLinkAddData_v2(state, 1, unit, len(unit), f"unit{number}".encode(), 0, None, None)
        driver.cuLinkComplete(state, ctypes.byref(image), ctypes.byref(size))
        return ctypes.string_at(image, size.value)
    except DriverCallError as error:
        error.log = log.value.decode()
        raise
    finally:
        driver.cuLinkDestroy(state)


def test_separately_compiled_sources_are_linked(driver):
    image = link(driver, ptx_of(LIBRARY, "-rdc=true"), ptx_of(PROGRAM, "-rdc=true"))
    function = loaded(driver, image, "use")
    out = cj.mem_alloc(4 * 40)
    driver.cuLaunchKernel(function, 1, 1, 1, 40, 1, 1, 0, None, parameters(ctypes.c_uint64(int(out))), None)
    assert result_of(out, 40).tolist() == [3 * (i + 1) + 1000 + 3 * 4 + 10 for i in range(40)]


def test_a_link_without_a_definition_says_what_is_missing(driver):
    with pytest.raises(DriverCallError) as failure:
        link(driver, ptx_of(PROGRAM, "-rdc=true"))
    assert failure.value.code == 300
    assert "Undefined reference to" in failure.value.log and "unit0" in failure.value.log


# Graphs


def test_a_captured_stream_is_replayed(driver):
    source = 'extern "C" __global__ void step(int* x, int a) { x[threadIdx.x] = x[threadIdx.x] * 3 + a; }'
    kernel = cj.SourceModule(source).get_function("step")
    stream, x, copy = cj.Stream(), cj.mem_alloc(4 * 32), cj.mem_alloc(4 * 32)
    cj.memset_d32(x, 0, 32)
    kernel(x, 0, grid=1, block=32, stream=stream)  # loads it: what a launch loads may not be captured
    stream.synchronize()
    cj.memset_d32(x, 1, 32)
    graph, executable = ctypes.c_void_p(), ctypes.c_void_p()
    handle = ctypes.c_void_p(stream.handle)
    driver.cuStreamBeginCapture_v2(handle, 0)
    for a in (1, 2):
        kernel(x, a, grid=1, block=32, stream=stream)
    cj.memcpy_dtod_async(copy, x, 128, stream=stream)
    driver.cuStreamEndCapture(handle, ctypes.byref(graph))
    driver.cuGraphInstantiateWithFlags(ctypes.byref(executable), graph, ctypes.c_ulonglong(0))
    assert result_of(x, 32).tolist() == [1] * 32  # nothing has run
    for _ in range(3):
        driver.cuGraphLaunch(executable, handle)
    stream.synchronize()
    value = 1
    for a in (1, 2) * 3:
        value = value * 3 + a
    assert result_of(x, 32).tolist() == result_of(copy, 32).tolist() == [value] * 32
    driver.cuGraphExecDestroy(executable)
    driver.cuGraphDestroy(graph)
