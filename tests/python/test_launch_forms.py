# SPDX-License-Identifier: MIT
"""The other ways of launching: PyCUDA's prepared calls, timed calls, attributes, code of other compilers."""

import gc
import sys
import threading

import cujitsu as cj
import numpy as np
import pytest

pytestmark = pytest.mark.needs_device

SOURCE = """
extern "C" __global__ void saxpy(float* y, const float* x, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] += a * x[i];
}
extern "C" __global__ void sum(int* result, int n) {
  extern __shared__ int values[];
  values[threadIdx.x] = threadIdx.x < n;
  __syncthreads();
  if (threadIdx.x == 0) for (int i = 0; i < blockDim.x; ++i) atomicAdd(result, values[i]);
}
"""


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE)


@pytest.fixture
def saxpy(module):
    return module.get_function("saxpy")


@pytest.fixture
def arrays():
    y, x = cj.mem_alloc(64), cj.mem_alloc(64)
    for buffer in (y, x):
        cj.memcpy_htod(buffer, np.ones(16, np.float32))
    cj.synchronize()
    return y, x


def values(buffer, dtype=np.float32):
    result = np.zeros(buffer.size // np.dtype(dtype).itemsize, dtype)
    cj.memcpy_dtoh(result, buffer)
    return list(result)


def test_signature_is_known_and_prints_as_c(saxpy):
    signature = saxpy.signature
    assert str(signature) == "saxpy(float* y, const float* x, float a, int n)"
    assert signature.kernel == "saxpy"
    assert [p.name for p in signature.parameters] == ["y", "x", "a", "n"]
    assert [p.pointee for p in signature.parameters] == ["float", "float", "", ""]
    assert [p.pointee_is_const for p in signature.parameters] == [False, True, False, False]
    assert [(p.offset, p.size, p.alignment) for p in signature.parameters] == [
        (0, 8, 8),
        (8, 8, 8),
        (16, 4, 4),
        (20, 4, 4),
    ]


def test_signature_of_a_template_has_the_types_that_its_parameters_depend_on():
    source = """
    template <class T> struct Of { using type = T*; };
    template <class T> __global__ void f(typename Of<T>::type x) {}
    """
    module = cj.SourceModule(source, name_expressions=["f<float>"])
    assert str(module.get_function("f<float>").signature) == "f<float>(float* x)"


def test_signature_comes_from_the_cache_as_it_was():
    source = SOURCE + "// read again\n"
    first, second = cj.SourceModule(source), cj.SourceModule(source)
    assert (first.cache_status, second.cache_status) == ("miss", "hit")
    assert first.kernels[0].signature == second.kernels[0].signature


def test_prepared_calls_launch_as_pycuda_s_do(saxpy, arrays):
    y, x = arrays
    assert saxpy.prepare("PPfi") is saxpy
    assert saxpy.prepare([np.intp, np.intp, np.float32, np.int32]) is saxpy
    saxpy.prepared_call((1, 1), (16, 1, 1), y, x, 2.0, 16)
    stream = cj.Stream()
    saxpy.prepared_async_call(1, 16, stream, y, x, 3, 16)
    stream.synchronize()
    assert values(y) == [6.0] * 16
    seconds = saxpy.prepared_timed_call(1, 16, y, x, 1.0, 16, shared_size=16)()
    assert isinstance(seconds, float) and seconds >= 0
    assert values(y) == [7.0] * 16


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ("PPf", "3 types were given for 4 parameters"),
        ("PPdi", r"type 3 of 4 has 8 bytes, and the parameter is float a \(4 bytes\)"),
        (["P", "P", "f", "nonsense"], "nonsense"),
    ],
)
def test_prepare_with_other_types_is_refused(saxpy, types, words):
    with pytest.raises(cj.ArgumentError, match=words):
        saxpy.prepare(types)


def test_a_prepared_call_without_its_configuration_is_refused(saxpy, arrays):
    with pytest.raises(cj.ArgumentError, match="takes grid, block, stream"):
        saxpy.prepared_async_call(1, 16)
    with pytest.raises(cj.ArgumentError, match="did you mean 'shared_size'"):
        saxpy.prepared_call(1, 16, *arrays, 1.0, 16, shared_sise=4)
    with pytest.raises(cj.ArgumentError, match="block must be"):
        saxpy.prepared_call(1, "16", *arrays, 1.0, 16)


