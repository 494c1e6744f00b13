# SPDX-License-Identifier: MIT
"""Streams with events and timing: two halves of an array, each copied and computed in a stream of its own."""

import sys

import cujitsu as cj
import numpy as np

SOURCE = """
__global__ void square(float* values, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) values[i] *= values[i];
}
"""

module = cj.SourceModule(SOURCE)

if not cj.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

square = module.get_function("square")
n = 1 << 20
# Page-locked, so that the copies run beside the kernels.
host = cj.pagelocked_empty((2, n), np.float32)
host[:] = np.arange(2 * n, dtype=np.float32).reshape(2, n) % 1000
expected = host**2

streams = [cj.Stream(non_blocking=True) for _ in range(2)]
buffers = [cj.mem_alloc(half.nbytes, stream=stream) for half, stream in zip(host, streams, strict=True)]
events = []
for half, stream, buffer in zip(host, streams, buffers, strict=True):
    start = cj.Event().record(stream)
    cj.memcpy_htod_async(buffer, half, stream)
    square[(n + 255) // 256, 256, stream](buffer, n)
    cj.memcpy_dtoh_async(half, buffer, stream)
    events.append((start, cj.Event().record(stream)))

for number, (start, end) in enumerate(events):
    end.synchronize()
    print(f"stream {number}: {end.time_since(start):.3f} ms for two copies and a kernel")

assert np.array_equal(host, expected)
print("both halves agree with numpy")
