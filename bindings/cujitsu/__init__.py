# SPDX-License-Identifier: MIT
"""cujitsu compiles CUDA C++ from strings while a program runs, keeps the result on disk, and launches it.

    import cujitsu as cj

    module = cj.SourceModule(source)
    add = module.get_function("add")
    a_gpu = cj.mem_alloc(a.nbytes)
    cj.memcpy_htod(a_gpu, a)
    add(a_gpu, b_gpu, c_gpu, 400, grid=(1, 1), block=(400, 1, 1))
    add(cj.In(a), cj.In(b), cj.Out(c), 400, grid=1, block=400)

Importing it loads neither the driver nor NVRTC and touches no file: both are looked for on first use.
"""

from __future__ import annotations

import sys

from cujitsu import errors
from cujitsu._core import (
    BlockSuggestion,
    BoundLaunch,
    CacheEntry,
    CacheStats,
    CompiledCode,
    CompileOptions,
    CompilerInfo,
    ConfiguredKernel,
    Device,
    DeviceBuffer,
    DeviceSpan,
    DeviceView,
    Diagnostic,
    DriverReport,
    EnvironmentVariable,
    Event,
    Graph,
    GraphExec,
    HostBuffer,
    In,
    InOut,
    Kernel,
    KernelAttributes,
    KernelCache,
    KernelInfo,
    KernelNode,
    KernelResources,
    KernelSignature,
    LaunchConfig,
    LibraryCandidate,
    NvrtcReport,
    Occupancy,
    Out,
    ParameterType,
    SourceModule,
    Stream,
    __version__,
    capture,
    compile,
    driver_report,
    driver_version,
    environment_variables,
    mem_alloc,
    memcpy_dtod,
    memcpy_dtod_async,
    memcpy_dtoh,
    memcpy_dtoh_async,
    memcpy_htod,
    memcpy_htod_async,
    memset_d8,
    memset_d8_async,
    memset_d16,
    memset_d16_async,
    memset_d32,
    memset_d32_async,
    nvrtc_report,
    set_log_level,
    set_wheel_folders,
    synchronize,
)
from cujitsu.errors import (
    ArgumentError,
    CacheError,
    CompileError,
    DriverError,
    Error,
    LaunchError,
    LoadError,
    OutOfMemoryError,
)
from cujitsu.pagelocked import pagelocked_empty

__all__ = [
    "ArgumentError",
    "BlockSuggestion",
    "BoundLaunch",
    "CacheEntry",
    "CacheError",
    "CacheStats",
    "CompileError",
    "CompileOptions",
    "CompiledCode",
    "CompilerInfo",
    "ConfiguredKernel",
    "Device",
    "DeviceBuffer",
    "DeviceSpan",
    "DeviceView",
    "Diagnostic",
    "DriverError",
    "DriverReport",
    "EnvironmentVariable",
    "Error",
    "Event",
    "Graph",
    "GraphExec",
    "HostBuffer",
    "In",
    "InOut",
    "Kernel",
    "KernelAttributes",
    "KernelCache",
    "KernelInfo",
    "KernelNode",
    "KernelResources",
    "KernelSignature",
    "LaunchConfig",
    "LaunchError",
    "LibraryCandidate",
    "LoadError",
    "NvrtcReport",
    "Occupancy",
    "Out",
    "OutOfMemoryError",
    "ParameterType",
    "SourceModule",
    "Stream",
    "__version__",
    "cache",
    "capture",
    "compile",
    "driver_report",
    "driver_version",
    "environment_variables",
    "errors",
    "mem_alloc",
    "memcpy_dtod",
    "memcpy_dtod_async",
    "memcpy_dtoh",
    "memcpy_dtoh_async",
    "memcpy_htod",
    "memcpy_htod_async",
    "memset_d8",
    "memset_d8_async",
    "memset_d16",
    "memset_d16_async",
    "memset_d32",
    "memset_d32_async",
    "nvrtc_report",
    "pagelocked_empty",
    "set_log_level",
    "synchronize",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    cache: KernelCache

# Where NVIDIA's wheels with NVRTC may lie; only names are collected here, NVRTC is looked for by the first compile.
set_wheel_folders([path for path in sys.path if path.rstrip("/").endswith(("site-packages", "dist-packages"))])
del set_wheel_folders


def __getattr__(name: str) -> KernelCache:
    # `cujitsu.cache` reads the environment, which a program may still set between the import and the first use.
    if name == "cache":
        standard = globals()["cache"] = KernelCache.standard()
        return standard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
