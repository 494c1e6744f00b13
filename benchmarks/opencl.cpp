// SPDX-License-Identifier: MIT
#include "benchmarks/opencl.hpp"

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace cujitsu::bench {
namespace {

void check(cl_int result, const char* what) {
  if (result != CL_SUCCESS) throw std::runtime_error(fmt::format("{} failed: {}", what, result));
}

std::string text_of(cl_platform_id platform, cl_platform_info what) {
  std::size_t size = 0;
  check(clGetPlatformInfo(platform, what, 0, nullptr, &size), "clGetPlatformInfo");
  std::string text(size, '\0');
  check(clGetPlatformInfo(platform, what, size, text.data(), nullptr), "clGetPlatformInfo");
  return text.c_str();
}

/// The handles live as long as the process, which does nothing else.
class PoclKernel final : public OpenCl::Kernel {
 public:
  PoclKernel(cl_command_queue queue, cl_kernel kernel, cl_mem out, const OpenCl::Shape& shape)
      : queue_(queue), kernel_(kernel), out_(out), shape_(shape) {}

  void run() override {
    check(clEnqueueNDRangeKernel(queue_, kernel_, 2, nullptr, shape_.global, shape_.local, 0, nullptr, nullptr),
          "clEnqueueNDRangeKernel");
    check(clFinish(queue_), "clFinish");
  }

  void read(void* out, std::size_t bytes) override {
    check(clEnqueueReadBuffer(queue_, out_, CL_TRUE, 0, bytes, out, 0, nullptr, nullptr), "clEnqueueReadBuffer");
  }

 private:
  cl_command_queue queue_;
  cl_kernel kernel_;
  cl_mem out_;
  OpenCl::Shape shape_;
};

class Pocl final : public OpenCl {
 public:
  Pocl(cl_platform_id platform, cl_device_id device) : platform_(platform), device_(device) {
    cl_int result = CL_SUCCESS;
    context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &result);
    check(result, "clCreateContext");
    queue_ = clCreateCommandQueue(context_, device_, 0, &result);
    check(result, "clCreateCommandQueue");
  }

  [[nodiscard]] std::string describe() const override { return text_of(platform_, CL_PLATFORM_VERSION); }

  [[nodiscard]] std::unique_ptr<Kernel> make(std::string_view source, const Shape& shape, std::size_t output_bytes,
                                             const void* a, const void* b, std::size_t input_bytes, int n,
                                             int m) override {
    cl_int result = CL_SUCCESS;
    const char* text = source.data();
    const std::size_t length = source.size();
    auto* program = clCreateProgramWithSource(context_, 1, &text, &length, &result);
    check(result, "clCreateProgramWithSource");
    check(clBuildProgram(program, 1, &device_, "", nullptr, nullptr), "clBuildProgram");
    auto* kernel = clCreateKernel(program, "work", &result);
    check(result, "clCreateKernel");
    auto* out = buffer(nullptr, output_bytes);
    auto* left = buffer(a, input_bytes);
    auto* right = buffer(b, input_bytes);
    check(clSetKernelArg(kernel, 0, sizeof out, &out), "clSetKernelArg");
    check(clSetKernelArg(kernel, 1, sizeof left, &left), "clSetKernelArg");
    check(clSetKernelArg(kernel, 2, sizeof right, &right), "clSetKernelArg");
    check(clSetKernelArg(kernel, 3, sizeof n, &n), "clSetKernelArg");
    check(clSetKernelArg(kernel, 4, sizeof m, &m), "clSetKernelArg");
    return std::make_unique<PoclKernel>(queue_, kernel, out, shape);
  }

 private:
  cl_mem buffer(const void* data, std::size_t bytes) {
    cl_int result = CL_SUCCESS;
    auto* memory = clCreateBuffer(context_, CL_MEM_READ_WRITE, std::max<std::size_t>(bytes, 16), nullptr, &result);
    check(result, "clCreateBuffer");
    if (data != nullptr && bytes != 0)
      check(clEnqueueWriteBuffer(queue_, memory, CL_TRUE, 0, bytes, data, 0, nullptr, nullptr), "clEnqueueWriteBuffer");
    return memory;
  }

  cl_platform_id platform_;
  cl_device_id device_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
};

}  // namespace

std::unique_ptr<OpenCl> OpenCl::open(std::string& why_not) {
  cl_uint count = 0;
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS || count == 0) {
    why_not = "there is no OpenCL platform (Debian: pocl-opencl-icd)";
    return nullptr;
  }
  std::vector<cl_platform_id> platforms(count);
  check(clGetPlatformIDs(count, platforms.data(), nullptr), "clGetPlatformIDs");
  for (auto* platform : platforms) {
    cl_device_id device = nullptr;
    if (!text_of(platform, CL_PLATFORM_NAME).starts_with("Portable Computing Language")) continue;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device, nullptr) == CL_SUCCESS)
      return std::make_unique<Pocl>(platform, device);
  }
  why_not = "no OpenCL platform is PoCL with a CPU device";
  return nullptr;
}

}  // namespace cujitsu::bench
