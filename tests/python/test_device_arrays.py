# SPDX-License-Identifier: MIT
"""Arrays on the device as kernel arguments and copy operands: each protocol, how its stream is ordered, each misuse."""

import ctypes
import gc
import sys
import threading

import cujitsu as cj
import dlpack_producer as dl
import pytest
from conftest import REPOSITORY, literal
from dlpack_producer import Producer

np = pytest.importorskip("numpy")

pytestmark = pytest.mark.needs_device

SOURCE = """
__global__ void twice(float* a, int n) { if (threadIdx.x < n) a[threadIdx.x] *= 2; }
__global__ void touch(void* a) {}
__global__ void bytes(unsigned char* a) { a[threadIdx.x] += 1; }
__global__ void integers(int* a) {}
"""


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE)


@pytest.fixture
def twice(module):
    return module.get_function("twice")


@pytest.fixture
def floats():
    """A buffer of 8 floats, 0 to 7."""
    buffer = cj.mem_alloc(32)
    cj.memcpy_htod(buffer, np.arange(8, dtype=np.float32))
    return buffer


def values_of(memory, count=8, dtype=np.float32):
    result = np.empty(count, dtype)
    cj.memcpy_dtoh(result, memory)
    return result.tolist()


class CudaArray:
    def __init__(self, address, shape=(8,), typestr="<f4", *, version=3, read_only=False, **more):
        self.__cuda_array_interface__ = {
            "data": (address, read_only),
            "shape": shape,
            "typestr": typestr,
            "version": version,
            **more,
        }


def refused(kernel, *args, match, kind=TypeError):
    with pytest.raises(cj.ArgumentError, match=literal(match)) as caught:
        kernel(*args, block=8)
    assert isinstance(caught.value, kind)
    message = str(caught.value)
    assert kernel.name in message and "argument 1 of" in message
    return message


@pytest.mark.parametrize(
    "wrap",
    [
        lambda b: b,
        lambda b: b[:],
        lambda b: b.view("f4"),
        lambda b: b.view(np.float32, (2, 4)),
        lambda b: cj.DeviceSpan(b),
        lambda b: int(b),
        lambda b: CudaArray(b.address),
        lambda b: CudaArray(b.address, version=2),
        lambda b: CudaArray(b.address, (2, 4), strides=(16, 4)),
        lambda b: CudaArray(b.address, (1, 8), strides=(999, 4)),
        lambda b: CudaArray(b.address, (np.int64(8),), mask=None),
        lambda b: Producer(b.address, (8,)),
        lambda b: Producer(b.address, (8,), version=None),
        lambda b: Producer(b.address, (2, 4), strides=(4, 1)),
        lambda b: Producer(b.address, (1, 8), strides=(-5, 1)),
        lambda b: Producer(b.address - 16, (8,), byte_offset=16),
        lambda b: Producer(b.address, (8,), device=(dl.CUDA_MANAGED, 0)),
    ],
)
def test_every_kind_of_array_reaches_its_memory(twice, floats, wrap):
    twice(wrap(floats), 8, block=8)
    assert values_of(floats) == [0, 2, 4, 6, 8, 10, 12, 14]
    cj.memcpy_htod(wrap(floats), np.ones(8, np.float32))
    assert values_of(wrap(floats)) == [1] * 8


def test_page_locked_memory_by_dlpack(twice):
    array = cj.pagelocked_empty(8, np.float32)
    array[:] = 3
    producer = Producer(array.ctypes.data, (8,), device=(dl.CUDA_HOST, 0))
    twice(producer, 8, block=8)
    cj.synchronize()
    assert (array == 6).all()
    assert producer.calls[0]["stream"] is None, "the CPU has no streams"


@pytest.mark.parametrize("version", [None, (1, 0), (1, 9)])
def test_a_capsule_is_used_once_and_given_back_once(twice, floats, version):
    producer = Producer(floats.address, (8,), version=version)
    twice(producer, 8, block=8)
    assert producer.deleted == len(producer.capsules) == 1
    assert dl.capsule_name(producer.capsules[0]).startswith(b"used_dltensor")
    cj.memcpy_dtod(producer, floats, 32)
    assert producer.deleted == 2


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_refused_capsule_is_given_back(twice, floats, version):
    producer = Producer(floats.address, (4, 2), strides=(1, 4), version=version)
    refused(twice, producer, 8, match="not C-contiguous", kind=ValueError)
    assert producer.deleted == 1


