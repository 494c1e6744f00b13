// SPDX-License-Identifier: MIT
#include "benchmarks/softgpu_plain.hpp"

namespace cujitsu::bench::plain {

void fma_chain(void* out, const void* a, const void* b, int n, int m) {
  auto* y = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  const auto* c = static_cast<const float*>(b);
  for (int i = 0; i < n; ++i) {
    float value = x[i];
    const float factor = c[i];
    for (int k = 0; k < m; ++k) {
      value = __builtin_fmaf(value, factor, 0.5F);
      value = __builtin_fmaf(value, factor, 0.25F);
      value = __builtin_fmaf(value, factor, 0.125F);
      value = __builtin_fmaf(value, factor, 0.0625F);
    }
    y[i] = value;
  }
}

void random_numbers(void* out, const void* a, const void*, int n, int m) {
  auto* y = static_cast<unsigned*>(out);
  const auto* seed = static_cast<const unsigned*>(a);
  for (int i = 0; i < n; ++i) {
    unsigned value = seed[i];
    for (int k = 0; k < m; ++k) value = value * 1664525U + 1013904223U;
    y[i] = value;
  }
}

void mandelbrot(void* out, const void*, const void*, int n, int m) {
  auto* y = static_cast<unsigned*>(out);
  const float step = 3.0F / static_cast<float>(n);
  for (int row = 0; row < n; ++row)
    for (int column = 0; column < n; ++column) {
      const float cx = static_cast<float>(column) * step - 2.0F;
      const float cy = static_cast<float>(row) * step - 1.5F;
      float zx = 0;
      float zy = 0;
      int k = 0;
      while (k < m && zx * zx + zy * zy < 4.0F) {
        const float next = zx * zx - zy * zy + cx;
        zy = 2.0F * zx * zy + cy;
        zx = next;
        ++k;
      }
      y[row * n + column] = static_cast<unsigned>(k);
    }
}

void block_sums(void* out, const void* a, const void*, int n, int m) {
  auto* y = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  for (int block = 0; block < n / m; ++block) {
    float sums[8] = {};  // as many as a vector has, or the order of the additions would forbid one
    for (int i = 0; i < m; i += 8)
      for (int k = 0; k < 8; ++k) sums[k] += x[block * m + i + k];
    float sum = 0;
    for (const float part : sums) sum += part;
    y[block] = sum;
  }
}

void strided_sums(void* out, const void* a, const void* b, int n, int m) {
  constexpr int chunk = 256;
  auto* y = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  for (int block = 0; block < m; ++block) y[block] = 0;
  for (int i = 0; i < n / chunk; ++i) {
    float sum = 0;
    block_sums(&sum, x + i * chunk, b, chunk, chunk);
    y[i % m] += sum;
  }
}

void matrix_product(void* out, const void* a, const void* b, int n, int) {
  auto* z = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  const auto* y = static_cast<const float*>(b);
  for (int row = 0; row < n; ++row) {
    for (int column = 0; column < n; ++column) z[row * n + column] = 0;
    for (int k = 0; k < n; ++k)
      for (int column = 0; column < n; ++column) z[row * n + column] += x[row * n + k] * y[k * n + column];
  }
}

void vector_sum(void* out, const void* a, const void* b, int n, int) {
  auto* z = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  const auto* y = static_cast<const float*>(b);
  for (int i = 0; i < n; ++i) z[i] = x[i] + y[i];
}

void collatz(void* out, const void*, const void*, int n, int) {
  auto* y = static_cast<unsigned*>(out);
  for (int i = 0; i < n; ++i) {
    unsigned value = static_cast<unsigned>(i) + 1;
    unsigned steps = 0;
    while (value != 1) {
      value = (value & 1U) != 0 ? 3 * value + 1 : value / 2;
      ++steps;
    }
    y[i] = steps;
  }
}

}  // namespace cujitsu::bench::plain