def test_a_timed_launch_returns_its_seconds(saxpy, arrays):
    y, x = arrays
    seconds = saxpy(y, x, 1.0, 16, grid=1, block=16, time_kernel=True)
    assert isinstance(seconds, float) and 0 <= seconds < 60
    assert saxpy[1, 16](y, x, 1.0, 16, time_kernel=True) >= 0
    assert saxpy(y, x, 1.0, 16, block=16, time_kernel=False) is None
    assert values(y) == [4.0] * 16


def test_flags_take_true_and_false_alone(saxpy, arrays):
    for keyword in ("check", "time_kernel"):
        with pytest.raises(cj.ArgumentError, match=f"{keyword} must be True or False"):
            saxpy(*arrays, 1.0, 16, block=16, **{keyword: 1})
    with pytest.raises(cj.ArgumentError, match="did you mean 'time_kernel'"):
        saxpy[1, 16](*arrays, 1.0, 16, time_kernl=True)
    with pytest.raises(cj.ArgumentError, match="no keyword 'grid'"):
        saxpy[1, 16](*arrays, 1.0, 16, grid=2)


@pytest.mark.parametrize("extents", [-1, (1, -1), 2**32, (1, 0), 0])
def test_grids_out_of_range_are_answered_with_the_limit(saxpy, arrays, extents):
    with pytest.raises(cj.ArgumentError, match=r"grid.* must be from 1 to \d+, the device's limit along [xyz]"):
        saxpy(*arrays, 1.0, 16, grid=extents, block=16)


def test_attributes_of_a_configuration_reach_the_launch(saxpy, arrays):
    config = cj.LaunchConfig(1, 16, cooperative=True, priority=0)
    assert (config.cooperative, config.cluster, config.priority) == (True, (1, 1, 1), 0)
    assert "cooperative=True, priority=0" in repr(config)
    saxpy[config](*arrays, 2.0, 16)
    assert values(arrays[0]) == [3.0] * 16
    with pytest.raises(cj.LaunchError, match="must be resident at once.*the grid has 1000000"):
        saxpy[cj.LaunchConfig(1000000, 16, cooperative=True)](*arrays, 2.0, 16)
    with pytest.raises(cj.ArgumentError, match="cluster is 0"):
        cj.LaunchConfig(1, 16, cluster=0)


def test_more_than_48_kib_of_shared_memory_are_opted_in(module):
    result = cj.mem_alloc(4)
    cj.memset_d32(result, 0, 1)
    total = module.get_function("sum")
    for _ in range(2):
        total(result, 100, block=128, shared=96 * 1024)
    assert values(result, np.int32) == [200]


def test_block_size_is_suggested_by_occupancy(saxpy):
    suggestion = saxpy.suggest_block()
    assert suggestion.block % 32 == 0 and suggestion.min_grid >= 1
    assert saxpy.suggest_block(limit=64).block <= 64
    assert saxpy.occupancy(suggestion.block).blocks_per_multiprocessor >= 1
    with pytest.raises(cj.ArgumentError, match="limit"):
        saxpy.suggest_block(limit=-1)


def test_ptx_of_another_compiler_is_loaded(arrays):
    code = cj.compile(SOURCE, arch="compute_80", cache=False)
    saxpy = cj.SourceModule.from_ptx(code.ptx).get_function("saxpy")
    assert str(saxpy.signature) == "saxpy(.u64, .u64, .f32, .u32)"
    saxpy(*arrays, 2.0, 16, block=16)
    assert values(arrays[0]) == [3.0] * 16
    with pytest.raises(cj.ArgumentError, match="no PTX"):
        cj.SourceModule.from_ptx("hello")
    with pytest.raises(cj.ArgumentError, match="ELF"):
        cj.SourceModule.from_cubin(b"hello")


def test_the_same_grid_and_block_give_the_same_configured_kernel(saxpy):
    grid, block = 3, (4, 5, 6)
    assert saxpy[grid, block] is saxpy[grid, block]
    assert saxpy[1, 1] is not saxpy[1, 2]
    changing = [4]
    first = saxpy[1, changing]
    changing[0] = 5
    assert "block=(5, 1, 1)" in repr(saxpy[1, changing]) and "block=(4, 1, 1)" in repr(first)


