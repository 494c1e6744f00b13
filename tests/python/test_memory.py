# SPDX-License-Identifier: MIT
"""Device and page-locked memory: copies, fills, sizes and every misuse."""

import gc

import cujitsu as cj
import pytest
from cujitsu.driver import mem_get_info
from dlpack_producer import Producer
from fake_driver import control

np = pytest.importorskip("numpy")

pytestmark = pytest.mark.needs_device


class CudaArray:
    """16 bytes of another library, with work queued in a stream."""

    def __init__(self, address, stream):
        self.__cuda_array_interface__ = {
            "data": (address, False),
            "shape": (4,),
            "typestr": "<f4",
            "version": 3,
            "stream": stream,
        }


def test_copy_there_and_back():
    a = np.random.default_rng(1).standard_normal((20, 30)).astype(np.float32)
    b = np.empty_like(a)
    buffer = cj.mem_alloc(a.nbytes)
    cj.memcpy_htod(buffer, a)
    cj.memcpy_dtoh(b, buffer)
    assert (a == b).all()


@pytest.mark.parametrize(
    "source",
    [b"some bytes", bytearray(b"some bytes"), memoryview(b"some bytes"), np.frombuffer(b"some bytes", "u1")],
    ids=lambda value: type(value).__name__,
)
def test_anything_with_a_buffer_is_copied(source):
    buffer = cj.mem_alloc(10)
    cj.memcpy_htod(buffer, source)
    result = bytearray(10)
    cj.memcpy_dtoh(result, buffer)
    assert bytes(result) == b"some bytes"


@pytest.mark.parametrize("dtype", ["f2", "c8", "?", "i8", "M8[s]", [("a", "i1"), ("b", "f8")]])
def test_every_dtype_is_copied(dtype):
    a = np.zeros(7, dtype)
    a.view("u1")[:] = np.arange(a.nbytes) % 2
    b = np.zeros_like(a)
    buffer = cj.mem_alloc(a.nbytes)
    cj.memcpy_htod(buffer, a)
    cj.memcpy_dtoh(b, buffer)
    assert a.tobytes() == b.tobytes()


def test_fortran_order_is_copied_as_it_lies():
    a = np.asfortranarray(np.arange(12, dtype=np.int32).reshape(3, 4))
    buffer = cj.mem_alloc(a.nbytes)
    cj.memcpy_htod(buffer, a)
    b = np.empty((3, 4), np.int32, order="F")
    cj.memcpy_dtoh(b, buffer)
    assert (a == b).all()


def test_device_to_device_and_offsets():
    a = np.arange(100, dtype=np.uint8)
    source, destination = cj.mem_alloc(100), cj.mem_alloc(100)
    cj.memcpy_htod(source, a)
    cj.memset_d8(destination, 255, 100)
    cj.memcpy_dtod(cj.DeviceSpan(destination).offset(10), cj.DeviceSpan(source).offset(20), 30)
    b = np.empty_like(a)
    cj.memcpy_dtoh(b, destination)
    assert (b[10:40] == a[20:50]).all()
    assert (b[:10] == 255).all() and (b[40:] == 255).all()
    part = np.empty(10, np.uint8)
    cj.memcpy_dtoh(part, int(source) + 50)
    assert (part == a[50:60]).all()


def test_asynchronous_forms():
    stream = cj.Stream()
    a = cj.pagelocked_empty(1000, np.int32)
    b = cj.pagelocked_empty(1000, np.int32)
    a[:] = np.arange(1000)
    b[:] = 0
    first, second = cj.mem_alloc(a.nbytes, stream), cj.mem_alloc(a.nbytes, stream=stream)
    cj.memcpy_htod_async(first, a, stream)
    cj.memcpy_dtod_async(second, first, a.nbytes, stream)
    cj.memcpy_dtoh_async(b, second, stream)
    stream.synchronize()
    assert (a == b).all()
    assert stream.is_done()


@pytest.mark.parametrize(
    ("fill", "fill_async", "dtype", "value"),
    [
        (cj.memset_d8, cj.memset_d8_async, np.int8, -1),
        (cj.memset_d8, cj.memset_d8_async, np.uint8, 200),
        (cj.memset_d16, cj.memset_d16_async, np.int16, -300),
        (cj.memset_d32, cj.memset_d32_async, np.uint32, 4_000_000_000),
        (cj.memset_d32, cj.memset_d32_async, np.int32, np.int32(-7)),
    ],
)
def test_fills(fill, fill_async, dtype, value):
    result = np.zeros(10, dtype)
    buffer = cj.mem_alloc(result.nbytes)
    fill(buffer, value, 10)
    cj.memcpy_dtoh(result, buffer)
    assert (result == value).all()
    fill_async(buffer, 0, 10)
    cj.synchronize()
    cj.memcpy_dtoh(result, buffer)
    assert (result == 0).all()


