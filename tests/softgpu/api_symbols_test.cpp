// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "softgpu/api/errors.hpp"
#include "support/catch.hpp"

using namespace cujitsu::softgpu::api;

namespace {

bool resolves(const char* name, int version) {
  void* function = nullptr;
  int status = -1;
  const auto code = cuGetProcAddress_v2(name, &function, version, 0, &status);
  return code == 0 && status == 0 && function != nullptr;
}

}  // namespace

TEST_CASE("every function that cujitsu calls resolves with its version", "[softgpu][api]") {
#define REQUIRED(name, version, parameters) CHECK(resolves(#name, version));
#define OPTIONAL(name, version, parameters, feature) CHECK(resolves(#name, version));
#include "driver/symbols.inc"
#undef REQUIRED
#undef OPTIONAL
}

TEST_CASE("cuGetProcAddress picks the newest version that is not too new", "[softgpu][api]") {
  void* function = nullptr;
  int status = -1;
  REQUIRE(cuGetProcAddress_v2("cuCtxCreate", &function, 11040, 0, &status) == 0);
  CHECK(function == reinterpret_cast<void*>(&cuCtxCreate_v3));
  REQUIRE(cuGetProcAddress_v2("cuCtxCreate", &function, 13000, 0, &status) == 0);
  CHECK(function == reinterpret_cast<void*>(&cuCtxCreate_v4));
  REQUIRE(cuGetProcAddress_v2("cuLaunchKernel", &function, 13000, 2, &status) == 0);
  CHECK(function == reinterpret_cast<void*>(&cuLaunchKernel_ptsz));
  CHECK(cuGetProcAddress_v2("cuLibraryLoadData", &function, 11000, 0, &status) == 500);
  CHECK(status == 2);
  CHECK(function == nullptr);
  CHECK(cuGetProcAddress_v2("cuTexObjectCreate", &function, 13000, 0, &status) == 500);
  CHECK(status == 1);
  CHECK(cuGetProcAddress("cuMemAlloc", &function, 2000, 0) == 500);  // the 32-bit one
}

TEST_CASE("results have names and texts", "[softgpu][api]") {
  const char* text = nullptr;
  REQUIRE(cuGetErrorName(700, &text) == 0);
  CHECK(std::string(text) == "CUDA_ERROR_ILLEGAL_ADDRESS");
  REQUIRE(cuGetErrorString(2, &text) == 0);
  CHECK(std::string(text) == "out of memory");
  CHECK(cuGetErrorName(12345, &text) == 1);
  CHECK(text == nullptr);
}