def test_a_capsule_of_an_unknown_major_version_is_given_back(twice, floats):
    producer = Producer(floats.address, (8,), version=(2, 0))
    refused(twice, producer, 8, match="DLPack 2.0")
    assert producer.deleted == 1


def test_a_used_capsule_is_refused(twice, floats):
    producer = Producer(floats.address, (8,))
    twice(producer, 8, block=8)

    class Again:
        __dlpack_device__ = producer.__dlpack_device__
        __dlpack__ = staticmethod(lambda **_: producer.capsules[0])

    refused(twice, Again(), 8, match="not a fresh DLPack capsule")
    assert producer.deleted == 1


def test_deleter_is_called_in_a_thread_too(twice, floats):
    producer = Producer(floats.address, (8,))
    thread = threading.Thread(target=lambda: twice(producer, 8, block=8))
    thread.start()
    thread.join()
    assert producer.deleted == 1


def test_producer_is_asked_for_version_1_first(twice, floats):
    producer = Producer(floats.address, (8,), version=None)
    twice(producer, 8, block=8)
    first, second = producer.calls
    assert first["max_version"][0] == 1
    assert second == {"stream": first["stream"]}


def test_copies_give_dlpack_their_stream(floats):
    stream = cj.Stream()
    host = np.zeros(8, np.float32)
    for given, expected in (
        (None, 1),
        (stream, stream.handle),
        (2, 2),
    ):
        producer = Producer(floats.address, (8,))
        cj.memcpy_htod_async(producer, host, given)
        cj.memcpy_dtoh_async(host, producer, given)
        cj.memcpy_dtod_async(producer, producer, 32, given)
        cj.memset_d32_async(producer, 0, 8, given)
        assert [call["stream"] for call in producer.calls] == [expected] * 5
    cj.synchronize()


def test_plain_copies_order_by_the_legacy_default_stream(floats):
    producer = Producer(floats.address, (8,))
    cj.memcpy_htod(producer, np.zeros(8, np.float32))
    cj.memset_d8(producer, 0, 32)
    assert [call["stream"] for call in producer.calls] == [1, 1]


@pytest.mark.parametrize(
    ("dtype", "lanes", "words"),
    [
        ((dl.FLOAT, 64), 1, "8-byte floating-point numbers"),
        ((dl.FLOAT, 16), 1, "2-byte floating-point numbers"),
        ((dl.INT, 32), 1, "integers"),
        ((dl.UINT, 8), 1, "integers"),
        ((dl.BOOL, 8), 1, "integers"),
        ((dl.COMPLEX, 64), 1, "8-byte complex numbers"),
    ],
)
def test_dtype_of_dlpack_is_checked(module, twice, floats, dtype, lanes, words):
    producer = Producer(floats.address, (2,), dtype, lanes=lanes)
    refused(twice, producer, 8, match=words)
    module.get_function("touch")(producer, block=1)
    assert producer.deleted == 2


@pytest.mark.parametrize("dtype", [(dl.OPAQUE, 64), (dl.BFLOAT, 16), (8, 8), (17, 4), (200, 32)])
def test_unknown_dtypes_of_dlpack_are_not_checked(module, floats, dtype):
    module.get_function("touch")(Producer(floats.address, (2,), dtype), block=1)
    with pytest.raises(cj.ArgumentError, match=literal("24 bytes.*16 bytes")):
        cj.memcpy_htod(Producer(floats.address, (2,), (dl.OPAQUE, 64)), bytes(24))


def test_sub_byte_elements_are_packed(floats):
    with pytest.raises(cj.ArgumentError, match=literal("5 bytes.*4 bytes")):
        cj.memcpy_htod(Producer(floats.address, (7,), (17, 4)), bytes(5))
    cj.memcpy_htod(Producer(floats.address, (7,), (17, 4)), bytes(4))


