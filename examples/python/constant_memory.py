# SPDX-License-Identifier: MIT
"""Constant memory: get_global says where a variable is, and a copy fills it."""

import sys

import cujitsu as cj
import numpy as np

SOURCE = """
__constant__ float coefficients[4];

__global__ void polynomial(const float* x, float* y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float sum = 0;
    for (int k = 3; k >= 0; --k) sum = sum * x[i] + coefficients[k];
    y[i] = sum;
}
"""

module = cj.SourceModule(SOURCE)
print("variables:", ", ".join(module.code.globals))

if not cj.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

coefficients = np.array([1, -2, 0.5, 3], np.float32)
address, size = module.get_global("coefficients")
assert size == coefficients.nbytes
cj.memcpy_htod(address, coefficients)

x = np.linspace(-1, 1, 1000, dtype=np.float32)
y = np.empty_like(x)
polynomial = module.get_function("polynomial")
polynomial(cj.In(x), cj.Out(y), x.size, grid=4, block=256)

assert np.allclose(y, np.polynomial.polynomial.polyval(x.astype(np.float64), coefficients), atol=1e-5)
print("the polynomial agrees with numpy's")
