# SPDX-License-Identifier: MIT
"""What CUDA C++ promises, kernel by kernel: the same on a GPU and on softgpu."""
# ruff: noqa: E501  (the lines of CUDA sources)

import math

import cujitsu as cj
import pytest
from toolkit_headers import needs_header

np = pytest.importorskip("numpy")

pytestmark = pytest.mark.needs_device


def run(source, name, *arguments, grid=1, block=32, shared=0, **options):
    """Compiles, launches and returns the arrays that were passed as Out or InOut."""
    module = cj.SourceModule(source, **options)
    module.get_function(name)(*arguments, grid=grid, block=block, shared=shared)
    return module


def ints(count):
    return np.zeros(count, np.int32)


# Divergence


def test_lanes_that_take_different_ways_meet_again():
    source = """
    __global__ void ways(int* out) {
      int i = threadIdx.x, r = 0;
      if (i % 3 == 0) { for (int k = 0; k < i; ++k) r += k; }
      else if (i % 3 == 1) { r = -i; if (i > 16) r *= 2; }
      else r = 1000 + i;
      out[i] = r + __popc(__ballot_sync(~0u, i & 1));
    }"""
    out = ints(32)
    run(source, "ways", cj.Out(out))
    expected = [
        sum(range(i)) if i % 3 == 0 else (-i * (2 if i > 16 else 1) if i % 3 == 1 else 1000 + i) for i in range(32)
    ]
    assert (out == np.array(expected) + 16).all()


def test_loops_of_different_lengths_and_early_returns():
    source = """
    __global__ void collatz(int* out, int n) {
      int i = blockIdx.x * blockDim.x + threadIdx.x;
      if (i >= n) return;
      unsigned x = i + 1; int steps = 0;
      while (x != 1) { x = x & 1 ? 3 * x + 1 : x / 2; ++steps; }
      out[i] = steps;
    }"""
    count = 1000
    out = ints(count)
    run(source, "collatz", cj.Out(out), count, grid=8, block=128)

    def steps(x):
        n = 0
        while x != 1:
            x = 3 * x + 1 if x & 1 else x // 2
            n += 1
        return n

    assert out.tolist() == [steps(i + 1) for i in range(count)]


def test_switches_and_function_pointers():
    source = """
    __device__ int twice(int x) { return 2 * x; }
    __device__ int square(int x) { return x * x; }
    __device__ int negate(int x) { return -x; }
    typedef int (*Function)(int);
    __device__ Function functions[3] = {twice, square, negate};
    __global__ void call(int* out) {
      int i = threadIdx.x, r;
      switch (i % 7) { case 0: r = 5; break; case 1: r = 7; break; case 2: r = i; break; case 5: r = 1; break; default: r = 0; }
      out[i] = functions[i % 3](i) + 1000 * r;
    }"""
    out = ints(64)
    run(source, "call", cj.Out(out), block=64)
    functions = [lambda x: 2 * x, lambda x: x * x, lambda x: -x]
    values = {0: 5, 1: 7, 5: 1}
    expected = [functions[i % 3](i) + 1000 * (i if i % 7 == 2 else values.get(i % 7, 0)) for i in range(64)]
    assert out.tolist() == expected


def test_recursion_and_virtual_calls():
    source = """
    __device__ __noinline__ int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    struct Shape { __device__ virtual float area() const = 0; };
    struct Square : Shape { float s; __device__ Square(float x) : s(x) {} __device__ float area() const override { return s * s; } };
    struct Circle : Shape { float r; __device__ Circle(float x) : r(x) {} __device__ float area() const override { return 3 * r * r; } };
    __global__ void work(int* f, float* a) {
      int i = threadIdx.x;
      f[i] = fib(i % 12);
      Shape* shape = i & 1 ? static_cast<Shape*>(new Square(i)) : static_cast<Shape*>(new Circle(i));
      a[i] = shape->area();
      delete shape;
    }"""
    fib, area = ints(32), np.zeros(32, np.float32)
    run(source, "work", cj.Out(fib), cj.Out(area))
    numbers = [0, 1]
    while len(numbers) < 12:
        numbers.append(numbers[-1] + numbers[-2])
    assert fib.tolist() == [numbers[i % 12] for i in range(32)]
    assert area.tolist() == [float(i * i if i & 1 else 3 * i * i) for i in range(32)]


