# SPDX-License-Identifier: MIT
"""Kernels that run: every form of launch, the converted arguments, and what a kernel says of itself."""

import ctypes

import cujitsu as cj
import pytest

np = pytest.importorskip("numpy")

pytestmark = pytest.mark.needs_device

SOURCE = """
struct Mixed { char a; double b; short c; };

__global__ void add(float* c, const float* a, const float* b, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}

__global__ void echo(double* out, char a, unsigned char b, short c, int d, long long e, float f, double g, bool h,
                     Mixed m, float2 z)
{
    out[0] = a; out[1] = b; out[2] = c; out[3] = d; out[4] = static_cast<double>(e); out[5] = f; out[6] = g; out[7] = h;
    out[8] = m.a; out[9] = m.b; out[10] = m.c; out[11] = z.x; out[12] = z.y;
}

extern "C" __global__ void plain(int* out, long long value) { *out = static_cast<int>(value); }

__global__ void where(int* out)
{
    if (threadIdx.x + threadIdx.y + threadIdx.z) return;
    int* own = out + 3 * (blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z));
    own[0] = blockDim.x; own[1] = blockDim.y; own[2] = blockDim.z;
}

__global__ void use_shared(int* out, int n)
{
    extern __shared__ int values[];
    for (int i = threadIdx.x; i < n; i += blockDim.x) values[i] = i;
    __syncthreads();
    if (threadIdx.x == 0) *out = values[n - 1];
}

__global__ void is_null(int* out, const float* pointer) { *out = pointer == nullptr; }

__device__ int counter = 5;
__global__ void count() { atomicAdd(&counter, 1); }
"""


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE)


@pytest.fixture
def vectors():
    random = np.random.default_rng(3)
    return random.standard_normal(400, np.float32), random.standard_normal(400, np.float32)


def on_device(array):
    buffer = cj.mem_alloc(array.nbytes)
    cj.memcpy_htod(buffer, array)
    return buffer


