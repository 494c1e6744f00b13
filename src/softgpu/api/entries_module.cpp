// SPDX-License-Identifier: MIT
// cuModule*.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/load.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

Result load(const char* function, ModuleHandle* module, const void* image, unsigned count, int* options,
            void** values) {
  return answer_in_context(function, [&](Context& context) {
    check_pointer(module, "the module");
    JitLog log(count, options, values);
    *module = load_module(context, text_of_image(image, log), false, &log)->handle;
  });
}

}  // namespace

extern "C" {

Result cuModuleLoad(ModuleHandle* module, const char* path) {
  return answer_in_context("cuModuleLoad", [&](Context& context) {
    check_pointer(module, "the module");
    JitLog log(0, nullptr, nullptr);
    *module = load_module(context, text_of_file(path, log), false, &log)->handle;
  });
}

Result cuModuleLoadData(ModuleHandle* module, const void* image) {
  return load("cuModuleLoadData", module, image, 0, nullptr, nullptr);
}

Result cuModuleLoadDataEx(ModuleHandle* module, const void* image, unsigned count, int* options, void** values) {
  return load("cuModuleLoadDataEx", module, image, count, options, values);
}

Result cuModuleLoadFatBinary(ModuleHandle* module, const void* image) {
  return answer_in_context("cuModuleLoadFatBinary", [&](Context&) {
    check_pointer(module, "the module");
    check_pointer(image, "the image");
    fail(result::no_binary_for_gpu, "the image is a fat binary. The software device needs PTX");
  });
}

Result cuModuleUnload(ModuleHandle handle) {
  return answer_in_context("cuModuleUnload", [&](Context&) {
    check_capture_allows("cuModuleUnload");
    const auto module = module_of(handle);
    if (module->of_library)
      fail(result::invalid_handle, "the module belongs to a library, which is unloaded as a whole");
    const auto owner = module->context.lock();
    if (owner != nullptr) owner->drain();
    registries().modules.remove(handle);
    const std::lock_guard lock(module->mutex);
    for (const auto& [name, function] : module->functions) registries().functions.remove(function->handle);
  });
}

Result cuModuleGetFunction(FunctionHandle* function, ModuleHandle handle, const char* name) {
  return answer_in_context("cuModuleGetFunction", [&](Context&) {
    check_pointer(function, "the function");
    check_pointer(name, "the name");
    const auto found = module_of(handle)->function(name);
    if (found == nullptr) fail(result::not_found, fmt::format("the module has no kernel '{}'", name));
    *function = found->handle;
  });
}

Result cuModuleGetGlobal_v2(DevicePointer* address, std::size_t* bytes, ModuleHandle handle, const char* name) {
  return answer_in_context("cuModuleGetGlobal", [&](Context&) {
    check_pointer(name, "the name");
    const auto global = module_of(handle)->loaded->global(name);
    if (global.bytes == 0) fail(result::not_found, fmt::format("the module has no variable '{}'", name));
    if (address != nullptr) *address = global.address;
    if (bytes != nullptr) *bytes = global.bytes;
  });
}

Result cuModuleGetFunctionCount(unsigned* count, ModuleHandle module) {
  return answer_in_context("cuModuleGetFunctionCount", [&](Context&) {
    check_pointer(count, "the count");
    *count = static_cast<unsigned>(module_of(module)->loaded->kernel_names().size());
  });
}

Result cuModuleEnumerateFunctions(FunctionHandle* functions, unsigned count, ModuleHandle handle) {
  return answer_in_context("cuModuleEnumerateFunctions", [&](Context&) {
    check_pointer(functions, "the list");
    const auto module = module_of(handle);
    unsigned i = 0;
    for (const auto& name : module->loaded->kernel_names())
      if (i < count) functions[i++] = module->function(name)->handle;
  });
}

Result cuModuleGetLoadingMode(int* mode) {
  return answer("cuModuleGetLoadingMode", [&] {
    check_pointer(mode, "the mode");
    *mode = 2;  // lazy: functions are lowered when they are first launched
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
