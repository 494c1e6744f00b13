# SPDX-License-Identifier: MIT
"""Kernel arguments: what each Python value becomes, and how a wrong one is named. Nothing here waits for a result."""

import ctypes
import enum
import struct

import cujitsu as cj
import pytest
from conftest import literal
from fake_driver import control, launched_with

np = pytest.importorskip("numpy")

SOURCE = """
struct Pair { float x; int n; };
__global__ void of_int(int value) {}
__global__ void of_unsigned(unsigned value) {}
__global__ void of_char(char value) {}
__global__ void of_short(short value) {}
__global__ void of_bool(bool value) {}
__global__ void of_long_long(long long value) {}
__global__ void of_float(float value) {}
__global__ void of_double(double value) {}
__global__ void of_pair(Pair value) {}
__global__ void of_float2(float2 value) {}
__global__ void of_double2(double2 value) {}
__global__ void of_pointer(float* value) {}
__global__ void of_void(void* value) {}
__global__ void of_mixed(char a, double b, short c, float* d, Pair e) {}
__global__ void of_nothing() {}
#define KERNEL extern "C" __global__  // so that PTX alone tells its parameters
KERNEL void unnamed(float* pointer, long long integer, int n) {}
"""


class Colour(enum.IntEnum):
    green = 7


class Pair(ctypes.Structure):
    _fields_ = (("x", ctypes.c_float), ("n", ctypes.c_int))


class DeviceArray:
    """An array of another library."""

    def __init__(self, address, shape, typestr="<f4", **more):
        self.__cuda_array_interface__ = {
            "data": (address, False),
            "shape": shape,
            "typestr": typestr,
            "version": 3,
            **more,
        }


class UnwillingArray:
    """As a torch tensor that requires a gradient."""

    @property
    def __cuda_array_interface__(self):
        raise RuntimeError("it requires grad")


pair_type = np.dtype([("x", "f4"), ("n", "i4")])


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE)


def refused(kernel, *args, match, kind=TypeError, **keywords):
    keywords.setdefault("block", 1)
    with pytest.raises(cj.ArgumentError, match=match) as caught:
        kernel(*args, **keywords)
    assert isinstance(caught.value, kind)
    assert kernel.name in str(caught.value)


@pytest.mark.needs_fake_driver
@pytest.mark.parametrize(
    ("name", "value", "code", "expected"),
    [
        ("int", 5, "<i", 5),
        ("int", -5, "<i", -5),
        ("int", 2**31 - 1, "<i", 2**31 - 1),
        ("int", True, "<i", 1),
        ("int", Colour.green, "<i", 7),
        ("int", np.int64(-3), "<i", -3),
        ("int", np.uint8(200), "<i", 200),
        ("int", np.array(9, np.int16), "<i", 9),
        ("int", np.bool_(True), "<i", 1),
        ("int", ctypes.c_short(-4), "<i", -4),
        ("int", struct.pack("<i", 77), "<i", 77),
        ("unsigned", 2**32 - 1, "<I", 2**32 - 1),
        ("char", -128, "<b", -128),
        ("char", 255, "<B", 255),
        ("short", -(2**15), "<h", -(2**15)),
        ("bool", True, "<?", True),
        ("bool", 0, "<?", False),
        ("long_long", -(2**63), "<q", -(2**63)),
        ("long_long", 2**63 - 1, "<q", 2**63 - 1),
        ("float", 2.5, "<f", 2.5),
        ("float", 3, "<f", 3.0),
        ("float", np.float64(0.5), "<f", 0.5),
        ("float", np.float16(0.25), "<f", 0.25),
        ("float", np.longdouble(0.125), "<f", 0.125),
        ("float", np.int32(4), "<f", 4.0),
        ("float", float("inf"), "<f", float("inf")),
        ("float", ctypes.c_double(1.5), "<f", 1.5),
        ("double", 0.1, "<d", 0.1),
        ("double", 2**60, "<d", 2.0**60),
        ("double", np.float32(0.5), "<d", 0.5),
        ("pointer", None, "<Q", 0),
        ("pointer", 0xDEAD_BEEF_0000, "<Q", 0xDEAD_BEEF_0000),
        ("pointer", np.uint64(2**63), "<Q", 2**63),
        ("pointer", np.intp(4096), "<Q", 4096),
        ("pointer", ctypes.c_void_p(4096), "<Q", 4096),
        ("pointer", DeviceArray(8192, (4, 4)), "<Q", 8192),
        ("pointer", DeviceArray(8192, (4, 4), strides=(16, 4)), "<Q", 8192),
        ("pointer", DeviceArray(8192, (1, 4), strides=(999, 4)), "<Q", 8192),
        ("pointer", DeviceArray(0, (0,), strides=(4,)), "<Q", 0),
        ("void", DeviceArray(8192, (4,), "<i2"), "<Q", 8192),
        ("pair", Pair(1.5, 3), "<fi", (1.5, 3)),
        ("pair", np.array((1.5, 3), pair_type), "<fi", (1.5, 3)),
        ("pair", np.array((1.5, 3), pair_type)[()], "<fi", (1.5, 3)),
        ("pair", struct.pack("<fi", 1.5, 3), "<fi", (1.5, 3)),
        ("pair", bytearray(struct.pack("<fi", 1.5, 3)), "<fi", (1.5, 3)),
        ("float2", 1 + 2j, "<ff", (1, 2)),
        ("float2", np.complex64(1 + 2j), "<ff", (1, 2)),
        ("float2", (1, 2), "<ff", (1, 2)),
        ("double2", 1 + 2j, "<dd", (1, 2)),
        ("double2", np.complex128(1 + 2j), "<dd", (1, 2)),
    ],
)
def test_value_becomes_the_parameters_bytes(module, name, value, code, expected):
    (received,) = launched_with(module.get_function(f"of_{name}"), value)
    assert struct.unpack(code, received) == (expected if isinstance(expected, tuple) else (expected,))