@pytest.mark.parametrize(
    ("array", "words", "kind"),
    [
        (lambda a: CudaArray(a, strides=(8,)), "C-contiguous", ValueError),
        (lambda a: CudaArray(a, (4, 2), strides=(4, 16)), "C-contiguous", ValueError),
        (lambda a: CudaArray(a, strides=(4, 4)), "malformed (its strides are tuple", TypeError),
        (lambda a: CudaArray(a, strides=("x",)), "malformed (stride 0 is str 'x')", TypeError),
        (lambda a: CudaArray(a, mask=CudaArray(a)), "masked array", TypeError),
        (lambda a: CudaArray(a, stream=0), "stream is 0, which the protocol forbids", TypeError),
        (lambda a: CudaArray(a, stream="x"), "malformed (its stream is str 'x')", TypeError),
        (lambda a: CudaArray(a, stream=-1), "malformed (its stream is int -1)", TypeError),
        (lambda a: CudaArray(a, version=None), "malformed (its version is None)", TypeError),
        (lambda a: CudaArray(a, (-1,)), "malformed (dimension 0 of its shape is int -1)", TypeError),
        (lambda a: CudaArray(a, [8]), "malformed (its shape is list)", TypeError),
        (lambda a: CudaArray(a, (2**40, 2**40)), "more than 2**63 bytes", TypeError),
        (lambda a: CudaArray(a, typestr="float"), "unknown typestr 'float'", TypeError),
        (lambda a: CudaArray(a, typestr=4), "its typestr is int 4", TypeError),
        (lambda a: CudaArray(a, typestr=">f4"), "big-endian", TypeError),
        (lambda a: CudaArray(None), "its address is None", TypeError),
        (lambda a: CudaArray(0), "its address is 0", TypeError),
        (lambda a: CudaArray(2**64), "its address is int", TypeError),
        (lambda a: Producer(0, (8,)), "no address", TypeError),
        (lambda a: Producer(a, (-1,)), "dimension -1", TypeError),
        (lambda a: Producer(a, (2**40, 2**40)), "more than 2**61 bytes", TypeError),
        (lambda a: Producer(a, (2**61,)), "more than 2**61 bytes", TypeError),
    ],
)
def test_unusable_array_is_named(twice, floats, array, words, kind):
    message = refused(twice, array(floats.address), 8, match=words, kind=kind)
    assert "float*" in message


def test_interface_that_is_no_dictionary_is_named(twice):
    class Wrong:
        __cuda_array_interface__ = 5

    refused(twice, Wrong(), 8, match="malformed (it is int 5)")
    for missing in ("data", "shape", "typestr", "version"):
        array = CudaArray(4096)
        del array.__cuda_array_interface__[missing]
        refused(twice, array, 8, match=f"malformed (it has no '{missing}')")


def test_empty_arrays_have_no_address(module):
    touch = module.get_function("touch")
    for empty in (
        CudaArray(0, (0,)),
        CudaArray(0, (3, 0), strides=(77, 77)),
        Producer(0, (0, 5)),
        Producer(0, (2**40, 2**40, 0)),
        cj.mem_alloc(0),
        cj.mem_alloc(0)[0:0],
        cj.mem_alloc(0).view("f8"),
    ):
        touch(empty, block=1)
        cj.memcpy_htod(empty, b"")


def test_version_2_has_no_stream(twice, floats):
    twice(CudaArray(floats.address, version=2, stream=0), 8, block=8)


def test_read_only_arrays_are_not_written_by_copies(floats):
    for array in (CudaArray(floats.address, read_only=True), Producer(floats.address, (8,), flags=dl.READ_ONLY)):
        assert values_of(array) == list(range(8))
        for write in (
            lambda array=array: cj.memcpy_htod(array, bytes(32)),
            lambda array=array: cj.memcpy_htod_async(array, bytes(32)),
            lambda array=array: cj.memcpy_dtod(array, floats, 32),
            lambda array=array: cj.memset_d8(array, 0, 32),
        ):
            with pytest.raises(cj.ArgumentError, match="read-only"):
                write()


