# SPDX-License-Identifier: MIT
"""Launches that are refused, kernels that fault, and processes that fork."""

import cujitsu as cj
import pytest

pytestmark = pytest.mark.needs_device


def test_block_of_2000_threads_is_explained_with_both_numbers():
    kernel = cj.SourceModule("__global__ void f() {}").get_function("f")
    with pytest.raises(cj.LaunchError) as caught:
        kernel(block=2000)
    message = str(caught.value)
    assert "2000" in message and "1024" in message
    assert caught.value.code == 1
    assert caught.value.call == "cuLaunchKernel"
    assert "'f'" in caught.value.object
    kernel(block=32)
    cj.synchronize()


def test_too_much_shared_memory_is_explained():
    kernel = cj.SourceModule("__global__ void f() {}").get_function("f")
    with pytest.raises(cj.LaunchError, match="10000000"):
        kernel(block=32, shared=10_000_000)
    kernel(block=32)


def test_faulting_kernel_is_named_by_every_later_call(run_python):
    result = run_python(
        "import cujitsu as cj\n"
        "module = cj.SourceModule('__global__ void breaks(int* p) { *p = 1; } __global__ void innocent() {}')\n"
        "breaks, innocent = module.get_function('breaks'), module.get_function('innocent')\n"
        "buffer = cj.mem_alloc(64)\n"
        "innocent(block=1)\n"
        "cj.synchronize()\n"
        "breaks(8, block=1)\n"
        "for call in (cj.synchronize, lambda: cj.memcpy_dtoh(bytearray(4), buffer), cj.synchronize,\n"
        "             lambda: cj.mem_alloc(1 << 20), lambda: innocent(block=1)):\n"
        "    try:\n"
        "        call()\n"
        "    except cj.LaunchError as error:\n"
        "        assert error.code == 700, error\n"
        "        assert 'breaks' in str(error), error\n"
        "    else:\n"
        "        raise AssertionError(call)\n"
        "print('named')\n"
    )
    assert result.stdout == "named\n", result.stderr
    assert result.returncode == 0


def test_fault_inside_in_and_out_is_an_exception(run_python):
    result = run_python(
        "import numpy, cujitsu as cj\n"
        "f = cj.SourceModule('__global__ void breaks(int* a) { a[1LL << 40] = 1; }').get_function('breaks')\n"
        "try:\n"
        "    f(cj.InOut(numpy.zeros(4, 'i4')), block=1)\n"
        "except cj.LaunchError as error:\n"
        "    assert 'breaks' in str(error)\n"
        "    print('named')\n"
    )
    assert result.stdout == "named\n", result.stderr


def test_fork_after_use_is_explained(run_python):
    result = run_python(
        "import os, warnings, cujitsu as cj\n"
        "warnings.simplefilter('ignore', DeprecationWarning)  # Python 3.12's own, for the driver's threads\n"
        "buffer = cj.mem_alloc(64)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    try:\n"
        "        cj.mem_alloc(64)\n"
        "    except cj.DriverError as error:\n"
        "        os._exit(0 if 'fork' in str(error) else 2)\n"
        "    os._exit(1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "cj.memcpy_htod(buffer, b'parent')\n"
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_fork_before_use_is_safe(run_python):
    result = run_python(
        "import os, cujitsu as cj\n"
        "child = os.fork()\n"
        "cj.memcpy_htod(cj.mem_alloc(64), b'both')\n"
        "if child == 0:\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_exit_with_everything_alive_is_quiet(run_python):
    result = run_python(
        "import numpy, cujitsu as cj\n"
        "module = cj.SourceModule('__global__ void f(int* x) { *x = 1; }')\n"
        "f = module.get_function('f')\n"
        "stream, event, buffer = cj.Stream(), cj.Event(), cj.mem_alloc(64)\n"
        "pooled = cj.mem_alloc(64, stream)\n"
        "array = cj.pagelocked_empty(100, 'f4')\n"
        "launch = f.bind(buffer, block=1)\n"
        "launch()\n"
        "cycle = [buffer]; cycle.append(cycle)\n"
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
