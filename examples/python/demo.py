# SPDX-License-Identifier: MIT
"""The main job, end to end: a CUDA string is compiled, launched and checked against numpy, and found in the cache."""

from __future__ import annotations

import datetime
import sys

import cujitsu as cj
import numpy as np

SOURCE = """
__global__ void add_them(float* c, const float* a, const float* b, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}
"""


def launch(module: cj.SourceModule) -> bool:
    """Adds two vectors on the device; whether the sum is numpy's."""
    device = cj.Device.current()
    major, minor = device.compute_capability()
    print(f"device    {device.name()}, compute capability {major}.{minor}")

    n = 1_000_000
    random = np.random.default_rng(1)
    a = random.standard_normal(n, dtype=np.float32)
    b = random.standard_normal(n, dtype=np.float32)
    c = np.empty_like(a)

    a_gpu, b_gpu, c_gpu = (cj.mem_alloc(array.nbytes) for array in (a, b, c))
    cj.memcpy_htod(a_gpu, a)
    cj.memcpy_htod(b_gpu, b)
    add_them = module.get_function("add_them")
    add_them(c_gpu, a_gpu, b_gpu, n, grid=(n + 255) // 256, block=256)
    cj.memcpy_dtoh(c, c_gpu)

    right = bool(np.array_equal(c, a + b))
    print(f"launched  {add_them.name}{add_them.signature}: {n} sums, {'equal to' if right else 'NOT equal to'} numpy's")
    return right


def list_cache() -> None:
    """What the kernel cache holds."""
    stats = cj.cache.stats()
    print(f"\ncache     {cj.cache.path}: {stats.entries} entries, {stats.bytes} bytes")
    print(f"          {'key':<14}{'made':<18}{'arch':<8}{'bytes':>8}  {'compile':>8}  kernels")
    for entry in cj.cache.list():
        made = datetime.datetime.fromtimestamp(entry.created).strftime("%Y-%m-%d %H:%M")
        kernels = ", ".join(entry.kernels)
        print(
            f"          {entry.key[:12]:<14}{made:<18}{entry.arch:<8}{entry.file_bytes:>8}"
            f"  {entry.seconds * 1000:>5.0f} ms  {kernels}"
        )


def main() -> int:
    module = cj.SourceModule(SOURCE, name="add_them.cu")
    code = module.code
    print(f"compiled  {code.arch}, {len(code.ptx)} bytes of PTX, {len(code.cubin)} of machine code")
    print(f"compiler  NVRTC {code.compiler.version}, {code.compiler.library}")
    print(f"status    {module.cache_status}: {module.explain()}")

    right = True
    if cj.driver_report().usable:
        right = launch(module)
    else:
        print("launched  nothing: there is no driver, not even softgpu (`cujitsu doctor` says what was looked for)")
    list_cache()
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
