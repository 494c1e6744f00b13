# SPDX-License-Identifier: MIT
"""The same launches through other libraries, where they are installed, each as its documentation recommends.

Each of PEERS yields contenders with 4 or 16 arguments that have launched once with the right result. All launch in
the legacy default stream, with arguments that are on the device before; scalars whose type a library is told are made
once, outside of the loop. An exception means that the library is missing or does not work here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.metadata import version

import numpy as np
from launch_harness import (
    BLOCK,
    ELEMENTS,
    GRID,
    MIXED_RESULT,
    MIXED_SCALARS,
    MIXED_TYPES,
    SAXPY_RESULT,
    SAXPY_SCALARS,
    SOURCE,
    BareDriver,
    Contender,
    D,
    I,
    X,
    check_result,
    numpy_scalars,
    timed,
)

BARE = "bare cuLaunchKernel"
SAXPY_TYPES = {"a": "f4", "n": "i4"}
BYTES = 4 * ELEMENTS
MIXED = "y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h"


def contender(
    bare: BareDriver, name: str, statement: str, names: dict[str, object], y: int, arguments: int = 4
) -> Contender:
    """`y` is the address of the result."""
    expected = SAXPY_RESULT if arguments == 4 else MIXED_RESULT
    check_result(bare, name, y, expected, timed(statement, names, 1, 1))
    return Contender(name, arguments, timed(statement, names), BARE)


def cupy(bare: BareDriver) -> Iterator[Contender]:
    import cupy

    y, x, d, i = cupy.zeros(ELEMENTS, np.float32), cupy.asarray(X), cupy.asarray(D), cupy.asarray(I)
    common = {"grid": (GRID,), "block": (BLOCK,), "y": y, "x": x}
    saxpy = common | {"kernel": cupy.RawKernel(SOURCE, "saxpy")} | numpy_scalars(SAXPY_SCALARS, SAXPY_TYPES)
    mixed = common | {"kernel": cupy.RawKernel(SOURCE, "mixed"), "d": d, "i": i}
    mixed |= numpy_scalars(MIXED_SCALARS, MIXED_TYPES)
    name, address = f"CuPy {cupy.__version__} RawKernel", y.data.ptr
    yield contender(bare, name, "kernel(grid, block, (y, x, a, n))", saxpy, address)
    yield contender(bare, name, f"kernel(grid, block, ({MIXED}))", mixed, address, 16)


def cuda_core(bare: BareDriver) -> Iterator[Contender]:
    try:
        from cuda.core import Device, LaunchConfig, Program, ProgramOptions, launch
    except ImportError:  # before 0.5
        from cuda.core.experimental import Device, LaunchConfig, Program, ProgramOptions, launch

    device = Device()
    device.set_current()
    stream = device.default_stream
    module = Program(SOURCE, code_type="c++", options=ProgramOptions(std="c++17", arch=f"sm_{device.arch}")).compile(
        "cubin"
    )
    buffers = {}
    for name, array in {"y": np.zeros_like(X), "x": X, "d": D, "i": I}.items():
        buffers[name] = device.allocate(array.nbytes, stream=stream)
        bare.synchronize()
        bare.write(int(buffers[name].handle), array)
    common = {"launch": launch, "stream": stream, "config": LaunchConfig(grid=GRID, block=BLOCK)} | buffers
    saxpy = common | {"kernel": module.get_kernel("saxpy")} | numpy_scalars(SAXPY_SCALARS, SAXPY_TYPES)
    mixed = common | {"kernel": module.get_kernel("mixed")} | numpy_scalars(MIXED_SCALARS, MIXED_TYPES)
    name, address = f"cuda.core {version('cuda-core')} launch", int(buffers["y"].handle)
    yield contender(bare, name, "launch(stream, config, kernel, y, x, a, n)", saxpy, address)
    yield contender(bare, name, f"launch(stream, config, kernel, {MIXED})", mixed, address, 16)


def pycuda(bare: BareDriver) -> Iterator[Contender]:
    import pycuda
    import pycuda.autoprimaryctx  # noqa: F401
    from pycuda import compiler, driver

    module = compiler.SourceModule(SOURCE, no_extern_c=True)
    buffers = {"y": driver.mem_alloc(BYTES)}
    buffers |= {name: driver.to_device(array) for name, array in {"x": X, "d": D, "i": I}.items()}
    grid, block = (GRID, 1), (BLOCK, 1, 1)
    common = {"grid": grid, "block": block} | buffers
    # A bool's bits as a number: PyCUDA takes no numpy.bool_.
    scalars = numpy_scalars(MIXED_SCALARS, MIXED_TYPES | {"g": "u1"})
    saxpy = common | {"kernel": module.get_function("saxpy")} | numpy_scalars(SAXPY_SCALARS, SAXPY_TYPES)
    mixed = common | {"kernel": module.get_function("mixed")} | scalars
    prepared = []
    for name, types, values in (("saxpy", "PPfi", SAXPY_SCALARS), ("mixed", "PPPPfdiIqQhBfi?d", MIXED_SCALARS)):
        kernel = module.get_function(name)
        kernel.prepare(types)
        prepared.append(common | {"call": kernel.prepared_call} | values)
    name, address = f"PyCUDA {pycuda.VERSION_TEXT}", int(buffers["y"])
    yield contender(bare, f"{name} call", "kernel(y, x, a, n, grid=grid, block=block)", saxpy, address)
    yield contender(bare, f"{name} prepared_call", "call(grid, block, y, x, a, n)", prepared[0], address)
    yield contender(bare, f"{name} call", f"kernel({MIXED}, grid=grid, block=block)", mixed, address, 16)
    yield contender(bare, f"{name} prepared_call", f"call(grid, block, {MIXED})", prepared[1], address, 16)


def triton(bare: BareDriver) -> Iterator[Contender]:
    import launch_triton
    import torch
    import triton

    tensors = {name: torch.from_numpy(array.copy()).cuda() for name, array in {"y": X, "x": X, "d": D, "i": I}.items()}
    common = {"grid": (GRID,)} | tensors
    saxpy = common | {"kernel": launch_triton.saxpy} | SAXPY_SCALARS
    mixed = common | {"kernel": launch_triton.mixed} | MIXED_SCALARS
    name, address = f"Triton {triton.__version__}", tensors["y"].data_ptr()
    block = f"BLOCK={BLOCK}, num_warps={BLOCK // 32}"
    yield contender(bare, name, f"kernel[grid](y, x, a, n, {block})", saxpy, address)
    yield contender(bare, name, f"kernel[grid]({MIXED}, {block})", mixed, address, 16)


def torch(bare: BareDriver) -> Iterator[Contender]:
    import torch

    # It passes a Python float as a double, so the kernel takes one; and it knows no types for the sixteen arguments.
    source = SOURCE[SOURCE.index('extern "C"') : SOURCE.rindex('extern "C"')].replace("float a", "double a")
    names = {"kernel": torch.cuda._compile_kernel(source, "saxpy"), "grid": (GRID, 1, 1), "block": (BLOCK, 1, 1)}
    names |= {"y": torch.zeros(ELEMENTS, device="cuda"), "x": torch.from_numpy(X).cuda()} | SAXPY_SCALARS
    name, address = f"torch {torch.__version__} _compile_kernel", names["y"].data_ptr()
    yield contender(bare, name, "kernel(grid=grid, block=block, args=(y, x, a, n))", names, address)


def numba(bare: BareDriver) -> Iterator[Contender]:
    os.environ.setdefault("NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS", "0")
    import numba
    from numba import cuda

    @cuda.jit
    def saxpy(y, x, a, n):
        k = cuda.grid(1)
        if k < n:
            y[k] = a * x[k] + y[k]

    @cuda.jit
    def mixed(y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h):
        k = cuda.grid(1)
        if k < n:
            y[k] = a * x[k] + b * d[k] + i[k] + m + p + q + s + c + e + f + g + h

    arrays = {name: cuda.to_device(array) for name, array in {"y": np.zeros_like(X), "x": X, "d": D, "i": I}.items()}
    common = {"grid": GRID, "block": BLOCK} | arrays
    name, address = f"Numba {numba.__version__}", arrays["y"].__cuda_array_interface__["data"][0]
    yield contender(bare, name, "kernel[grid, block](y, x, a, n)", common | {"kernel": saxpy} | SAXPY_SCALARS, address)
    yield contender(
        bare, name, f"kernel[grid, block]({MIXED})", common | {"kernel": mixed} | MIXED_SCALARS, address, 16
    )


PEERS: dict[str, Callable[[BareDriver], Iterator[Contender]]] = {
    "CuPy": cupy,
    "cuda.core": cuda_core,
    "PyCUDA": pycuda,
    "Triton": triton,
    "torch.cuda._compile_kernel": torch,
    "Numba": numba,
}