# Forward progress


def test_a_spin_lock_between_the_lanes_of_a_warp_finishes():
    source = """
    __device__ int lock = 0, counter = 0;
    __global__ void count(int* out) {
      for (bool done = false; !done;) {
        if (atomicCAS(&lock, 0, 1) == 0) { __threadfence(); counter += 1; __threadfence(); atomicExch(&lock, 0); done = true; }
      }
      __syncthreads();
      if (threadIdx.x == 0 && blockIdx.x == 0) *out = 1;
    }
    __global__ void read(int* out) { *out = counter; }"""
    out = ints(1)
    module = cj.SourceModule(source)
    module.get_function("count")(cj.Out(out), grid=4, block=64)
    module.get_function("read")(cj.Out(out), grid=1, block=1)
    assert out[0] == 256


def test_lanes_hand_a_value_on_one_after_the_other():
    source = """
    __global__ void relay(volatile int* turn, int* out) {
      int i = threadIdx.x;
      while (*turn != i) {}
      out[i] = i * 3;
      __threadfence();
      *turn = i + 1;
    }"""
    turn, out = ints(1), ints(96)
    run(source, "relay", cj.InOut(turn), cj.Out(out), block=96)
    assert turn[0] == 96 and out.tolist() == [3 * i for i in range(96)]


def test_blocks_wait_for_those_before_them():
    source = """
    __global__ void chain(volatile int* done, int* out) {
      if (threadIdx.x == 0) {
        while (*done != blockIdx.x) {}
        out[blockIdx.x] = blockIdx.x;
        __threadfence();
        *done = blockIdx.x + 1;
      }
    }"""
    done, out = ints(1), ints(64)
    run(source, "chain", cj.InOut(done), cj.Out(out), grid=64)
    assert out.tolist() == list(range(64))


# Barriers and warp-wide operations


def test_a_reduction_in_shared_memory():
    source = """
    extern __shared__ float tile[];
    __global__ void reduce(float* out, const float* in, int n) {
      int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
      tile[t] = i < n ? in[i] : 0;
      __syncthreads();
      for (int s = blockDim.x / 2; s > 0; s >>= 1) {
        if (t < s) tile[t] += tile[t + s];
        __syncthreads();
      }
      if (t == 0) out[blockIdx.x] = tile[0];
    }"""
    count = 1000
    values, out = np.arange(count, dtype=np.float32), np.zeros(4, np.float32)
    run(source, "reduce", cj.Out(out), cj.In(values), count, grid=4, block=256, shared=1024)
    assert out.sum() == count * (count - 1) / 2


def test_barriers_do_without_threads_that_have_returned():
    source = """
    __global__ void leave(int* out) {
      __shared__ int sum;
      if (threadIdx.x == 0) sum = 0;
      __syncthreads();
      if (threadIdx.x >= 70) return;
      atomicAdd(&sum, 1);
      __syncthreads();
      out[threadIdx.x] = sum;
    }"""
    out = ints(70)
    run(source, "leave", cj.Out(out), block=128)
    assert (out == 70).all()


def test_barriers_that_vote():
    source = """
    __global__ void vote(int* out) {
      int t = threadIdx.x;
      out[3 * t] = __syncthreads_count(t % 3 == 0);
      out[3 * t + 1] = __syncthreads_and(t < 96);
      out[3 * t + 2] = __syncthreads_or(t == 95) != 0;
    }"""
    out = ints(3 * 96)
    run(source, "vote", cj.Out(out), block=96)
    assert (out.reshape(-1, 3) == [32, 1, 1]).all()