def test_interface_comes_before_dlpack_and_dlpack_steps_in(twice, floats):
    class Both(Producer):
        @property
        def __cuda_array_interface__(self):
            if self.refuses:
                raise RuntimeError("no bfloat16 in typestr")
            return CudaArray(floats.address).__cuda_array_interface__

    both = Both(floats.address, (8,))
    both.refuses = False
    twice(both, 8, block=8)
    assert not both.calls
    both.refuses = True
    twice(both, 8, block=8)
    assert len(both.calls) == both.deleted == 1


def test_arrays_of_the_cpu_are_host_memory(twice):
    refused(twice, np.zeros(8, np.float32), 8, match="host memory.*In(a)")
    refused(twice, Producer(4096, (8,), device=(dl.CPU, 0)), 8, match="Producer")
    with pytest.raises(cj.ArgumentError, match="the source must be device memory"):
        cj.memcpy_dtoh(bytearray(4), Producer(4096, (1,), device=(dl.CPU, 0)))


def test_refusals_of_the_producer_are_passed_on(twice):
    class Refuses:
        def __dlpack_device__(self):
            return (dl.CUDA, 0)

        def __dlpack__(self, **_):
            raise BufferError("it requires grad")

    refused(twice, Refuses(), 8, match="can not be shared by DLPack: it requires grad")

    class Returns(Refuses):
        def __dlpack__(self, **_):
            return 5

    refused(twice, Returns(), 8, match="gives int 5, not a fresh DLPack capsule")
    with pytest.raises(cj.ArgumentError, match=r"memcpy_htod\(destination on device.*device memory: .*Refuses"):
        cj.memcpy_htod(cj.mem_alloc(4), Refuses())


def test_an_interrupt_is_no_refusal(twice):
    class Interrupted:
        def __dlpack_device__(self):
            raise KeyboardInterrupt

    class InterruptedInterface:
        @property
        def __cuda_array_interface__(self):
            raise KeyboardInterrupt

    for array in (Interrupted(), InterruptedInterface()):
        with pytest.raises(KeyboardInterrupt):
            twice(array, 8, block=8)
        with pytest.raises(KeyboardInterrupt):
            cj.memcpy_htod(cj.mem_alloc(4), array)


def test_a_class_is_no_array(twice):
    with pytest.raises(cj.ArgumentError, match="argument 1 of 2"):
        twice(Producer, 8, block=8)


# --- views ---


def test_slices_are_parts_of_the_buffer(twice, floats):
    twice(floats[16:], 4, block=8)
    assert values_of(floats) == [0, 1, 2, 3, 8, 10, 12, 14]
    part = floats[4:20][4:-4]
    assert (part.address, part.size, part.nbytes, len(part), part.shape) == (floats.address + 8, 8, 8, 8, (8,))
    assert part.buffer is floats
    assert values_of(part, 2) == [2, 3]
    assert (len(floats[:0]), len(floats[32:]), len(floats[-4:])) == (0, 0, 4)


def test_slice_of_an_array_counts_its_rows(floats):
    matrix = floats.view("f4", (4, 2))
    assert matrix[1:3].shape == (2, 2)
    assert values_of(matrix[1:3], 4) == [2, 3, 4, 5]
    with pytest.raises(cj.ArgumentError, match=r"slice\(1, 5, None\) passes the end of the 4"):
        matrix[1:5]


@pytest.mark.parametrize(
    "index", [slice(0, 33), slice(33, None), slice(-33, None), slice(8, 4), slice(0, 8, 2), 3, "x"]
)
def test_wrong_slice_is_refused(floats, index):
    with pytest.raises(cj.ArgumentError, match="DeviceBuffer"):
        floats[index]


