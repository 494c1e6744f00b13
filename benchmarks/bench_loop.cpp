// SPDX-License-Identifier: MIT
// The bare driver for Python, which opens this library with ctypes: benchmarks/launch_harness.py. Each function returns
// nullptr, or what went wrong, in a text that lives until the next failure; bench_count calls while callgrind counts.
#include "benchmarks/bare_driver.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using cujitsu::bench::BareDriver;

std::unique_ptr<const BareDriver> opened;

const char* failure_of(const auto& call) noexcept {
  static std::string text;
  try {
    call();
    return nullptr;
  } catch (const std::exception& error) {
    text = error.what();
    return text.c_str();
  }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED const char* bench_open(const char* path) {
  return failure_of([&] { opened = std::make_unique<const BareDriver>(path); });
}

EXPORTED const char* bench_load(const void* image, const char* name, void** function, void** kernel) {
  return failure_of([&] {
    const auto loaded = opened->load(image, name);
    *function = loaded.function;
    *kernel = loaded.kernel;
  });
}

EXPORTED const char* bench_synchronize() {
  return failure_of([] { opened->synchronize(); });
}

EXPORTED const char* bench_time_launches(void* function, unsigned grid, unsigned block, void** parameters, int count,
                                         double* nanoseconds) {
  return failure_of([&] {
    *nanoseconds = opened->time_launches({.function = static_cast<cujitsu::driver::FunctionHandle>(function),
                                          .grid = grid,
                                          .block = block,
                                          .stream = nullptr,
                                          .parameters = parameters},
                                         count);
  });
}

EXPORTED const char* bench_make_graph(void* function, unsigned grid, unsigned block, void** parameters, int kernels,
                                      void** exec, void** stream) {
  return failure_of([&] {
    const auto graph = opened->make_graph({.function = static_cast<cujitsu::driver::FunctionHandle>(function),
                                           .grid = grid,
                                           .block = block,
                                           .stream = nullptr,
                                           .parameters = parameters},
                                          kernels);
    *exec = graph.exec;
    *stream = graph.stream;
  });
}

EXPORTED const char* bench_time_graph(void* exec, void* stream, int count, int waiting, double* nanoseconds) {
  return failure_of([&] {
    *nanoseconds = opened->time_graph(
        {.exec = static_cast<CUgraphExec_st*>(exec), .stream = static_cast<cujitsu::StreamHandle>(stream)}, count,
        waiting != 0);
  });
}

EXPORTED const char* bench_read(void* host, std::uint64_t address, std::size_t bytes) {
  return failure_of([&] { opened->read(host, address, bytes); });
}

EXPORTED const char* bench_write(std::uint64_t address, const void* host, std::size_t bytes) {
  return failure_of([&] { opened->write(address, host, bytes); });
}

EXPORTED void bench_count(void (*call)()) {
  const auto region = [](void* data) { (*static_cast<void (**)()>(data))(); };
  cujitsu::bench::cujitsu_counted_region(region, &call);
}
