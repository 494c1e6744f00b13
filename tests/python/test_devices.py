# SPDX-License-Identifier: MIT
"""One module, many devices: code, variables, limits and errors belong to the device that is current."""

import threading

import cujitsu as cj
import pytest

np = pytest.importorskip("numpy")

pytestmark = pytest.mark.needs_device

SOURCE = """
__constant__ int factor;
extern __shared__ int scratch[];
__global__ void scale(int* out, int value)
{
    scratch[threadIdx.x] = value;
    out[threadIdx.x] = factor * scratch[threadIdx.x];
}
"""


@pytest.fixture
def devices():
    devices = cj.Device.all()
    if len(devices) < 2:
        pytest.skip(f"needs two devices; there is {len(devices)}")
    current = cj.Device.current()
    yield devices
    current.make_current()


def scaled(kernel: cj.Kernel, value: int) -> "np.ndarray":
    out = np.zeros(32, np.int32)
    kernel(cj.Out(out), value, grid=1, block=32, shared=60 * 1024)
    return out


def test_one_kernel_runs_on_every_device_with_the_variables_of_each(devices):
    module = cj.SourceModule(SOURCE)
    kernel = module.get_function("scale")
    for device in devices:
        device.make_current()
        cj.memcpy_htod(module.get_global("factor"), np.array([device.ordinal + 2], np.int32))
    for device in devices:
        device.make_current()
        assert (scaled(kernel, 7) == 7 * (device.ordinal + 2)).all()
        assert kernel.attributes.registers > 0
        assert kernel.occupancy(block=32, shared=1024).blocks_per_multiprocessor > 0


def test_each_thread_has_its_own_current_device(devices):
    module = cj.SourceModule(SOURCE)
    kernel = module.get_function("scale")
    results = {}

    def work(device: cj.Device) -> None:
        device.make_current()
        cj.memcpy_htod(module.get_global("factor"), np.array([device.ordinal + 2], np.int32))
        results[device.ordinal] = [scaled(kernel, i) for i in range(20)]

    threads = [threading.Thread(target=work, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for device in devices:
        for i, out in enumerate(results[device.ordinal]):
            assert (out == i * (device.ordinal + 2)).all()


def test_memory_is_freed_and_copied_whatever_device_is_current(devices):
    first, second = devices[:2]
    first.make_current()
    there = cj.mem_alloc(64 << 20)
    free_with_it = first.free_memory()
    cj.memset_d8(there, 5, there.nbytes)
    second.make_current()
    here = cj.mem_alloc(there.nbytes)
    cj.memcpy_dtod(here, there, there.nbytes)
    back = np.zeros(there.nbytes, np.uint8)
    cj.memcpy_dtoh(back, here)
    assert (back == 5).all()
    there.free()
    assert first.free_memory() > free_with_it
    here.free()


def test_a_stream_runs_a_kernel_on_its_own_device(devices):
    """As a stream does for cuLaunchKernel with a context-independent kernel (CUDA 12.0 and newer)."""
    devices[0].make_current()
    stream = cj.Stream()
    out = cj.mem_alloc(4)
    kernel = cj.SourceModule("__global__ void put(int* out, int value) { *out = value; }").get_function("put")
    devices[1].make_current()
    kernel(out, 42, grid=1, block=1, stream=stream)
    stream.synchronize()
    result = np.zeros(1, np.int32)
    cj.memcpy_dtoh(result, out)
    assert result[0] == 42