@pytest.mark.parametrize("value", [256, -129, 1.5, "x"])
def test_fill_value_is_checked(value):
    with pytest.raises(cj.ArgumentError, match="value"):
        cj.memset_d8(cj.mem_alloc(4), value, 4)


def test_fill_past_the_end_is_refused():
    with pytest.raises(cj.ArgumentError, match="12 bytes.*10 bytes"):
        cj.memset_d32(cj.mem_alloc(10), 0, 3)


def test_copy_larger_than_its_buffer_is_refused():
    buffer = cj.mem_alloc(10)
    large = bytearray(11)
    for copy in (
        lambda: cj.memcpy_htod(buffer, large),
        lambda: cj.memcpy_dtoh(large, buffer),
        lambda: cj.memcpy_htod_async(buffer, large),
        lambda: cj.memcpy_dtoh_async(large, buffer),
        lambda: cj.memcpy_dtod(buffer, cj.mem_alloc(11), 11),
        lambda: cj.memcpy_dtod(cj.mem_alloc(11), buffer, 11),
    ):
        with pytest.raises(cj.ArgumentError, match=r"11 bytes.*10 bytes") as caught:
            copy()
        assert isinstance(caught.value, ValueError)


@pytest.mark.needs_fake_driver
def test_copies_wait_for_other_libraries():
    memory = cj.mem_alloc(16)
    stream = cj.Stream()
    array = CudaArray(memory.address, 0x1234)
    producer = Producer(memory.address, (4,))
    control().reset()
    cj.memcpy_htod(array, bytes(16))
    cj.memcpy_htod(producer, bytes(16))
    assert control().calls(b"cuStreamSynchronize") == 2
    cj.memcpy_htod_async(array, bytes(16), stream)
    assert control().calls(b"cuEventRecord") == control().calls(b"cuStreamWaitEvent") == 1
    cj.memcpy_htod_async(producer, bytes(16), stream)
    assert control().calls(b"cuStreamWaitEvent") == 1, "the producer has done it"
    assert [call["stream"] for call in producer.calls] == [1, stream.handle]
    assert control().calls(b"cuStreamSynchronize") == 2


@pytest.mark.needs_fake_driver
def test_one_device_is_not_asked_for():
    control().reset()
    cj.memcpy_htod(cj.mem_alloc(16).view("f4"), bytes(16))
    assert cj.mem_alloc(16).__dlpack_device__() == (2, 0)
    assert control().calls(b"cuPointerGetAttributes") == 0


def test_swapped_arguments_are_recognised():
    a = np.zeros(4, np.float32)
    buffer = cj.mem_alloc(a.nbytes)
    with pytest.raises(cj.ArgumentError, match=r"memcpy_htod\(destination on device, source on host\)") as caught:
        cj.memcpy_htod(a, buffer)
    assert isinstance(caught.value, TypeError)
    assert "host memory: numpy.ndarray" in str(caught.value)
    with pytest.raises(cj.ArgumentError, match=r"memcpy_dtoh\(destination on host, source on device\)") as caught:
        cj.memcpy_dtoh(buffer, a)
    assert "device memory: cujitsu.DeviceBuffer" in str(caught.value)


@pytest.mark.parametrize("wrong", [None, "text", 2.5, [1, 2]])
def test_other_objects_are_refused(wrong):
    buffer = cj.mem_alloc(4)
    with pytest.raises(cj.ArgumentError, match="the source must be host memory"):
        cj.memcpy_htod(buffer, wrong)
    with pytest.raises(cj.ArgumentError, match="the source must be device memory"):
        cj.memcpy_dtoh(bytearray(4), wrong)


def test_strided_and_read_only_arrays_are_refused():
    buffer = cj.mem_alloc(64)
    with pytest.raises(cj.ArgumentError, match="not contiguous"):
        cj.memcpy_htod(buffer, np.zeros(16, np.float32)[::2])
    with pytest.raises(cj.ArgumentError, match="read-only"):
        cj.memcpy_dtoh(b"constant", buffer)


def test_use_after_free_and_double_free_are_refused():
    buffer = cj.mem_alloc(16)
    buffer.free()
    assert buffer.is_freed and "freed" in repr(buffer)
    for use in (
        buffer.free,
        lambda: buffer.address,
        lambda: int(buffer),
        lambda: cj.memcpy_htod(buffer, b"x"),
        lambda: cj.memcpy_dtoh(bytearray(1), buffer),
        lambda: cj.memset_d8(buffer, 0, 1),
        lambda: cj.DeviceSpan(buffer),
    ):
        with pytest.raises(cj.ArgumentError, match="freed"):
            use()


def test_buffer_shows_its_size_and_address():
    buffer = cj.mem_alloc(np.int64(48))
    assert buffer.size == buffer.nbytes == 48
    assert int(buffer) == buffer.address == buffer.__index__() != 0
    interface = buffer.__cuda_array_interface__
    assert interface["data"] == (buffer.address, False)
    assert (interface["shape"], interface["typestr"]) == ((48,), "|u1")


