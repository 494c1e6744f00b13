// SPDX-License-Identifier: MIT
// What the launch benchmarks launch, from C++, from Python and through the peers. Kernels of next to no work.

extern "C" __global__ void saxpy(float* y, const float* x, float a, int n) {
  const int k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k < n) y[k] = a * x[k] + y[k];
}

extern "C" __global__ void mixed(float* y, const float* x, const double* d, const int* i, float a, double b, int n,
                                 unsigned m, long long p, unsigned long long q, short s, unsigned char c, float e, int f,
                                 bool g, double h) {
  const int k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k < n) y[k] = (float)(a * x[k] + b * d[k] + i[k] + m + p + q + s + c + e + f + g + h);
}
