"""
The compiled part of cujitsu; import cujitsu instead.
"""
from __future__ import annotations
import collections.abc
import cujitsu.batch
import cujitsu.tables
import cujitsu.typing
import datetime
import os
import pathlib
import typing
__all__: list[str] = ['BlockSuggestion', 'BoundLaunch', 'BundleExport', 'BundleImport', 'CacheCounters', 'CacheDiff', 'CacheEntry', 'CacheProblem', 'CacheStats', 'CacheSummary', 'CompileBatch', 'CompileOptions', 'CompileTask', 'CompiledCode', 'CompilerInfo', 'ConfiguredKernel', 'Device', 'DeviceBuffer', 'DeviceSpan', 'DeviceView', 'Diagnostic', 'DriverReport', 'EnvironmentVariable', 'Event', 'Explanation', 'Graph', 'GraphExec', 'HeaderFile', 'HostBuffer', 'In', 'InOut', 'Kernel', 'KernelAttributes', 'KernelCache', 'KernelInfo', 'KernelNode', 'KernelPair', 'KernelResources', 'KernelSignature', 'LaunchConfig', 'LibraryCandidate', 'Manifest', 'NvrtcReport', 'Occupancy', 'Out', 'ParameterType', 'PrecompileResult', 'PrecompileStep', 'PruneResult', 'RecompileReport', 'RecompiledEntry', 'RecordedCompile', 'Recording', 'SourceModule', 'Stream', 'VerifyReport', 'capture', 'cli_main', 'compile', 'compile_policy', 'driver_report', 'driver_version', 'environment_variables', 'explain', 'mem_alloc', 'memcpy_dtod', 'memcpy_dtod_async', 'memcpy_dtoh', 'memcpy_dtoh_async', 'memcpy_htod', 'memcpy_htod_async', 'memset_d16', 'memset_d16_async', 'memset_d32', 'memset_d32_async', 'memset_d8', 'memset_d8_async', 'nvrtc_report', 'precompile', 'read_manifest', 'record', 'set_compile_policy', 'set_log_level', 'set_wheel_folders', 'set_worker_command', 'synchronize', 'worker_command']
class Diagnostic:
    """
    One message of the compiler, as data. Read only, comparable, picklable.
    
    Lines and columns count from 1, in the user's own string; 0 means not given.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __getstate__(self) -> tuple[typing.Any, ...]:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None:
        ...
    @property
    def code(self) -> str:
        """
        NVRTC's number such as '177-D', or ''.
        """
    @property
    def column(self) -> int:
        """
        From the caret; a tab counts as one column; 0 when not given.
        """
    @property
    def file(self) -> str:
        """
        The program's name, or the header's.
        """
    @property
    def line(self) -> int:
        """
        Honours #line; 0 when not given.
        """
    @property
    def severity(self) -> str:
        """
        'error', 'warning', 'remark', 'note' or 'catastrophic error'.
        """
    @property
    def source(self) -> str:
        """
        The source line it points at, or ''.
        """
    @property
    def text(self) -> str:
        """
        The message, without position and severity.
        """
class EnvironmentVariable:
    """
    One environment variable that cujitsu reads.
    """
    def __repr__(self) -> str:
        ...
    @property
    def meaning(self) -> str:
        """
        One sentence.
        """
    @property
    def name(self) -> str:
        """
        Such as 'CUJITSU_CACHE_DIR'.
        """
    @property
    def standard(self) -> str:
        """
        What holds when it is not set.
        """
    @property
    def values(self) -> str:
        """
        What it may hold.
        """
class LibraryCandidate:
    """
    One library that was looked at.
    """
    def __repr__(self) -> str:
        ...
    @property
    def chosen(self) -> bool:
        """
        Whether this one is used.
        """
    @property
    def origin(self) -> str:
        """
        Who named it: 'CUJITSU_NVRTC', 'Python wheel', 'CUDA_PATH', 'system loader', ...
        """
    @property
    def path(self) -> str:
        """
        As it would be, or was, opened.
        """
    @property
    def reason(self) -> str:
        """
        Why it was chosen or rejected.
        """
class DriverReport:
    """
    Which driver libraries were found, chosen and rejected, and why.
    """
    def __repr__(self) -> str:
        ...
    @property
    def candidates(self) -> list[LibraryCandidate]:
        """
        Every library that was looked at.
        """
    @property
    def is_software(self) -> bool:
        """
        Whether it is softgpu: kernels run on the CPU.
        """
    @property
    def missing_features(self) -> list[str]:
        """
        Optional driver functions that this driver does not have.
        """
    @property
    def usable(self) -> bool:
        """
        Whether there is a driver to use.
        """
    @property
    def version(self) -> int:
        """
        1000 * major + 10 * minor; 0 when not usable.
        """
class NvrtcReport:
    """
    Which NVRTC libraries were found, chosen and rejected, and why.
    """
    def __repr__(self) -> str:
        ...
    @property
    def architectures(self) -> list[str]:
        """
        What it compiles for: 'sm_75', ...
        """
    @property
    def candidates(self) -> list[LibraryCandidate]:
        """
        Every library that was looked at.
        """
    @property
    def include_dirs(self) -> list[str]:
        """
        The toolkit's own header folders, searched after the user's.
        """
    @property
    def major(self) -> int:
        """
        Its version; 0 when not usable.
        """
    @property
    def minor(self) -> int:
        """
        Its version; 0 when not usable.
        """
    @property
    def usable(self) -> bool:
        """
        Whether there is an NVRTC to use.
        """
class ParameterType:
    """
    One kernel parameter. Sizes and offsets are in bytes.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def alignment(self) -> int:
        ...
    @property
    def c_type(self) -> str:
        """
        Such as 'const float*'; '' where only PTX or the driver tells.
        """
    @property
    def kind(self) -> str:
        """
        'integer', 'floating', 'pointer' or 'aggregate' (a struct, an array or a vector type by value).
        """
    @property
    def name(self) -> str:
        """
        As the source declares it; '' where it does not.
        """
    @property
    def offset(self) -> int:
        ...
    @property
    def pointee(self) -> str:
        """
        What a pointer points at, without const and volatile: 'float'; '' where that is not known.
        """
    @property
    def pointee_is_const(self) -> bool:
        """
        Whether the kernel can not write through the pointer.
        """
    @property
    def size(self) -> int:
        ...
