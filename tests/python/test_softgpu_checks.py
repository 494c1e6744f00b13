# SPDX-License-Identifier: MIT
"""What each check of CUJITSU_SOFTGPU_CHECK catches, what none of them may blame, and schedules by chance."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cujitsu as cj
import pytest
from toolkit_headers import missing_headers

pytest.importorskip("numpy")

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _only_on_softgpu():
    report = cj.driver_report()
    if not report.is_software:
        pytest.skip(f"softgpu is not in use: {[(c.path, c.reason) for c in report.candidates]}")


@dataclass
class Case:
    """A kernel `k(int* p)` of a program of its own; p has 4096 bytes that nothing has written."""

    source: str
    check: str = ""
    block: int = 64
    grid: int = 1
    words: list[str] = field(default_factory=list)
    code: int = 719


RUNNER = """
import json, os, sys
import cujitsu as cj
import numpy as np
def run(case):
    p = cj.mem_alloc(4096)
    module = cj.SourceModule(case["source"], name="kernel.cu")
    try:
        module.get_function("k")(p, grid=case["grid"], block=case["block"])
        cj.Device.current().synchronize()
    except cj.DriverError as error:
        return [error.code, str(error)]
    return [0, ""]
answers = {}
for name, case in json.load(sys.stdin).items():
    read, write = os.pipe()
    # A kernel that fails takes its context with it, so each has a process. The driver is not in use before the fork.
    if (child := os.fork()) == 0:
        if case["check"]:
            os.environ["CUJITSU_SOFTGPU_CHECK"] = case["check"]
        try:
            answer = run(case)
        except BaseException as error:
            answer = [-1, repr(error)]
        os.write(write, json.dumps(answer).encode()[:60000])
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        answers[name] = json.loads(pipe.read() or '[-2, "it crashed"]')
    os.waitpid(child, 0)