def from_device(buffer, dtype):
    array = np.empty(buffer.size // np.dtype(dtype).itemsize, dtype)
    cj.memcpy_dtoh(array, buffer)
    return array


@pytest.mark.parametrize("form", ["call", "subscript", "config", "bind", "stream"])
def test_vector_add(module, vectors, form):
    a, b = vectors
    c_gpu = on_device(np.zeros_like(a))
    arguments = (c_gpu, on_device(a), on_device(b), a.size)
    add = module.get_function("add")
    if form == "call":
        add(*arguments, grid=(2, 1), block=(200, 1, 1))
    elif form == "subscript":
        add[2, 200](*arguments)
    elif form == "config":
        add[cj.LaunchConfig(2, 200)](*arguments)
    elif form == "bind":
        add.bind(*arguments, grid=2, block=200)()
    else:
        stream = cj.Stream()
        add(*arguments, grid=2, block=200, stream=stream)
        stream.synchronize()
    assert (from_device(c_gpu, np.float32) == a + b).all()


def test_in_and_out_copy_there_and_back(module, vectors):
    a, b = vectors
    c = np.zeros_like(a)
    module.get_function("add")(cj.Out(c), cj.In(a), cj.In(b), 400, grid=2, block=200)
    assert (c == a + b).all()
    expected = a + b
    module.get_function("add")[2, 200, cj.Stream(non_blocking=True)](cj.InOut(a), cj.In(a.copy()), cj.In(b), 400)
    assert (a == expected).all()


def test_every_type_arrives(module):
    class Mixed(ctypes.Structure):
        _fields_ = (("a", ctypes.c_byte), ("b", ctypes.c_double), ("c", ctypes.c_short))

    out = np.zeros(13)
    module.get_function("echo")(
        cj.Out(out), -3, 200, -1000, np.int64(70000), -(2**40), 0.5, np.float32(0.25), True, Mixed(4, 2.5, -6), 1 - 2j,
        block=1,
    )  # fmt: skip
    assert out.tolist() == [-3, 200, -1000, 70000, -(2**40), 0.5, 0.25, 1, 4, 2.5, -6, 1, -2]


def test_extern_c_kernel_takes_pointers_and_integers(module):
    out = np.zeros(1, np.int32)
    module.get_function("plain")(cj.Out(out), 42, block=1)
    assert out[0] == 42


def test_dimensions_arrive(module):
    out = np.zeros((4, 3, 2, 3), np.int32)
    module.get_function("where")(cj.Out(out), grid=(2, 3, 4), block=(5, 6, 7))
    assert (out.reshape(-1, 3) == (5, 6, 7)).all()


@pytest.mark.parametrize("kibibytes", [16, 64])
def test_dynamic_shared_memory_opts_in_by_itself(module, kibibytes):
    out = np.zeros(1, np.int32)
    n = kibibytes * 256
    module.get_function("use_shared")(cj.Out(out), n, block=128, shared=4 * n)
    assert out[0] == n - 1


def test_none_is_the_null_pointer(module):
    out = np.zeros(1, np.int32)
    module.get_function("is_null")(cj.Out(out), None, block=1)
    assert out[0] == 1


def test_bound_launch_replaces_single_arguments(module, vectors):
    a, b = vectors
    first, second = on_device(np.zeros_like(a)), on_device(np.zeros_like(a))
    launch = module.get_function("add").bind(first, on_device(a), on_device(b), 400, grid=2, block=200)
    launch()
    launch.replace(0, second)
    launch.replace(3, 100)
    launch()
    assert (from_device(first, np.float32) == a + b).all()
    assert (from_device(second, np.float32) == np.where(np.arange(400) < 100, a + b, 0)).all()
    assert launch.config.block == (200, 1, 1)


def test_global_variable_is_read_and_written(module):
    counter = module.get_global("counter")
    cj.memcpy_htod(counter, np.array([10], np.int32))
    module.get_function("count")(grid=3, block=4)
    value = np.zeros(1, np.int32)
    cj.memcpy_dtoh(value, counter)
    assert value[0] == 22


def test_kernel_describes_itself(module):
    add = module.get_function("add")
    assert (add.name, add.lowered_name) == ("add", "_Z3addPfPKfS1_i")
    assert str(add.signature) == "add(float* c, const float* a, const float* b, int n)"
    assert repr(add) == "<Kernel add(float* c, const float* a, const float* b, int n)>"
    attributes = add.attributes
    assert 0 < attributes.registers < 256
    assert attributes.max_threads_per_block >= 256
    assert attributes.binary_version >= 30
    occupancy = add.occupancy(256)
    assert occupancy.blocks_per_multiprocessor >= 1
    assert 0 < occupancy.fraction <= 1
    assert add.occupancy((16, 16, 1), shared=32 * 1024).blocks_per_multiprocessor >= 1


def test_kernel_outlives_its_module(vectors):
    a, b = vectors
    c = np.zeros_like(a)
    add = cj.SourceModule(SOURCE).get_function("add")
    add(cj.Out(c), cj.In(a), cj.In(b), 400, grid=2, block=200)
    assert (c == a + b).all()


def test_template_instance_is_launched():
    module = cj.SourceModule(
        "template <class T, int N> __global__ void fill(T* x) { x[threadIdx.x] = N; }",
        name_expressions=["fill<double, 3>", "fill<short, -4>"],
    )
    for expression, dtype, value in (("fill<double, 3>", np.float64, 3), ("fill<short, -4>", np.int16, -4)):
        out = np.zeros(8, dtype)
        module.get_function(expression)(cj.Out(out), block=8)
        assert (out == value).all()


@pytest.mark.parametrize("arch", ["compute_75", "sm_80"])
def test_code_of_an_older_architecture_runs(arch, vectors):
    if cj.Device.current().compute_capability()[0] < 8:
        pytest.skip("the device is as old")
    a, b = vectors
    c = np.zeros_like(a)
    cj.SourceModule(SOURCE, arch=arch).get_function("add")(cj.Out(c), cj.In(a), cj.In(b), 400, grid=2, block=200)
    assert (c == a + b).all()


def test_hit_launches_like_a_miss(empty_cache, vectors):
    a, b = vectors
    for status in ("miss", "hit"):
        module = cj.SourceModule(SOURCE, cache=empty_cache)
        assert module.cache_status == status
        c = np.zeros_like(a)
        module.get_function("add")(cj.Out(c), cj.In(a), cj.In(b), 400, grid=2, block=200)
        assert (c == a + b).all()


def test_object_with_array_interface_is_taken(module, vectors):
    class Array:
        def __init__(self, array):
            self.buffer = on_device(array)
            self.array = array

        @property
        def __cuda_array_interface__(self):
            return {
                "data": (self.buffer.address, False),
                "shape": self.array.shape,
                "typestr": self.array.dtype.str,
                "version": 3,
                "stream": 1,
            }

    a, b = (Array(vector) for vector in vectors)
    c = Array(np.zeros_like(a.array))
    module.get_function("add")(c, a, b, 400, grid=2, block=200)
    result = np.empty_like(a.array)
    cj.memcpy_dtoh(result, c)
    assert (result == a.array + b.array).all()
