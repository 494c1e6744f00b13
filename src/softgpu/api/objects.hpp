// SPDX-License-Identifier: MIT
// What handles stand for, and where they are registered.
#pragma once

#include "softgpu/api/context.hpp"
#include "softgpu/api/event.hpp"
#include "softgpu/api/graph.hpp"
#include "softgpu/api/graph_exec.hpp"
#include "softgpu/api/handles.hpp"
#include "softgpu/api/memory.hpp"
#include "softgpu/api/user_object.hpp"
#include "softgpu/engine/address_space.hpp"
#include "softgpu/engine/launch.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace cujitsu::softgpu::api {

struct Device {
  Device(int number, std::uint64_t bytes, bool tracks_writes) : ordinal(number), memory(bytes, tracks_writes) {}

  const int ordinal;
  AddressSpace memory;
  AllocationBook book;
  std::shared_ptr<Pool> default_pool;
  std::shared_ptr<Pool> pool;  ///< the current one. Guarded by mutex

  std::mutex mutex;
  std::shared_ptr<Context> primary;
  unsigned primary_uses = 0;
  unsigned primary_flags = 0;
};

/// A kernel in a module.
struct Function {
  std::weak_ptr<Module> module;
  const KernelFacts* facts = nullptr;  ///< lives as long as `loaded`
  std::shared_ptr<LoadedModule> loaded;
  FunctionHandle handle = nullptr;

  std::mutex mutex;
  std::optional<unsigned> max_dynamic_shared;  ///< as set by cuFuncSetAttribute
  int carveout = -1;
  int cache_config = 0;
  std::optional<std::string> not_runnable;  ///< why_not_runnable's answer
};

struct Module {
  std::weak_ptr<Context> context;
  std::shared_ptr<LoadedModule> loaded;
  ModuleHandle handle = nullptr;
  bool of_library = false;

  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Function>, std::less<>> functions;

  ~Module();
  /// nullptr: there is no such kernel.
  std::shared_ptr<Function> function(std::string_view name);

  std::weak_ptr<Module> self;
};

struct Kernel;

/// PTX that every context loads for itself when it first needs it.
struct Library {
  std::uint64_t id = 0;
  std::string text;
  LibraryHandle handle = nullptr;
  std::vector<std::string> kernel_names;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Kernel>, std::less<>> kernels;

  ~Library();
};

struct Kernel {
  std::weak_ptr<Library> library;
  std::string name;
  KernelHandle handle = nullptr;
  std::mutex mutex;
  std::map<std::pair<int, int>, int> attributes;  ///< set by cuKernelSetAttribute: {attribute, device} -> value
};

struct Registries {
  Registry<ContextHandle, Context, 1> contexts;
  Registry<StreamHandle, Stream, 2> streams;
  Registry<EventHandle, Event, 3> events;
  Registry<ModuleHandle, Module, 4> modules;
  Registry<FunctionHandle, Function, 5> functions;
  Registry<LibraryHandle, Library, 6> libraries;
  Registry<KernelHandle, Kernel, 7> kernels;
  Registry<PoolHandle, Pool, 8> pools;
  Registry<GraphHandle, Graph, 9> graphs;
  Registry<NodeHandle, GraphNode, 10> nodes;
  Registry<GraphExecHandle, GraphExec, 11> graph_execs;
  Registry<UserObjectHandle, UserObject, 12> user_objects;
};

/// Never destroyed: threads may be at work while the process ends.
[[nodiscard]] Registries& registries();

/// The devices, made by cuInit. Never destroyed.
[[nodiscard]] const std::vector<std::unique_ptr<Device>>& devices();
[[nodiscard]] Device& device_of(DeviceHandle handle);

// Each fails, with the result that CUDA gives, when the handle is none.
[[nodiscard]] std::shared_ptr<Context> context_of(ContextHandle handle);
[[nodiscard]] std::shared_ptr<Event> event_of(EventHandle handle);
[[nodiscard]] std::shared_ptr<Module> module_of(ModuleHandle handle);
[[nodiscard]] std::shared_ptr<Library> library_of(LibraryHandle handle);
[[nodiscard]] std::shared_ptr<Kernel> kernel_of(KernelHandle handle);
[[nodiscard]] std::shared_ptr<Graph> graph_of(GraphHandle handle);
[[nodiscard]] std::shared_ptr<Pool> pool_of(PoolHandle handle);
/// A function, or a kernel's function in the current context: the driver takes either.
[[nodiscard]] std::shared_ptr<Function> function_of(FunctionHandle handle);
[[nodiscard]] std::shared_ptr<Function> function_of(FunctionHandle handle, Context& context);
[[nodiscard]] std::shared_ptr<Function> function_of(Kernel& kernel, Context& context);

/// A stream and its context, which is alive. 0, 1 and 2 are the default streams of the current one.
struct StreamReference {
  std::shared_ptr<Context> context;
  std::shared_ptr<Stream> stream;
};
[[nodiscard]] StreamReference stream_of(StreamHandle handle);

}  // namespace cujitsu::softgpu::api
