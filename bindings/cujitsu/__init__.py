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
    BundleExport,
    BundleImport,
    CacheCounters,
    CacheDiff,
    CacheEntry,
    CacheProblem,
    CacheStats,
    CacheSummary,
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
    Explanation,
    Graph,
    GraphExec,
    HeaderFile,
    HostBuffer,
    In,
    InOut,
    Kernel,
    KernelAttributes,
    KernelCache,
    KernelInfo,
    KernelNode,
    KernelPair,
    KernelResources,
    KernelSignature,
    LaunchConfig,
    LibraryCandidate,
    Manifest,
    NvrtcReport,
    Occupancy,
    Out,
    ParameterType,
    PrecompileResult,
    PrecompileStep,
    PruneResult,
    RecompiledEntry,
    RecompileReport,
    RecordedCompile,
    Recording,
    SourceModule,
    Stream,
    VerifyReport,
    __version__,
    capture,
    compile,
    compile_policy,
    driver_report,
    driver_version,
    environment_variables,
    explain,
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
    precompile,
    read_manifest,
    record,
    set_compile_policy,
    set_log_level,
    set_wheel_folders,
    synchronize,
)
from cujitsu.errors import (
    ArgumentError,
    CacheError,
    CancelledError,
    CompileError,
    CompileForbiddenError,
    CompileManyError,
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
    "BundleExport",
    "BundleImport",
    "CacheCounters",
    "CacheDiff",
    "CacheEntry",
    "CacheError",
    "CacheProblem",
    "CacheStats",
    "CacheSummary",
    "CancelledError",
    "CompileError",
    "CompileForbiddenError",
    "CompileFuture",
    "CompileManyError",
    "CompileOptions",
    "CompileRequest",
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
    "Explanation",
    "Graph",
    "GraphExec",
    "HeaderFile",
    "HostBuffer",
    "In",
    "InOut",
    "Kernel",
    "KernelAttributes",
    "KernelCache",
    "KernelInfo",
    "KernelNode",
    "KernelPair",
    "KernelResources",
    "KernelSignature",
    "LaunchConfig",
    "LaunchError",
    "LibraryCandidate",
    "LoadError",
    "Manifest",
    "NvrtcReport",
    "Occupancy",
    "Out",
    "OutOfMemoryError",
    "ParameterType",
    "PrecompileResult",
    "PrecompileStep",
    "PruneResult",
    "RecompileReport",
    "RecompiledEntry",
    "RecordedCompile",
    "Recording",
    "SourceModule",
    "Stream",
    "VerifyReport",
    "__version__",
    "cache",
    "capture",
    "compile",
    "compile_many",
    "compile_policy",
    "driver_report",
    "driver_version",
    "environment_variables",
    "errors",
    "explain",
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
    "precompile",
    "read_manifest",
    "record",
    "set_compile_policy",
    "set_log_level",
    "synchronize",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cujitsu.batch import CompileFuture, CompileRequest, compile_many

    cache: KernelCache

# Where NVIDIA's wheels with NVRTC may lie; only names are collected here, NVRTC is looked for by the first compile.
set_wheel_folders([path for path in sys.path if path.rstrip("/").endswith(("site-packages", "dist-packages"))])
del set_wheel_folders


def __getattr__(name: str) -> object:
    # `cujitsu.cache` reads the environment, which a program may still set between the import and the first use.
    if name == "cache":
        standard = globals()["cache"] = KernelCache.standard()
        return standard
    # What these need (concurrent.futures, dataclasses) takes longer to import than all of cujitsu.
    if name in ("CompileFuture", "CompileRequest", "compile_many"):
        from cujitsu import batch

        value = globals()[name] = getattr(batch, name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
