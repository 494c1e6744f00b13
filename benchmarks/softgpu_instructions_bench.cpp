// SPDX-License-Identifier: MIT
// What one instruction of one warp takes. Two kernels differ in how often their loop repeats the instruction; the
// difference of their times is divided by the difference of their instructions, which are counted in the PTX.
#include "benchmarks/softgpu_bench.hpp"
#include "benchmarks/softgpu_row.hpp"

#include <cujitsu/cujitsu.hpp>

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

namespace cujitsu::bench {
namespace {

struct Case {
  const char* name;
  const char* statement;
  double goal_ns;
};

constexpr double alu = 6;
constexpr double memory = 16;

// Lanes have addresses of their own: one after the other, or with a stride that scatters them.
constexpr Case cases[] = {
    {"add.u32", R"(asm volatile("add.u32 %0, %0, %1;" : "+r"(x) : "r"(y));)", alu},
    {"mad.lo.s32", R"(asm volatile("mad.lo.s32 %0, %0, %1, %1;" : "+r"(x) : "r"(y));)", alu},
    {"add.u64", R"(asm volatile("add.u64 %0, %0, %1;" : "+l"(wide) : "l"(wider));)", alu},
    {"fma.rn.f32", R"(asm volatile("fma.rn.f32 %0, %0, %1, %1;" : "+f"(f) : "f"(g));)", alu},
    {"setp.lt.s32 and selp.b32",
     R"(asm volatile("{.reg .pred p;\n\tsetp.lt.s32 p, %0, %1;\n\tselp.b32 %0, %1, %0, p;\n\t}" : "+r"(x) : "r"(y));)",
     alu},
    {"cvt.rn.f32.s32", R"(asm volatile("cvt.rn.f32.s32 %0, %1;" : "=f"(f) : "r"(x));)", alu},
    {"ld.global.u32", R"(asm volatile("ld.global.u32 %0, [%1];" : "=r"(x) : "l"(out + i));)", memory},
    {"st.global.u32", R"(asm volatile("st.global.u32 [%0], %1;" : : "l"(out + i), "r"(x));)", memory},
    {"ld.shared.u32", R"(asm volatile("ld.shared.u32 %0, [%1];" : "=r"(x) : "r"(own));)", memory},
    {"st.shared.u32", R"(asm volatile("st.shared.u32 [%0], %1;" : : "r"(own), "r"(x));)", memory},
    {"ld.local.u32", R"(asm volatile("ld.local.u32 %0, [%1];" : "=r"(x) : "l"(stack));)", memory},
    {"st.local.u32", R"(asm volatile("st.local.u32 [%0], %1;" : : "l"(stack), "r"(x));)", memory},
    {"ld.local.u32, scattered", R"(asm volatile("ld.local.u32 %0, [%1];" : "=r"(x) : "l"(deep));)", memory},
    {"st.local.u32, scattered", R"(asm volatile("st.local.u32 [%0], %1;" : : "l"(deep), "r"(x));)", memory},
    {"ld.global.u32, scattered", R"(asm volatile("ld.global.u32 %0, [%1];" : "=r"(x) : "l"(far));)", memory},
    {"st.global.u32, scattered", R"(asm volatile("st.global.u32 [%0], %1;" : : "l"(far), "r"(x));)", memory},
    {"ld.shared.u32, scattered", R"(asm volatile("ld.shared.u32 %0, [%1];" : "=r"(x) : "r"(other));)", memory},
    {"st.shared.u32, scattered", R"(asm volatile("st.shared.u32 [%0], %1;" : : "r"(other), "r"(x));)", memory},
};

constexpr unsigned blocks = 16;
constexpr unsigned threads = 256;
constexpr int iterations = 200;
constexpr unsigned elements = blocks * threads;

std::string source_of(const Case& each, int repeats) {
  std::string body;
  for (int i = 0; i < repeats; ++i) body.append("    ").append(each.statement).append("\n");
  return fmt::format(R"(
extern "C" __global__ void work(unsigned* out, int n) {{
  __shared__ unsigned shared[{1}];
  unsigned local[16];
  const unsigned i = blockIdx.x * {1} + threadIdx.x;
  unsigned* const far = out + (i * 1237u) % {2}u;
  const unsigned own = (unsigned)__cvta_generic_to_shared(shared + threadIdx.x);
  const unsigned other = (unsigned)__cvta_generic_to_shared(shared + threadIdx.x * 37u % {1});
  const size_t stack = __cvta_generic_to_local(local + (n & 7));
  const size_t deep = __cvta_generic_to_local(local + (threadIdx.x & 7));
  unsigned x = i, y = 3;
  unsigned long long wide = i, wider = 5;
  float f = i, g = 0.5f;
  shared[threadIdx.x] = x;
  local[threadIdx.x & 7] = x;
#pragma unroll 1
  for (int k = 0; k < n; ++k) {{
{0}  }}
  if (n < 0) out[i] = x + (unsigned)wide + (unsigned)f + shared[threadIdx.x] + local[n & 7] + y + (unsigned)g;
}})",
                     body, threads, elements);
}

int instructions_of(const std::string& ptx) {
  std::istringstream lines(ptx);
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    const char start = line[first];
    if ((start >= 'a' && start <= 'z') || start == '@') ++count;
  }
  return count;
}

class Loop {
 public:
  Loop(const Case& each, int repeats, const DeviceBuffer& out)
      : module_(source_of(each, repeats)),
        launch_(module_.get_function("work").bind({.grid = blocks, .block = threads}, out, iterations)) {}

  [[nodiscard]] int instructions() const { return instructions_of(module_.ptx()); }
  [[nodiscard]] double seconds() const {
    return cpu_seconds_of([&] {
      launch_();
      synchronize();
    });
  }

 private:
  SourceModule module_;
  BoundLaunch launch_;
};

void measure(const Case& each) {
  const auto out = mem_alloc(elements * sizeof(unsigned));
  memset_d32(out, 1, elements);
  const Loop few(each, 16, out);
  const Loop many(each, 48, out);
  const int more = many.instructions() - few.instructions();
  if (more < 32) throw std::runtime_error(fmt::format("{}: the instructions are not in the PTX", each.name));
  double least_few = std::numeric_limits<double>::infinity();
  double least_many = least_few;
  for (int round = 0; round < 25; ++round) {
    least_few = std::min(least_few, few.seconds());
    least_many = std::min(least_many, many.seconds());
  }
  const double warps = blocks * threads / 32;
  const double each_one = (least_many - least_few) / (warps * iterations * more);
  print_row(fmt::format("{}, an instruction of a warp", each.name), "the goal", each_one, each.goal_ns * 1e-9, 1.0);
}

}  // namespace

void measure_instructions() {
  for (const auto& each : cases) measure(each);
}

}  // namespace cujitsu::bench