def test_arguments_and_configurations_leak_no_references(saxpy, arrays):
    y, x = arrays
    grid, block, stream = (1, 1), (16, 1, 1), cj.Stream()
    watched = (y, x, grid, block, stream, saxpy)

    def launch_in_every_form():
        saxpy(y, x, 2.0, 16, grid=grid, block=block, stream=stream)
        saxpy[grid, block](y, x, 2.0, 16)
        saxpy[grid, block, stream](y, x, 2.0, 16)
        saxpy.prepared_call(grid, block, y, x, 2.0, 16)
        saxpy.bind(y, x, 2.0, 16, grid=grid, block=block, stream=stream)()
        for wrong in (("no", x, 2.0, 16), (y, x, "no", 16), (y, x)):
            with pytest.raises(cj.ArgumentError):
                saxpy(*wrong, grid=grid, block=block)

    launch_in_every_form()
    gc.collect()
    before = [sys.getrefcount(value) for value in watched]
    for _ in range(50):
        launch_in_every_form()
    gc.collect()
    assert [sys.getrefcount(value) for value in watched] == before


def test_threads_launch_one_kernel_with_arguments_of_their_own(saxpy):
    results = {}

    def work(number):
        y, x, stream = cj.mem_alloc(64), cj.mem_alloc(64), cj.Stream()
        for buffer in (y, x):
            cj.memset_d32_async(buffer, 0x3F800000, 16, stream)  # 1.0
        for _ in range(200):
            saxpy(y, x, float(number), 16, grid=1, block=16, stream=stream)
            saxpy[1, 16, stream](y, x, float(number), 16)
        stream.synchronize()
        results[number] = values(y)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [1.0 + 400 * number] * 16 for number in range(8)}


@pytest.fixture(scope="module")
def shapes():
    """Kernels of two modules with one name: what they add tells which ran, and in which shape."""
    source = """
    extern "C" __global__ void shape(int* out, int more) {
      if (threadIdx.x + threadIdx.y + threadIdx.z + blockIdx.x + blockIdx.y + blockIdx.z) return;
      int all[] = {(int)gridDim.x, (int)gridDim.y, (int)gridDim.z, (int)blockDim.x, (int)blockDim.y, (int)blockDim.z};
      for (int i = 0; i < 6; ++i) out[i] = all[i];
      out[6] = more + MORE;
    }"""
    return [cj.SourceModule(source, options=[f"-DMORE={number}"]).get_function("shape") for number in (100, 200)]


KEYWORDS = [
    {"block": 5, "grid": 2},
    {"block": (5,), "grid": [2]},
    {"stream": None, "block": (5, 1, 1), "grid": (2, 1)},
    {"grid": 2, "block": np.int64(5), "shared": 0},
    {"shared": 16, "grid": np.int32(2), "stream": 0, "block": [5, 1]},
    {"check": False, "grid": 2, "block": 5},
    {"time_kernel": True, "grid": 2, "block": 5},
    {"grid": 2, "time_kernel": False, "block": 5, "check": True},
    {"".join(("gr", "id")): 2, "".join(("blo", "ck")): 5},  # names that are not interned
]


@pytest.mark.parametrize("keywords", KEYWORDS, ids=str)
def test_keywords_in_any_order_and_kind_say_the_same(shapes, keywords):
    out = cj.mem_alloc(28)
    for kernel, more in zip(shapes, (100, 200), strict=True):
        for number in range(3):
            result = kernel(out, number, **keywords)
            assert isinstance(result, float) if keywords.get("time_kernel") else result is None
            assert values(out, np.int32) == [2, 1, 1, 5, 1, 1, number + more]


def test_each_launch_has_the_shape_that_it_is_given(shapes):
    out, grids = cj.mem_alloc(28), [(1, 2, 3), (3, 2), (4,), 1000, 70000, (1, 1, 1)]
    for turn in range(2):
        for grid in grids:
            for block in [(2, 3, 4), (6, 7), (8,), 300, (1, 1, 64)]:
                for kernel in shapes:
                    kernel(out, turn, grid=grid, block=block)
                    sizes = [*(grid if isinstance(grid, tuple) else (grid,)), 1, 1][:3]
                    sizes += [*(block if isinstance(block, tuple) else (block,)), 1, 1][:3]
                    assert values(out, np.int32)[:6] == sizes


