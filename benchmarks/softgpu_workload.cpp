// SPDX-License-Identifier: MIT
#include "benchmarks/softgpu_workload.hpp"

#include "benchmarks/softgpu_plain.hpp"

namespace cujitsu::bench {
namespace {

constexpr std::string_view fma_chain_cuda = R"(
extern "C" __global__ void work(float* out, const float* a, const float* b, int n, int m) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float value = a[i];
  const float factor = b[i];
  for (int k = 0; k < m; ++k) {
    value = fmaf(value, factor, 0.5f);
    value = fmaf(value, factor, 0.25f);
    value = fmaf(value, factor, 0.125f);
    value = fmaf(value, factor, 0.0625f);
  }
  out[i] = value;
})";
constexpr std::string_view fma_chain_opencl = R"(
kernel void work(global float* out, global const float* a, global const float* b, int n, int m) {
  const int i = get_global_id(0);
  if (i >= n) return;
  float value = a[i];
  const float factor = b[i];
  for (int k = 0; k < m; ++k) {
    value = fma(value, factor, 0.5f);
    value = fma(value, factor, 0.25f);
    value = fma(value, factor, 0.125f);
    value = fma(value, factor, 0.0625f);
  }
  out[i] = value;
})";

constexpr std::string_view random_cuda = R"(
extern "C" __global__ void work(unsigned* out, const unsigned* a, const unsigned* b, int n, int m) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned value = a[i];
  for (int k = 0; k < m; ++k) value = value * 1664525u + 1013904223u;
  out[i] = value;
})";
constexpr std::string_view random_opencl = R"(
kernel void work(global uint* out, global const uint* a, global const uint* b, int n, int m) {
  const int i = get_global_id(0);
  if (i >= n) return;
  uint value = a[i];
  for (int k = 0; k < m; ++k) value = value * 1664525u + 1013904223u;
  out[i] = value;
})";

constexpr std::string_view mandelbrot_cuda = R"(
extern "C" __global__ void work(unsigned* out, const unsigned* a, const unsigned* b, int n, int m) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  const float step = 3.0f / n;
  const float cx = column * step - 2.0f;
  const float cy = row * step - 1.5f;
  float zx = 0, zy = 0;
  int k = 0;
  while (k < m && zx * zx + zy * zy < 4.0f) {
    const float next = zx * zx - zy * zy + cx;
    zy = 2.0f * zx * zy + cy;
    zx = next;
    ++k;
  }
  out[row * n + column] = k;
})";
constexpr std::string_view mandelbrot_opencl = R"(
#pragma OPENCL FP_CONTRACT OFF
kernel void work(global uint* out, global const uint* a, global const uint* b, int n, int m) {
  const int column = get_global_id(0);
  const int row = get_global_id(1);
  const float step = 3.0f / n;
  const float cx = column * step - 2.0f;
  const float cy = row * step - 1.5f;
  float zx = 0, zy = 0;
  int k = 0;
  while (k < m && zx * zx + zy * zy < 4.0f) {
    const float next = zx * zx - zy * zy + cx;
    zy = 2.0f * zx * zy + cy;
    zx = next;
    ++k;
  }
  out[row * n + column] = k;
})";

constexpr std::string_view sums_cuda = R"(
extern "C" __global__ void work(float* out, const float* a, const float* b, int n, int m) {
  __shared__ float sums[256];
  const int t = threadIdx.x;
  sums[t] = a[blockIdx.x * blockDim.x + t];
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) sums[t] += sums[t + width];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = sums[0];
})";
constexpr std::string_view sums_opencl = R"(
kernel void work(global float* out, global const float* a, global const float* b, int n, int m) {
  local float sums[256];
  const int t = get_local_id(0);
  sums[t] = a[get_global_id(0)];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (t < width) sums[t] += sums[t + width];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (t == 0) out[get_group_id(0)] = sums[0];
})";

constexpr std::string_view strided_cuda = R"(
extern "C" __global__ void work(float* out, const float* a, const float* b, int n, int m) {
  __shared__ float sums[256];
  const int t = threadIdx.x;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + t; i < n; i += gridDim.x * blockDim.x) sum += a[i];
  sums[t] = sum;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) sums[t] += sums[t + width];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = sums[0];
})";
constexpr std::string_view strided_opencl = R"(
kernel void work(global float* out, global const float* a, global const float* b, int n, int m) {
  local float sums[256];
  const int t = get_local_id(0);
  float sum = 0;
  for (int i = get_global_id(0); i < n; i += get_global_size(0)) sum += a[i];
  sums[t] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (t < width) sums[t] += sums[t + width];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (t == 0) out[get_group_id(0)] = sums[0];
})";