@pytest.mark.needs_fake_driver
def test_each_parameter_is_at_its_own_offset(module):
    buffer = cj.mem_alloc(16)
    received = launched_with(module.get_function("of_mixed"), -1, 0.1, 300, buffer, Pair(2, 5))
    assert received == [
        struct.pack("<b", -1),
        struct.pack("<d", 0.1),
        struct.pack("<h", 300),
        struct.pack("<Q", buffer.address),
        struct.pack("<fi", 2, 5),
    ]


@pytest.mark.needs_fake_driver
def test_unnamed_eight_bytes_take_integers_and_pointers(module):
    unnamed = module.get_function("unnamed")
    buffer = cj.mem_alloc(16)
    for value, expected in ((buffer, buffer.address), (-1, 2**64 - 1), (2**64 - 1, 2**64 - 1), (None, 0)):
        assert launched_with(unnamed, buffer, value, 4)[1] == struct.pack("<Q", expected)


@pytest.mark.needs_fake_driver
def test_device_memory_becomes_its_address(module):
    kernel = module.get_function("of_pointer")
    buffer = cj.mem_alloc(64)
    span = cj.DeviceSpan(buffer)
    assert launched_with(kernel, buffer) == launched_with(kernel, span) == [struct.pack("<Q", int(buffer))]
    assert launched_with(kernel, span.offset(16)) == [struct.pack("<Q", int(buffer) + 16)]


@pytest.mark.needs_device
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("int", 2**31, "argument 1 of 1 (int value).*int 2147483648 is out of range"),
        ("int", -(2**31) - 1, "out of range"),
        ("int", 2**64, "out of range"),
        ("unsigned", -1, "(unsigned int value).*out of range (0 to"),
        ("char", 256, "out of range (-128 to 255)"),
        ("short", 40000, "out of range (-32768 to 32767)"),
        ("bool", 2, "out of range (0 to 1)"),
        ("long_long", 2**63, "out of range"),
        ("double", 10**400, "out of range"),
        ("pointer", -1, "no sign"),
        ("pointer", 2**64, "64 bits"),
    ],
)
def test_value_out_of_range_is_named(module, name, value, words):
    refused(module.get_function(f"of_{name}"), value, match=literal(words), kind=ValueError)


