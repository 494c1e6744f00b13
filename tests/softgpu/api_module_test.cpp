// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <cstring>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a module gives its kernels and variables", "[softgpu][api]") {
  const fake::Context context;
  ModuleHandle module = nullptr;
  REQUIRE(cuModuleLoadData(&module, fake::ptx) == 0);
  FunctionHandle function = nullptr;
  REQUIRE(cuModuleGetFunction(&function, module, "store") == 0);
  CHECK(cuModuleGetFunction(&function, module, "missing") == 500);
  DevicePointer address = 0;
  std::size_t bytes = 0;
  REQUIRE(cuModuleGetGlobal_v2(&address, &bytes, module, "table") == 0);
  CHECK(bytes == 64);
  CHECK(cuModuleGetGlobal_v2(&address, &bytes, module, "missing") == 500);
  const char* name = nullptr;
  CHECK(cuFuncGetName(&name, function) == 0);
  CHECK(std::string(name) == "store");
  std::size_t offset = 0;
  CHECK(cuFuncGetParamInfo(function, 1, &offset, &bytes) == 0);
  CHECK(offset == 8);
  CHECK(bytes == 4);
  CHECK(cuFuncGetParamInfo(function, 2, &offset, &bytes) == 1);
  CHECK(cuModuleUnload(module) == 0);
  CHECK(cuModuleUnload(module) == 400);
  CHECK(cuFuncGetName(&name, function) == 400);
  CHECK(cuModuleGetFunction(&function, reinterpret_cast<ModuleHandle>(0x10), "store") == 400);
}

TEST_CASE("what does not load says why, in the log that the options name", "[softgpu][api]") {
  const fake::Context context;
  const auto load = [](const char* image, std::string& log) {
    char buffer[200] = "untouched";
    int options[] = {5, 6};
    void* values[] = {buffer, reinterpret_cast<void*>(sizeof buffer)};
    ModuleHandle module = nullptr;
    const auto code = cuModuleLoadDataEx(&module, image, 2, options, values);
    log = buffer;
    CHECK(reinterpret_cast<std::size_t>(values[1]) == log.size());
    return code;
  };
  std::string log;
  CHECK(load(".version 8.0 broken", log) == 218);
  CHECK_THAT(log, ContainsSubstring("line 4; fatal   : Parsing error"));
  CHECK(load(".version 9.9", log) == 222);
  CHECK(load("rubbish", log) == 200);
  CHECK_THAT(log, ContainsSubstring("is not recognized"));
  CHECK(load("", log) == 200);
  CHECK(load("\x7f"
             "ELF\x02",
             log) == 209);
  CHECK_THAT(log, ContainsSubstring("PTX"));
  CHECK(load("\x50\xed\x55\xba", log) == 209);
  ModuleHandle module = nullptr;
  CHECK(cuModuleLoadData(&module, nullptr) == 1);
  CHECK(cuModuleLoadFatBinary(&module, "x") == 209);
  CHECK(cuModuleLoad(&module, "/does/not/exist") == 301);
}