print(json.dumps(answers))
"""


def run_cases(cases: dict[str, Case], **environment: str) -> dict[str, tuple[int, str]]:
    environment = {**os.environ, "CUJITSU_DRIVER": "softgpu", **environment}
    result = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps({name: case.__dict__ for name, case in cases.items()}),
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return {name: (code, message) for name, (code, message) in json.loads(result.stdout.splitlines()[-1]).items()}


# The first line of each source is line 1 of kernel.cu.
CAUGHT = {
    "a missing __syncthreads between warps": Case(
        """__global__ void k(int* p) {
  __shared__ int tile[64];
  tile[threadIdx.x] = threadIdx.x;
  p[threadIdx.x] = tile[63 - threadIdx.x];
}""",
        check="races",
        words=[
            "data race in kernel 'k(int*)', block (0, 0, 0)",
            "thread (32, 0, 0) at kernel.cu:3: write of 4 bytes at 0x80",
            "byte 128 of 'k(int*)::tile'",
            "the read by thread (31, 0, 0) at kernel.cu:4",
            "__syncthreads()",
        ],
    ),
    "a missing __syncwarp in a reduction": Case(
        """__global__ void k(int* p) {
  __shared__ int s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp();
  for (int n = 16; n != 0; n /= 2)
    if (threadIdx.x < n) s[threadIdx.x] += s[threadIdx.x + n];
  p[threadIdx.x] = s[0];
}""",
        check="races",
        block=32,
        words=["data race", "by thread (8, 0, 0) at kernel.cu:6"],
    ),
    "a tile that is filled again too early": Case(
        """__global__ void k(int* p) {
  __shared__ int tile[64];
  int sum = 0;
  for (int n = 0; n < 4; ++n) {
    tile[threadIdx.x] = n + threadIdx.x;
    __syncthreads();
    sum += tile[(threadIdx.x + 32) % 64];
  }
  p[threadIdx.x] = sum;
}""",
        check="races",
        words=["kernel.cu:7: read of 4 bytes", "the write by thread (32, 0, 0) at kernel.cu:5"],
    ),
    "different values in one place": Case(
        """__global__ void k(int* p) {
  __shared__ int winner;
  winner = threadIdx.x;
  __syncthreads();
  p[threadIdx.x] = winner;
}""",
        check="races",
        words=["write of 4 bytes", "k(int*)::winner", "the write by thread (0, 0, 0)"],
    ),
    "bytes of one word are not the same place, bytes of two are": Case(
        """__global__ void k(int* p) {
  __shared__ short s[128];
  s[threadIdx.x] = 1;
  *(char*)&s[threadIdx.x + 1] = threadIdx.x;
  p[threadIdx.x] = s[threadIdx.x];
}""",
        check="races",
        words=["data race", "write of 1 bytes"],
    ),
    "a counter that not everybody counts atomically": Case(
        """__global__ void k(int* p) {
  __shared__ int n;
  if (threadIdx.x == 0) n = 0;
  __syncthreads();
  if (threadIdx.x < 32) atomicAdd(&n, 1); else if (threadIdx.x == 40) n = n + 1;
  __syncthreads();
  p[threadIdx.x] = n;
}""",
        check="races",
        words=["atomic of 4 bytes", "not ordered with the write by thread (40, 0, 0)"],
    ),
    "a barrier of some warps says nothing to the others": Case(
        """__global__ void k(int* p) {
  __shared__ int s[96];
  s[threadIdx.x] = 1;
  if (threadIdx.x < 64) asm volatile("bar.sync 1, 64;" ::: "memory");
  p[threadIdx.x] = threadIdx.x < 64 ? s[63 - threadIdx.x] : s[threadIdx.x - 64];
}""",
        check="races",
        block=96,
        words=["data race", "thread (6"],
    ),
    "a shuffle orders no memory": Case(
        """__global__ void k(int* p) {
  extern __shared__ int dynamic[];
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  int other = __shfl_xor_sync(~0u, threadIdx.x, 1);
  p[threadIdx.x] = s[other];
}""",
        check="races",
        block=32,
        words=["data race"],
    ),
    "a flag without volatile": Case(
        """__global__ void k(int* p) {
  __shared__ int data, flag;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 32) { data = 7; __threadfence_block(); *(volatile int*)&flag = 1; }
  if (threadIdx.x == 0) p[0] = flag ? data : 0;
}""",
        check="races",
        words=["data race", "flag"],
    ),
    "an allocation that nobody has filled": Case(
        """__global__ void k(int* p) {
  p[threadIdx.x] = p[threadIdx.x] + 1;
}""",
        check="uninitialized",
        words=["uninitialized memory in kernel 'k(int*)'", "kernel.cu:2", "read of 4 bytes", "4096 bytes"],
    ),
    "one element too few": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 31) p[threadIdx.x] = 1;
  __syncthreads();
  atomicAdd(p + 40, p[threadIdx.x] * 2);
}""",
        check="uninitialized",
        block=32,
        words=["thread (31, 0, 0)", "kernel.cu:4", "at byte 124 of"],
    ),
    "an atomic on what was never set": Case(
        """__global__ void k(int* p) {
  atomicAdd(p, 1);
}""",
        check="uninitialized",
        words=["atomic of 4 bytes", "thread (0, 0, 0)"],
    ),
    "a copy of nothing": Case(
        """__global__ void k(int* p) {
  p[threadIdx.x] = p[threadIdx.x + 512];
}""",
        check="uninitialized",
        words=["read of 4 bytes", "at byte 2048 of"],
    ),
    "a copied hole is still one": Case(
        """struct S { char c; int i; };
__global__ void k(int* p) {
  S* s = (S*)p;
  s[threadIdx.x].c = 1;
  s[threadIdx.x + 100] = s[threadIdx.x];
  __syncthreads();
  p[900] = s[threadIdx.x + 100].i * 3;
}""",
        check="uninitialized",
        block=1,
        words=["kernel.cu:7"],
    ),
    "shared memory is empty at first": Case(
        """__global__ void k(int* p) {
  __shared__ int s[64];
  if (threadIdx.x != 5) s[threadIdx.x] = 0;
  __syncthreads();
  p[threadIdx.x] = s[threadIdx.x] + 1;
}""",
        check="uninitialized",
        words=["thread (5, 0, 0)", "byte 20 of 'k(int*)::s' in shared memory"],
    ),
    "shared memory is empty again for each block": Case(
        """__global__ void k(int* p) {
  __shared__ int s[64];
  if (blockIdx.x == 0) s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  p[threadIdx.x] = s[63 - threadIdx.x] + 1;
}""",
        check="uninitialized",
        grid=3,
        words=["block (1, 0, 0)", "k(int*)::s"],
    ),
    "a local array with a gap": Case(
        """__global__ void k(int* p) {
  int a[16];
  for (int i = 0; i < 15; ++i) a[(i * 7 + (int)(long long)p) & 15] = i;
  int sum = 0;
  for (int i = 0; i < 16; ++i) sum += a[i ^ (threadIdx.x & 3)];
  p[threadIdx.x] = sum;
}""",
        check="uninitialized",
        words=["local memory", "kernel.cu:5"],
    ),
    "a frame of a call is empty": Case(
        """__device__ __noinline__ int f(int set, int at) {
  volatile int a[4];
  if (set) a[at] = at;
  return a[at] * 2;
}
__global__ void k(int* p) { p[threadIdx.x] = f(1, threadIdx.x & 3) + f(threadIdx.x != 7, threadIdx.x & 3); }""",
        check="uninitialized",
        words=["thread (7, 0, 0)", "kernel.cu:4 in f(int, int)"],
    ),
    "memory of malloc": Case(
        """__global__ void k(int* p) {
  int* a = (int*)malloc(64);
  a[1] = 1;
  p[0] = a[1] + 1;
  free(a);
  int* b = (int*)malloc(64);
  p[1] = b[1] + 1;
}""",
        check="uninitialized",
        block=1,
        words=["kernel.cu:7", "the heap of kernels"],
    ),
    "a barrier in one branch of a warp": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x & 1) __syncthreads();
  p[threadIdx.x] = threadIdx.x;
}""",
        check="barriers",
        words=["divergent barrier in kernel 'k(int*)', block (0, 0, 0)", "kernel.cu:2", "passed by"],
    ),
    "a barrier in each branch": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 16) {
    p[threadIdx.x] = 1;
    asm volatile("bar.sync 0; // one" ::: "memory");
  } else {
    p[threadIdx.x] = 2;
    asm volatile("bar.sync 0; // other" ::: "memory");
  }
}""",
        check="barriers",
        words=["divergent barrier", "kernel.cu:4", "kernel.cu:7"],
    ),
    "a barrier in each branch, of different warps": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 32) {
    p[threadIdx.x] = 1;
    asm volatile("bar.sync 0; // one" ::: "memory");
  } else {
    p[threadIdx.x] = 2;
    asm volatile("bar.sync 0; // other" ::: "memory");
  }
}""",
        check="barriers",
        words=["divergent barrier", "kernel.cu:4", "kernel.cu:7"],
    ),
    "a loop that some leave earlier": Case(
        """__global__ void k(int* p) {
  for (int i = 0; i < 2 + (threadIdx.x & 1); ++i) {
    __syncthreads();
    p[threadIdx.x] = i;
  }
  p[threadIdx.x + 64] = 1;
}""",
        check="barriers",
        words=["divergent barrier", "passed by"],
    ),
    "a count that is never met": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 32) asm volatile("bar.sync 1, 64;" ::: "memory");
  p[threadIdx.x] = 1;
}""",
        check="barriers",
        words=["divergent barrier", "kernel.cu:2", "barrier 1 waits for 64 threads; 32 wait there"],
    ),
    "counts that differ": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 32) asm volatile("bar.sync 1, 96;" ::: "memory");
  else asm volatile("bar.sync 1, 64;" ::: "memory");
  p[threadIdx.x] = 1;
}""",
        check="barriers",
        words=["divergent barrier", "for 64 threads", "for 96"],
    ),
    "a deadlock": Case(
        """__global__ void k(int* p) {
  if (threadIdx.x < 32) asm volatile("bar.sync 1, 64;"); else asm volatile("bar.sync 2, 64;");
}""",
        check="deadlocks",
        code=702,
        words=["deadlock"],
    ),
}

CHECKED_HERE = """
#define EXPECT(condition) do { if (!(condition)) { printf("%s\\n", #condition); asm("trap;"); } } while (0)
"""

CORRECT = {
    "a tiled matrix product": Case(
        """__global__ void k(int* p) {
  __shared__ float a[16][16], b[16][17];
  int x = threadIdx.x % 16, y = threadIdx.x / 16;
  float sum = 0;
  for (int n = 0; n < 4; ++n) {
    a[y][x] = n + x;
    b[y][x] = n + y;
    __syncthreads();
    for (int i = 0; i < 16; ++i) sum += a[y][i] * b[i][x];
    __syncthreads();
  }
  p[threadIdx.x] = (int)sum;
}""",
        block=256,
    ),
    "a reduction with __syncwarp": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int s[256];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  for (int n = 128; n >= 32; n /= 2) {
    if (threadIdx.x < n) s[threadIdx.x] += s[threadIdx.x + n];
    __syncthreads();
  }
  if (threadIdx.x < 32)
    for (int n = 16; n != 0; n /= 2) {
      int other = s[threadIdx.x + n];
      __syncwarp();
      s[threadIdx.x] += other;
      __syncwarp();
    }
  if (threadIdx.x == 0) EXPECT(s[0] == 255 * 128);
}""",
        block=256,
    ),
    "an old reduction, by volatile": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int s[64];
  volatile int* v = s;
  v[threadIdx.x] = threadIdx.x;
  __syncthreads();
  if (threadIdx.x < 32)
    for (int n = 32; n != 0; n /= 2) {
      int other = v[threadIdx.x + n];
      __syncwarp();
      v[threadIdx.x] += other;
      __syncwarp();
    }
  if (threadIdx.x == 0) EXPECT(s[0] == 63 * 32);
}"""
    ),
    "a reduction by shuffles": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int of_warp[8];
  int sum = threadIdx.x;
  for (int n = 16; n != 0; n /= 2) sum += __shfl_down_sync(~0u, sum, n);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x < 32) {
    sum = threadIdx.x < 8 ? of_warp[threadIdx.x] : 0;
    for (int n = 4; n != 0; n /= 2) sum += __shfl_down_sync(~0u, sum, n);
    if (threadIdx.x == 0) EXPECT(sum == 255 * 128);
  }
}""",
        block=256,
    ),
    "a histogram": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ unsigned bins[16];
  if (threadIdx.x < 16) bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = 0; i < 8; ++i) atomicAdd(&bins[(threadIdx.x * 7 + i) % 16], 1);
  __syncthreads();
  if (threadIdx.x < 16) EXPECT(bins[threadIdx.x] == 128);
}""",
        block=256,
    ),
    "a flag that many set": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ bool found;
  if (threadIdx.x == 0) found = false;
  __syncthreads();
  if (threadIdx.x % 3 == 0) found = true;
  __syncthreads();
  EXPECT(found);
}"""
    ),
    "a spin lock": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int lock, count;
  if (threadIdx.x == 0) lock = count = 0;
  __syncthreads();
  for (bool done = false; !done;)
    if (atomicCAS(&lock, 0, 1) == 0) {
      __threadfence_block();
      ++count;
      __threadfence_block();
      atomicExch(&lock, 0);
      done = true;
    }
  __syncthreads();
  EXPECT(count == 64);
}"""
    ),
    "a spin lock in global memory": Case(
        CHECKED_HERE
        + """__device__ int lock;
