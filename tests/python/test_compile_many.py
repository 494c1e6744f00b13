# SPDX-License-Identifier: MIT
"""Many programs at once, and one while the caller goes on."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import pickle
import signal
import stat
import sys
import threading
from pathlib import Path

import cujitsu as cj
import cujitsu.batch
import pytest
from worker_processes import children, wait_until

SLOW = "\n".join(f"__global__ void slow_{number}(int* x) {{ *x = {number}; }}" for number in range(400))


def source(number: int) -> str:
    return f"__global__ void kernel_{number}(int* x) {{ *x = {number}; }}"


def names(modules: list[cj.SourceModule]) -> list[str]:
    return [module.kernels[0].name for module in modules]


def expected(count: int) -> list[str]:
    return [f"kernel_{number}" for number in range(count)]


# --- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "threads", "processes"])
def test_results_are_in_the_order_of_the_requests(empty_cache, mode):
    modules = cj.compile_many([source(number) for number in range(9)], workers=3, mode=mode, cache=empty_cache)
    assert names(modules) == expected(9)
    assert {module.cache_status for module in modules} == {"miss"}
    assert empty_cache.stats().entries == empty_cache.stats().misses == 9


def test_no_requests_give_no_modules():
    assert cj.compile_many([]) == []


def test_requests_may_be_written_in_five_ways():
    header = {"value.h": "#define VALUE 5\n"}
    text = '#include "value.h"\n__global__ void kernel_{}(int* x) {{ *x = VALUE; }}'
    modules = cj.compile_many(
        [
            source(0),
            source(1).encode(),
            (text.format(2), {"headers": header, "name": "pair.cu"}),
            {"source": text.format(3), "headers": header, "arch": "compute_80"},
            cj.CompileRequest(text.format(4), headers=header, check=False),
        ],
        arch="sm_86",
        cache=False,
    )
    assert names(modules) == expected(5)
    assert [module.arch for module in modules] == ["sm_86", "sm_86", "sm_86", "compute_80", "sm_86"]


def test_what_is_stored_is_not_compiled_again(empty_cache, fake_worker):
    sources = [source(number) for number in range(4)]
    cj.compile_many(sources, cache=empty_cache, mode="threads")
    marker = fake_worker("raise SystemExit('no worker is needed')")
    assert marker.exists()
    modules = cj.compile_many(sources, cache=empty_cache, mode="processes")
    assert {module.cache_status for module in modules} == {"hit"}


def test_workers_give_what_this_process_gives():
    text = "#include <cuda_fp16.h>\n__global__ void halved(__half* x) { int unused; *x = __float2half(2.0f); }"
    here = cj.SourceModule(text, arch="sm_80", cache=False)
    (there,) = cj.compile_many([text], arch="sm_80", cache=False, mode="processes")
    assert (there.ptx, there.cubin, there.log, there.options) == (here.ptx, here.cubin, here.log, here.options)
    assert repr(there.kernels) == repr(here.kernels)


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["threads", "processes"])
def test_one_report_tells_all_failures(empty_cache, mode):
    requests = [(source(number), {"name": f"file{number}.cu"}) for number in range(5)]
    requests[1] = ("__device__ int a = nothing_1;", {"name": "file1.cu"})
    requests[3] = ("__device__ int a = nothing_3;\n__device__ int b = nothing_4;", {"name": "file3.cu"})
    with pytest.raises(cj.CompileManyError) as caught:
        cj.compile_many(requests, mode=mode, cache=empty_cache)
    error = caught.value
    assert isinstance(error, cj.CompileError)
    assert [index for index, _ in error.failures] == [1, 3]
    assert [type(each) for _, each in error.failures] == [cj.CompileError] * 2
    assert error.failures[1][1].name == "file3.cu"
    lines = str(error).splitlines()
    assert lines[0] == "2 of 5 programs do not compile:"
    assert lines[1].startswith("[1] file1.cu:1:") and "nothing_1" in lines[1]
    assert lines[2].startswith("[3] file3.cu:1:") and "nothing_3" in lines[2]
    assert len(lines) == 3
    assert len(error.diagnostics) == 3
    assert [module and module.kernels[0].name for module in error.modules] == [
        "kernel_0",
        None,
        "kernel_2",
        None,
        "kernel_4",
    ]
    assert empty_cache.stats().entries == 3


def test_the_report_of_very_many_failures_stays_short():
    with pytest.raises(cj.CompileManyError) as caught:
        cj.compile_many([f"int a = nothing_{number};" for number in range(30)], cache=False, mode="threads")
    assert len(caught.value.failures) == 30
    assert str(caught.value).splitlines()[-1] == "… and 10 more: see failures"


def test_the_report_can_be_pickled():
    with pytest.raises(cj.CompileManyError) as caught:
        cj.compile_many([source(0), "int a = nothing;"], cache=False)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert [index for index, _ in copy.failures] == [1]
    assert copy.failures[0][1].diagnostics == caught.value.failures[0][1].diagnostics


def test_without_a_compiler_it_is_said_once(run_python):
    result = run_python(
        "import cujitsu as cj\n"
        "try:\n"
        "    cj.compile_many(['__global__ void f() {}', '__global__ void g() {}'], cache=False)\n"
        "except cj.LoadError as error:\n"
        "    print(error)\n",
        CUJITSU_NVRTC="/nonexistent/libnvrtc.so.13",
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("/nonexistent/libnvrtc.so.13") >= 1


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        (("one source",), {}, "a list of sources"),
        (([5],), {}, "request 0 must be a source"),
        ((["x"],), {"mode": "fast"}, "'auto', 'threads' or 'processes'"),
        ((["x"],), {"workers": 0}, "workers must be a number from 1"),
        ((["x"],), {"optoins": []}, "optoins"),
        ((["x"],), {"pch": "always"}, "'off' or 'auto'"),
    ],
)
def test_wrong_arguments_are_named(arguments, keywords, message):
    with pytest.raises(cj.ArgumentError, match=message):
        cj.compile_many(*arguments, **keywords)


# --- workers ---------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_costs_nothing_but_time(empty_cache):
    # A real one, by its pid, while it starts or compiles.
    result = []
    thread = threading.Thread(
        target=lambda: result.extend(cj.compile_many([SLOW, source(1)], workers=1, mode="processes", cache=empty_cache))
    )
    before = set(children(os.getpid()))
    thread.start()
    (worker,) = wait_until(lambda: set(children(os.getpid())) - before, "a worker")
    wait_until(lambda: "worker" in Path(f"/proc/{worker}/cmdline").read_text(), "its program")
    wait_until(lambda: "libnvrtc" in Path(f"/proc/{worker}/maps").read_text(), "its NVRTC")
    os.kill(worker, signal.SIGKILL)
    thread.join()
    assert [module.kernels[0].name for module in result] == ["slow_0", "kernel_1"]


def test_a_program_that_kills_every_worker_fails_alone(fake_worker, tmp_path):
    # The first byte of a request decides nothing, so the fake reads enough to see which program it is.
    fake_worker(
        """
        request = os.read(0, 1 << 16)
        while b'kernel_' not in request: request += os.read(0, 1 << 16)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    with pytest.raises(cj.CompileManyError) as caught:
        cj.compile_many([(source(1), {"name": "big.cu"})], mode="processes", cache=False)
    ((index, error),) = caught.value.failures
    assert index == 0
    assert type(error) is cj.Error
    assert "big.cu was not compiled" in str(error) and "killed by signal 9" in str(error)