def test_empty_buffer_is_a_buffer():
    buffer = cj.mem_alloc(0)
    assert (buffer.size, buffer.address) == (0, 0)
    cj.memcpy_htod(buffer, b"")
    cj.memcpy_dtoh(bytearray(), buffer)
    buffer.free()


@pytest.mark.parametrize(
    ("size", "kind"), [(-1, ValueError), (2.5, TypeError), ("4", TypeError), (True, TypeError), (2**70, ValueError)]
)
def test_size_is_checked(size, kind):
    for allocate in (cj.mem_alloc, cj.DeviceBuffer, cj.HostBuffer):
        with pytest.raises(cj.ArgumentError) as caught:
            allocate(size)
        assert isinstance(caught.value, kind)


def test_out_of_memory_says_how_much_there_is():
    free, total = mem_get_info()
    assert 0 < free <= total
    with pytest.raises(cj.OutOfMemoryError) as caught:
        cj.mem_alloc(2**50)
    error = caught.value
    assert isinstance(error, MemoryError)
    assert (error.code, error.name) == (2, "CUDA_ERROR_OUT_OF_MEMORY")
    assert "cuMemAlloc" in error.call
    cj.mem_alloc(1024).free()


def test_span_knows_its_size_where_it_can():
    buffer = cj.mem_alloc(100)
    span = cj.DeviceSpan(buffer)
    assert tuple(span) == (buffer.address, 100)
    assert tuple(span.offset(30)) == (buffer.address + 30, 70)
    assert cj.DeviceSpan(buffer, 10).size == 10
    assert cj.DeviceSpan(buffer.address).size is None
    for wrong in (lambda: span.offset(101), lambda: span.offset(-1), lambda: cj.DeviceSpan(buffer, 101)):
        with pytest.raises(cj.ArgumentError):
            wrong()


def test_span_keeps_its_buffer_alive():
    span = cj.DeviceSpan(cj.mem_alloc(16)).offset(4)
    gc.collect()
    cj.memcpy_htod(span, b"0123456789ab")
    result = bytearray(12)
    cj.memcpy_dtoh(result, span)
    assert result == b"0123456789ab"


def test_host_buffer_is_an_array_without_a_copy():
    buffer = cj.HostBuffer(100)
    array = np.asarray(buffer)
    assert array.dtype == np.uint8 and array.shape == (100,)
    array[:] = 7
    assert bytes(memoryview(buffer)) == bytes([7] * 100)
    assert array.ctypes.data == buffer.address


def test_host_buffer_in_use_can_not_be_freed():
    buffer = cj.HostBuffer(100)
    array = np.asarray(buffer)
    with pytest.raises(cj.ArgumentError, match="1 arrays or memoryviews"):
        buffer.free()
    del array
    gc.collect()
    buffer.free()
    assert buffer.is_freed
    with pytest.raises(cj.ArgumentError, match="freed"):
        buffer.free()
    with pytest.raises(BufferError, match="freed"):
        memoryview(buffer)


def test_pagelocked_array_owns_its_memory():
    array = cj.pagelocked_empty((3, 4), np.float64, order="F")
    gc.collect()
    assert array.shape == (3, 4) and array.flags.f_contiguous
    array[:] = 5
    assert (array == 5).all()
    assert cj.pagelocked_empty(0, "i4").size == 0
    assert cj.pagelocked_empty(5, "i2").shape == (5,)
    with pytest.raises(cj.ArgumentError, match="Python objects"):
        cj.pagelocked_empty(3, object)
    with pytest.raises(ValueError):
        cj.pagelocked_empty((-1,), "i4")


def test_device_describes_itself():
    devices = cj.Device.all()
    assert len(devices) == cj.Device.count() >= 1
    device = cj.Device.current()
    assert device in devices and device == cj.Device(device.ordinal)
    assert device.name()
    assert device.compute_capability() >= (3, 0)
    assert device.total_memory() >= device.free_memory() > 0
    assert device.multiprocessor_count() == device.attribute(16)
    assert device.uuid().startswith("GPU-")
    assert device.pci_bus_id().count(":") == 2
    device.make_current()
    device.synchronize()
    with pytest.raises(cj.ArgumentError, match="99"):
        cj.Device(99)


def test_events_measure_time():
    stream = cj.Stream(non_blocking=True, priority=-1)
    start, end = cj.Event(), cj.Event(blocking_sync=True)
    assert start.record(stream) is start
    end.record(stream).synchronize()
    assert end.is_done() and end.query()
    assert end.time_since(start) == start.time_till(end) >= 0
    stream.wait(end)
    stream.wait_for_event(end)
    stream.synchronize()
    cj.Event(timing=False).record().synchronize()


def test_pycuda_functions():
    import cujitsu.autoinit
    import cujitsu.driver as cuda

    cuda.init()
    cuda.Context.synchronize()
    assert cuda.Context.get_device() == cujitsu.autoinit.device == cj.Device.current()