__global__ void k(int* p) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  for (bool done = false; !done;)
    if (atomicCAS(&lock, 0, 1) == 0) {
      __threadfence();
      ++count;
      __threadfence();
      *(volatile int*)&lock = 0;
      done = true;
    }
  __syncthreads();
  EXPECT(count == 64);
}"""
    ),
    "a flag that hands data on": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int data;
  __shared__ volatile int flag;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 40) { data = 7; __threadfence_block(); flag = 1; }
  if (threadIdx.x == 3) {
    while (flag == 0) {}
    __threadfence_block();
    EXPECT(data == 7);
  }
}"""
    ),
    "producers and consumers": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int ring[2][32];
  int lane = threadIdx.x % 32;
  for (int i = 0; i < 6; ++i)
    if (threadIdx.x < 32) {  // full: 1 + slot, empty: 3 + slot
      if (i >= 2) asm volatile("bar.sync %0, 64;" ::"r"(3 + i % 2) : "memory");
      ring[i % 2][lane] = 100 * i + lane;
      asm volatile("bar.arrive %0, 64;" ::"r"(1 + i % 2) : "memory");
    } else {
      asm volatile("bar.sync %0, 64;" ::"r"(1 + i % 2) : "memory");
      EXPECT(ring[i % 2][31 - lane] == 100 * i + 31 - lane);
      if (i < 4) asm volatile("bar.arrive %0, 64;" ::"r"(3 + i % 2) : "memory");
    }
}"""
    ),
    "tiles of cooperative groups": Case(
        CHECKED_HERE
        + """#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void k(int* p) {
  __shared__ int s[64];
  auto block = cg::this_thread_block();
  auto tile = cg::tiled_partition<8>(block);
  s[block.thread_rank()] = threadIdx.x;
  tile.sync();
  EXPECT(s[threadIdx.x ^ 7] == (threadIdx.x ^ 7));
  block.sync();
  EXPECT(s[63 - threadIdx.x] == 63 - threadIdx.x);
  if (threadIdx.x % 3 == 0) {
    auto some = cg::coalesced_threads();
    EXPECT(some.shfl(some.thread_rank(), 0) == 0);
    some.sync();
  }
}"""
    ),
    "cub": Case(
        CHECKED_HERE
        + """#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_radix_sort.cuh>
