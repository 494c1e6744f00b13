# SPDX-License-Identifier: MIT
"""Stream.add_callback: Python functions that a stream calls."""

import gc
import sys
import threading
import time
import weakref

import cujitsu as cj
import pytest

pytestmark = pytest.mark.needs_device


def wait_until(condition):
    """The references that a callback had are dropped by the main thread, between two instructions, soon."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_callbacks_run_in_order_with_their_arguments():
    stream, seen = cj.Stream(), []
    for number in range(5):
        stream.add_callback(seen.append, number)
    stream.add_callback(lambda *args: seen.append(args), 1, "two")
    stream.synchronize()
    assert seen == [0, 1, 2, 3, 4, (1, "two")]


def test_what_is_no_function_is_refused():
    with pytest.raises(cj.ArgumentError, match="function must be callable, not int 3"):
        cj.Stream().add_callback(3)


def test_an_exception_goes_to_the_unraisable_hook(monkeypatch):
    caught = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: caught.append((args.exc_type, str(args.exc_value))))
    stream, seen = cj.Stream(), []

    def fail():
        raise KeyError("no such thing")

    stream.add_callback(fail)
    stream.add_callback(seen.append, 1)
    stream.synchronize()
    assert caught == [(KeyError, "'no such thing'")]
    assert seen == [1]


def test_a_cuda_call_within_is_an_error_and_no_deadlock(monkeypatch):
    caught = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: caught.append(args.exc_type))
    stream = cj.Stream()
    stream.add_callback(cj.mem_alloc, 16)
    stream.synchronize()
    assert len(caught) == 1 and issubclass(caught[0], cj.DriverError)


class Thing:
    def __call__(self, *args):
        pass


def test_references_are_dropped_after_the_call_in_a_thread_that_may_call_cuda():
    stream, thing, argument = cj.Stream(), Thing(), Thing()
    threads, buffer = [], cj.mem_alloc(1 << 20)
    references = weakref.ref(thing), weakref.ref(argument, lambda _: threads.append(threading.current_thread()))
    argument.buffer = buffer  # freed with it
    stream.add_callback(thing, argument)
    del thing, argument, buffer
    stream.synchronize()
    wait_until(lambda: references[0]() is None and references[1]() is None)
    assert threads == [threading.main_thread()]


def test_a_captured_callback_runs_at_each_launch_and_lives_as_long_as_the_graph():
    stream, thing, calls = cj.Stream(), Thing(), []
    reference = weakref.ref(thing)
    with cj.capture(stream) as graph:
        stream.add_callback(lambda owned: calls.append(owned() is None), thing)
        stream.add_callback(calls.append, "second")
    del thing
    stream.synchronize()
    assert calls == []
    executable = graph.instantiate()
    del graph
    gc.collect()
    for _ in range(3):
        executable.launch(stream)
    stream.synchronize()
    assert calls == [True, "second"] * 3
    assert reference() is not None
    gate = threading.Event()
    stream.add_callback(gate.wait, 60)
    executable.launch(stream)
    del executable  # its launch is queued
    gc.collect()
    assert reference() is not None
    gate.set()
    stream.synchronize()
    assert calls == [True, "second"] * 4
    wait_until(lambda: reference() is None)


def test_a_callback_of_an_abandoned_capture_is_dropped_and_never_called():
    stream, thing, calls = cj.Stream(), Thing(), []
    reference = weakref.ref(thing)
    with pytest.raises(RuntimeError, match="changed my mind"), cj.capture(stream):
        stream.add_callback(calls.append, thing)
        del thing
        raise RuntimeError("changed my mind")
    wait_until(lambda: reference() is None)
    assert calls == []


FULL_QUEUE = """
import threading, time
import cujitsu as cj

LAUNCHES = 5000
kernel = cj.SourceModule("__global__ void count(int* x) { atomicAdd(x, 1); }").get_function("count")
stream, x = cj.Stream(non_blocking=True), cj.mem_alloc(4)
cj.memset_d32(x, 0, 1)
cj.synchronize()  # the stream does not wait for the default one
kernel(x, block=1, stream=stream)
cj.synchronize()
gate, ran = threading.Event(), []
launched = 0

def callback():
    # Waits without the GIL, takes it, and needs it for everything after.
    assert gate.wait(60)
    ran.append(sum(range(1000)))

def watch():
    # The launcher is blocked once its count stands still; on a queue without a bound it comes to the end instead.
    last, since = -1, time.monotonic()
    while launched < LAUNCHES and time.monotonic() - since < 1:
        if launched != last:
            last, since = launched, time.monotonic()
        time.sleep(0.01)
    print("blocked at" if launched < LAUNCHES else "unbounded,", launched, flush=True)
    gate.set()

stream.add_callback(callback)
watcher = threading.Thread(target=watch)
watcher.start()
while launched < LAUNCHES:
    {launch}
    launched += 1
stream.synchronize()
watcher.join()
out = bytearray(4)
cj.memcpy_dtoh(out, x)
assert int.from_bytes(out, "little") == 1 + LAUNCHES, out
assert ran == [499500]
print("done")
"""
LAUNCHES = {
    "call": "kernel(x, block=1, stream=stream)",
    "subscript": "kernel[1, 1, stream](x)",
    "bound": "bound()",
    "graph": "executable.launch(stream)",
}
SETUP = {
    "bound": "bound = kernel.bind(x, block=1, stream=stream)\n",
    "graph": "with cj.capture(stream) as graph: kernel(x, block=1, stream=stream)\nexecutable = graph.instantiate()\n",
}


@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_callback_that_needs_the_gil_never_deadlocks_with_a_launch_into_a_full_queue(run_python, launch):
    code = FULL_QUEUE.replace("{launch}", LAUNCHES[launch])
    code = code.replace("gate, ran =", SETUP.get(launch, "") + "gate, ran =")
    result = run_python(code)  # a deadlock is a TimeoutExpired
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == "done"


@pytest.mark.parametrize("captured", [False, True])
def test_exit_with_a_callback_that_has_not_run_neither_hangs_nor_crashes(run_python, captured):
    body = (
        "with cj.capture(stream) as graph: stream.add_callback(print, 'late')\n"
        "executable = graph.instantiate()\n"
        "stream.add_callback(started.set)\n"
        "stream.add_callback(gate.wait)\n"
        "executable.launch(stream)\n"
        if captured
        else "stream.add_callback(started.set)\nstream.add_callback(gate.wait)\nstream.add_callback(print, 'late')\n"
    )
    result = run_python(
        "import atexit, threading, cujitsu as cj\n"
        "stream, gate, started = cj.Stream(), threading.Event(), threading.Event()\n" + body + "started.wait()\n"
        # The one that runs is waited for, and ends only now, during the exit.
        "atexit.register(gate.set)\n"
        "print('leaving')\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == "leaving"
    assert result.stderr == ""


def test_exit_skips_callbacks_that_are_only_queued(run_python):
    result = run_python(
        "import ctypes, sys, cujitsu as cj\n"
        "stream = cj.Stream(non_blocking=True)\n"
        "slow = cj.SourceModule('__global__ void slow(long long n, int* x) { for (long long i = 0; i < n; ++i) "
        "*(volatile int*)x = i; }').get_function('slow')\n"
        "x = cj.mem_alloc(4)\n"
        "slow(2000000, x, block=1, stream=stream)\n"
        "for number in range(100): stream.add_callback(print, number)\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