class KernelSignature:
    """
    A kernel's parameters in order; str() writes it as C: 'saxpy(float* y, const float* x, float a, int n)'.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __len__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    @property
    def kernel(self) -> str:
        """
        The kernel's name.
        """
    @property
    def parameters(self) -> list[ParameterType]:
        ...
class CompileOptions:
    """
    What a stored compile was asked for, as CacheEntry.options. Read only.
    
    compile() and SourceModule take the same names as keywords.
    """
    def __repr__(self) -> str:
        ...
    @property
    def arch(self) -> str:
        """
        Such as 'sm_90'.
        """
    @property
    def headers(self) -> dict[str, str]:
        """
        Headers in memory: name and text.
        """
    @property
    def hermetic(self) -> bool:
        """
        Whether NVRTC was given the very bytes of the headers that the key has.
        """
    @property
    def include_dirs(self) -> list[str]:
        """
        Folders for #include.
        """
    @property
    def name(self) -> str:
        """
        The program's name in diagnostics.
        """
    @property
    def name_expressions(self) -> list[str]:
        """
        Template instances that were asked for.
        """
    @property
    def options(self) -> list[str]:
        """
        NVRTC's own options.
        """
    @property
    def pch(self) -> str:
        """
        'auto' when headers were to be precompiled; that is no part of the key, and so 'off' for a stored compile.
        """
class KernelResources:
    """
    What one kernel costs, read out of the machine code; all 0 where there is PTX alone.
    """
    def __repr__(self) -> str:
        ...
    @property
    def constant_bytes(self) -> int:
        """
        Constant bank 0: the parameters and what the compiler adds.
        """
    @property
    def local_bytes(self) -> int:
        """
        Stack of a thread.
        """
    @property
    def registers(self) -> int:
        """
        For each thread.
        """
    @property
    def shared_bytes(self) -> int:
        """
        Static shared memory of a block.
        """
class KernelInfo:
    """
    One entry point of compiled code.
    """
    def __repr__(self) -> str:
        ...
    @property
    def lowered_name(self) -> str:
        """
        As the driver knows it: '_Z3addPfi'.
        """
    @property
    def name(self) -> str:
        """
        As a person writes it: 'add', 'ns::scale<float>'.
        """
    @property
    def resources(self) -> KernelResources:
        ...
    @property
    def signature(self) -> KernelSignature:
        ...
class HeaderFile:
    """
    A header on disk that a compile read.
    """
    def __repr__(self) -> str:
        ...
    @property
    def bytes(self) -> int:
        """
        Size of its content.
        """
    @property
    def is_toolkit(self) -> bool:
        """
        Whether it is in one of the toolkit's own folders.
        """
    @property
    def path(self) -> str:
        """
        As NVRTC opened it; a relative one counts from the current folder.
        """
class CompilerInfo:
    """
    Which compiler made the code.
    """
    def __repr__(self) -> str:
        ...
    @property
    def library(self) -> str:
        """
        Path of the libnvrtc that compiled it.
        """
    @property
    def major(self) -> int:
        ...
    @property
    def minor(self) -> int:
        ...
    @property
    def version(self) -> str:
        """
        Such as '13.0'.
        """
class CompiledCode:
    """
    What a compile gave, as a value; needs no device and no driver. Read only, for any thread.
    
    SourceModule(code) loads it.
    """
    def __repr__(self) -> str:
        ...
    def diagnostics(self) -> list[Diagnostic]:
        """
        The log as data.
        """
    @property
    def arch(self) -> str:
        """
        Such as 'sm_90'.
        """
    @property
    def cache_changes(self) -> list[str]:
        """
        On a miss: what this compile has otherwise than that one: ['option -O1 added'].
        """
    @property
    def cache_key(self) -> str:
        """
        32 hexadecimal digits, or '' on a bypass.
        """
    @property
    def cache_nearest(self) -> str:
        """
        On a miss: the key of the stored compile that is most like this one, or ''.
        """
    @property
    def cache_reason(self) -> str:
        """
        One sentence: why a hit, a miss or a bypass.
        """
    @property
    def cache_status(self) -> str:
        """
        'hit', 'miss' or 'bypass'.
        """
    @property
    def compiler(self) -> CompilerInfo:
        ...
    @property
    def cubin(self) -> bytes:
        """
        Machine code; empty for a virtual architecture ('compute_80').
        """
    @property
    def globals(self) -> dict[str, str]:
        """
        Variable as a person writes it to lowered name.
        """
    @property
    def headers(self) -> list[HeaderFile]:
        """
        The headers on disk that were read, in the order of their first use; [] on a bypass.
        """
    @property
    def kernels(self) -> list[KernelInfo]:
        """
        The entry points.
        """
    @property
    def log(self) -> str:
        """
        NVRTC's log, warnings included, also on a cache hit.
        """
    @property
    def lowered_names(self) -> dict[str, str]:
        """
        Name expression to lowered name.
        """
    @property
    def options(self) -> list[str]:
        """
        Every option that NVRTC was given, in order, cujitsu's own included.
        """
    @property
    def ptx(self) -> str:
        """
        PTX; empty only for options that make none, such as -dlto.
        """
    @property
    def seconds(self) -> float:
        """
        What NVRTC took; on a hit, what it took then.
        """
class CacheEntry:
    """
    One stored compile, whole, as KernelCache.find returns it. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def code(self) -> CompiledCode:
        """
        The stored CompiledCode.
        """
    @property
    def created(self) -> int:
        """
        Seconds since 1970, UTC.
        """
    @property
    def file_bytes(self) -> int:
        """
        Size of the file.
        """
    @property
    def key(self) -> str:
        """
        32 hexadecimal digits.
        """
    @property
    def options(self) -> CompileOptions:
        """
        As given; `arch` is what was asked for.
        """
    @property
    def path(self) -> pathlib.Path:
        """
        Its one file.
        """
    @property
    def source(self) -> str:
        """
        The user's string.
        """
class CacheSummary:
    """
    What KernelCache.list tells of an entry, from the first bytes of its file. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def arch(self) -> str:
        """
        What was asked for: 'sm_90'.
        """
    @property
    def compiler_major(self) -> int:
        """
        NVRTC's version.
        """
    @property
    def compiler_minor(self) -> int:
        ...
    @property
    def created(self) -> int:
        """
        Seconds since 1970, UTC.
        """
    @property
    def file_bytes(self) -> int:
        """
        Size of the file.
        """
    @property
    def header_count(self) -> int:
        """
        How many headers it includes.
        """
    @property
    def hits(self) -> int:
        """
        By all processes that have exited since.
        """
    @property
    def include_dirs(self) -> list[str]:
        ...
    @property
    def is_shortened(self) -> bool:
        """
        Whether the lists are not whole, because they were long; find() has all.
        """
    @property
    def kernels(self) -> list[str]:
        """
        Their names.
        """
    @property
    def key(self) -> str:
        """
        32 hexadecimal digits.
        """
    @property
    def last_used(self) -> int:
        """
        Seconds since 1970, UTC; to the hour.
        """
    @property
    def name(self) -> str:
        """
        The program's name.
        """
    @property
    def name_expressions(self) -> list[str]:
        ...
    @property
    def options(self) -> list[str]:
        """
        The user's, in order.
        """
    @property
    def origin(self) -> str:
        """
        'cache', or 'seed' for one of a read-only folder behind it.
        """
    @property
    def path(self) -> pathlib.Path:
        """
        Its one file.
        """
    @property
    def seconds(self) -> float:
        """
        What NVRTC took.
        """
class CacheCounters:
    """
    What a cache was asked, and what that cost. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def bypasses(self) -> int:
        ...
    @property
    def bytes_read(self) -> int:
        """
        Of entries, by hits.
        """
    @property
    def bytes_written(self) -> int:
        """
        Of entries.
        """
    @property
    def hits(self) -> int:
        ...
    @property
    def misses(self) -> int:
        ...
    @property
    def seconds_compiling(self) -> float:
        """
        Spent in NVRTC.
        """
    @property
    def seconds_saved(self) -> float:
        """
        What the hits had cost when they were compiled.
        """
class CacheStats(CacheCounters):
    """
    The counters of this process since it started, and what is on disk now. A snapshot; prints as a table.
    """
    def __repr__(self) -> str:
        ...
    def __rich__(self) -> typing.Any:
        ...
    def __str__(self) -> str:
        ...
    def _repr_html_(self) -> str:
        ...
    @property
    def bytes(self) -> int:
        """
        Bytes on disk.
        """
    @property
    def entries(self) -> int:
        """
        Files on disk.
        """
    @property
    def folder(self) -> CacheCounters:
        """
        The counters of all processes that used the folder; each tells its own when it exits.
        """
    @property
    def max_bytes(self) -> int:
        """
        The bound; 0 for none.
        """
    @property
    def seed_bytes(self) -> int:
        ...
    @property
    def seed_entries(self) -> int:
        ...
class PruneResult:
    """
    What KernelCache.prune removed, or would have. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def bytes(self) -> int:
        ...
    @property
    def entries(self) -> int:
        ...
class CacheProblem:
    """
    A file that is not what it should be. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def damaged(self) -> bool:
        """
        Its content is wrong; else it could not be read, or is not to be trusted.
        """
    @property
    def key(self) -> str:
        ...
    @property
    def path(self) -> pathlib.Path:
        ...
    @property
    def problem(self) -> str:
        """
        A phrase: 'damaged (checksum)'.
        """
    @property
    def removed(self) -> bool:
        ...