struct S { char c; double d; int i; };
__device__ S add(const S& a, const S& b) { return {char(a.c + b.c), a.d + b.d, a.i + b.i}; }
struct Add { __device__ S operator()(const S& a, const S& b) const { return add(a, b); } };
__global__ void k(int* p) {
  using Reduce = cub::BlockReduce<int, 128>;
  using Scan = cub::BlockScan<int, 128>;
  using Structs = cub::BlockReduce<S, 128>;
  using Sort = cub::BlockRadixSort<unsigned, 128, 2>;
  __shared__ union { typename Reduce::TempStorage reduce; typename Scan::TempStorage scan;
    typename Structs::TempStorage structs; typename Sort::TempStorage sort; } storage;
  int sum = Reduce(storage.reduce).Sum(threadIdx.x);
  if (threadIdx.x == 0) EXPECT(sum == 127 * 64);
  __syncthreads();
  int before;
  Scan(storage.scan).ExclusiveSum(1, before);
  EXPECT(before == threadIdx.x);
  __syncthreads();
  S all = Structs(storage.structs).Reduce(S{1, 0.5, (int)threadIdx.x}, Add());
  if (threadIdx.x == 0) EXPECT(all.d == 64 && all.i == 127 * 64);
  __syncthreads();
  unsigned keys[2] = {threadIdx.x * 2654435761u % 1000, threadIdx.x * 40503u % 1000};
  Sort(storage.sort).Sort(keys);
  EXPECT(keys[0] <= keys[1]);
}""",
        block=128,
    ),
    "an early return before a barrier": Case(
        CHECKED_HERE
        + """__global__ void k(int* p) {
  __shared__ int s[64];
  if (threadIdx.x >= 50) return;
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  EXPECT(s[49 - threadIdx.x] == 49 - threadIdx.x);
}"""
    ),
    "an early return that writes first": Case(
        """__global__ void k(int* p) {
  __shared__ int s[64];
  if (threadIdx.x % 4 == 0) { p[threadIdx.x] = 0; return; }
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  p[threadIdx.x] = s[63 - threadIdx.x / 4 * 4];
}"""
    ),
    "barriers after branches": Case(
        """__global__ void k(int* p) {
  __shared__ int s[64];
  for (int i = 0; i < 3; ++i) {
    if (threadIdx.x % 3 == 0) s[threadIdx.x] = i;
    else if (threadIdx.x % 3 == 1) { for (int n = 0; n < threadIdx.x; ++n) p[threadIdx.x] = n; s[threadIdx.x] = 0; }
    else s[threadIdx.x] = -i;
    __syncthreads();
    p[threadIdx.x] = s[63 - threadIdx.x];
    if (__syncthreads_or(i == 1)) break;
  }
}"""
    ),
    "structs with padding": Case(
        CHECKED_HERE
        + """struct S { char c; int i; double d; char e; };
