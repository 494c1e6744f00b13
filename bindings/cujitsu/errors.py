# SPDX-License-Identifier: MIT
"""Every exception that cujitsu raises: the C++ classes by the same names, with the same parents and attributes.

    Error
      LoadError              no usable driver or NVRTC library; says what was tried
      CompileError           NVRTC refused the source or an option; carries the diagnostics
      DriverError            a driver call failed; carries code, name, call and object
        OutOfMemoryError     also a MemoryError
        LaunchError          the launch itself was refused, or a kernel faulted
      ArgumentError          the caller passed something that can not work
        ArgumentTypeError    the wrong type or count: also a TypeError
        ArgumentValueError   an impossible value: also a ValueError
      CacheError             an explicit request to the kernel cache failed; a compile never raises it

All of them can be pickled and keep their attributes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from cujitsu._core import Diagnostic

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ArgumentValueError",
    "CacheError",
    "CompileError",
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
    `diagnostics`: the log as data; `hint`: what usually mends this, or "".
    """

    name: str
    log: str
    options: list[str]
    diagnostics: list[Diagnostic]
    hint: str

    def __init__(
        self,
        message: str = "",
        name: str = "",
        log: str = "",
        options: Iterable[str] = (),
        diagnostics: Iterable[Diagnostic] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.name = name
        self.log = log
        self.options = list(options)
        self.diagnostics = list(diagnostics)
        self.hint = hint


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
