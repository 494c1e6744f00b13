// SPDX-License-Identifier: MIT
// A kernel with a bit of everything that ordinary sources have: test_dialects.py compiles it for every architecture.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <class T, int N>
__device__ __noinline__ T polynomial(T x) {
  T result = 1;
  for (int i = 0; i < N; ++i) result = result * x + T(i);
  return result;
}

__device__ int twice(int x) { return 2 * x; }
__device__ int thrice(int x) { return 3 * x; }
__device__ int (*functions[2])(int) = {twice, thrice};

struct Shape {
  __device__ virtual int area(int x) = 0;
};
struct Plus final : Shape {
  int n;
  __device__ explicit Plus(int n) : n(n) {}
  __device__ int area(int x) override { return x + n; }
};

__constant__ int weights[4] = {1, 2, 3, 4};
__device__ unsigned counter;

extern "C" __global__ void broad(int* out, int* most, float* floats, __half* halves, __nv_bfloat16* bfloats,
                                 long long large) {
  __shared__ int tile[64];
  extern __shared__ int dynamic[];
  const int i = threadIdx.x;
  tile[i] = i;
  __syncthreads();
  int r = tile[(i + 1) & 63];
  dynamic[i] = functions[i & 1](i);
  __syncthreads();
  r += dynamic[i];
  switch (i % 9) {
    case 0: r += 3; break;
    case 1: r ^= 5; break;
    case 2: r *= 7; break;
    case 3: r -= 11; break;
    case 4: r <<= 1; break;
    case 5: r |= 64; break;
    case 6: r &= 1023; break;
    case 7: r = ~r; break;
    default: r += 100;
  }
  Plus plus(i);
  Shape* shape = &plus;
  r += shape->area(2);
  atomicMax(most, r);
  atomicAdd(&counter, 1u);
  const int before = r;
  r += __shfl_xor_sync(~0u, before, 1) + __popc(__ballot_sync(~0u, before & 1));
  int* heap = static_cast<int*>(malloc(sizeof(int)));
  if (heap != nullptr) *heap = weights[i & 3] + static_cast<int>(large / (i + 1) % 1000);
  r += *heap;
  free(heap);
  const float x = floats[i];
  floats[i] = polynomial<float, 3>(x);
  halves[i] = __hfma(halves[i], __float2half(0.5f), __float2half(1.5f));
#if __CUDA_ARCH__ >= 800
  bfloats[i] = __hadd(bfloats[i], __float2bfloat16(2.0f));
#else  // where the headers of NVRTC 12.1 have conversions only
  bfloats[i] = __float2bfloat16(__bfloat162float(bfloats[i]) + 2.0f);
#endif
  out[i] = r;
  if (i == 5) printf("thread %d has %d, %.4f and %s\n", i, r, x, "done");
}