@pytest.mark.needs_device
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("int", 2.5, "argument 1 of 1 (int value).*float 2.5.*int()"),
        ("int", np.float32(1), "numpy.float32"),
        ("int", "5", "str '5'"),
        ("int", None, "None"),
        ("int", 1j, "complex"),
        ("int", b"123", "4 bytes and this has 3"),
        ("int", np.zeros(4, np.int32), "numpy.ndarray of int32, shape (4,)"),
        ("int", np.zeros(1, np.int32), "numpy.ndarray of int32, shape (1,)"),
        ("int", object(), "object"),
        ("float", "2.5", "str"),
        ("float", 1j, "complex"),
        ("float", np.complex64(1), "numpy.complex64"),
        ("float", None, "None"),
        ("float", np.zeros(1), "numpy.ndarray"),
        ("pointer", 2.5, "(float* value).*float 2.5"),
        ("pointer", True, "bool True"),
        ("pointer", "x", "str"),
        ("pointer", np.zeros(4, np.float32), "host memory; use In(a), Out(a) or InOut(a).*mem_alloc and memcpy_htod"),
        ("pointer", bytearray(8), "host memory"),
        ("pointer", b"12345678", "host memory"),
        ("pointer", Pair(), "host memory"),
        ("pointer", cj.In(np.zeros(4, np.float64)), "8-byte floating-point numbers"),
        ("pointer", cj.In(np.zeros(4, np.int32)), "4-byte integers"),
        ("pointer", cj.In("text"), "buffer protocol.*str 'text'"),
        ("pointer", DeviceArray(8192, (4,), "<f8"), "8-byte floating-point numbers"),
        ("pointer", DeviceArray("no number", (4,)), "address"),
        ("pointer", DeviceArray(8192, None), "malformed"),
        ("pointer", UnwillingArray(), "argument 1 of 1 (float* value): it requires grad"),
        ("int", cj.In(np.zeros(4, np.int32)), "In, but the parameter is no pointer"),
        ("int", DeviceArray(8192, (4,)), "device memory.*no pointer"),
        ("pair", 5, "struct by value.*8 bytes"),
        ("pair", Pair, "struct by value"),
        ("pair", b"1234", "8 bytes and this has 4"),
        ("pair", np.zeros(2, pair_type), "struct by value"),
        ("pair", ctypes.c_int(4), "struct by value"),
        ("pair", None, "None"),
    ],
)
def test_value_of_another_kind_is_named(module, name, value, words):
    refused(module.get_function(f"of_{name}"), value, match=literal(words))


@pytest.mark.needs_device
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (cj.In(np.zeros((4, 4), np.float32)[:, ::2]), "not contiguous"),
        (cj.Out(b"constant"), "read-only"),
        (DeviceArray(8192, (4, 4), strides=(4, 16)), "C-contiguous"),
    ],
)
def test_array_that_can_not_be_copied_is_named(module, value, words):
    refused(module.get_function("of_pointer"), value, match=literal(words), kind=ValueError)


@pytest.mark.needs_device
def test_device_buffer_for_a_number_is_refused(module):
    for name in ("of_long_long", "of_float", "of_pair"):
        refused(module.get_function(name), cj.mem_alloc(8), match="device memory")


@pytest.mark.needs_device
def test_freed_buffer_is_refused(module):
    buffer = cj.mem_alloc(8)
    buffer.free()
    with pytest.raises(cj.ArgumentError, match="freed"):
        module.get_function("of_pointer")(buffer, block=1)


@pytest.mark.needs_device
@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_wrong_number_of_arguments_says_both(module, count):
    refused(module.get_function("of_mixed"), *[1] * count, match=f"takes 5 arguments, {count} given")


@pytest.mark.needs_device
def test_argument_is_named_by_its_position(module):
    refused(module.get_function("of_mixed"), 1, 2.0, "three", None, Pair(), match=literal("argument 3 of 5 (short c)"))


@pytest.mark.needs_device
@pytest.mark.parametrize(
    ("keywords", "words", "kind"),
    [
        ({}, "block= is missing", TypeError),
        ({"block": 1, "gird": 1}, "'gird' (did you mean 'grid'?)", TypeError),
        ({"block": 1.5}, "block must be an integer.*float 1.5", TypeError),
        ({"block": "32"}, "block must be", TypeError),
        ({"block": True}, "block must be", TypeError),
        ({"block": ()}, "block has 0 dimensions", ValueError),
        ({"block": (1, 1, 1, 1)}, "block has 4 dimensions", ValueError),
        ({"block": (1, 2.0)}, "block[1].*float 2.0", TypeError),
        ({"block": -1}, "block is -1", ValueError),
        ({"block": 2**32}, "block is 4294967296", ValueError),
        ({"block": 0}, "is 0, and must be from 1 to", ValueError),
        ({"block": 1, "grid": (1, 0)}, "is 0, and must be from 1 to", ValueError),
        ({"block": 1, "grid": None}, "grid must be", TypeError),
        ({"block": 1, "shared": -4}, "shared is -4", ValueError),
        ({"block": 1, "shared": 1.5}, "shared", TypeError),
        ({"block": 1, "stream": "main"}, "stream.*'main'", TypeError),
        ({"block": 1, "stream": 2.5}, "stream.*2.5", TypeError),
    ],
)
def test_bad_configuration_is_named(module, keywords, words, kind):
    with pytest.raises(cj.ArgumentError, match=literal(words)) as caught:
        module.get_function("of_nothing")(**keywords)
    assert isinstance(caught.value, kind)