def test_named_barriers_join_some_of_the_warps():
    source = """
    __global__ void named(int* out) {
      __shared__ int box;
      int warp = threadIdx.x / 32;
      if (warp == 0) {
        if (threadIdx.x == 0) box = 42;
        __threadfence_block();
        asm volatile("bar.arrive 1, 64;" ::: "memory");
      } else if (warp == 1) {
        asm volatile("bar.sync 1, 64;" ::: "memory");
        out[threadIdx.x - 32] = box;
      }
    }"""
    out = ints(32)
    run(source, "named", cj.Out(out), block=96)
    assert (out == 42).all()


def test_shuffles_in_every_direction_and_width():
    source = """
    __global__ void shuffle(int* out) {
      int i = threadIdx.x;
      out[i] = __shfl_sync(~0u, i, 5);
      out[32 + i] = __shfl_up_sync(~0u, i, 3);
      out[64 + i] = __shfl_down_sync(~0u, i, 4, 16);
      out[96 + i] = __shfl_xor_sync(~0u, i, 9, 16);
      double d = __shfl_sync(~0u, i + 0.5, 31 - i);
      out[128 + i] = static_cast<int>(2 * d);
    }"""
    out = ints(160)
    run(source, "shuffle", cj.Out(out))
    lanes = range(32)
    assert out[:32].tolist() == [5] * 32
    assert out[32:64].tolist() == [i - 3 if i >= 3 else i for i in lanes]
    assert out[64:96].tolist() == [i + 4 if i % 16 + 4 < 16 else i for i in lanes]
    assert out[96:128].tolist() == [i ^ 9 for i in lanes]
    assert out[128:].tolist() == [2 * (31 - i) + 1 for i in lanes]


