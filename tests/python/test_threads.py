# SPDX-License-Identifier: MIT
"""Several threads at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import cujitsu as cj
import pytest


def source(number):
    return f"__global__ void kernel_{number}(int* x) {{ *x = {number}; }}"


def test_different_sources_compile_concurrently(empty_cache):
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda number: cj.compile(source(number), cache=empty_cache), range(8)))
    assert [code.kernels[0].name for code in codes] == [f"kernel_{number}" for number in range(8)]
    assert empty_cache.stats().entries == 8


def test_one_source_compiled_by_many_threads_is_one_entry(empty_cache):
    barrier = threading.Barrier(4)

    def compile_it(_):
        barrier.wait(timeout=60)
        return cj.compile(source(1), cache=empty_cache).ptx

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(compile_it, range(4)))) == 1
    assert empty_cache.stats().entries == 1


def test_errors_of_threads_are_their_own():
    def broken(number):
        with pytest.raises(cj.CompileError) as caught:
            cj.compile(f"int a{number} = nothing_{number};", name=f"file{number}.cu", cache=False)
        return caught.value

    with ThreadPoolExecutor(4) as pool:
        for number, error in enumerate(pool.map(broken, range(8))):
            assert error.name == f"file{number}.cu"
            assert f"nothing_{number}" in error.log


def test_compiling_lets_other_threads_run():
    ended = threading.Event()
    turns = 0
    big = "\n".join(source(number) for number in range(200))

    def compile_it():
        cj.compile(big, cache=False)
        ended.set()

    thread = threading.Thread(target=compile_it)
    thread.start()
    while not ended.is_set():
        turns += 1
    thread.join()
    # With the GIL held throughout, this thread would not have had a single turn between start and end.
    assert turns > 100


@pytest.mark.needs_device
def test_kernels_launch_from_many_threads():
    import numpy as np

    fill = cj.SourceModule("__global__ void fill(int* x, int value) { x[threadIdx.x] = value; }").get_function("fill")

    def run(number):
        host = np.zeros(64, np.int32)
        stream = cj.Stream(non_blocking=True)
        for _ in range(20):
            fill(cj.Out(host), number, grid=1, block=64, stream=stream)
        return (host == number).all()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(16)))


@pytest.mark.needs_device
def test_buffer_is_freed_from_another_thread():
    buffer = cj.mem_alloc(1024)
    thread = threading.Thread(target=buffer.free)
    thread.start()
    thread.join()
    assert buffer.is_freed