constexpr std::string_view product_cuda = R"(
extern "C" __global__ void work(float* out, const float* a, const float* b, int n, int m) {
  __shared__ float left[16][16], right[16][16];
  const int x = threadIdx.x, y = threadIdx.y;
  const int column = blockIdx.x * 16 + x, row = blockIdx.y * 16 + y;
  float sum = 0;
  for (int tile = 0; tile < n; tile += 16) {
    left[y][x] = a[row * n + tile + x];
    right[y][x] = b[(tile + y) * n + column];
    __syncthreads();
    for (int k = 0; k < 16; ++k) sum += left[y][k] * right[k][x];
    __syncthreads();
  }
  out[row * n + column] = sum;
})";
constexpr std::string_view product_opencl = R"(
kernel void work(global float* out, global const float* a, global const float* b, int n, int m) {
  local float left[16][16], right[16][16];
  const int x = get_local_id(0), y = get_local_id(1);
  const int column = get_global_id(0), row = get_global_id(1);
  float sum = 0;
  for (int tile = 0; tile < n; tile += 16) {
    left[y][x] = a[row * n + tile + x];
    right[y][x] = b[(tile + y) * n + column];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = 0; k < 16; ++k) sum += left[y][k] * right[k][x];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  out[row * n + column] = sum;
})";

constexpr std::string_view vector_cuda = R"(
extern "C" __global__ void work(float* out, const float* a, const float* b, int n, int m) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = a[i] + b[i];
})";
constexpr std::string_view vector_opencl = R"(
kernel void work(global float* out, global const float* a, global const float* b, int n, int m) {
  const int i = get_global_id(0);
  if (i < n) out[i] = a[i] + b[i];
})";

constexpr std::string_view collatz_cuda = R"(
extern "C" __global__ void work(unsigned* out, const unsigned* a, const unsigned* b, int n, int m) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned value = i + 1, steps = 0;
  while (value != 1) {
    value = (value & 1) ? 3 * value + 1 : value / 2;
    ++steps;
  }
  out[i] = steps;
})";
constexpr std::string_view collatz_opencl = R"(
kernel void work(global uint* out, global const uint* a, global const uint* b, int n, int m) {
  const int i = get_global_id(0);
  if (i >= n) return;
  uint value = i + 1, steps = 0;
  while (value != 1) {
    value = (value & 1) ? 3 * value + 1 : value / 2;
    ++steps;
  }
  out[i] = steps;
})";

std::vector<Workload> make() {
  constexpr int threads = 1 << 16;
  constexpr int width = 1024;
  constexpr int many = 1 << 24;
  constexpr int order = 512;
  constexpr int million = 1 << 20;
  const auto size = [](int count) { return static_cast<std::size_t>(count); };
  return {
      {.name = "fma chain, 65536 x 4000",
       .cuda = fma_chain_cuda,
       .opencl = fma_chain_opencl,
       .plain = plain::fma_chain,
       .is_floating = true,
       .grid = threads / 256,
       .block = 256,
       .outputs = size(threads),
       .inputs = size(threads),
       .n = threads,
       .m = 1000,
       .goal = 1.0},
      {.name = "random numbers (LCG), 65536 x 1000",
       .cuda = random_cuda,
       .opencl = random_opencl,
       .plain = plain::random_numbers,
       .grid = threads / 256,
       .block = 256,
       .outputs = size(threads),
       .inputs = size(threads),
       .n = threads,
       .m = 1000,
       .goal = 1.0},
      {.name = "Mandelbrot, 1024 x 1024, 256 steps",
       .cuda = mandelbrot_cuda,
       .opencl = mandelbrot_opencl,
       .plain = plain::mandelbrot,
       .grid = {width / 32, width / 8},
       .block = {32, 8},
       .outputs = size(width) * width,
       .n = width,
       .m = 256,
       .goal = 1.0},
      {.name = "sum with barriers, 16.8 M by 65536 threads",
       .cuda = strided_cuda,
       .opencl = strided_opencl,
       .plain = plain::strided_sums,
       .is_floating = true,
       .grid = 256,
       .block = 256,
       .outputs = 256,
       .inputs = size(many),
       .n = many,
       .m = 256,
       .goal = 1.0},
      {.name = "sum with barriers, 16.8 M by as many threads",
       .cuda = sums_cuda,
       .opencl = sums_opencl,
       .plain = plain::block_sums,
       .is_floating = true,
       .grid = many / 256,
       .block = 256,
       .outputs = size(many) / 256,
       .inputs = size(many),
       .n = many,
       .m = 256,
       .goal = 1.0},
      {.name = "tiled matrix product, 512 x 512",
       .cuda = product_cuda,
       .opencl = product_opencl,
       .plain = plain::matrix_product,
       .is_floating = true,
       .grid = {order / 16, order / 16},
       .block = {16, 16},
       .outputs = size(order) * order,
       .inputs = size(order) * order,
       .n = order,
       .goal = 2.5},
      {.name = "vector addition, 1.05 M",
       .cuda = vector_cuda,
       .opencl = vector_opencl,
       .plain = plain::vector_sum,
       .is_floating = true,
       .grid = million / 256,
       .block = 256,
       .outputs = size(million),
       .inputs = size(million),
       .n = million,
       .rounds = 21,
       .goal_seconds = 10e-3},
      {.name = "Collatz, 1.05 M (lanes diverge)",
       .cuda = collatz_cuda,
       .opencl = collatz_opencl,
       .plain = plain::collatz,
       .grid = million / 256,
       .block = 256,
       .outputs = size(million),
       .n = million,
       .rounds = 5},
  };
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const auto all = make();
  return all;
}

}  // namespace cujitsu::bench
