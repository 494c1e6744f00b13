# SPDX-License-Identifier: MIT
"""Templates: name expressions say which instances to make, and get_function takes the same text."""

import sys

import cujitsu as cj
import numpy as np

SOURCE = """
template <class T>
__global__ void scale(T* values, T factor, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) values[i] *= factor;
}
"""

TYPES = {"float": np.float32, "double": np.float64, "int": np.int32}

module = cj.SourceModule(SOURCE, name_expressions=[f"scale<{name}>" for name in TYPES])
for kernel in module.kernels:
    print(f"{kernel.name}{kernel.signature} is {kernel.lowered_name}")

if not cj.driver_report().usable:
    print("There is no CUDA device here: compiled, not launched.")
    sys.exit(0)

for name, dtype in TYPES.items():
    values = np.arange(1000, dtype=dtype)
    expected = values * dtype(3)
    scale = module.get_function(f"scale<{name}>")
    # The factor is converted to the kernel's own parameter: a float, a double or an int.
    scale(cj.InOut(values), 3, values.size, grid=4, block=256)
    assert np.array_equal(values, expected), name
print("all instances agree with numpy")