struct alignas(16) T { int i; };
__device__ __noinline__ S change(S s) { s.i += 1; return s; }
__global__ void k(int* p) {
  __shared__ S s[64];
  __shared__ T t[64];
  S* q = (S*)p;
  S mine;
  mine.c = 1; mine.i = threadIdx.x; mine.d = 2; mine.e = 3;
  s[threadIdx.x] = mine;
  t[threadIdx.x].i = 5;
  __syncthreads();
  q[threadIdx.x] = s[63 - threadIdx.x];
  T other = t[63 - threadIdx.x];
  S again = change(q[threadIdx.x]);
  EXPECT(again.i == 64 - threadIdx.x && again.d == 2 && again.e == 3 && other.i == 5);
}"""
    ),
    "memory that kernels, constants and arrays have": Case(
        CHECKED_HERE
        + """__device__ int zero[4];
__constant__ int three[2] = {3};
__global__ void k(int* p) {
  int a[8];
  for (int i = 0; i < 8; ++i) a[(i + threadIdx.x) & 7] = i;
  EXPECT(a[threadIdx.x & 7] == 0 && zero[threadIdx.x & 3] == 0 && three[threadIdx.x & 1] == 3 * !(threadIdx.x & 1));
  int* heap = new int(4);
  EXPECT(*heap == 4);
  delete heap;
  p[threadIdx.x] = 1;
  EXPECT(p[threadIdx.x] == 1);
  atomicExch(p + 100, 1);
  printf("%d %s\\n", a[0], "words");
}"""
    ),
}


@pytest.fixture(scope="module")
def caught():
    return run_cases(CAUGHT, CUJITSU_SOFTGPU_THREADS="1")  # so that of several blocks the first is blamed


@pytest.mark.parametrize("name", CAUGHT)
def test_it_is_caught(caught, name):
    code, message = caught[name]
    assert code == CAUGHT[name].code, message
    for words in CAUGHT[name].words:
        assert words in message


def test_nothing_is_blamed_where_no_check_is_asked_for():
    without = {name: Case(**{**case.__dict__, "check": ""}) for name, case in CAUGHT.items()}
    answers = run_cases(without)
    hangs = {"a deadlock", "a count that is never met"}
    assert {name: answer for name, answer in answers.items() if answer[0] != (702 if name in hangs else 0)} == {}


def available(cases: dict[str, Case]) -> dict[str, Case]:
    """Without those whose headers do not lie beside this NVRTC."""

    def is_there(case: Case) -> bool:
        lines = [line for line in case.source.splitlines() if line.startswith("#include")]
        return not missing_headers(*(line.split("<")[1].split(">")[0] for line in lines))

    return {name: case for name, case in cases.items() if is_there(case)}


@pytest.mark.parametrize("environment", [{}, {"CUJITSU_SOFTGPU_SCHEDULE": "1"}, {"CUJITSU_SOFTGPU_SCHEDULE": "77"}])
def test_nothing_correct_is_blamed(environment):
    answers = run_cases(available(CORRECT), CUJITSU_SOFTGPU_CHECK="all", **environment)
    assert {name: answer for name, answer in answers.items() if answer[0] != 0} == {}


@pytest.mark.parametrize(
    "environment",
    [
        {"CUJITSU_SOFTGPU_CHECK": "all"},
        {"CUJITSU_SOFTGPU_CHECK": "all", "CUJITSU_SOFTGPU_SCHEDULE": "3"},
        {"CUJITSU_SOFTGPU_SCHEDULE": "12345"},
    ],
    ids=lambda environment: " ".join(environment.values()),
)
def test_the_tests_of_kernels_pass(environment):
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            HERE / "test_kernels.py",
            HERE / "test_driver_calls.py",
        ],
        env={**os.environ, "CUJITSU_DRIVER": "softgpu", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0 and " passed" in result.stdout, result.stdout + result.stderr


HOST = """
import cujitsu as cj, numpy as np
def k(source):
    return cj.SourceModule("__global__ void k(int* p) { " + source + " }", name="kernel.cu").get_function("k")
