# SPDX-License-Identifier: MIT
"""Many programs at once, and one while the caller goes on: compile_many and SourceModule.compile_async."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import threading
import time
from dataclasses import dataclass, field, fields

from cujitsu import _core, errors
from cujitsu._core import SourceModule
from cujitsu.workers import use_this_interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from typing import Any

    Source = str | bytes
    Request = Source | tuple[Source, Mapping[str, Any]] | Mapping[str, Any] | "CompileRequest"

__all__ = ["CompileFuture", "CompileRequest", "compile_async", "compile_many"]

# How long a Ctrl-C waits to be seen, and a progress bar to be shown.
POLL_SECONDS = 0.1
BAR_SECONDS = 1.0


@dataclass(frozen=True)
class CompileRequest:
    """One program for compile_many: a source and SourceModule's keywords. None takes the common one."""

    source: str | bytes = field(repr=False)
    options: Sequence[str] | None = None
    include_dirs: Sequence[str | os.PathLike[str]] | None = None
    headers: Mapping[str, str | bytes] | None = None
    name_expressions: Sequence[str] | None = None
    arch: str | None = None
    name: str | None = None
    pch: str | None = None
    cache: bool | _core.KernelCache | None = None
    check: bool | None = None

    def _parts(self) -> tuple[str | bytes, dict[str, Any]]:
        given = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "source"}
        return self.source, {name: value for name, value in given.items() if value is not None}


def compile_many(
    requests: Iterable[Request],
    *,
    workers: int | None = None,
    mode: str = "auto",
    progress: bool | Callable[[int, int], object] | None = None,
    **keywords: Any,
) -> list[SourceModule]:
    """Compiles many programs, several at once, or finds them in the cache; returns a SourceModule for each, in order.

    A request is a source (str or bytes), a pair of a source and a dict of SourceModule's keywords, such a dict with
    "source" in it, or a CompileRequest. Further keywords (arch, options, include_dirs, cache, pch, …) hold for every
    request that does not say otherwise.

    `workers`: how many compile at once; None: CUJITSU_COMPILE_WORKERS, else as many as this process may use CPUs.
    `mode`: "threads" of this process; worker "processes", for NVRTC reads the source and its headers one at a time in
    each process; "auto": processes for several programs that include headers, or very many of any kind, else threads.
    What the cache has is answered here in each mode.
    `progress`: True shows a bar (with tqdm), False does not; None shows one in a terminal when tqdm is installed and
    it takes longer than a second. A function is called with how many have ended and how many there are.

    Every request is tried; then raises CompileManyError if any failed, LoadError if all did for want of NVRTC. What
    is raised meanwhile (KeyboardInterrupt, by `progress`) cancels the rest. Other threads run while this waits.
    """
    pairs: list[tuple[str | bytes, dict[str, Any]]] = []
    checks: list[dict[str, Any]] = []
    for index, request in enumerate(_listed(requests)):
        source, own = _parts(request, index)
        merged = {**keywords, **own}
        checks.append({"check": merged.pop("check")} if "check" in merged else {})
        pairs.append((source, merged))
    if workers is not None and (not isinstance(workers, int) or isinstance(workers, bool) or workers < 1):
        raise errors.ArgumentValueError(f"compile_many(): workers must be a number from 1, or None, not {workers!r}")
    if not isinstance(mode, str):
        raise errors.ArgumentTypeError(f"compile_many(): mode must be a string, not {mode!r}")

    show = _Progress(len(pairs), progress)
    use_this_interpreter()
    batch = _core.CompileBatch(pairs, workers or 0, mode)
    try:
        done = 0
        while done < len(pairs):
            done = batch.wait(done, POLL_SECONDS)
            show.update(done)
    except BaseException:
        batch.cancel()
        done = 0
        while done < len(pairs):  # what runs comes to its end; a second Ctrl-C does not wait for that
            done = batch.wait(done, POLL_SECONDS)
        raise
    finally:
        show.close()
    try:
        codes = batch.results()
    except errors.CompileManyError as error:
        error.modules = [code and SourceModule(code, **check) for code, check in zip(error.modules, checks)]
        raise
    return [SourceModule(code, **check) for code, check in zip(codes, checks)]


