# SPDX-License-Identifier: MIT
"""A PyCUDA program of which only the imports were changed, but for the word to machines without a device."""

import sys

import cujitsu.autoinit
import cujitsu.driver as cuda
import numpy as np
from cujitsu.compiler import SourceModule

mod = SourceModule("""
__global__ void add_them(float *a, float *b, float *c)
{
    const int i = threadIdx.x;
    c[i] = a[i] + b[i];
}
""")

if not cujitsu.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

add_them = mod.get_function("add_them")

a = np.random.randn(400).astype(np.float32)
b = np.random.randn(400).astype(np.float32)
c = np.zeros_like(a)

a_gpu = cuda.mem_alloc(a.nbytes)
b_gpu = cuda.mem_alloc(b.nbytes)
c_gpu = cuda.mem_alloc(c.nbytes)
cuda.memcpy_htod(a_gpu, a)
cuda.memcpy_htod(b_gpu, b)

add_them(a_gpu, b_gpu, c_gpu, block=(400, 1, 1), grid=(1, 1))

cuda.memcpy_dtoh(c, c_gpu)
assert (c == a + b).all()
print("c == a + b")