def test_workers_end_with_their_work_and_inherit_nothing(empty_cache, fake_worker, tmp_path):
    report = tmp_path / "descriptors"
    fake_worker(
        f"""
        open({str(report)!r}, 'a').write(' '.join(sorted(os.listdir('/proc/self/fd'))) + '\\n')
        os.read(0, 1)
        """
    )
    before = children(os.getpid())
    kept = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(kept, True)
    with pytest.raises(cj.CompileManyError):
        cj.compile_many([source(1)], mode="processes", cache=False)
    os.close(kept)
    assert children(os.getpid()) == before
    for line in report.read_text().splitlines():
        # the fourth is the folder that is being listed, and the script itself may be open
        assert str(kept) not in line.split() or len(line.split()) <= 5, line


def test_workers_end_when_their_parent_is_killed(run_python, tmp_path):
    result = run_python(
        "import os, signal, sys, threading\n"
        "sys.path.insert(0, os.environ['TESTS'])\n"
        "import cujitsu as cj\n"
        "from test_compile_many import SLOW, children, wait_until\n"
        "keywords = {'mode': 'processes', 'cache': False}\n"
        "threading.Thread(target=cj.compile_many, args=([SLOW],), kwargs=keywords).start()\n"
        "worker, = wait_until(lambda: children(os.getpid()), 'a worker')\n"
        "wait_until(lambda: 'libnvrtc' in open(f'/proc/{worker}/maps').read(), 'its NVRTC')\n"
        "print(worker, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        TESTS=str(Path(__file__).parent),
    )
    assert result.returncode == -signal.SIGKILL, result.stderr
    worker = int(result.stdout)

    def has_gone() -> bool:
        try:
            return Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    wait_until(has_gone, "the worker's end")