read = k("p[64 + threadIdx.x] = p[threadIdx.x] + 1;")
def attempt(what, memory):
    try:
        read(memory, grid=1, block=64)
        cj.Device.current().synchronize()
        print(what, "is fine")
    except cj.DriverError as error:
        print(what, error.code)
"""


@pytest.mark.parametrize(
    ("how", "memory"),
    [
        ("copied", "(lambda b: (cj.memcpy_htod(b, np.zeros(128, np.int32)), b)[1])(cj.mem_alloc(512))"),
        ("argument", "cj.InOut(np.zeros(128, np.int32))"),
        ("filled", "(lambda b: (cj.memset_d32(b, 0, 128), b)[1])(cj.mem_alloc(512))"),
        ("by a kernel", "(lambda b: (k('p[threadIdx.x] = 1;')(b, grid=1, block=64), b)[1])(cj.mem_alloc(512))"),
    ],
)
def test_what_the_host_and_other_kernels_write_is_written(run_python, how, memory):
    result = run_python(HOST + f"attempt({how!r}, {memory})", CUJITSU_SOFTGPU_CHECK="uninitialized")
    assert result.stdout == f"{how} is fine\n", result.stdout + result.stderr


def test_memory_that_is_allocated_again_is_empty_again(run_python):
    code = """
