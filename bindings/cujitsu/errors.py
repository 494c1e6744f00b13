# SPDX-License-Identifier: MIT
"""Every exception that cujitsu raises: the C++ classes by the same names, with the same parents and attributes.

    Error
      LoadError              no usable driver or NVRTC library; says what was tried
      CompileError           NVRTC refused the source or an option; carries the diagnostics
        CompileForbiddenError  CUJITSU_COMPILE=forbid, and the program is not in the kernel cache
        CompileManyError     some of many programs failed; carries each one's error
      DriverError            a driver call failed; carries code, name, call and object
        OutOfMemoryError     also a MemoryError
        LaunchError          the launch itself was refused, or a kernel faulted
      ArgumentError          the caller passed something that can not work
        ArgumentTypeError    the wrong type or count: also a TypeError
        ArgumentValueError   an impossible value: also a ValueError
      CacheError             an explicit request to the kernel cache failed; a compile never raises it
      CancelledError         a compile was cancelled before it ended

All of them can be pickled and keep their attributes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from cujitsu import SourceModule
    from cujitsu._core import Diagnostic

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ArgumentValueError",
    "CacheError",
    "CancelledError",
    "CompileError",
    "CompileForbiddenError",
    "CompileManyError",
    "DriverError",
    "Error",
    "LaunchError",
    "LoadError",
    "OutOfMemoryError",
]


class Error(Exception):
    """The base of all. str() is complete text for a person, several lines where that helps."""


class LoadError(Error):
    """libcuda or libnvrtc is missing or can not be used.

    `tried` has one line for each library that was looked at: the path and why it was not taken.
    """

    tried: list[str]

    def __init__(self, message: str = "", tried: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.tried = list(tried)


class CompileError(Error):
    """NVRTC refused a program.

    `name`: the program's name; `log`: NVRTC's log, whole; `options`: every option that NVRTC was given;
    `diagnostics`: the log as data; `hint`: what usually mends this, or ""; `code`: the nvrtcResult or 0.
    """

    name: str
    log: str
    options: list[str]
    diagnostics: list[Diagnostic]
    hint: str
    code: int

    def __init__(
        self,
        message: str = "",
        name: str = "",
        log: str = "",
        options: Iterable[str] = (),
        diagnostics: Iterable[Diagnostic] = (),
        hint: str = "",
        code: int = 0,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.log = log
        self.options = list(options)
        self.diagnostics = list(diagnostics)
        self.hint = hint
        self.code = code


class CompileManyError(CompileError):
    """Some of the programs of compile_many failed; the others are in the cache, and here.

    `failures`: (index, error) for each, in the order of the requests, where the error is what SourceModule would have
    raised. `modules`: one for each request, in order, None where it failed (not kept by pickling). As a CompileError it
    has all diagnostics and logs, one after the other.
    """

    failures: list[tuple[int, BaseException]]
    modules: list[SourceModule | None]

    def __init__(
        self,
        message: str = "",
        name: str = "",
        log: str = "",
        options: Iterable[str] = (),
        diagnostics: Iterable[Diagnostic] = (),
        hint: str = "",
        code: int = 0,
        failures: Iterable[tuple[int, BaseException]] = (),
        modules: Iterable[SourceModule | None] = (),
    ) -> None:
        super().__init__(message, name, log, options, diagnostics, hint, code)
        self.failures = list(failures)
        self.modules = list(modules)

    def __reduce__(self) -> tuple[type[CompileManyError], tuple[str], dict[str, object]]:
        return type(self), (str(self),), {**vars(self), "modules": []}


class CompileForbiddenError(CompileError):
    """Compiling is forbidden (CUJITSU_COMPILE=forbid or set_compile_policy) and the program is not in the kernel cache.

    `key`: of the entry that would have been a hit, or "" where the cache was not to be asked or there is no NVRTC;
    `reason`: why it was no hit. There is no log and there are no diagnostics, because NVRTC was not asked.
    """

    key: str
    reason: str

    def __init__(self, message: str = "", name: str = "", key: str = "", reason: str = "") -> None:
        super().__init__(message, name)
        self.key = key
        self.reason = reason


class DriverError(Error):
    """A driver call returned an error.

    `code`: the CUresult; `name`: its name, such as "CUDA_ERROR_INVALID_VALUE"; `call`: the driver function;
    `object`: what it was called for (a kernel, a buffer, a device), or "".
    """

    code: int
    name: str
    call: str
    object: str

    def __init__(self, message: str = "", code: int = 0, name: str = "", call: str = "", object: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.name = name
        self.call = call
        self.object = object


class OutOfMemoryError(DriverError, MemoryError):
    """CUDA_ERROR_OUT_OF_MEMORY; the message gives the bytes asked for, free and in all."""


class LaunchError(DriverError):
    """A launch was refused, or a kernel faulted and broke its context."""


class ArgumentError(Error):
    """The caller's argument can not work. What is raised is one of the two classes below."""


class ArgumentTypeError(ArgumentError, TypeError):
    """The wrong type, or the wrong number of arguments."""


class ArgumentValueError(ArgumentError, ValueError):
    """The right type with an impossible value."""


class CacheError(Error):
    """An explicit request to the kernel cache failed: an unknown key, a folder that can not be read."""


class CancelledError(Error):
    """A compile was cancelled before it ended.

    A CompileFuture raises concurrent.futures.CancelledError instead, as every future does.
    """