def test_view_has_a_type(module, twice, floats):
    view = floats.view(np.int32, (2, 3), offset=8)
    assert (view.shape, view.typestr, view.size, view.address) == ((2, 3), "<i4", 24, floats.address + 8)
    interface = view.__cuda_array_interface__
    assert interface["shape"] == (2, 3) and interface["typestr"] == "<i4"
    assert interface["data"] == (view.address, False)
    refused(twice, view, 6, match="4-byte integers")
    module.get_function("integers")(view, block=1)
    twice(view.view("f4"), 6, block=8)
    assert values_of(floats) == [0, 1, 4, 6, 8, 10, 12, 14]
    assert floats.view("f4", 4).shape == (4,)
    assert floats.view([("x", "f4"), ("n", "i4")]).shape == (4,)
    assert floats.view("f4", ()).shape == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("f4", 9), "view of 36 bytes at byte 0 passes the end of the 32"),
        (("f4", (8,), 4), "passes the end"),
        (("f4", None, 33), "offset 33 passes the end"),
        (("f4", None, 2), "no whole number of elements"),
        (("f4", 2, 2), "not aligned to 4 bytes"),
        (("f4", -1), "-1"),
        (("f4", (2**62, 4)), "more than 2**63 bytes"),
        (("f8", 1.5), "dimension of shape"),
        (("O",), "Python objects"),
        (("nonsense",), "dtype must be a numpy dtype"),
        ((">f4",), "big-endian"),
        (("S0",), "no size"),
    ],
)
def test_wrong_view_is_refused(floats, arguments, words):
    with pytest.raises(cj.ArgumentError, match=literal(words)):
        floats.view(*arguments)


def test_view_keeps_its_buffer_alive(floats):
    view = cj.mem_alloc(16)[4:].view("u1")
    gc.collect()
    cj.memset_d8(view, 7, 12)
    assert values_of(view, 12, np.uint8) == [7] * 12


def test_view_of_a_freed_buffer_is_refused(twice):
    buffer = cj.mem_alloc(32)
    view, part = buffer.view("f4"), buffer[8:]
    span = cj.DeviceSpan(view, 8)
    assert span.size == 8
    buffer.free()
    for use in (
        lambda: view.address,
        lambda: int(part),
        lambda: view.__cuda_array_interface__,
        lambda: view.__dlpack__(),
        lambda: buffer.__dlpack_device__(),
        lambda: cj.memcpy_htod(part, b"x"),
        lambda: cj.memcpy_dtoh(bytearray(1), view),
    ):
        with pytest.raises(cj.ArgumentError, match="freed"):
            use()
    assert view.is_freed and "freed" in repr(view)
    refused(twice, view, 8, match="freed", kind=ValueError)
    with pytest.raises(cj.ArgumentError, match=literal("memcpy_htod(): the destination: the device buffer")):
        cj.memcpy_htod(view, b"x")


# --- our memory as DLPack ---


class Reexported:
    """Another library that passes our memory on."""

    def __init__(self, memory):
        self.memory = memory

    def __dlpack__(self, **keywords):
        return self.memory.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.memory.__dlpack_device__()


def test_our_memory_comes_back_by_dlpack(twice, floats):
    assert floats.__dlpack_device__() == (dl.CUDA, cj.Device.current().ordinal)
    twice(Reexported(floats.view("f4", (2, 4))), 8, block=8)
    assert values_of(floats) == [0, 2, 4, 6, 8, 10, 12, 14]
    refused(twice, Reexported(floats.view("f8")), 8, match="8-byte floating-point numbers")
    refused(twice, Reexported(floats), 8, match="1-byte integers")


@pytest.mark.parametrize(("version", "managed"), [(None, dl.Legacy), ((0, 8), dl.Legacy), ((1, 0), dl.Versioned)])
def test_export_describes_the_view(floats, version, managed):
    view = floats.view("<c8", (2, 1, 2))
    before = sys.getrefcount(floats)
    capsule = view.__dlpack__(stream=1, max_version=version, dl_device=(dl.CUDA, 0), copy=False)
    assert sys.getrefcount(floats) == before + 1
    name = b"dltensor_versioned" if managed is dl.Versioned else b"dltensor"
    assert dl.capsule_name(capsule) == name
    exported = managed.from_address(dl.capsule_pointer(capsule, name))
    tensor = exported.tensor
    assert tensor.data == floats.address and tensor.byte_offset == 0
    assert (tensor.device_type, tensor.device_id) == (dl.CUDA, 0)
    assert (tensor.code, tensor.bits, tensor.lanes) == (dl.COMPLEX, 64, 1)
    assert (tensor.shape[:3], tensor.strides[:3]) == ([2, 1, 2], [2, 2, 1])
    if managed is dl.Versioned:
        assert exported.major == 1 and exported.flags == 0
    del tensor, exported, capsule
    assert sys.getrefcount(floats) == before, "a capsule that nobody takes gives the buffer back"


