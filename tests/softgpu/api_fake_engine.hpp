// SPDX-License-Identifier: MIT
// An engine that runs host functions in place of PTX, to test the driver's face alone.
#pragma once

#include "softgpu/api/entry_points.hpp"
#include "softgpu/engine/launch.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace cujitsu::softgpu::fake {

/// PTX as far as the driver looks at it. It has the kernels below.
inline constexpr const char* ptx = ".version 8.0\n.target sm_80\n.address_size 64\n";

// Kernels: "store" (pointer, value): writes the value, 32 bits. "hold": stays until gate() opens. "fault": code 700.
// "print": prints. "heavy": 130 registers. "bounded": .maxntid 64. "exact": .reqntid 32. "refused": can not be lowered.
// "large": 50 000 bytes of static shared memory. Variable "table": 64 bytes.

/// Holds kernels and host functions.
class Gate {
 public:
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    reached_ = 0;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++reached_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int reached_ = 0;
};

Gate& gate();
/// What the last launch asked for.
LaunchRequest last_request();

/// The primary context of device 0, current; everything is put back at the end.
struct Context {
  Context() {
    using namespace api;
    cuInit(0);
    cuDevicePrimaryCtxRetain(&handle, 0);
    cuCtxPushCurrent_v2(handle);
    gate().open();
  }
  ~Context() {
    using namespace api;
    gate().open();
    cuCtxPopCurrent_v2(nullptr);
    cuDevicePrimaryCtxReset(0);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  api::FunctionHandle kernel(const char* name) {
    if (module == nullptr) api::cuModuleLoadData(&module, ptx);
    api::FunctionHandle function = nullptr;
    api::cuModuleGetFunction(&function, module, name);
    return function;
  }
  api::Result launch(const char* name, api::StreamHandle stream = nullptr, unsigned grid = 1, unsigned block = 32,
                     unsigned shared = 0, void** parameters = nullptr) {
    return api::cuLaunchKernel(kernel(name), grid, 1, 1, block, 1, 1, shared, stream, parameters, nullptr);
  }
  api::Result store(api::DevicePointer address, unsigned value, api::StreamHandle stream = nullptr) {
    void* parameters[] = {&address, &value};
    return launch("store", stream, 1, 1, 0, parameters);
  }

  api::ContextHandle handle = nullptr;
  api::ModuleHandle module = nullptr;
};

/// The log's new text.
inline std::string new_log() {
  static unsigned iterator = 0;
  std::string buffer(25600, '\0');
  std::size_t bytes = buffer.size();
  api::cuLogsDumpToMemory(&iterator, buffer.data(), &bytes, 0);
  buffer.resize(bytes);
  return buffer;
}

}  // namespace cujitsu::softgpu::fake