TEST_CASE("a library is loaded by each context for itself", "[softgpu][api]") {
  fake::Context context;
  LibraryHandle library = nullptr;
  REQUIRE(cuLibraryLoadData(&library, fake::ptx, nullptr, nullptr, 0, nullptr, nullptr, 0) == 0);
  KernelHandle kernel = nullptr;
  REQUIRE(cuLibraryGetKernel(&kernel, library, "store") == 0);
  CHECK(cuLibraryGetKernel(&kernel, library, "missing") == 500);
  DevicePointer first = 0, second = 0;
  std::size_t bytes = 0;
  REQUIRE(cuLibraryGetGlobal(&first, &bytes, library, "table") == 0);
  FunctionHandle function = nullptr, other_function = nullptr;
  REQUIRE(cuKernelGetFunction(&function, kernel) == 0);
  int value = 0;
  CHECK(cuKernelSetAttribute(8, 100000, kernel, 0) == 0);
  CHECK(cuKernelGetAttribute(&value, 8, kernel, 0) == 0);
  CHECK(value == 100000);

  ContextHandle other = nullptr;
  REQUIRE(cuCtxCreate_v2(&other, 0, 0) == 0);
  REQUIRE(cuLibraryGetGlobal(&second, &bytes, library, "table") == 0);
  CHECK(first != second);
  REQUIRE(cuKernelGetFunction(&other_function, kernel) == 0);
  CHECK(function != other_function);
  CHECK(cuFuncGetAttribute(&value, 8, other_function) == 0);
  CHECK(value == 100000);
  unsigned number = 9;
  void* parameters[] = {&second, &number};
  CHECK(cuLaunchKernel(reinterpret_cast<FunctionHandle>(kernel), 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr) ==
        0);
  CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr) == 201);  // of the other context
  CHECK(cuCtxSynchronize() == 0);
  CHECK(*reinterpret_cast<unsigned*>(second) == 9);
  CHECK(cuCtxDestroy_v2(other) == 0);
  CHECK(cuFuncGetAttribute(&value, 8, other_function) == 400);
  CHECK(cuLibraryUnload(library) == 0);
  CHECK(cuLibraryUnload(library) == 400);
  CHECK(cuFuncGetAttribute(&value, 8, function) == 400);
  CHECK(cuLibraryLoadData(&library, ".version broken", nullptr, nullptr, 0, nullptr, nullptr, 0) == 218);
}

TEST_CASE("texts are linked to an image that loads", "[softgpu][api]") {
  fake::Context context;
  char log[64] = "?";
  int options[] = {5, 6};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  void *state = nullptr, *image = nullptr;
  std::size_t bytes = 0;
  REQUIRE(cuLinkCreate_v2(2, options, values, &state) == 0);
  const auto add = [&](std::string text, int type = 1) {
    return cuLinkAddData_v2(state, type, text.data(), text.size(), "a.ptx", 0, nullptr, nullptr);
  };
  CHECK(add(".version 8.0 broken") == 218);
  CHECK(std::string(log) == "ptxas fatal   : broken");
  CHECK(reinterpret_cast<std::uintptr_t>(values[1]) == std::strlen(log));
  CHECK(add("no such thing") == 200);
  CHECK(add("\x7f"
            "ELF") == 209);
  CHECK(add(fake::ptx, 6) == 1);
  CHECK(add(fake::ptx, 4) == 801);
  CHECK(cuLinkAddFile_v2(state, 1, "/does/not/exist.ptx", 0, nullptr, nullptr) == 301);
  REQUIRE(add(fake::ptx) == 0);
  REQUIRE(cuLinkComplete(state, &image, &bytes) == 0);
  CHECK(bytes == std::strlen(static_cast<char*>(image)) + 1);
  ModuleHandle module = nullptr;
  REQUIRE(cuModuleLoadData(&module, image) == 0);
  FunctionHandle function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "store") == 0);
  CHECK(cuLinkComplete(state, &image, &bytes) == 400);
  CHECK(add(fake::ptx) == 1);
  CHECK(cuLinkDestroy(state) == 0);
  CHECK(cuLinkDestroy(state) == 400);
  CHECK(cuLinkComplete(state, &image, &bytes) == 400);
}

TEST_CASE("a link that fails gives the linker's message and code", "[softgpu][api]") {
  fake::Context context;
  void *state = nullptr, *image = nullptr;
  const auto add = [&](std::string text) {
    return cuLinkAddData_v2(state, 1, text.data(), text.size(), "b.ptx", 0, nullptr, nullptr);
  };
  REQUIRE(cuLinkCreate_v2(0, nullptr, nullptr, &state) == 0);
  (void)fake::new_log();
  CHECK(add(".version 8.0 // twice") == 300);
  CHECK_THAT(fake::new_log(), ContainsSubstring("cuLinkAddData: error   : Multiple definition in 'b.ptx'"));
  CHECK(cuLinkDestroy(state) == 0);
  REQUIRE(cuLinkCreate_v2(0, nullptr, nullptr, &state) == 0);
  CHECK(add(".version 8.0 // undefined") == 0);
  CHECK(cuLinkComplete(state, &image, nullptr) == 300);
  CHECK(cuLinkDestroy(state) == 0);
}