class RecompiledEntry:
    """
    An entry that was not the same when compiled anew. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def detail(self) -> str:
        """
        A phrase.
        """
    @property
    def key(self) -> str:
        ...
    @property
    def name(self) -> str:
        """
        The program's.
        """
    @property
    def outcome(self) -> str:
        """
        'differs', 'skipped' or 'failed'.
        """
    @property
    def path(self) -> pathlib.Path:
        ...
class RecompileReport:
    """
    Stored code against what the compiler makes now. Read only; prints as a table.
    """
    def __repr__(self) -> str:
        ...
    def __rich__(self) -> typing.Any:
        ...
    def __str__(self) -> str:
        ...
    def _repr_html_(self) -> str:
        ...
    @property
    def differing(self) -> int:
        ...
    @property
    def entries(self) -> list[RecompiledEntry]:
        """
        All that are not the same.
        """
    @property
    def failed(self) -> int:
        ...
    @property
    def same(self) -> int:
        """
        PTX and machine code are equal, byte by byte.
        """
    @property
    def seconds(self) -> float:
        """
        What the compiles took.
        """
    @property
    def skipped(self) -> int:
        """
        Headers or compiler are not as they were, or it knows no such GPU.
        """
class VerifyReport:
    """
    What KernelCache.verify found. Read only; prints as a table.
    """
    def __repr__(self) -> str:
        ...
    def __rich__(self) -> typing.Any:
        ...
    def __str__(self) -> str:
        ...
    def _repr_html_(self) -> str:
        ...
    @property
    def bytes(self) -> int:
        ...
    @property
    def entries(self) -> int:
        """
        Looked at, those with problems among them.
        """
    @property
    def problems(self) -> list[CacheProblem]:
        ...
    @property
    def recompiled(self) -> RecompileReport | None:
        """
        A RecompileReport where verify(recompile=True) was asked for, else None.
        """
class KernelPair:
    """
    A kernel of either of two entries. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def after(self) -> KernelResources | None:
        """
        Likewise.
        """
    @property
    def before(self) -> KernelResources | None:
        """
        KernelResources, or None where that entry has no such kernel.
        """
    @property
    def name(self) -> str:
        """
        Its signature.
        """
class CacheDiff:
    """
    What one entry has otherwise than another. Read only; prints as a table.
    """
    def __repr__(self) -> str:
        ...
    def __rich__(self) -> typing.Any:
        ...
    def __str__(self) -> str:
        ...
    def _repr_html_(self) -> str:
        ...
    @property
    def after(self) -> str:
        """
        Its key.
        """
    @property
    def before(self) -> str:
        """
        Its key.
        """
    @property
    def changes(self) -> list[str]:
        """
        Of the request, the compiler and the headers: ['option -O1 added'].
        """
    @property
    def cubin_equal(self) -> bool:
        ...
    @property
    def kernels(self) -> list[KernelPair]:
        ...
    @property
    def log_equal(self) -> bool:
        ...
    @property
    def ptx_equal(self) -> bool:
        ...
    @property
    def source_diff(self) -> str:
        """
        The sources as `diff -u` shows them; '' where they are equal.
        """
class KernelCache:
    """
    A folder of compiled code, one file for each entry, published by one rename.
    
    Several threads and processes may use one folder at once. Nothing is created before the first entry is stored.
    What goes wrong inside a compile is a warning in the log; only what asks or cleans the cache raises CacheError.
    `cujitsu.cache` is the user's own; KernelCache(root) is another one, for SourceModule(cache=...) and compile(cache=...).
    """
    @staticmethod
    def standard() -> KernelCache:
        """
        The user's own cache: CUJITSU_CACHE_DIR, else $XDG_CACHE_HOME/cujitsu, else ~/.cache/cujitsu.
        """
    def __init__(self, root: str | os.PathLike[str], *, max_bytes: int | str | None = None, seeds: collections.abc.Sequence[os.PathLike | str | bytes] = (), key_file: os.PathLike | str | bytes | None = None) -> None:
        """
        A cache in the folder `root`; the format's version is a folder below it.
        
        max_bytes: its bound, as bytes or '500M'; 1 GiB where it is None, 0 for no bound. seeds: roots of other caches, read only.
        key_file: authenticates entries.
        """
    def __repr__(self) -> str:
        ...
    def clear(self) -> int:
        """
        Removes every entry and returns how many; seeds and files that are not cujitsu's stay. Raises CacheError.
        """
    def diff(self, before: str, after: str) -> CacheDiff:
        """
        What one entry has otherwise than another; each is a key or its first digits. Raises CacheError.
        """
    def explain(self, source: str | bytes | CacheSummary | CacheEntry, **keywords: typing.Any) -> Explanation:
        """
        Tells what a compile would find in this cache, and what has changed; compiles, stores and counts nothing.
        
        With a source, the keywords are compile()'s but for `cache`. With an entry or a key (1 to 32 hexadecimal digits), it is the
        compile of the same request, and `changes` what is otherwise now than it was for that entry. Raises CacheError,
        ArgumentError, LoadError.
        """
    def export_bundle(self, file: str | os.PathLike[str], *, keys: collections.abc.Sequence[str] = (), arch: str | None = None, name: str | None = None, older_than: float | str | datetime.timedelta | None = None) -> BundleExport:
        """
        Writes entries into one file: all, seeds' too, or those that fit what is given.
        
        keys: leading digits of keys; arch, name and older_than as in list(). Raises CacheError when there is nothing to write or
        the file can not be written; ArgumentError.
        """
    def find(self, prefix: str) -> CacheEntry:
        """
        The entry whose key starts with `prefix`. Raises CacheError when there is none, or more than one.
        """
    def import_bundle(self, file: str | os.PathLike[str]) -> BundleImport:
        """
        Stores the entries of a bundle, each after a check; what is here already is kept.
        
        A damaged entry is left out and told in the result. With a key file, only what was made with it is taken. Raises CacheError when the bundle can not be read or is of another
        format version, and when this cache can not be written to.
        """
    def list(self, *, arch: str | None = None, name: str | None = None, older_than: float | str | datetime.timedelta | None = None, sort: str = 'newest', reverse: bool = False, limit: typing.SupportsInt | typing.SupportsIndex | None = None) -> cujitsu.tables.CacheListing:
        """
        Every entry whose beginning is readable, or those that fit: a list of CacheSummary that prints as a table.
        
        arch, name: `*`, `?` and `[...]` stand for what they do in a shell; name is the program's or a kernel's. older_than: not
        used for so long, as seconds, '7d' or a timedelta. sort: 'newest', 'age', 'used', 'size', 'hits' or 'seconds'.
        Raises CacheError, ArgumentError.
        """
    def prune(self, *, max_bytes: int | str | None = None, older_than: float | str | datetime.timedelta | None = None, arch: str | None = None, name: str | None = None, dry_run: bool = False) -> PruneResult:
        """
        Removes entries: with max_bytes (bytes or '500M') the least recently used, until all are no larger; without it
        all that fit the other arguments, which are list()'s; with none, down to 80 % of the cache's own bound. Seeds stay.
        
        Raises CacheError, ArgumentError.
        """
    def stats(self) -> CacheStats:
        """
        Hits, misses and seconds, of this process and of the folder; entries and bytes on disk.
        """
    def verify(self, *, remove_damaged: bool = False, recompile: bool = False, arch: str | None = None, name: str | None = None, older_than: float | str | datetime.timedelta | None = None) -> VerifyReport:
        """
        Checks every entry's frame, hash, name and content, seeds included.
        
        With recompile, also compiles the request of each entry that fits (as in list) anew and compares PTX and machine code
        byte by byte. Raises CacheError, ArgumentError; LoadError where recompile finds no NVRTC.
        """
    @property
    def disabled_reason(self) -> str:
        """
        '', or why this cache is not used at all.
        """
    @property
    def path(self) -> pathlib.Path | None:
        """
        The folder that holds the entries, version included; None when the cache is disabled.
        """
    @property
    def seeds(self) -> list[pathlib.Path]:
        """
        The roots of the read-only caches behind it.
        """
class BundleExport:
    """
    What export_bundle wrote.
    """
    def __repr__(self) -> str:
        ...
    @property
    def bytes(self) -> int:
        """
        Of the bundle.
        """
    @property
    def entries(self) -> int:
        ...
    @property
    def problems(self) -> list[str]:
        """
        One sentence for each entry, or seed, that was left out because it can not be read.
        """