def test_votes_matches_and_reductions_of_a_part_of_the_warp():
    source = """
    __global__ void part(unsigned* out) {
      unsigned i = threadIdx.x;
      if (i < 12) {
        out[4 * i] = __ballot_sync(0xfff, i & 1);
        out[4 * i + 1] = __match_any_sync(0xfff, i / 4);
        out[4 * i + 2] = __all_sync(0xfff, i < 12) + 2 * __any_sync(0xfff, i == 11);
        out[4 * i + 3] = __activemask();
      } else {
        int same;
        out[4 * i] = __reduce_add_sync(0xfffff000, i);
        out[4 * i + 1] = __match_all_sync(0xfffff000, 7, &same) + same;
        out[4 * i + 2] = __reduce_max_sync(0xfffff000, i);
        out[4 * i + 3] = __shfl_sync(0xfffff000, i, 20);
      }
    }"""
    out = np.zeros(128, np.uint32)
    run(source, "part", cj.Out(out), arch="compute_80")
    rows = out.reshape(32, 4)
    for i in range(12):
        assert rows[i].tolist() == [0xAAA, 0xF << (i // 4 * 4), 3, 0xFFF]
    for i in range(12, 32):
        assert rows[i].tolist() == [sum(range(12, 32)), (0xFFFFF000 + 1) & 0xFFFFFFFF, 31, 20]


def test_lanes_of_one_warp_meet_in_groups_of_their_own():
    source = """
    __global__ void groups(int* out) {
      int i = threadIdx.x, group = i / 8;
      unsigned mask = 0xffu << (8 * group);
      int sum = i;
      for (int s = 4; s > 0; s >>= 1) sum += __shfl_xor_sync(mask, sum, s);
      if (group & 1) { __syncwarp(mask); sum = __shfl_sync(mask, sum, 8 * group) + 1; }
      out[i] = sum;
    }"""
    out = ints(32)
    run(source, "groups", cj.Out(out))
    sums = [sum(range(8 * g, 8 * g + 8)) + (g & 1) for g in range(4)]
    assert out.tolist() == [sums[i // 8] for i in range(32)]


def test_syncwarp_joins_lanes_that_come_from_different_places():
    source = """
    __global__ void meet(int* out) {
      __shared__ int s[32];
      int i = threadIdx.x, r;
      s[i] = -1;
      __syncwarp();
      if (i < 16) { __syncwarp(); r = s[i + 16]; } else { s[i] = 10 * i; __syncwarp(); r = i; }
      out[i] = r;
    }"""
    out = ints(32)
    run(source, "meet", cj.Out(out))
    assert out.tolist() == [10 * (i + 16) if i < 16 else i for i in range(32)]


def test_warp_operations_with_a_block_that_is_no_multiple_of_32():
    source = """
    __global__ void odd(unsigned* out) {
      out[threadIdx.x] = __ballot_sync(__activemask(), 1);
      __syncthreads();
    }"""
    out = np.zeros(45, np.uint32)
    run(source, "odd", cj.Out(out), block=45)
    assert (out[:32] == 0xFFFFFFFF).all() and (out[32:] == 0x1FFF).all()


# Memory


def test_constants_globals_structs_and_pointers_in_initialisers():
    source = """
    struct Pair { short a; double b; };
    __constant__ Pair pairs[3] = {{1, 0.5}, {2, 1.5}, {3, 2.5}};
    __device__ int values[4] = {10, 20, 30, 40};
    __device__ int* second = values + 1;
    __device__ const char* text = "hello";
    __global__ void read(double* out, Pair p, char3 c) {
      int i = threadIdx.x;
      out[i] = pairs[i % 3].a + pairs[i % 3].b + second[i % 3] + text[i % 5] + p.a * p.b + c.x + c.y * c.z;
      atomicAdd(&values[0], 1);
    }"""
    module = cj.SourceModule(source)
    pair = np.array((7, 0.25), np.dtype([("a", np.int16), ("b", np.float64)], align=True))
    out = np.zeros(32)
    module.get_function("read")(cj.Out(out), pair, (1, 2, 3), grid=1, block=32)
    expected = [
        (1, 2, 3)[i % 3] + (0.5, 1.5, 2.5)[i % 3] + (20, 30, 40)[i % 3] + b"hello"[i % 5] + 1.75 + 7 for i in range(32)
    ]
    assert out.tolist() == expected
    values = ints(4)
    cj.memcpy_dtoh(values, module.get_global("values"))
    assert values.tolist() == [42, 20, 30, 40]


def test_local_arrays_and_generic_pointers():
    source = """
    __device__ __noinline__ int sum(const int* p, int n) { int s = 0; for (int k = 0; k < n; ++k) s += p[k]; return s; }
    __global__ void generic(int* out, const int* in) {
      __shared__ int shared[32];
      int local[8];
      int i = threadIdx.x;
      shared[i] = i;
      for (int k = 0; k < 8; ++k) local[(k + i) % 8] = k * i;
      __syncthreads();
      const int* p = i % 3 == 0 ? shared : i % 3 == 1 ? local : in;
      out[i] = sum(p, 8) + (__isShared(p) ? 1000 : 0) + (__isLocal(p) ? 2000 : 0) + (__isGlobal(p) ? 3000 : 0);
    }"""
    out = ints(32)
    run(source, "generic", cj.Out(out), cj.In(np.arange(8, dtype=np.int32) * 2))
    assert out.tolist() == [(28 + 1000, 28 * i + 2000, 56 + 3000)[i % 3] for i in range(32)]


def test_atomics_of_every_kind():
    source = """
    __global__ void atomics(int* i, unsigned* u, unsigned long long* l, float* f, double* d) {
      int t = threadIdx.x + blockIdx.x * blockDim.x;
      atomicAdd(&i[0], t); atomicSub(&i[1], 1); atomicMin(&i[2], -t); atomicMax(&i[3], t);
      atomicAnd(&u[0], ~(1u << (t & 31))); atomicOr(&u[1], 1u << (t & 15)); atomicXor(&u[2], t);
      atomicInc(&u[3], 6); atomicDec(&u[4], 6); atomicExch(&u[5], 9u);
      atomicAdd(&l[0], 1ull << 33); atomicMax(&l[1], (unsigned long long)t << 40);
      atomicAdd(f, 0.5f); atomicAdd(d, 0.25);
      atomicCAS(&i[4], t, t + 1);
    }"""
    i, u = np.array([0, 0, 0, 0, 0], np.int32), np.array([~0, 0, 0, 0, 0, 0], np.int64).astype(np.uint32)
    long, f, d = np.zeros(2, np.uint64), np.zeros(1, np.float32), np.zeros(1)
    run(source, "atomics", *map(cj.InOut, (i, u, long, f, d)), grid=2, block=64)
    n = 128
    assert i[:4].tolist() == [n * (n - 1) // 2, -n, -(n - 1), n - 1] and i[4] >= 1
    xor = 0
    for t in range(n):
        xor ^= t
    assert u.tolist() == [0, 0xFFFF, xor, n % 7, (-n) % 7, 9]
    assert long.tolist() == [n << 33, (n - 1) << 40]
    assert f[0] == n / 2 and d[0] == n / 4


def test_vector_loads_and_narrow_types():
    source = """
    __global__ void narrow(float4* out, const float4* in, char* c, const short* s, const unsigned char* b) {
      int i = threadIdx.x;
      float4 v = in[i]; out[i] = make_float4(v.w, v.z, v.y, v.x);
      c[i] = static_cast<char>(s[i] / 2 - b[i]);
    }"""
    values = np.arange(128, dtype=np.float32)
    out, c = np.zeros(128, np.float32), np.zeros(32, np.int8)
    s, b = np.arange(-16, 16, dtype=np.int16), np.arange(32, dtype=np.uint8)
    run(source, "narrow", cj.Out(out), cj.In(values), cj.Out(c), cj.In(s), cj.In(b))
    assert (out.reshape(-1, 4) == values.reshape(-1, 4)[:, ::-1]).all()
    assert c.tolist() == [int(x / 2) - y for x, y in zip(s.tolist(), b.tolist(), strict=True)]


def test_the_kernel_heap():
    source = """
    __global__ void build(int* out, int n) {
      int* list = static_cast<int*>(malloc(n * sizeof(int)));
      if (list == nullptr) { out[threadIdx.x] = -1; return; }
      for (int k = 0; k < n; ++k) list[k] = k + threadIdx.x;
      int s = 0;
      for (int k = 0; k < n; ++k) s += list[k];
      free(list);
      out[threadIdx.x] = s;
    }
    __global__ void too_much(int* out) { *out = malloc(size_t(1) << 30) == nullptr; }"""
    out = ints(64)
    module = run(source, "build", cj.Out(out), 100, block=64)
    assert out.tolist() == [4950 + 100 * i for i in range(64)]
    module.get_function("too_much")(cj.Out(out), grid=1, block=1)
    assert out[0] == 1


def test_new_and_delete_build_objects_and_grow_arrays():
    source = """
    struct Node { int value; Node* next; __device__ Node(int v, Node* n) : value(v), next(n) {} };
    __global__ void build(int* out, int n) {
      Node* list = nullptr;
      for (int k = 0; k < n; ++k) list = new Node(k * int(threadIdx.x), list);
      double* squares = new double[n];
      int sum = 0;
      while (list) { Node* next = list->next; squares[list->value % n] = 1; sum += list->value; delete list; list = next; }
      delete[] squares;
      out[threadIdx.x] = sum;
    }"""
    out = ints(40)
    run(source, "build", cj.Out(out), 20, block=40)
    assert out.tolist() == [190 * i for i in range(40)]


def test_memory_on_the_stack_of_a_size_known_at_run_time():
    source = """
    __global__ void reverse(int* out, int n) {
      unsigned long long bytes = (n + threadIdx.x) * sizeof(int), address;
      asm volatile("{ .reg .b64 a; alloca.u64 a, %1, 16; cvta.local.u64 %0, a; }" : "=l"(address) : "l"(bytes));
      int* own = reinterpret_cast<int*>(address);
      for (int k = 0; k < n + int(threadIdx.x); ++k) own[k] = k * k;
      int s = 0;
      for (int k = n + int(threadIdx.x) - 1; k >= 0; --k) s = 3 * s + own[k];
      out[threadIdx.x] = s;
    }"""
    out, expected = ints(32), []
    for i in range(32):
        s = 0
        for k in reversed(range(5 + i)):
            s = (3 * s + k * k) & 0xFFFFFFFF
        expected.append(s - (1 << 32) if s >> 31 else s)
    run(source, "reverse", cj.Out(out), 5)
    assert out.tolist() == expected


def test_128_bit_integers():
    source = """
    __global__ void wide(unsigned long long* out, unsigned long long a, unsigned long long b) {
      typedef unsigned __int128 u128; typedef __int128 s128;
      u128 p = u128(a) * b + 7; u128 q = p / (b | 1), r = p % (b | 1);
      s128 n = -s128(p); s128 t = n / 1000003, m = n % 1000003;
      u128 v[] = {p, q, r, p << 67, p >> 45, u128(n >> 70), u128(t), u128(m), u128(n < 0 ? p ^ q : 0)};
      for (int k = 0; k < 9; ++k) { out[2 * k] = (unsigned long long)v[k]; out[2 * k + 1] = (unsigned long long)(v[k] >> 64); }
    }"""
    a, b, out = 0xFEDCBA9876543211, 0x123456789ABCDEF2, np.zeros(18, np.uint64)
    run(source, "wide", cj.Out(out), np.uint64(a), np.uint64(b), block=1, options=["--device-int128"])
    p = a * b + 7
    q, r = divmod(p, b | 1)
    whole, rest = -(p // 1000003), -(p % 1000003)
    expected = [p, q, r, p << 67, p >> 45, -p >> 70, whole, rest, p ^ q]
    got = [int(out[2 * k]) | int(out[2 * k + 1]) << 64 for k in range(9)]
    assert got == [value % 2**128 for value in expected]


def test_structs_by_value_with_pointers_and_arrays_in_them():
    source = """
    struct Inner { char tag; double weight; short parts[3]; };
    struct Item { int* out; Inner inner; unsigned char last; };
    __device__ __noinline__ Inner doubled(Inner x) { x.weight *= 2; for (int k = 0; k < 3; ++k) x.parts[k] *= 2; return x; }
    __global__ void use(Item item, int n) {
      Inner twice = doubled(item.inner);
      item.out[threadIdx.x] = item.inner.tag + int(twice.weight) + twice.parts[threadIdx.x % 3] + item.last + n;
    }"""
    inner = np.dtype([("tag", "i1"), ("weight", "f8"), ("parts", "i2", 3)], align=True)
    record = np.zeros((), np.dtype([("out", "u8"), ("inner", inner), ("last", "u1")], align=True))
    out = cj.mem_alloc(12)
    record["out"], record["last"] = int(out), 200
    record["inner"]["tag"], record["inner"]["weight"], record["inner"]["parts"] = -3, 1.5, [10, 20, 30]
    run(source, "use", record, 1000, block=3)
    got = ints(3)
    cj.memcpy_dtoh(got, out)
    assert got.tolist() == [-3 + 3 + part + 200 + 1000 for part in (20, 40, 60)]


def test_an_assertion_that_fails_names_itself_and_ends_the_kernel(run_python):
    code = """
import cujitsu as cj
module = cj.SourceModule('__global__ void check(int n) { assert(n + threadIdx.x < 4); }')
kernel = module.get_function("check")
kernel(1, grid=1, block=3)
cj.Device.current().synchronize()
print("fine", flush=True)
try:
    kernel(1, grid=1, block=4)
    cj.Device.current().synchronize()
except cj.Error as error:
    print(type(error).__name__, error.code)
"""
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert "fine\n" in result.stdout and "710" in result.stdout
    assert "Assertion `n + threadIdx.x < 4` failed" in result.stdout + result.stderr
    assert "thread: [3,0,0]" in result.stdout + result.stderr


# Numbers


def test_integer_arithmetic_at_its_edges():
    source = """
    __global__ void edges(long long* out, int a, int b, unsigned s) {
      out[0] = a / b; out[1] = a % b; out[2] = a >> s; out[3] = unsigned(a) >> s; out[4] = a << s;
      out[5] = __mulhi(a, b); out[6] = __umul64hi(a, b); out[7] = (long long)a * b;
      out[8] = __brev(a); out[9] = __clz(b); out[10] = __ffs(a); out[11] = __popcll(a);
      out[12] = __funnelshift_l(a, b, 9); out[13] = __byte_perm(a, b, 0x5274); out[14] = __dp4a(a, b, 1);
      out[15] = __usad(a, b, 5u); out[16] = abs(a); out[17] = min(a, b); out[18] = __vabsdiffu4(a, b);
      unsigned __int128 w = (unsigned __int128)(unsigned)a * 0x123456789abcdef0ull * 77u; out[19] = (long long)(w >> 64);
    }"""
    out = np.zeros(20, np.int64)
    a, b = -1234567, 89
    run(source, "edges", cj.Out(out), a, b, 5, block=1, options=["--device-int128"])
    u = a & 0xFFFFFFFF
    assert out[:5].tolist() == [
        int(a / b),
        a - int(a / b) * b,
        a >> 5,
        u >> 5,
        ((u << 5 & 0xFFFFFFFF) ^ 1 << 31) - (1 << 31),
    ]
    assert out[5] == a * b >> 32 and out[7] == a * b
    reverse = int(f"{u:032b}"[::-1], 2)
    assert (
        out[8] == reverse
        and out[9] == 25
        and out[10] == (u & -u).bit_length()
        and out[11] == bin(a & 2**64 - 1).count("1")
    )
    assert out[12] == ((b << 32 | u) << 9 >> 32) & 0xFFFFFFFF
    data = (b << 32 | u).to_bytes(8, "little")
    assert out[13] == data[4] | data[7] << 8 | data[2] << 16 | data[5] << 24
    assert out[16] == -a and out[17] == a
    assert out[19] == np.uint64((u * 0x123456789ABCDEF0 * 77 >> 64) & 2**64 - 1).astype(np.int64)


def test_floating_point_functions_are_close_to_numpy():
    source = """
    __global__ void math(float* f, double* d, const float* x) {
      int i = threadIdx.x; float a = x[i]; double b = a;
      float* p = f + 12 * i; double* q = d + 8 * i;
      p[0] = sinf(a); p[1] = expf(a); p[2] = logf(fabsf(a)); p[3] = sqrtf(fabsf(a)); p[4] = tanhf(a); p[5] = powf(fabsf(a), 1.5f);
      p[6] = a / 3.7f; p[7] = atan2f(a, 2); p[8] = rsqrtf(fabsf(a)); p[9] = erff(a); p[10] = floorf(a); p[11] = fmodf(a, 0.7f);
      q[0] = sin(b); q[1] = exp(b); q[2] = log(fabs(b)); q[3] = sqrt(fabs(b)); q[4] = tanh(b); q[5] = pow(fabs(b), 1.5); q[6] = b / 3.7; q[7] = cbrt(b);
    }"""
    x = np.linspace(-7.9, 8.1, 64).astype(np.float32)
    f, d = np.zeros((64, 12), np.float32), np.zeros((64, 8))
    run(source, "math", cj.Out(f), cj.Out(d), cj.In(x), block=64)
    b = x.astype(np.float64)
    a = np.abs(b)
    single = [np.sin(b), np.exp(b), np.log(a), np.sqrt(a), np.tanh(b), a**1.5, b / np.float32(3.7), np.arctan2(b, 2)]
    single += [1 / np.sqrt(a), np.vectorize(math.erf)(b), np.floor(b), np.fmod(b, np.float64(np.float32(0.7)))]
    for column, expected in enumerate(single):
        np.testing.assert_allclose(f[:, column], expected, rtol=2e-6, atol=1e-6, err_msg=str(column))
    double = [np.sin(b), np.exp(b), np.log(a), np.sqrt(a), np.tanh(b), a**1.5, b / 3.7, np.cbrt(b)]
    for column, expected in enumerate(double):
        np.testing.assert_allclose(d[:, column], expected, rtol=1e-14, atol=1e-15, err_msg=str(column))


def test_half_and_bfloat16():
    source = """
    #include <cuda_fp16.h>
    #include <cuda_bf16.h>
    __global__ void halves(__half* h, __half2* h2, __nv_bfloat16* b, const float* x) {
      int i = threadIdx.x;
      __half a = __float2half(x[i]);
      h[i] = __hfma(a, a, __float2half(0.5f));
      h2[i] = __hmul2(__halves2half2(a, __hneg(a)), __float2half2_rn(2.0f));
      b[i] = __float2bfloat16(x[i]) * __float2bfloat16(3.0f);
    }"""
    x = np.linspace(-4, 4, 32).astype(np.float32)
    h, h2, b = np.zeros(32, np.float16), np.zeros((32, 2), np.float16), np.zeros(32, np.uint16)
    run(source, "halves", cj.Out(h), cj.Out(h2), cj.Out(b), cj.In(x))
    a = x.astype(np.float16)
    assert (h == (a.astype(np.float64) ** 2 + 0.5).astype(np.float16)).all()
    assert (h2 == np.stack([a * np.float16(2), -a * np.float16(2)], 1)).all()
    np.testing.assert_allclose((b.astype(np.uint32) << 16).view(np.float32), 3 * x, rtol=1e-2)


# Headers of the toolkit


def test_curand_gives_its_known_sequence():
    source = """
    #include <curand_kernel.h>
    __global__ void draw(unsigned* out) {
      curandStatePhilox4_32_10_t state;
      curand_init(1234, threadIdx.x, 0, &state);
      out[threadIdx.x] = curand(&state);
      curandState xor_state;
      curand_init(99, threadIdx.x, 0, &xor_state);
      out[32 + threadIdx.x] = curand(&xor_state);
    }"""
    needs_header("curand_kernel.h")
    first, second = np.zeros(64, np.uint32), np.zeros(64, np.uint32)
    run(source, "draw", cj.Out(first))
    run(source, "draw", cj.Out(second))
    assert (first == second).all() and len(set(first.tolist())) == 64


def test_cub_reduces_and_scans_a_block():
    source = """
    #include <cub/block/block_reduce.cuh>
    #include <cub/block/block_scan.cuh>
    __global__ void cub_block(int* out, const int* in) {
      using Reduce = cub::BlockReduce<int, 128>;
      using Scan = cub::BlockScan<int, 128>;
      __shared__ Reduce::TempStorage reduce;
      __shared__ Scan::TempStorage scan;
      int value = in[threadIdx.x], before;
      int total = Reduce(reduce).Sum(value);
      __syncthreads();
      Scan(scan).ExclusiveSum(value, before);
      out[threadIdx.x] = before;
      if (threadIdx.x == 0) out[128] = total;
    }"""
    needs_header("cub/version.cuh")
    values, out = np.arange(128, dtype=np.int32) % 13, ints(129)
    run(source, "cub_block", cj.Out(out), cj.In(values), block=128)
    assert out[128] == values.sum()
    assert (out[:128] == np.cumsum(values) - values).all()


def test_printf_writes_when_the_host_waits(run_python):
    code = """
import cujitsu as cj
module = cj.SourceModule(r'''
__global__ void say(int n) {
  if (threadIdx.x < n) printf("%d: %5.2f|%-4s|%c|%x|%lld|%p|%%\\n", threadIdx.x, threadIdx.x * 1.5, "ab", 'z', 255, 1ll << 40, (void*)0);
}''')
module.get_function("say")(3, grid=1, block=32)
cj.Device.current().synchronize()
"""
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [f"{i}: {i * 1.5:5.2f}|ab  |z|ff|1099511627776|(nil)|%" for i in range(3)]