def test_a_shape_that_changes_between_launches_is_read_each_time(shapes):
    class Index:
        size = 1

        def __index__(self):
            return self.size

    out, block, index = cj.mem_alloc(28), [1, 1], Index()
    for size in range(1, 5):
        block[0], index.size = size, size
        shapes[0](out, 0, grid=index, block=block)
        assert values(out, np.int32)[:6] == [size, 1, 1, size, 1, 1]
        shapes[0](out, 0, grid=(size, size), block=(index,))  # the freed tuple's memory is used again
        assert values(out, np.int32)[:6] == [size, size, 1, size, 1, 1]


def test_streams_made_anew_at_the_same_address_are_not_confused(shapes):
    out = cj.mem_alloc(28)
    for number in range(20):
        stream = cj.Stream()
        shapes[0](out, number, grid=1, block=1, stream=stream)
        stream.synchronize()
        assert values(out, np.int32)[6] == 100 + number
        del stream
    with pytest.raises(cj.ArgumentError, match="stream must be"):
        shapes[0](out, 0, grid=1, block=1, stream="none")


def test_a_wrong_launch_is_refused_after_right_ones(shapes):
    out = cj.mem_alloc(28)
    kernel = shapes[0]
    for _ in range(3):
        kernel(out, 1, grid=1, block=1)
        for arguments, keywords, words in [
            ((out,), {"grid": 1, "block": 1}, "takes 2 arguments|1 argument"),
            ((out, 1, 2), {"grid": 1, "block": 1}, "3"),
            ((out, 1), {"grid": 1}, "block= is missing"),
            ((out, 1), {}, "block= is missing"),
            ((out, 1), {"grid": 0, "block": 1}, "grid is 0"),
            ((out, 1), {"grid": (), "block": 1}, "0 dimensions"),
            ((out, 1), {"grid": (1, 1, 1, 1), "block": 1}, "4 dimensions"),
            ((out, 1), {"grid": True, "block": 1}, "grid must be"),
            ((out, 1), {"grid": 1, "block": 1, "shared": -1}, "shared is -1"),
            ((out, 1), {"grid": 1, "blok": 1}, "did you mean 'block'"),
            ((out, 2**31), {"grid": 1, "block": 1}, "argument 2"),
            ((out, 1.5), {"grid": 1, "block": 1}, "argument 2"),
            ((1.5, 1), {"grid": 1, "block": 1}, "argument 1"),
        ]:
            with pytest.raises(cj.ArgumentError, match=words):
                kernel(*arguments, **keywords)
    freed = cj.mem_alloc(28)
    kernel(freed, 1, grid=1, block=1)
    cj.synchronize()
    freed.free()
    with pytest.raises(cj.ArgumentError, match="freed"):
        kernel(freed, 1, grid=1, block=1)
    with pytest.raises(cj.LaunchError):
        kernel(out, 1, grid=1, block=100000)


def test_a_kernel_of_more_arguments_than_the_stack_holds_is_launched():
    names = [f"a{i}" for i in range(60)]
    source = f"""extern "C" __global__ void many(long long* out, {", ".join(f"long long {name}" for name in names)}) {{
      *out = {" + ".join(names)};
    }}"""
    many, out = cj.SourceModule(source).get_function("many"), cj.mem_alloc(8)
    many(out, *range(60), grid=1, block=1)
    assert values(out, np.int64) == [sum(range(60))]
    many[1, 1](out, *[2**40] * 60)
    assert values(out, np.int64) == [60 * 2**40]
    with pytest.raises(cj.ArgumentError):
        many(out, *range(59), grid=1, block=1)


def test_threads_launch_one_kernel_in_shapes_of_their_own(shapes):
    wrong = []

    def work(number):
        out, stream = cj.mem_alloc(28), cj.Stream()
        grid, block = (number, 1, 2), (1, number)
        result = np.zeros(7, np.int32)
        for turn in range(50):
            shapes[turn % 2](out, turn, grid=grid, block=block, stream=stream)
            cj.memcpy_dtoh_async(result, out, stream)
            stream.synchronize()
            if list(result) != [number, 1, 2, 1, number, 1, turn + 100 * (1 + turn % 2)]:
                wrong.append((number, turn, list(result)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