for n in range(40):  # more than what is kept from being used again
    buffer = cj.mem_alloc(1 << 20)
    cj.memset_d32(buffer, 0, 1 << 18)
    buffer.free()
attempt("the next", cj.mem_alloc(1 << 20))
"""
    result = run_python(HOST + code, CUJITSU_SOFTGPU_CHECK="uninitialized")
    assert result.stdout == "the next 719\n", result.stdout + result.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (
            "CUJITSU_SOFTGPU_CHECK",
            "races,unitialized",
            ["'unitialized'", "races, uninitialized, barriers, deadlocks, all"],
        ),
        ("CUJITSU_SOFTGPU_SCHEDULE", "today", ["'today'", "a seed"]),
        ("CUJITSU_SOFTGPU_SCHEDULE", "-1", ["'-1'", "a seed"]),
    ],
)
def test_a_value_that_is_none_is_an_error(run_python, variable, value, words):
    code = "import cujitsu as cj\nprint(cj.driver_report().candidates)\ncj.mem_alloc(4)"
    result = run_python(code, CUJITSU_DRIVER="softgpu", **{variable: value})
    assert result.returncode != 0
    for each in words:
        assert each in result.stdout + result.stderr


# Every block, warp and lane takes a number: the order in which they came.
ORDER = """
import cujitsu as cj, numpy as np
out = np.zeros(32 * 128, np.uint32)
cj.SourceModule('''__device__ unsigned n;
__global__ void k(unsigned* p) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (threadIdx.x % 3 == 0) p[i] = atomicAdd(&n, 1); else p[i] = 100000 + atomicAdd(&n, 1);
}''').get_function("k")(cj.Out(out), grid=32, block=128)
print(out.tobytes().hex())
"""


def test_a_seed_gives_one_schedule_and_another_seed_another(run_python):
    def order(seed: str) -> str:
        result = run_python(ORDER, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_SCHEDULE=seed)
        assert result.returncode == 0, result.stderr
        return result.stdout

    first = [order(seed) for seed in ("1", "2", "3")]
    assert len(set(first)) == 3
    assert [order(seed) for seed in ("1", "2", "3")] == first


HIDDEN = """
import cujitsu as cj, numpy as np
total = np.zeros(1, np.int32)
cj.SourceModule('''__global__ void k(int* total) {  // not atomic: only in order it counts all
  if (threadIdx.x == 0) *(volatile int*)total = *(volatile int*)total + 1;
}''').get_function("k")(cj.InOut(total), grid=64, block=32)
print(total[0])
"""


def test_a_seed_brings_a_hidden_race_to_light(run_python):
    usual = run_python(HIDDEN, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_THREADS="1").stdout
    assert usual == "64\n"
    counts = [int(run_python(HIDDEN, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_SCHEDULE=s).stdout) for s in "1234"]
    assert any(count < 64 for count in counts)


LOOK_BACK = """
import cujitsu as cj, numpy as np
out = np.zeros(300, np.int32)
state = np.zeros(300, np.int32)
cj.SourceModule('''__global__ void k(int* state, int* out) {  // each block waits for the one before it
  if (threadIdx.x != 0) return;
  int before = 0;
  if (blockIdx.x != 0) while ((before = *(volatile int*)(state + blockIdx.x - 1)) == 0) {}
  __threadfence();
  *(volatile int*)(state + blockIdx.x) = before + 1;
  out[blockIdx.x] = before + 1;
}''').get_function("k")(cj.InOut(state), cj.Out(out), grid=300, block=32)
assert (out == np.arange(1, 301)).all()
print("done")
"""


@pytest.mark.parametrize("seed", ["0", "5", "18446744073709551615"])
def test_blocks_that_wait_for_earlier_ones_end_under_every_seed(run_python, seed):
    result = run_python(LOOK_BACK, CUJITSU_DRIVER="softgpu", CUJITSU_SOFTGPU_SCHEDULE=seed)
    assert result.stdout == "done\n", result.stderr
