# SPDX-License-Identifier: MIT
"""A graph: many small launches are recorded once and then queued by one call, with new arguments each time."""

import sys

import cujitsu as cj
import numpy as np

SOURCE = """
__global__ void diffuse(float* to, const float* from, float rate, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i > 0 && i < n - 1) to[i] = from[i] + rate * (from[i - 1] - 2 * from[i] + from[i + 1]);
}
"""

module = cj.SourceModule(SOURCE)

if not cj.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

diffuse = module.get_function("diffuse")
n, rounds, rates = 1024, 10, (0.1, 0.2, 0.25)
rod = np.zeros(n, np.float32)
rod[n // 2] = 1000
here, there = cj.mem_alloc(rod.nbytes), cj.mem_alloc(rod.nbytes)
for buffer in (here, there):
    cj.memcpy_htod(buffer, rod)
cj.synchronize()  # a non-blocking stream does not wait for copies
there_and_back = ((there, here), (here, there)) * (rounds // 2)

stream = cj.Stream(non_blocking=True)
progress = []
with cj.capture(stream) as graph:
    for to, source in there_and_back:
        diffuse(to, source, rates[0], n, grid=n // 256, block=256, stream=stream)
    stream.add_callback(lambda: progress.append(len(progress) + 1))
print(f"recorded {graph.nodes} operations: {graph.kernel_nodes[0]} and {len(graph.kernel_nodes) - 1} more kernels")

executable = graph.instantiate()
for rate in rates:
    for node, (to, source) in zip(graph.kernel_nodes, there_and_back, strict=True):
        executable.update(node, diffuse.bind(to, source, rate, n, grid=n // 256, block=256))
    executable.launch(stream)  # one call instead of ten
stream.synchronize()
print(f"launched {len(progress)} times")

expected = rod.copy()
for rate in rates:
    for _ in range(rounds):
        expected[1:-1] += np.float32(rate) * (expected[:-2] - 2 * expected[1:-1] + expected[2:])
result = np.empty_like(rod)
cj.memcpy_dtoh(result, here)
assert progress == [1, 2, 3]
assert np.allclose(result, expected, rtol=1e-4, atol=1e-4)
print("the result agrees with numpy")