@pytest.mark.needs_device
@pytest.mark.parametrize("subscript", [1, (1,), (1, 2, None, 0, 5)])
def test_subscript_takes_two_to_four_values(module, subscript):
    with pytest.raises(cj.ArgumentError, match="grid, block"):
        module.get_function("of_nothing")[subscript]


@pytest.mark.needs_fake_driver
def test_every_form_of_launch_launches(module):
    kernel = module.get_function("of_int")
    stream = cj.Stream()
    control().reset()
    kernel(1, block=1)
    kernel(1, grid=(2, 2), block=(1, 1, 1), shared=16, stream=stream)
    kernel(1, grid=np.int64(2), block=[1, 2])
    kernel(1, block=1, stream=stream.handle)
    kernel[1, 1](1)
    kernel[1, 1, stream](1)
    kernel[1, (1, 1), stream, 64](1)
    kernel[cj.LaunchConfig(1, 1)](1)
    launch = kernel.bind(1, grid=1, block=1)
    launch()
    launch()
    assert control().calls(b"cuLaunchKernel") == 10


@pytest.mark.needs_device
def test_launch_config_shows_what_it_was_given():
    stream = cj.Stream()
    config = cj.LaunchConfig(3, (4, 5), shared=6, stream=stream)
    assert (config.grid, config.block, config.shared) == ((3, 1, 1), (4, 5, 1), 6)
    assert config.stream is stream
    assert "block=(4, 5, 1)" in repr(config)


@pytest.mark.needs_fake_driver
def test_streams_of_other_libraries_are_taken(module):
    class Protocol:
        def __cuda_stream__(self):
            return (0, 0x1234)

    class Torch:
        cuda_stream = 0x1234

    class CuPy:
        ptr = 0x1234

    for stream in (Protocol(), Torch(), CuPy(), 0x1234):
        assert cj.LaunchConfig(1, 1, stream=stream).stream is stream
        module.get_function("of_nothing")(block=1, stream=stream)
    assert cj.Stream.from_handle(0x1234).__cuda_stream__() == (0, 0x1234)


@pytest.mark.needs_fake_driver
def test_launch_is_ordered_after_another_librarys_stream(module):
    kernel = module.get_function("of_pointer")
    control().reset()
    kernel(DeviceArray(8192, (4,), stream=None), block=1)
    kernel(DeviceArray(8192, (4,), stream=1), block=1)
    assert control().calls(b"cuStreamWaitEvent") == 0
    kernel(DeviceArray(8192, (4,), stream=0x1234), block=1)
    assert control().calls(b"cuStreamWaitEvent") == 1


@pytest.mark.needs_device
def test_bound_launch_replaces_arguments(module):
    launch = module.get_function("of_mixed").bind(1, 2.0, 3, None, Pair(), grid=1, block=1)
    launch.replace(1, 5)
    launch()
    for index, value, words in (
        (1, "x", "argument 2 of 5"),
        (5, 1, "index 5"),
        (-1, 1, "index"),
        (3, 1.5, "argument 4"),
    ):
        with pytest.raises(cj.ArgumentError, match=words):
            launch.replace(index, value)


@pytest.mark.needs_fake_driver
def test_bound_launch_keeps_its_buffers_alive(module):
    before = control().allocated()
    launch = module.get_function("of_pointer").bind(cj.mem_alloc(4096), block=1)
    assert control().allocated() == before + 4096
    launch.replace(0, cj.mem_alloc(64))
    assert control().allocated() == before + 64
    del launch
    assert control().allocated() == before


@pytest.mark.needs_device
def test_bound_launch_refuses_in_and_out(module):
    with pytest.raises(cj.ArgumentError, match="bound launch"):
        module.get_function("of_pointer").bind(cj.In(np.zeros(4, np.float32)), block=1)


@pytest.mark.needs_fake_driver
def test_in_and_out_free_what_they_allocate(module):
    kernel = module.get_function("of_pointer")
    array = np.arange(4, dtype=np.float32)
    before = control().allocated()
    for transfer in (cj.In(array), cj.Out(np.empty(4, np.float32)), cj.InOut(array), cj.In(np.empty(0, np.float32))):
        kernel(transfer, block=1)
    assert control().allocated() == before
    assert (array == np.arange(4)).all()  # the fake kernel changed nothing on the way

    with pytest.raises(cj.LaunchError):
        kernel(cj.InOut(array), block=2000)
    control().fail(b"cuMemcpyDtoH", 1, 1)
    with pytest.raises(cj.DriverError):
        kernel(cj.InOut(array), block=1)
    control().reset()
    assert control().allocated() == before