class BundleImport:
    """
    What import_bundle stored.
    """
    def __repr__(self) -> str:
        ...
    @property
    def imported(self) -> int:
        ...
    @property
    def kept(self) -> int:
        """
        They were in the cache already.
        """
    @property
    def problems(self) -> list[str]:
        """
        One sentence for each entry that was left out because it is damaged.
        """
class Explanation:
    """
    What the cache would do with a compile. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def changes(self) -> list[str]:
        """
        On a miss: what this compile has otherwise than that one.
        """
    @property
    def key(self) -> str:
        """
        Of the entry that answers, or that would be stored; '' on a bypass.
        """
    @property
    def nearest(self) -> str:
        """
        On a miss: the key of the stored compile that is most like this one, or ''.
        """
    @property
    def reason(self) -> str:
        """
        One sentence.
        """
    @property
    def status(self) -> str:
        """
        'hit', 'miss' or 'bypass'.
        """
class CompileBatch:
    """
    What compile_many is made of.
    """
    def __init__(self, requests: list, workers: typing.SupportsInt | typing.SupportsIndex, mode: str) -> None:
        """
        Begins to compile pairs of a source and a dict of keywords; workers=0: one for each CPU.
        """
    def __len__(self) -> int:
        ...
    def cancel(self) -> None:
        """
        Drops what has not begun, and stops what has.
        """
    def results(self) -> list[CompiledCode]:
        """
        The CompiledCode of each, once all have ended. Raises CompileManyError, LoadError, CancelledError.
        """
    def wait(self, seen: typing.SupportsInt | typing.SupportsIndex, seconds: typing.SupportsFloat | typing.SupportsIndex) -> int:
        """
        Waits until more than `seen` have ended, or all, or the time is up; returns how many have.
        """
class CompileTask:
    """
    A compile that is under way; CompileFuture is the Python face of it.
    """
    def __init__(self, source: str | bytes | CompiledCode, **kwargs) -> None:
        """
        Starts it, with SourceModule's keywords. A cache must live until it has ended.
        """
    def cancel(self) -> bool:
        """
        True when it is, or will be, cancelled; False when it had ended.
        """
    def on_done(self, function: collections.abc.Callable) -> None:
        """
        Calls it once when this has ended, in the thread that ended it, or now.
        """
    def result(self) -> CompiledCode:
        """
        Waits; the CompiledCode, or raises what compile() raises, or CancelledError.
        """
    def wait(self, seconds: typing.SupportsFloat | typing.SupportsIndex) -> bool:
        """
        False when the time was up first. Raises Error in a forked child, unless it had ended before.
        """
    @property
    def status(self) -> str:
        """
        'pending', 'running', 'done', 'failed' or 'cancelled'.
        """
class RecordedCompile:
    """
    One compile as a program asked for it. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def options(self) -> CompileOptions:
        """
        `arch` is '' where the program left it to the device.
        """
    @property
    def source(self) -> str:
        """
        CUDA C++.
        """
class Manifest:
    """
    The programs that a run used. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def compiles(self) -> list[RecordedCompile]:
        """
        Each once, in the order of the file.
        """
    @property
    def problems(self) -> list[str]:
        """
        One sentence for each line that is no compile.
        """
class Recording:
    """
    While it lives, every compile of this process that succeeds is added to a manifest.
    
    Hits, misses and bypasses alike, each distinct one once, besides the manifest of CUJITSU_RECORD. Several recordings,
    threads and processes may write one file. As a context manager it ends with the block.
    """
    def __enter__(self) -> Recording:
        ...
    def __exit__(self, *args) -> None:
        ...
    def __init__(self, file: str | os.PathLike[str]) -> None:
        """
        A relative `file` counts from the current folder now.
        """
    def __repr__(self) -> str:
        ...
    def stop(self) -> None:
        """
        Ends it; may be called again.
        """
    @property
    def count(self) -> int:
        """
        How many distinct compiles it has seen.
        """
    @property
    def file(self) -> pathlib.Path:
        """
        Absolute.
        """
class PrecompileStep:
    """
    One program for one device. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def arch(self) -> str:
        """
        What it was compiled for.
        """
    @property
    def count(self) -> int:
        """
        Of all steps.
        """
    @property
    def message(self) -> str:
        """
        What went wrong.
        """
    @property
    def name(self) -> str:
        """
        The program's.
        """
    @property
    def number(self) -> int:
        """
        From 1, in the order in which they end.
        """
    @property
    def outcome(self) -> str:
        """
        'compiled', 'present' or 'failed'.
        """
    @property
    def seconds(self) -> float:
        """
        What NVRTC took, where it was compiled.
        """
class PrecompileResult:
    """
    What precompile() did. Read only.
    """
    def __repr__(self) -> str:
        ...
    @property
    def compiled(self) -> int:
        ...
    @property
    def failures(self) -> list[PrecompileStep]:
        """
        The steps that failed.
        """
    @property
    def keys(self) -> list[str]:
        """
        Of what is in the cache now.
        """
    @property
    def present(self) -> int:
        """
        They were there already.
        """
    @property
    def seconds(self) -> float:
        ...
class Event:
    """
    A mark in a stream: something to wait for, or a time stamp. For any thread.
    
    `timing` keeps time stamps; without them an event is cheaper. `blocking_sync` lets synchronize() sleep instead of spin.
    All methods raise DriverError and LoadError.
    """
    def __init__(self, timing: bool = True, blocking_sync: bool = False) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def is_done(self) -> bool:
        """
        Whether the recorded work has ended.
        """
    def query(self) -> bool:
        """
        is_done() under its PyCUDA name.
        """
    def record(self, stream: cujitsu.typing.StreamLike = None) -> Event:
        """
        Marks the work that `stream` (None: the legacy default stream) has queued so far; returns self.
        """
    def synchronize(self) -> None:
        """
        Waits until the recorded work has ended.
        """
    def time_since(self, start: Event) -> float:
        """
        Milliseconds from `start` to this event; both must have ended. Resolution about half a microsecond.
        """
    def time_till(self, end: Event) -> float:
        """
        Milliseconds from this event to `end`; both must have ended.
        """
    @property
    def handle(self) -> int:
        """
        The CUevent as an integer.
        """
class Stream:
    """
    A queue of work on the current device. For any thread.
    
    `non_blocking`: does not wait for the legacy default stream, nor that for it. `priority`: lower numbers run first.
    The stream is destroyed with the last reference; the driver lets queued work finish. Other libraries take it by its
    __cuda_stream__. All methods raise DriverError and LoadError.
    """
    @staticmethod
    def from_handle(handle: typing.SupportsIndex) -> Stream:
        """
        Wraps a CUstream of someone else, who must keep it alive. 0 is the legacy default stream.
        """
    def __cuda_stream__(self) -> tuple[int, int]:
        """
        The CUDA stream protocol: (0, handle).
        """
    def __init__(self, non_blocking: bool = False, priority: typing.SupportsInt | typing.SupportsIndex = 0) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def add_callback(self, function: typing.Any, *args) -> None:
        """
        Calls function(*args) when all work queued so far has ended; work queued from now on waits for it.
        
        The call is made in a thread of the driver, with the GIL held. It must not call CUDA, through cujitsu or otherwise, nor
        wait for a thread that does. What it raises goes to sys.unraisablehook. It is not called when a kernel has broken the
        context, nor once the interpreter has begun to exit, which waits for a call that runs. Afterwards the main thread drops
        the references. In a stream under capture, each launch of the graph makes the call, and the graph keeps function and
        arguments. Raises ArgumentError when `function` can not be called.
        """
    def is_done(self) -> bool:
        """
        Whether all work queued so far has ended.
        """
    def synchronize(self) -> None:
        """
        Waits until all work queued so far has ended.
        """
    def wait(self, event: Event) -> None:
        """
        Work queued from now on waits for what `event` has recorded.
        """
    def wait_for_event(self, event: Event) -> None:
        """
        wait(event) under its PyCUDA name.
        """
    @property
    def handle(self) -> int:
        """
        The CUstream as an integer.
        """
