// SPDX-License-Identifier: MIT
// cuLibrary* and cuKernel*: modules without a context, loaded by each one that uses them.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/function_attributes.hpp"
#include "softgpu/api/load.hpp"

#include <fmt/format.h>

#include <atomic>

namespace cujitsu::softgpu::api {
namespace {

std::shared_ptr<Kernel> kernel_named(const std::shared_ptr<Library>& library, const std::string& name) {
  const std::lock_guard lock(library->mutex);
  if (const auto it = library->kernels.find(name); it != library->kernels.end()) return it->second;
  if (std::find(library->kernel_names.begin(), library->kernel_names.end(), name) == library->kernel_names.end())
    fail(result::not_found, fmt::format("the library has no kernel '{}'", name));
  auto kernel = std::make_shared<Kernel>();
  kernel->library = library;
  kernel->name = name;
  kernel->handle = registries().kernels.add(kernel);
  library->kernels.emplace(name, kernel);
  return kernel;
}

/// The names of the kernels, which tells whether the text loads at all.
std::vector<std::string> examine(const std::string& text, JitLog& log) {
  LoadedModule::Error error;
  const auto loaded = LoadedModule::load(text, devices().front()->memory, error);
  if (loaded != nullptr) return loaded->kernel_names();
  log.error(error.log);
  fail(error.code == 0 ? result::unknown : error.code, error.log);
}

LibraryHandle load(std::string text, JitLog& log) {
  static std::atomic<std::uint64_t> next_id{1};
  auto library = std::make_shared<Library>();
  library->id = next_id.fetch_add(1);
  library->text = std::move(text);
  if (const auto context = current_context_or_null(); context != nullptr && context->fault() == 0) {
    // Errors are reported now and not at the first use, and the work is not done twice.
    try {
      library->kernel_names = context->instance_of(library)->loaded->kernel_names();
    } catch (const Failure& failure) {
      log.error(failure.message);
      throw;
    }
  } else {
    library->kernel_names = examine(library->text, log);
  }
  log.info(fmt::format("info    : {} kernels loaded for the software device", library->kernel_names.size()));
  library->handle = registries().libraries.add(library);
  return library->handle;
}

/// A kernel as the device's contexts see it: in the current context when it is of that device, else in any other.
std::shared_ptr<Function> function_on(Kernel& kernel, DeviceHandle handle) {
  auto& device = device_of(handle);
  if (const auto context = current_context_or_null(); context != nullptr && &context->device == &device)
    return function_of(kernel, *context);
  for (const auto& context : registries().contexts.all())
    if (&context->device == &device) return function_of(kernel, *context);
  fail(result::invalid_context, fmt::format("device {} has no context", handle));
}

Result global(const char* function, DevicePointer* address, std::size_t* bytes, LibraryHandle library,
              const char* name) {
  return answer_in_context(function, [&](Context& context) {
    check_pointer(name, "the name");
    const auto found = context.instance_of(library_of(library))->loaded->global(name);
    if (found.bytes == 0) fail(result::not_found, fmt::format("the library has no variable '{}'", name));
    if (address != nullptr) *address = found.address;
    if (bytes != nullptr) *bytes = found.bytes;
  });
}

}  // namespace

extern "C" {

Result cuLibraryLoadData(LibraryHandle* library, const void* code, int* jit_options, void** jit_values,
                         unsigned jit_count, int*, void**, unsigned) {
  return answer("cuLibraryLoadData", [&] {
    check_pointer(library, "the library");
    JitLog log(jit_count, jit_options, jit_values);
    *library = load(text_of_image(code, log), log);
  });
}

Result cuLibraryLoadFromFile(LibraryHandle* library, const char* path, int* jit_options, void** jit_values,
                             unsigned jit_count, int*, void**, unsigned) {
  return answer("cuLibraryLoadFromFile", [&] {
    check_pointer(library, "the library");
    JitLog log(jit_count, jit_options, jit_values);
    *library = load(text_of_file(path, log), log);
  });
}

Result cuLibraryUnload(LibraryHandle handle) {
  return answer("cuLibraryUnload", [&] {
    check_capture_allows("cuLibraryUnload");
    const auto library = library_of(handle);
    for (const auto& context : registries().contexts.all()) {
      if (context->fault() == 0) context->drain();
      context->drop_instance(library->id);
    }
    registries().libraries.remove(handle);
    const std::lock_guard lock(library->mutex);
    for (const auto& [name, kernel] : library->kernels) registries().kernels.remove(kernel->handle);
  });
}

Result cuLibraryGetKernel(KernelHandle* kernel, LibraryHandle library, const char* name) {
  return answer("cuLibraryGetKernel", [&] {
    check_pointer(kernel, "the kernel");
    check_pointer(name, "the name");
    *kernel = kernel_named(library_of(library), name)->handle;
  });
}

Result cuLibraryGetKernelCount(unsigned* count, LibraryHandle library) {
  return answer("cuLibraryGetKernelCount", [&] {
    check_pointer(count, "the count");
    *count = static_cast<unsigned>(library_of(library)->kernel_names.size());
  });
}

Result cuLibraryEnumerateKernels(KernelHandle* kernels, unsigned count, LibraryHandle handle) {
  return answer("cuLibraryEnumerateKernels", [&] {
    check_pointer(kernels, "the list");
    const auto library = library_of(handle);
    for (unsigned i = 0; i < count && i < library->kernel_names.size(); ++i)
      kernels[i] = kernel_named(library, library->kernel_names[i])->handle;
  });
}

Result cuLibraryGetModule(ModuleHandle* module, LibraryHandle library) {
  return answer_in_context("cuLibraryGetModule", [&](Context& context) {
    check_pointer(module, "the module");
    *module = context.instance_of(library_of(library))->handle;
  });
}

Result cuLibraryGetGlobal(DevicePointer* address, std::size_t* bytes, LibraryHandle library, const char* name) {
  return global("cuLibraryGetGlobal", address, bytes, library, name);
}

Result cuLibraryGetManaged(DevicePointer* address, std::size_t* bytes, LibraryHandle library, const char* name) {
  return global("cuLibraryGetManaged", address, bytes, library, name);
}

Result cuKernelGetFunction(FunctionHandle* function, KernelHandle kernel) {
  return answer_in_context("cuKernelGetFunction", [&](Context& context) {
    check_pointer(function, "the function");
    *function = function_of(*kernel_of(kernel), context)->handle;
  });
}

Result cuKernelGetLibrary(LibraryHandle* library, KernelHandle kernel) {
  return answer("cuKernelGetLibrary", [&] {
    check_pointer(library, "the library");
    const auto owner = kernel_of(kernel)->library.lock();
    if (owner == nullptr) fail(result::invalid_handle, "the kernel's library was unloaded");
    *library = owner->handle;
  });
}

Result cuKernelGetAttribute(int* value, int attribute, KernelHandle kernel, DeviceHandle device) {
  return answer("cuKernelGetAttribute", [&] {
    check_pointer(value, "the value");
    *value = get_attribute(*function_on(*kernel_of(kernel), device), attribute);
  });
}

Result cuKernelSetAttribute(int attribute, int value, KernelHandle handle, DeviceHandle device) {
  return answer("cuKernelSetAttribute", [&] {
    const auto kernel = kernel_of(handle);
    set_attribute(*function_on(*kernel, device), attribute, value);
    // Remembered for the contexts to come.
    const std::lock_guard lock(kernel->mutex);
    kernel->attributes[{attribute, device}] = value;
  });
}

Result cuKernelSetCacheConfig(KernelHandle kernel, int config, DeviceHandle device) {
  return answer("cuKernelSetCacheConfig", [&] {
    if (config < 0 || config > 3) fail(result::invalid_value, fmt::format("{} is no cache configuration", config));
    const auto function = function_on(*kernel_of(kernel), device);
    const std::lock_guard lock(function->mutex);
    function->cache_config = config;
  });
}

Result cuKernelGetName(const char** name, KernelHandle kernel) {
  return answer("cuKernelGetName", [&] {
    check_pointer(name, "the name");
    *name = kernel_of(kernel)->name.c_str();
  });
}

Result cuKernelGetParamInfo(KernelHandle kernel, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  return answer_in_context("cuKernelGetParamInfo", [&](Context& context) {
    parameter_info(*function_of(*kernel_of(kernel), context)->facts, index, offset, bytes);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
