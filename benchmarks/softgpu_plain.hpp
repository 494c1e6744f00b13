// SPDX-License-Identifier: MIT
// The plain C loops that kernels are compared with (PlainLoop), built for x86-64-v3 as softgpu's handlers are.
#pragma once

namespace cujitsu::bench::plain {

void fma_chain(void* out, const void* a, const void* b, int n, int m);
void random_numbers(void* out, const void* a, const void* b, int n, int m);
void mandelbrot(void* out, const void* a, const void* b, int n, int m);
void block_sums(void* out, const void* a, const void* b, int n, int m);
void strided_sums(void* out, const void* a, const void* b, int n, int m);
void matrix_product(void* out, const void* a, const void* b, int n, int m);
void vector_sum(void* out, const void* a, const void* b, int n, int m);
void collatz(void* out, const void* a, const void* b, int n, int m);

}  // namespace cujitsu::bench::plain