class Device:
    """
    One CUDA device by its ordinal, and its primary context. For any thread.
    
    The primary context is retained on first use and kept until the process ends; a context that is already current in the
    calling thread is respected. Raises LoadError (no driver), ArgumentError (no such device), DriverError.
    """
    @staticmethod
    def all() -> list[Device]:
        """
        Every device.
        """
    @staticmethod
    def count() -> int:
        """
        How many there are. Raises LoadError when there is no usable driver.
        """
    @staticmethod
    def current() -> Device:
        """
        The device of this thread's current context; device 0 where none is current.
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, ordinal: typing.SupportsInt | typing.SupportsIndex = 0) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def attribute(self, cu_device_attribute: typing.SupportsInt | typing.SupportsIndex) -> int:
        """
        Any CUdevice_attribute by its number.
        """
    def compute_capability(self) -> tuple[int, int]:
        """
        (major, minor).
        """
    def free_memory(self) -> int:
        """
        Bytes, now.
        """
    def make_current(self) -> None:
        """
        Makes the primary context current in the calling thread.
        """
    def multiprocessor_count(self) -> int:
        """
        How many it has.
        """
    def name(self) -> str:
        """
        As the driver names it.
        """
    def pci_bus_id(self) -> str:
        """
        Such as '0000:41:00.0'.
        """
    def synchronize(self) -> None:
        """
        Waits for all work of the primary context.
        """
    def total_memory(self) -> int:
        """
        Bytes.
        """
    def uuid(self) -> str:
        """
        'GPU-...', as nvidia-smi prints it.
        """
    @property
    def ordinal(self) -> int:
        """
        Its number, from 0.
        """
class DeviceView:
    """
    Part of a DeviceBuffer: bytes, from buffer[start:stop], or an array, from buffer.view(dtype).
    
    It is taken wherever a DeviceBuffer is. A kernel's pointer parameter must fit the dtype of an array; bytes fit any. It
    keeps the DeviceBuffer alive; use after the buffer's free() raises ArgumentError.
    """
    def __dlpack__(self, *, stream: typing.SupportsIndex | None = None, max_version: tuple[int, int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> typing.Any:
        """
        The memory for another library, which keeps the DeviceBuffer alive. `stream` is not waited for or in: order
        the work on the memory yourself. Raises BufferError for what DLPack has no type for.
        """
    def __dlpack_device__(self) -> tuple[int, int]:
        ...
    def __getitem__(self, index: slice) -> DeviceView:
        """
        A DeviceView of part of it, with the step 1. Raises ArgumentError past the end.
        """
    def __index__(self) -> int:
        ...
    def __int__(self) -> int:
        ...
    def __len__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def view(self, dtype: cujitsu.typing.DTypeLike, shape: cujitsu.typing.Shape | None = None, offset: typing.SupportsIndex = 0) -> DeviceView:
        """
        The memory from byte `offset` on as an array; without a shape, as many elements as are left.
        
        Raises ArgumentError past the end, for memory that is not aligned for the dtype and for a dtype of Python objects.
        """
    @property
    def __cuda_array_interface__(self) -> dict[str, typing.Any]:
        ...
    @property
    def address(self) -> int:
        """
        The first byte's address. Raises ArgumentError after free().
        """
    @property
    def buffer(self) -> DeviceBuffer:
        """
        The DeviceBuffer.
        """
    @property
    def is_freed(self) -> bool:
        ...
    @property
    def nbytes(self) -> int:
        """
        Bytes, under numpy's name.
        """
    @property
    def shape(self) -> tuple[int, ...]:
        """
        Elements along each dimension, in C's order.
        """
    @property
    def size(self) -> int:
        """
        Bytes, as DeviceBuffer.size.
        """
    @property
    def typestr(self) -> str:
        """
        The dtype as numpy.dtype.str has it; '|u1' for bytes.
        """
class DeviceBuffer:
    """
    Device memory that frees itself, of a known size in bytes; int() gives its address.
    
    Without a stream any stream may use it at once, and freeing waits for the device. With one it is stream-ordered and
    pooled: use it in that stream, or after an event recorded there; freeing waits for nothing. CuPy, torch and others wrap
    it without a copy, as bytes, or as an array that view(dtype) gives, by DLPack or __cuda_array_interface__; buffer[16:32]
    is part of it. docs/arrays.md says what is ordered and what is not.
    Different threads may use one buffer; freeing while another thread uses it is the caller's error.
    Raises OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().
    """
    def __dlpack__(self, *, stream: typing.SupportsIndex | None = None, max_version: tuple[int, int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> typing.Any:
        """
        The memory for another library, which keeps the DeviceBuffer alive. `stream` is not waited for or in: order
        the work on the memory yourself. Raises BufferError for what DLPack has no type for.
        """
    def __dlpack_device__(self) -> tuple[int, int]:
        ...
    def __getitem__(self, index: slice) -> DeviceView:
        """
        A DeviceView of part of it, with the step 1. Raises ArgumentError past the end.
        """
    def __index__(self) -> int:
        ...
    def __init__(self, bytes: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> None:
        ...
    def __int__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def free(self) -> None:
        """
        Gives the memory back now. A second call raises ArgumentError.
        """
    def view(self, dtype: cujitsu.typing.DTypeLike, shape: cujitsu.typing.Shape | None = None, offset: typing.SupportsIndex = 0) -> DeviceView:
        """
        The memory from byte `offset` on as an array; without a shape, as many elements as are left.
        
        Raises ArgumentError past the end, for memory that is not aligned for the dtype and for a dtype of Python objects.
        """
    @property
    def __cuda_array_interface__(self) -> dict[str, typing.Any]:
        ...
    @property
    def address(self) -> int:
        """
        The first byte's address; 0 for a buffer of no bytes. Raises ArgumentError after free().
        """
    @property
    def is_freed(self) -> bool:
        ...
    @property
    def nbytes(self) -> int:
        """
        Bytes, under numpy's name.
        """
    @property
    def size(self) -> int:
        """
        Bytes.
        """
class HostBuffer:
    """
    Page-locked host memory: copies from and to it run at full speed and asynchronously.
    
    It has the buffer protocol: numpy.asarray(buffer) is an array of its bytes, without a copy, that keeps it alive.
    pagelocked_empty makes one of any shape and type. Every context may use it; any thread may free it.
    Raises OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().
    """
    def __init__(self, bytes: typing.SupportsIndex) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def free(self) -> None:
        """
        Gives the memory back now. Raises ArgumentError on a second call, and while arrays still use it.
        """
    @property
    def address(self) -> int:
        """
        The first byte's address; 0 for a buffer of no bytes. Raises ArgumentError after free().
        """
    @property
    def is_freed(self) -> bool:
        ...
    @property
    def nbytes(self) -> int:
        """
        Bytes, under numpy's name.
        """
    @property
    def size(self) -> int:
        """
        Bytes.
        """
class DeviceSpan:
    """
    Device memory that someone else owns: an address and a size in bytes.
    
    What get_global returns; `address, size = span` unpacks it. It keeps the object that it was made from alive, where that
    is known. A size of None means that it is not known, and copies are not checked against it.
    """
    def __index__(self) -> int:
        ...
    def __init__(self, memory: cujitsu.typing.DeviceMemory, bytes: typing.SupportsIndex | None = None) -> None:
        ...
    def __int__(self) -> int:
        ...
    def __iter__(self) -> collections.abc.Iterator[int | None]:
        ...
    def __repr__(self) -> str:
        ...
    def offset(self, bytes: typing.SupportsIndex) -> DeviceSpan:
        """
        What follows the first `bytes` bytes. Raises ArgumentError past the end.
        """
    @property
    def address(self) -> int:
        """
        The first byte's address.
        """
    @property
    def nbytes(self) -> int | None:
        """
        Bytes, under numpy's name.
        """
    @property
    def size(self) -> int | None:
        """
        Bytes; None when not known.
        """
class In:
    """
    A host array that a launch copies to the device first: kernel(In(a), ...).
    
    Anything with the buffer protocol, contiguous. The device memory lives for that one launch, which then returns only
    when the kernel has ended.
    """
    def __init__(self, array: cujitsu.typing.HostMemory) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def array(self) -> cujitsu.typing.HostMemory:
        """
        What is copied.
        """
class Out:
    """
    A writable host array that a launch fills from the device: kernel(Out(a), ...).
    
    The kernel sees uninitialised device memory of its size; the launch returns when the array is filled.
    """
    def __init__(self, array: cujitsu.typing.HostMemory) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def array(self) -> cujitsu.typing.HostMemory:
        """
        What is copied.
        """
class InOut:
    """
    A writable host array that a launch copies to the device first and back afterwards.
    """
    def __init__(self, array: cujitsu.typing.HostMemory) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def array(self) -> cujitsu.typing.HostMemory:
        """
        What is copied.
        """
class LaunchConfig:
    """
    How a kernel is launched, besides its arguments. Read only.
    
    `grid` blocks of `block` threads, each an integer or a tuple of up to three; `shared` bytes of dynamic shared memory
    (above 48 KiB the kernel is opted in by itself); `stream` is kept alive. kernel[config](...) launches with it.
    
    The others need a driver of CUDA 11.8. `cooperative`: all blocks are resident at once and may wait for each other.
    `cluster`: blocks of a cluster, where the kernel does not say it itself (compute capability 9.0; more than 8 are opted in
    by itself). `programmatic_stream_serialization`: the kernel may start before the one ahead of it has ended, and waits for
    it by cudaGridDependencySynchronize() (9.0). `priority`: lower numbers first; None is the stream's.
    """
    def __init__(self, grid: cujitsu.typing.Dimensions, block: cujitsu.typing.Dimensions, shared: typing.SupportsIndex = 0, stream: cujitsu.typing.StreamLike = None, *, cooperative: bool = False, cluster: cujitsu.typing.Dimensions = (1, 1, 1), programmatic_stream_serialization: bool = False, priority: typing.SupportsInt | typing.SupportsIndex | None = None) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def block(self) -> tuple[int, int, int]:
        """
        Threads of a block: (x, y, z).
        """
    @property
    def cluster(self) -> tuple[int, int, int]:
        """
        Blocks of a cluster: (x, y, z).
        """
    @property
    def cooperative(self) -> bool:
        ...
    @property
    def grid(self) -> tuple[int, int, int]:
        """
        Blocks: (x, y, z).
        """
    @property
    def priority(self) -> int | None:
        """
        None: the stream's.
        """
    @property
    def programmatic_stream_serialization(self) -> bool:
        ...
    @property
    def shared(self) -> int:
        """
        Bytes.
        """
    @property
    def stream(self) -> cujitsu.typing.StreamLike:
        """
        As it was given; None is the legacy default stream.
        """
class BoundLaunch:
    """
    A kernel with its arguments and configuration packed and checked. One thread at a time.
    
    Made by Kernel.bind; keeps the arguments and the stream alive.
    """
    def __call__(self) -> None:
        """
        Queues the kernel. Raises LaunchError, DriverError.
        """
    def __repr__(self) -> str:
        ...
    def replace(self, index: typing.SupportsIndex, value: typing.Any) -> None:
        """
        Replaces argument `index` (from 0). Raises ArgumentError as a launch does.
        """
    @property
    def config(self) -> LaunchConfig:
        """
        Its LaunchConfig.
        """
class ConfiguredKernel:
    """
    kernel[grid, block]: call it with the kernel's arguments. For any thread.
    """
    def __call__(self, *args: typing.Any, check: bool = True, time_kernel: bool = False) -> float | None:
        """
        Queues the kernel; see Kernel.__call__.
        """
    def __repr__(self) -> str:
        ...
class KernelAttributes:
    """
    What the driver says of a kernel on the current device.
    """
    def __repr__(self) -> str:
        ...
    @property
    def binary_version(self) -> int:
        """
        10 * major + minor of the machine code.
        """
    @property
    def constant_bytes(self) -> int:
        """
        User constants (__constant__), not the parameters.
        """
    @property
    def local_bytes(self) -> int:
        """
        Of a thread.
        """
    @property
    def max_threads_per_block(self) -> int:
        ...
    @property
    def ptx_version(self) -> int:
        """
        10 * major + minor of the virtual architecture.
        """
    @property
    def registers(self) -> int:
        """
        For each thread.
        """
    @property
    def shared_bytes(self) -> int:
        """
        Static shared memory of a block.
        """
class Occupancy:
    """
    How many blocks of a launch fit on one multiprocessor.
    """
    def __repr__(self) -> str:
        ...
    @property
    def blocks_per_multiprocessor(self) -> int:
        ...
    @property
    def fraction(self) -> float:
        """
        Resident threads / the most a multiprocessor holds.
        """
class BlockSuggestion:
    """
    A block size that fills the device, and how many such blocks do.
    """
    def __repr__(self) -> str:
        ...
    @property
    def block(self) -> int:
        """
        Threads.
        """
    @property
    def min_grid(self) -> int:
        """
        Blocks.
        """
class Kernel:
    """
    One kernel of a SourceModule, for every device. For any thread.
    
        kernel(a_gpu, b_gpu, 400, grid=(1, 1), block=(400, 1, 1), shared=0, stream=None)
        kernel[grid, block](a_gpu, b_gpu, 400)
    
    It keeps its module alive. Everything raises DriverError and LoadError besides what it names.
    """
    def __call__(self, *args: typing.Any, grid: cujitsu.typing.Dimensions = (1, 1, 1), block: cujitsu.typing.Dimensions, shared: typing.SupportsIndex = 0, stream: cujitsu.typing.StreamLike = None, check: bool = True, time_kernel: bool = False) -> float | None:
        """
        Queues the kernel and returns at once; with In, Out or InOut, waits for it and copies back. With time_kernel=True it
        waits as well and returns the seconds that the kernel took, by two events.
        
        Arguments are converted to the kernel's own parameters as C would, with a range check (docs/arguments.md). A pointer takes
        a DeviceBuffer, a DeviceSpan, an object with __cuda_array_interface__ or __dlpack__, a torch tensor, an integer address,
        None, or In, Out or InOut of a host array; a vector takes a tuple; a struct takes a numpy record, a ctypes structure or
        bytes. An array of other elements than the parameter points at is an error, unless check=False. Device memory must stay
        alive until the kernel has ended.
        Raises ArgumentError (count, type, size or range of an argument; an unknown keyword) and LaunchError.
        """
    def __getitem__(self, subscript: cujitsu.typing.LaunchSubscript) -> ConfiguredKernel:
        """
        kernel[grid, block], [grid, block, stream], [grid, block, stream, shared] or [LaunchConfig(...)].
        """
    def __repr__(self) -> str:
        ...
    def bind(self, *args: typing.Any, grid: cujitsu.typing.Dimensions = (1, 1, 1), block: cujitsu.typing.Dimensions, shared: typing.SupportsIndex = 0, stream: cujitsu.typing.StreamLike = None, check: bool = True) -> BoundLaunch:
        """
        Packs arguments and configuration once, for many calls; keeps the arguments alive. Raises ArgumentError.
        """
    def occupancy(self, block: cujitsu.typing.Dimensions, shared: typing.SupportsIndex = 0) -> Occupancy:
        """
        For a block of `block` threads with `shared` bytes of dynamic shared memory, on the current device.
        """
    def prepare(self, arg_types: typing.Iterable[typing.Any] | None = None) -> Kernel:
        """
        PyCUDA's prepare(): returns the kernel. Its parameters are known without `arg_types`; what is given, characters of the
        struct module ('PPfi') or numpy types, must have their sizes. Raises ArgumentError where it does not.
        """
    def prepared_async_call(self, *args: typing.Any, shared_size: typing.SupportsIndex = 0) -> None:
        """
        PyCUDA's form: prepared_async_call(grid, block, stream, *arguments, shared_size=0).
        """
    def prepared_call(self, *args: typing.Any, shared_size: typing.SupportsIndex = 0) -> None:
        """
        PyCUDA's form: prepared_call(grid, block, *arguments, shared_size=0). Raises as a call.
        """
    def prepared_timed_call(self, *args: typing.Any, shared_size: typing.SupportsIndex = 0) -> typing.Callable[[], float]:
        """
        prepared_call that returns a function, which waits for the kernel's end and gives the seconds it took.
        """
    def suggest_block(self, shared: typing.SupportsIndex = 0, limit: typing.SupportsIndex = 0) -> BlockSuggestion:
        """
        The block size with the highest occupancy on the current device, as BlockSuggestion.
        
        For `shared` bytes of dynamic shared memory a block, and at most `limit` threads (0: no limit of your own), by the driver's
        occupancy calculator.
        """
    @property
    def attributes(self) -> KernelAttributes:
        """
        Registers, memory and limits on the current device, as KernelAttributes.
        """
    @property
    def lowered_name(self) -> str:
        """
        As the driver knows it.
        """
    @property
    def name(self) -> str:
        """
        As a person writes it.
        """
    @property
    def signature(self) -> KernelSignature:
        """
        What it takes.
        """
class KernelNode:
    """
    A kernel's launch in a Graph, which it keeps alive. For any thread.
    """
    def __repr__(self) -> str:
        ...
    @property
    def handle(self) -> int:
        """
        The CUgraphNode as an integer.
        """
    @property
    def index(self) -> int:
        """
        The place among the graph's kernels, from 0.
        """
    @property
    def name(self) -> str:
        """
        As Kernel.name; empty for a kernel that cujitsu has not loaded.
        """
class GraphExec:
    """
    A graph that is ready to launch. For any thread.
    
    Made by Graph.instantiate; keeps what the Graph keeps. It is destroyed with the last reference; launches that are queued
    run on. All methods raise LaunchError, DriverError and LoadError besides what they name.
    """
    def __repr__(self) -> str:
        ...
    def launch(self, stream: cujitsu.typing.StreamLike = None) -> None:
        """
        Queues the whole graph in `stream` (None: the legacy default stream) and returns at once.
        
        Launches of one GraphExec run one after another, whatever their streams.
        """
    def update(self, node: KernelNode, launch: BoundLaunch) -> None:
        """
        Later launches run the kernel of `launch`, a BoundLaunch, at `node`, one of the graph's kernel_nodes.
        
        With its arguments, grid, block and shared memory; its stream does not count. Launches that are queued already are not
        changed, nor is the Graph. The arguments are kept alive. Raises ArgumentError when the node is of another graph.
        """
    def upload(self, stream: cujitsu.typing.StreamLike = None) -> None:
        """
        Moves what a launch needs to the device ahead of the first one.
        """
    @property
    def handle(self) -> int:
        """
        The CUgraphExec as an integer.
        """
class Graph:
    """
    Work that capture() has recorded. For any thread.
    
    Complete when its `with` block has ended; before that everything but repr raises ArgumentError. It keeps the code of its
    kernels loaded and the functions of Stream.add_callback alive. The memory that it names is the caller's: keep the buffers
    until the last launch has ended. Everything raises DriverError and LoadError besides what it names.
    """
    def __repr__(self) -> str:
        ...
    def instantiate(self) -> GraphExec:
        """
        Makes it ready to launch. The drivers of CUDA 11.4 and newer can.
        """
    @property
    def handle(self) -> int:
        """
        The CUgraph as an integer.
        """
    @property
    def kernel_nodes(self) -> list[KernelNode]:
        """
        The launches of kernels, in the order in which they were captured.
        """
    @property
    def nodes(self) -> int:
        """
        How many operations of all kinds there are.
        """
class capture:
    """
    Records what is queued in a stream, instead of running it:
    
        with cujitsu.capture(stream) as graph:
            kernel(a_gpu, 400, grid=2, block=256, stream=stream)
        launch = graph.instantiate()
        launch.launch(stream)
    
    `stream` must not be the legacy default stream. Streams that wait for its events are recorded too, and must be joined
    back by an event. `mode` says which calls are illegal meanwhile because they may wait for the device, such as allocating
    and synchronising: "global", in every thread; "thread_local", in this one; "relaxed", in none. The block must end in the
    thread that began it, unless the mode is "relaxed".
    
    An exception within the block abandons the capture. The end of the block raises DriverError when a call within has made
    the capture invalid or somebody else has ended it. Raises ArgumentError for an unknown mode, DriverError, LoadError.
    """
    def __enter__(self) -> Graph:
        """
        Begins the capture; gives the Graph that is complete when the block has ended.
        """
    def __exit__(self, type: typing.Any, value: typing.Any, traceback: typing.Any) -> None:
        """
        Ends the capture; abandons it when the block has raised.
        """
    def __init__(self, stream: cujitsu.typing.StreamLike, mode: str = 'global') -> None:
        ...
    def __repr__(self) -> str:
        ...
class SourceModule:
    """
    A CUDA C++ string, compiled and loaded, for every device. For any thread.
    
    The constructor compiles, or finds the result in the cache, and needs no device; the code is loaded into the driver by
    the first get_function, get_global or load. Kernels keep it alive.
    """
    @staticmethod
    def compile_async(source: str | bytes | CompiledCode, **kwargs) -> cujitsu.batch.CompileFuture:
        """
        Compiles in another thread: SourceModule.compile_async(source, **keywords) with SourceModule's keywords.
        
        Returns a CompileFuture, which is a concurrent.futures.Future and can be awaited.
        """
    @staticmethod
    def from_cubin(cubin: bytes, *, check: bool = True) -> SourceModule:
        """
        Machine code that some compiler made, for a device that runs it.
        
        What its kernels take is known once they are got: the driver tells their sizes (CUDA 12.4), a mangled name the types. Raises ArgumentError for what is no ELF file.
        """
    @staticmethod
    def from_ptx(ptx: str, *, check: bool = True) -> SourceModule:
        """
        PTX that some compiler made; the driver compiles it. Raises ArgumentError for text that is none.
        """
    def __init__(self, source: str | bytes | CompiledCode, *, options: collections.abc.Sequence[str] | None = (), include_dirs: collections.abc.Sequence[str | os.PathLike[str]] | None = (), headers: collections.abc.Mapping[str, str | bytes] | None = None, name_expressions: collections.abc.Sequence[str] | None = (), arch: str | None = None, name: str | None = None, hermetic: bool | None = False, pch: str | None = 'off', cache: bool | KernelCache = True, check: bool = True) -> None:
        """
        `options`: NVRTC's own, such as '--use_fast_math'; nothing is added to them but what `.options` lists. `include_dirs`:
        folders for #include, searched before the toolkit's. `headers`: texts that #include finds by name, first of all.
        `name_expressions`: template instances to make, such as 'scale<float>'. `arch`: 'sm_90', 'compute_80' (PTX alone), or
        None for the current device's own (sm_80 where there is none). `name`: the program's name in diagnostics. `cache`: True
        for the user's own cache, False to compile and store nothing, or a KernelCache. `check`: whether a launch compares the
        elements of arrays with what the kernel's parameters point at.
        
        Raises CompileError (the source or an option is refused), LoadError (no NVRTC), ArgumentError (an unknown architecture,
        an argument of the wrong type, an unknown keyword). Other threads run while it compiles.
        """
    def __repr__(self) -> str:
        ...
    def explain(self) -> str:
        """
        One sentence: why this was a hit, a miss or a bypass.
        """
    def get_function(self, name: str) -> Kernel:
        """
        A kernel by its plain name ('add', 'ns::add'), name expression ('scale<float>'), full signature
        ('add(float*, int)') or lowered name ('_Z3addPfi').
        
        Raises ArgumentError when there is none (names the nearest) or more than one (names them all); LoadError without a
        driver; DriverError when the driver refuses the code.
        """
    def get_global(self, name: str) -> DeviceSpan:
        """
        A __device__ or __constant__ variable of the current device: `address, size = module.get_global('x')`.
        
        The DeviceSpan keeps the module alive. Raises as get_function.
        """
    def load(self) -> None:
        """
        Loads the code into the driver now. Raises LoadError, DriverError.
        """
    @property
    def arch(self) -> str:
        """
        Such as 'sm_90'.
        """
    @property
    def cache_status(self) -> str:
        """
        'hit', 'miss' or 'bypass'.
        """
    @property
    def code(self) -> CompiledCode:
        """
        Everything the compile gave, as CompiledCode.
        """
    @property
    def cubin(self) -> bytes:
        """
        Machine code; empty for a virtual architecture ('compute_80').
        """
    @property
    def kernels(self) -> list[KernelInfo]:
        """
        The entry points.
        """
    @property
    def log(self) -> str:
        """
        NVRTC's log, warnings included, also on a cache hit.
        """
    @property
    def options(self) -> list[str]:
        """
        Every option that NVRTC was given, in order, cujitsu's own included.
        """
    @property
    def ptx(self) -> str:
        """
        PTX.
        """
def cli_main(arguments: collections.abc.Sequence[str]) -> int:
    """
    Runs the `cujitsu` command on the process's stdin, stdout and stderr; returns the exit code.
    """
def compile(source: str | bytes, *, options: collections.abc.Sequence[str] | None = (), include_dirs: collections.abc.Sequence[str | os.PathLike[str]] | None = (), headers: collections.abc.Mapping[str, str | bytes] | None = None, name_expressions: collections.abc.Sequence[str] | None = (), arch: str | None = None, name: str | None = None, hermetic: bool | None = False, pch: str | None = 'off', cache: bool | KernelCache = True) -> CompiledCode:
    """
    Compiles CUDA C++, or takes the result from the cache. Needs no device; other threads run meanwhile.
    
    The keywords are those of SourceModule. Raises CompileError (the source or an option is refused), LoadError (no NVRTC)
    and ArgumentError (an unknown architecture, an empty header name, an argument of the wrong type).
    """
def compile_policy() -> typing.Literal['allow', 'forbid']:
    """
    'allow' or 'forbid': what set_compile_policy has set, else CUJITSU_COMPILE.
    """
def driver_report() -> DriverReport:
    """
    Looks for the driver and opens it. Never raises for a missing library: `usable` is False then.
    """
def driver_version() -> int:
    """
    The CUDA version that the driver supports, as 1000 * major + 10 * minor. Raises LoadError.
    """
def environment_variables() -> list[EnvironmentVariable]:
    """
    Every environment variable that cujitsu reads, in the order of docs/environment.md.
    """
def explain(source: str | bytes, *, options: collections.abc.Sequence[str] | None = (), include_dirs: collections.abc.Sequence[str | os.PathLike[str]] | None = (), headers: collections.abc.Mapping[str, str | bytes] | None = None, name_expressions: collections.abc.Sequence[str] | None = (), arch: str | None = None, name: str | None = None, hermetic: bool | None = False, pch: str | None = 'off', cache: bool | KernelCache = True) -> Explanation:
    """
    Tells what compile() with the same arguments would find in the cache; compiles, stores and counts nothing.
    
    Raises ArgumentError as compile() does; LoadError only where there is no NVRTC and nothing stored to do without.
    """
def mem_alloc(bytes: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> DeviceBuffer:
    """
    Device memory of `bytes` bytes, uninitialised, at least 256-byte aligned; with a stream, stream-ordered.
    
    Raises ArgumentError for a negative size, OutOfMemoryError, DriverError, LoadError.
    """
def memcpy_dtod(dst: cujitsu.typing.DeviceMemory, src: cujitsu.typing.DeviceMemory, size: typing.SupportsIndex) -> None:
    """
    Copies `size` bytes within device memory. Raises ArgumentError past either end, DriverError.
    """
def memcpy_dtod_async(dst: cujitsu.typing.DeviceMemory, src: cujitsu.typing.DeviceMemory, size: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memcpy_dtod does.
    """
