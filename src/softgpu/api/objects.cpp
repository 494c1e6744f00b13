// SPDX-License-Identifier: MIT
#include "softgpu/api/objects.hpp"

#include "softgpu/api/call.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

template <class Registry, class Handle>
auto found(const Registry& registry, Handle handle, Result code, const char* what) {
  auto object = registry.find(handle);
  if (object == nullptr)
    fail(code, fmt::format("{} is {}", static_cast<const void*>(handle),
                           handle == nullptr           ? fmt::format("no {}", what)
                           : registry.is_stale(handle) ? fmt::format("a {} that was destroyed", what)
                                                       : fmt::format("no {}", what)));
  return object;
}

}  // namespace

Registries& registries() {
  static auto* instance = new Registries;
  return *instance;
}

Module::~Module() {
  for (const auto& [name, function] : functions) registries().functions.remove(function->handle);
}

std::shared_ptr<Function> Module::function(std::string_view name) {
  const std::lock_guard lock(mutex);
  if (const auto it = functions.find(name); it != functions.end()) return it->second;
  const auto* facts = loaded->kernel(name);
  if (facts == nullptr) return nullptr;
  auto function = std::make_shared<Function>();
  function->module = self;
  function->loaded = loaded;
  function->facts = facts;
  function->handle = registries().functions.add(function);
  functions.emplace(std::string(name), function);
  return function;
}

Library::~Library() {
  for (const auto& [name, kernel] : kernels) registries().kernels.remove(kernel->handle);
}

Device& device_of(DeviceHandle handle) {
  const auto& all = devices();
  if (handle < 0 || static_cast<std::size_t>(handle) >= all.size())
    fail(result::invalid_device, fmt::format("there is no device {}; there are {}", handle, all.size()));
  return *all[static_cast<std::size_t>(handle)];
}

std::shared_ptr<Context> context_of(ContextHandle handle) {
  const auto& all = registries().contexts;
  return found(all, handle, all.is_stale(handle) ? result::context_is_destroyed : result::invalid_context, "context");
}

std::shared_ptr<Event> event_of(EventHandle handle) {
  return found(registries().events, handle, result::invalid_handle, "event");
}
std::shared_ptr<Module> module_of(ModuleHandle handle) {
  return found(registries().modules, handle, result::invalid_handle, "module");
}
std::shared_ptr<Library> library_of(LibraryHandle handle) {
  return found(registries().libraries, handle, result::invalid_handle, "library");
}
std::shared_ptr<Kernel> kernel_of(KernelHandle handle) {
  return found(registries().kernels, handle, result::invalid_handle, "kernel");
}
std::shared_ptr<Graph> graph_of(GraphHandle handle) {
  return found(registries().graphs, handle, result::invalid_value, "graph");
}
std::shared_ptr<Pool> pool_of(PoolHandle handle) {
  return found(registries().pools, handle, result::invalid_value, "memory pool");
}

std::shared_ptr<Function> function_of(FunctionHandle handle) {
  if (auto function = registries().functions.find(handle)) return function;
  return function_of(handle, *current_context());
}

std::shared_ptr<Function> function_of(FunctionHandle handle, Context& context) {
  if (auto function = registries().functions.find(handle)) return function;
  if (const auto kernel = registries().kernels.find(reinterpret_cast<KernelHandle>(handle)))
    return function_of(*kernel, context);
  return found(registries().functions, handle, result::invalid_handle, "function");
}

std::shared_ptr<Function> function_of(Kernel& kernel, Context& context) {
  const auto library = kernel.library.lock();
  if (library == nullptr) fail(result::invalid_handle, "the kernel's library has been unloaded");
  auto function = context.instance_of(library)->function(kernel.name);
  if (function == nullptr) fail(result::not_found, fmt::format("the library has no kernel '{}'", kernel.name));
  const std::lock_guard lock(kernel.mutex);
  for (const auto& [key, value] : kernel.attributes) {
    if (key.second != context.device.ordinal) continue;
    const std::lock_guard function_lock(function->mutex);
    if (key.first == 8) function->max_dynamic_shared = static_cast<unsigned>(value);
    if (key.first == 9) function->carveout = value;
  }
  return function;
}

StreamReference stream_of(StreamHandle handle) {
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  if (number <= 2) {
    auto context = current_context();
    context->check_alive();
    const bool per_thread = number == 2 || (number == 0 && default_is_per_thread());
    auto stream = per_thread ? context->per_thread_stream() : context->legacy_stream();
    return {std::move(context), std::move(stream)};
  }
  auto stream = found(registries().streams, handle, result::invalid_handle, "stream");
  auto context = stream->context.lock();
  if (context == nullptr) fail(result::invalid_handle, "the stream's context was destroyed");
  context->check_alive();
  return {std::move(context), std::move(stream)};
}

}  // namespace cujitsu::softgpu::api