def test_consumer_gives_the_export_back(floats):
    before = sys.getrefcount(floats)
    capsule = floats.__dlpack__(max_version=(1, 0))
    address = dl.capsule_pointer(capsule, b"dltensor_versioned")
    rename = ctypes.pythonapi.PyCapsule_SetName
    rename.argtypes = (ctypes.py_object, ctypes.c_char_p)
    used = ctypes.create_string_buffer(b"used_dltensor_versioned")
    rename(capsule, used)
    del capsule
    assert sys.getrefcount(floats) == before + 1
    deleter = dl.Versioned.from_address(address).deleter
    thread = threading.Thread(target=lambda: deleter(address))
    thread.start()
    thread.join()
    assert sys.getrefcount(floats) == before


def test_export_that_is_impossible_is_refused(floats):
    for keywords in ({"copy": True}, {"dl_device": (dl.CPU, 0)}, {"dl_device": (dl.CUDA, 7)}):
        with pytest.raises(BufferError):
            floats.__dlpack__(**keywords)
    with pytest.raises(BufferError, match="no type for elements of"):
        floats.view("V8").__dlpack__()
    for keywords in ({"stream": 0}, {"stream": "x"}, {"max_version": 1}, {"dl_device": ("x", 0)}):
        with pytest.raises(cj.ArgumentError, match="__dlpack__"):
            floats.__dlpack__(**keywords)
    for stream in (None, -1, 1, 2, 0x1234):
        floats.__dlpack__(stream=stream)


# --- another device ---

TWO_DEVICES = """
import sys
sys.path.insert(0, {folder!r})
import cujitsu as cj
from dlpack_producer import Producer
first, second = cj.Device(0), cj.Device(1)
kernel = cj.SourceModule("__global__ void touch(void* a) {{}}").get_function("touch")
class CudaArray:
    def __init__(self, address):
        self.__cuda_array_interface__ = dict(data=(address, False), shape=(4,), typestr="<f4", version=3)
second.make_current()
there = cj.mem_alloc(16)
assert there.__dlpack_device__() == (2, 1)
kernel(there, block=1)
kernel(Producer(there.address, (4,), device=(2, 1)), block=1)
first.make_current()
here = cj.mem_alloc(16)
for array in (there, there[4:], there.view("f4"), CudaArray(there.address), Producer(4096, (4,), device=(2, 1))):
    try:
        kernel(array, block=1)
    except cj.ArgumentError as error:
        text = str(error)
        place = "touch(): argument 1 of 1 (void* a): "
        assert place + "the memory is on device 1, and the current device is 0" in text, text
    else:
        raise AssertionError(array)
for array in (here, CudaArray(here.address), Producer(here.address, (4,)), CudaArray(0x1234)):
    kernel(array, block=1)
kernel(Producer(cj.HostBuffer(16).address, (4,), device=(3, 0)), block=1)
cj.memset_d8(there, 5, 16)
cj.memcpy_dtod(here, there, 16)
result = bytearray(16)
cj.memcpy_dtoh(result, CudaArray(here.address))
assert result == bytes([5] * 16)
"""


def test_memory_of_another_device_is_refused(run_python, softgpu_library):
    result = run_python(
        TWO_DEVICES.format(folder=str(REPOSITORY / "tests" / "python")),
        CUJITSU_DRIVER="softgpu",
        CUJITSU_SOFTGPU_DEVICES="2",
    )
    assert result.returncode == 0, result.stderr