def memcpy_dtoh(dst: cujitsu.typing.HostMemory, src: cujitsu.typing.DeviceMemory) -> None:
    """
    Fills all of the host memory `dst` from the device, and returns when it is there.
    
    `dst` is anything with a writable buffer, contiguous. Raises ArgumentError when it is larger than `src`, DriverError.
    """
def memcpy_dtoh_async(dst: cujitsu.typing.HostMemory, src: cujitsu.typing.DeviceMemory, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memcpy_dtoh does.
    
    `dst` must stay alive until the stream has run it, and holds the data only then.
    """
def memcpy_htod(dst: cujitsu.typing.DeviceMemory, src: cujitsu.typing.HostMemory) -> None:
    """
    Copies all of the host memory `src` to the device, and returns when `src` may be changed again.
    
    `src` is anything with the buffer protocol, contiguous. Raises ArgumentError when it is larger than `dst`, DriverError.
    """
def memcpy_htod_async(dst: cujitsu.typing.DeviceMemory, src: cujitsu.typing.HostMemory, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memcpy_htod does.
    
    Page-locked memory must stay alive and unchanged until the stream has run it; pageable memory is staged by the driver.
    """
def memset_d16(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex) -> None:
    """
    Fills `count` elements of 2 byte(s) with `value`, given with either sign.
    """
def memset_d16_async(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memset_d16 does.
    """
def memset_d32(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex) -> None:
    """
    Fills `count` elements of 4 byte(s) with `value`, given with either sign.
    """
def memset_d32_async(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memset_d32 does.
    """
def memset_d8(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex) -> None:
    """
    Fills `count` elements of 1 byte(s) with `value`, given with either sign.
    """
def memset_d8_async(dst: cujitsu.typing.DeviceMemory, value: typing.SupportsIndex, count: typing.SupportsIndex, stream: cujitsu.typing.StreamLike = None) -> None:
    """
    Queues in `stream` what memset_d8 does.
    """
def nvrtc_report() -> NvrtcReport:
    """
    Looks for NVRTC and opens the one that would be used. Never raises for a missing library.
    """
def precompile(manifest: str | os.PathLike[str] | Manifest | collections.abc.Sequence[RecordedCompile], *, archs: collections.abc.Sequence[str] = [], cache: bool | KernelCache = True, jobs: typing.SupportsInt | typing.SupportsIndex = 0, progress: collections.abc.Callable[[PrecompileStep], typing.Any] | None = None) -> PrecompileResult:
    """
    Fills a cache with a manifest's programs, for devices that need not be there; needs NVRTC and no GPU.
    
    `archs`: the devices, such as ['sm_80', 'sm_90', 'softgpu']; none: this machine's. `jobs`: how many compile at once, in
    threads or worker processes as with compile_many; 0: CUJITSU_COMPILE_WORKERS, else one for each CPU. `progress` is called
    with each PrecompileStep. What does not compile is in the result's failures. Raises ArgumentError, LoadError (no NVRTC) and
    CacheError (the cache is disabled).
    """
def read_manifest(file: str | os.PathLike[str]) -> Manifest:
    """
    Reads what CUJITSU_RECORD or record() wrote. Raises ArgumentError.
    """
def record(file: str | os.PathLike[str]) -> Recording:
    """
    Recording(file), for `with cujitsu.record('kernels.jsonl'):`.
    """
def set_compile_policy(policy: typing.Literal['allow', 'forbid']) -> None:
    """
    For the whole process. 'forbid': a program that is not in the kernel cache is a CompileForbiddenError.
    """
def set_log_level(level: str) -> None:
    """
    How much cujitsu says on stderr: 'debug', 'info', 'warning' (the standard), 'error' or 'off'.
    
    Overrides CUJITSU_LOG. Any thread may call it. Raises ArgumentError for another word.
    """
def set_wheel_folders(folders: collections.abc.Sequence[str]) -> None:
    """
    Folders that may hold NVIDIA's Python wheels; replaces the former list. The package calls it on import.
    """
def set_worker_command(command: collections.abc.Sequence[str]) -> None:
    """
    The program that compile_many starts as a worker process; [] for the standard one.
    """
def synchronize() -> None:
    """
    Waits for all work of the current context (device 0's primary context where none is current).
    """
def worker_command() -> list[str]:
    """
    The program that would be started now; [] where there is none.
    """
__version__: str = '0.1.0'
