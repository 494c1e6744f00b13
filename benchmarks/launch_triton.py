# SPDX-License-Identifier: MIT
"""The kernels of launch_kernels.cu in Triton's language, which reads them from a file."""

import triton
import triton.language as tl


@triton.jit
def saxpy(y, x, a, n, BLOCK: tl.constexpr):
    k = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = k < n
    tl.store(y + k, a * tl.load(x + k, mask=inside) + tl.load(y + k, mask=inside), mask=inside)


@triton.jit
def mixed(y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h, BLOCK: tl.constexpr):
    k = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = k < n
    arrays = a * tl.load(x + k, mask=inside) + b * tl.load(d + k, mask=inside) + tl.load(i + k, mask=inside)
    tl.store(y + k, arrays + m + p + q + s + c + e + f + g + h, mask=inside)