@pytest.mark.parametrize("worker", ["off", "/nonexistent/cujitsu", "/bin/true"])
def test_without_a_worker_threads_compile_and_it_is_said_once(run_python, worker):
    result = run_python(
        "import cujitsu as cj\n"
        "for _ in range(2):\n"
        "    sources = ['__global__ void f() {}', '__global__ void g() {}']\n"
        "    modules = cj.compile_many(sources, mode='processes', cache=False)\n"
        "    assert [module.kernels[0].name for module in modules] == ['f', 'g']\n",
        CUJITSU_WORKER=worker,
        CUJITSU_LOG="info",
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("compiles run in threads of this process") == 1


def test_messages_of_workers_come_to_this_process(run_python):
    result = run_python(
        "import cujitsu as cj\n"
        "cj.set_log_level('debug')\n"
        "cj.compile_many([('__global__ void f() {}', {'name': 'far.cu'})], mode='processes', cache=False)\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("compiled far.cu for") == 1


# --- cancelling and exit ---------------------------------------------------------------------------------------------


def test_what_progress_raises_cancels_the_rest_and_leaves_nothing_behind():
    before = children(os.getpid())

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cj.compile_many(
            [SLOW] + [source(number) for number in range(500)], mode="processes", progress=interrupt, cache=False
        )
    assert children(os.getpid()) == before


def test_control_c_cancels(run_python, tmp_path):
    result = run_python(
        "import os, signal, threading\n"
        "import cujitsu as cj\n"
        "cache = cj.KernelCache('cache')\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it\n"
        "first = threading.Event()\n"
        "def progress(done, total):\n"
        "    if done and not first.is_set():\n"
        "        first.set()\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        "    cj.compile_many([f'__global__ void f{i}() {{}}' for i in range(3000)], cache=cache, progress=progress)\n"
        "except KeyboardInterrupt:\n"
        "    print(cache.stats().entries < 3000)\n"
    )
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr


def test_a_compile_that_waits_is_cancelled_for_good(run_python):
    result = run_python(
        "import threading\n"
        "import cujitsu as cj\n"
        "release = threading.Event()\n"
        "first = cj.SourceModule.compile_async('__global__ void f() {}', cache=False)\n"
        "first.add_done_callback(lambda _: release.wait())\n"  # holds the only thread
        "second = cj.SourceModule.compile_async('__global__ void g() {}', cache=False)\n"
        "assert second.cancel() and second.cancelled() and second.done() and not second.running()\n"
        "release.set()\n"
        "assert first.result().kernels[0].name == 'f'\n"
        "try: second.result()\n"
        "except BaseException as error: print(type(error).__module__, type(error).__name__)\n",
        CUJITSU_COMPILE_WORKERS="1",
    )
    assert (result.returncode, result.stdout) == (0, "concurrent.futures._base CancelledError\n"), result.stderr


def test_a_compile_that_runs_is_cancelled(run_python):
    result = run_python(
        "import os, sys\n"
        "sys.path.insert(0, os.environ['TESTS'])\n"
        "import concurrent.futures\n"
        "import cujitsu as cj\n"
        "from test_compile_many import SLOW, wait_until\n"
        "cj.compile('__global__ void f() {}', cache=False)\n"
        "future = cj.SourceModule.compile_async(SLOW, cache=False)\n"
        "wait_until(future.running, 'its start')\n"
        "assert future.cancel() and future.cancelled()\n"
        "done, _ = concurrent.futures.wait([future], timeout=60)\n"
        "assert done == {future}\n",
        TESTS=str(Path(__file__).parent),
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("mode", ["threads", "processes"])
def test_exit_while_compiles_run_is_quick_and_quiet(run_python, mode):
    result = run_python(
        "import threading\n"
        "import cujitsu as cj\n"
        "from cujitsu import _core, workers\n"
        "workers.use_this_interpreter()\n"
        "slow = '\\n'.join(f'__global__ void slow_{i}(int* x) {{ *x = {i}; }}' for i in range(400))\n"
        "cj.SourceModule.compile_async(slow, cache=False)\n"
        f"running = _core.CompileBatch([(slow, {{'cache': False}})] * 40, 2, {mode!r})\n"
        "future = cj.SourceModule.compile_async(slow, cache=False)\n"
        "future.add_done_callback(lambda each: print('cancelled' if each.cancelled() else 'done'))\n"
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout in ("cancelled\n", "done\n")


def test_a_forked_child_compiles_by_itself(run_python):
    result = run_python(
        "import os\n"
        "import cujitsu as cj\n"
        "sources = [f'__global__ void f{i}() {{}}' for i in range(4)]\n"
        "common = {'cache': False, 'arch': 'sm_80'}\n"  # else the driver is asked, which does not fork
        "done = cj.SourceModule.compile_async(sources[0], **common)\n"
        "done.result()\n"
        "if os.fork() == 0:\n"
        "    assert done.result().kernels[0].name == 'f0'\n"
        "    for mode in ('threads', 'processes'):\n"
        "        assert len(cj.compile_many(sources, mode=mode, **common)) == 4\n"
        "    print('child')\n"
        "else:\n"
        "    assert os.wait()[1] == 0\n"
        "    assert len(cj.compile_many(sources, **common)) == 4\n"
        "    print('parent')\n"
    )
    assert (result.returncode, result.stdout) == (0, "child\nparent\n"), result.stderr


# --- futures ---------------------------------------------------------------------------------------------------------


def test_a_future_is_one_of_concurrent_futures(empty_cache):
    future = cj.SourceModule.compile_async(source(1), cache=empty_cache, arch="sm_80")
    called = threading.Event()
    future.add_done_callback(lambda each: called.set())
    assert isinstance(future, concurrent.futures.Future)
    assert concurrent.futures.wait([future], timeout=60).done == {future}
    assert called.wait(60)
    assert future.result().kernels[0].name == "kernel_1"
    assert future.exception() is None
    assert future.done() and not future.cancelled() and not future.running() and not future.cancel()


def test_a_future_has_the_error():
    future = cj.SourceModule.compile_async("int a = nothing;", name="bad.cu")
    assert isinstance(future.exception(), cj.CompileError)
    with pytest.raises(cj.CompileError, match=r"bad\.cu"):
        future.result()


def test_wrong_arguments_of_compile_async_are_told_at_once():
    with pytest.raises(cj.ArgumentError, match="optoins"):
        cj.SourceModule.compile_async("", optoins=[])


def test_futures_are_awaited():
    async def both():
        first, second = (cj.SourceModule.compile_async(source(number), cache=False) for number in (1, 2))
        return [await first, *await asyncio.gather(second)]

    assert names(asyncio.run(both())) == ["kernel_1", "kernel_2"]


def test_cancelling_a_task_cancels_the_future_that_it_awaits():
    async def cancel_it():
        future = cj.SourceModule.compile_async(SLOW, cache=False)
        task = asyncio.ensure_future(asyncio.wrap_future(future))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return future

    assert asyncio.run(cancel_it()).cancelled()


# --- progress --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bars(tmp_path, monkeypatch):
    """A tqdm that notes its bars."""
    import types

    made = []

    class Bar:
        def __init__(self, total, **keywords):
            self.n, self.total, self.closed = 0, total, False
            made.append(self)

        def update(self, more):
            self.n += more

        def close(self):
            self.closed = True

    package, auto = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    return made


class Terminal:
    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("progress", "is_terminal", "bar_seconds", "shown"),
    [
        (None, True, 0.0, True),
        (None, True, 1000.0, False),
        (None, False, 0.0, False),
        (False, True, 0.0, False),
        (True, False, 1000.0, True),
    ],
)
def test_a_bar_is_shown_when_it_is_wanted(bars, monkeypatch, progress, is_terminal, bar_seconds, shown):
    monkeypatch.setattr(sys, "stderr", Terminal(is_terminal))
    monkeypatch.setattr(cujitsu.batch, "BAR_SECONDS", bar_seconds)
    cj.compile_many([source(number) for number in range(3)], cache=False, mode="threads", progress=progress)
    assert [(bar.n, bar.total, bar.closed) for bar in bars] == ([(3, 3, True)] if shown else [])


def test_a_bar_that_can_not_be_shown_is_an_error_only_when_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", Terminal(True))
    monkeypatch.setattr(cujitsu.batch, "BAR_SECONDS", 0.0)
    assert len(cj.compile_many([source(1)], cache=False)) == 1
    with pytest.raises(cj.ArgumentError, match="pip install tqdm"):
        cj.compile_many([source(1)], cache=False, progress=True)


def test_a_function_is_told_the_progress():
    calls = []
    cj.compile_many(
        [source(n) for n in range(4)], cache=False, progress=lambda done, total: calls.append((done, total))
    )
    assert calls == sorted(calls) and calls[-1] == (4, 4)


# --- precompiled headers ---------------------------------------------------------------------------------------------


def test_precompiled_headers_are_private_and_removed(run_python, tmp_path):
    result = run_python(
        "import os, stat\n"
        "import cujitsu as cj\n"
        "def folders(): return [each for each in os.listdir('.') if each.startswith('cujitsu-pch-')]\n"
        "text = '#include <cuda_fp16.h>\\n__global__ void f(__half* x) {{ *x = __float2half({}.0f); }}'\n"
        "cj.compile(text.format(1), cache=False, arch='sm_80')\n"
        "assert folders() == []\n"
        "codes = [cj.compile(text.format(i), cache=False, arch='sm_80', pch='auto') for i in range(3)]\n"
        "plain = [cj.compile(text.format(i), cache=False, arch='sm_80') for i in range(3)]\n"
        "assert [each.ptx for each in codes] == [each.ptx for each in plain]\n"
        "folder, = folders()\n"
        "assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700\n"
        "inside = os.listdir(folder)\n"
        "if os.fork() == 0:\n"
        "    cj.compile(text.format(9), cache=False, arch='sm_80', pch='auto')\n"
        "    assert len(folders()) == 2\n"
        "else:\n"
        "    assert os.wait()[1] == 0\n"
        "    assert folders() == [folder] and os.listdir(folder) == inside\n"
        "    print(sorted(inside))\n",
        TMPDIR=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "['0', 'lock']\n"
    assert [each for each in os.listdir(tmp_path) if each.startswith("cujitsu-pch-")] == []


def test_workers_precompile_in_a_folder_that_their_parent_removes(run_python, tmp_path):
    result = run_python(
        "import os\n"
        "import cujitsu as cj\n"
        "text = '#include <cuda_fp16.h>\\n__global__ void f{0}(__half* x) {{ *x = __float2half({0}.0f); }}'\n"
        "modules = cj.compile_many([text.format(i) for i in range(4)], cache=False, pch='auto', mode='processes')\n"
        "assert [module.kernels[0].name for module in modules] == ['f0', 'f1', 'f2', 'f3']\n"
        "folder, = [each for each in os.listdir('.') if each.startswith('cujitsu-pch-')]\n"
        "print(os.listdir(folder))\n",
        TMPDIR=str(tmp_path),
    )
    assert (result.returncode, result.stdout) == (0, "['lock']\n"), result.stderr
    assert [each for each in os.listdir(tmp_path) if each.startswith("cujitsu-pch-")] == []


def test_precompiled_headers_leave_the_key_alone(empty_cache):
    text = "#include <cuda_fp16.h>\n__global__ void f(__half* x) { *x = __float2half(3.0f); }"
    first = cj.SourceModule(text, cache=empty_cache, pch="auto")
    second = cj.SourceModule(text, cache=empty_cache)
    assert (first.cache_status, second.cache_status) == ("miss", "hit")
    assert first.options == second.options
    assert stat.S_ISDIR(os.stat(empty_cache.path).st_mode)
