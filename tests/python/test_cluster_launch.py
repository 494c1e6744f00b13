# SPDX-License-Identifier: MIT
"""Clusters and programmatic stream serialization, which need compute capability 9.0."""

import cujitsu as cj
import numpy as np
import pytest

pytestmark = pytest.mark.needs_device

SOURCE = """
extern "C" __global__ void place(unsigned* out) {  // for each block: the size of its cluster, and its place in it
  unsigned size, rank;
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(size));
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  if (threadIdx.x == 0) {
    out[2 * blockIdx.x] = size;
    out[2 * blockIdx.x + 1] = rank;
  }
}
extern "C" __global__ void first(volatile int* value, int rounds) {
  asm volatile("griddepcontrol.launch_dependents;");
  for (int i = 0; i < rounds; ++i) *value = *value + 1;  // goes on after the next kernel may have started
}
extern "C" __global__ void second(volatile int* value, int* seen) {
  asm volatile("griddepcontrol.wait;" ::: "memory");
  *seen = *value;
}
"""


@pytest.fixture(scope="module")
def module():
    if cj.Device.current().compute_capability() < (9, 0):
        pytest.skip(f"{cj.Device.current().name()} is of compute capability below 9.0")
    return cj.SourceModule(SOURCE)


def read(buffer, dtype):
    result = np.zeros(buffer.size // np.dtype(dtype).itemsize, dtype)
    cj.memcpy_dtoh(result, buffer)
    return result.tolist()


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
def test_blocks_of_a_cluster_know_each_other(module, size):
    out = cj.mem_alloc(4 * 2 * 16)
    module.get_function("place")[cj.LaunchConfig(16, 32, cluster=size)](out)
    assert read(out, np.uint32) == [number for block in range(16) for number in (size, block % size)]


def test_a_grid_that_is_no_multiple_of_the_cluster_is_an_error_that_says_so(module):
    out = cj.mem_alloc(4 * 2 * 16)
    with pytest.raises(cj.Error, match="cluster"):
        module.get_function("place")[cj.LaunchConfig(5, 32, cluster=2)](out)


def test_a_kernel_that_may_start_early_waits_where_it_says(module):
    stream = cj.Stream()
    value, seen = cj.mem_alloc(4), cj.mem_alloc(4)
    cj.memset_d32(value, 0, 1)
    cj.synchronize()
    early = cj.LaunchConfig(1, 1, stream=stream, programmatic_stream_serialization=True)
    for launch in range(1, 20):
        module.get_function("first")(value, 10000, grid=1, block=1, stream=stream)
        module.get_function("second")[early](value, seen)
        stream.synchronize()
        assert read(seen, np.int32) == [10000 * launch]