def compile_async(source: str | bytes, **keywords: Any) -> CompileFuture:
    """SourceModule.compile_async."""
    check = {"check": keywords.pop("check")} if "check" in keywords else {}
    use_this_interpreter()
    return CompileFuture(_core.CompileTask(source, **keywords), check, keywords.get("cache"))


class CompileFuture(concurrent.futures.Future):
    """A SourceModule that is being compiled: what SourceModule.compile_async returns.

    A concurrent.futures.Future (result, exception, done, cancel, add_done_callback, …) that can also be awaited in
    asyncio. Unlike others it can be cancelled while it runs: a worker process is killed, and NVRTC in a thread stops at
    its next phase (12.8). Dropping it lets the compile go on, for the cache.
    """

    def __init__(self, task: _core.CompileTask, check: dict[str, bool], cache: object) -> None:
        super().__init__()
        self._task = task
        self._check = check
        self._cache = cache  # lives as long as the compile: the task's callback has this object
        self._tell_once = threading.Lock()
        task.on_done(self._end)

    def _end(self) -> None:
        try:
            module = SourceModule(self._task.result(), **self._check)
        except errors.CancelledError:
            self._tell_cancelled()
        except BaseException as error:
            self.set_exception(error)
        else:
            self.set_result(module)

    def _tell_cancelled(self) -> None:
        super().cancel()
        if self._tell_once.acquire(blocking=False):
            self.set_running_or_notify_cancel()  # those that wait for several futures

    def cancel(self) -> bool:
        """True when it is cancelled now, whether it had begun or not; False when it had ended already."""
        if self.done():
            return self.cancelled()
        if not self._task.cancel():
            return self.cancelled()
        self._tell_cancelled()
        return True

    def running(self) -> bool:
        """Whether it is being looked for in the cache, or compiled."""
        return not self.done() and self._task.status == "running"

    def result(self, timeout: float | None = None) -> SourceModule:
        """The module; raises what SourceModule would, TimeoutError, or concurrent.futures.CancelledError.

        Raises Error in a forked child, unless it had ended before the fork.
        """
        if not self.done():
            self._task.wait(0)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What result() would raise, or None; itself raises TimeoutError and CancelledError."""
        if not self.done():
            self._task.wait(0)
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, None, SourceModule]:
        import asyncio

        return asyncio.wrap_future(self).__await__()


class _Progress:
    """A function to call, or a bar that appears when it is wanted."""

    def __init__(self, total: int, wanted: bool | Callable[[int, int], object] | None) -> None:
        self._total = total
        self._function = wanted if callable(wanted) else None
        self._told = 0
        self._bar: Any = None
        self._bar_at: float | None = None  # when a bar may appear; None: never
        if self._function is not None or wanted is False:
            return
        if wanted is True:
            self._make_bar(required=True)
        elif sys.stderr is not None and sys.stderr.isatty():
            self._bar_at = time.monotonic() + BAR_SECONDS

    def _make_bar(self, required: bool) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            if required:
                raise errors.ArgumentValueError(
                    "compile_many(): progress=True needs tqdm, which is not installed (pip install tqdm); "
                    "or pass a function of two numbers, done and total"
                ) from None
            return
        self._bar = tqdm(total=self._total, desc="compiling", unit="program")

    def update(self, done: int) -> None:
        if self._function is not None and done != self._told:
            self._told = done
            self._function(done, self._total)
        if self._bar_at is not None and time.monotonic() >= self._bar_at:
            self._bar_at = None
            self._make_bar(required=False)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _listed(requests: Iterable[Request]) -> list[Request]:
    if isinstance(requests, (str, bytes, dict, CompileRequest)):
        raise errors.ArgumentTypeError("compile_many() takes a list of sources or requests, not one of them alone")
    return list(requests)


def _parts(request: Request, index: int) -> tuple[str | bytes, dict[str, Any]]:
    if isinstance(request, CompileRequest):
        return request._parts()
    if isinstance(request, (str, bytes)):
        return request, {}
    if isinstance(request, tuple) and len(request) == 2 and hasattr(request[1], "items"):
        return request[0], dict(request[1])
    if hasattr(request, "items") and "source" in request:
        own = dict(request)
        return own.pop("source"), own
    raise errors.ArgumentTypeError(
        f"compile_many(): request {index} must be a source, a pair of a source and a dict of keywords, a dict with "
        f"'source' in it, or a CompileRequest, not {type(request).__name__}"
    )
