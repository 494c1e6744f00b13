// SPDX-License-Identifier: MIT
// Compiled code in the driver: one object for every device and context.
#pragma once

#include "driver/driver.hpp"

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/memory.hpp>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cujitsu {

/// Loads the cubin where the device can run it and the PTX where not. With cuLibrary (CUDA 12) one load serves every
/// context; with an older driver each context gets its own module. Loading happens on the first request and once; any
/// thread may ask. It is unloaded with the loader, or with the last graph that runs it. Throws LoadError, DriverError.
class CodeLoader {
 public:
  /// `code` must outlive the loader.
  explicit CodeLoader(const CompiledCode& code);
  ~CodeLoader();
  CodeLoader(const CodeLoader&) = delete;
  CodeLoader& operator=(const CodeLoader&) = delete;

  /// What cuLaunchKernel takes for the current context, which must be `context`.
  [[nodiscard]] FunctionHandle function(const std::string& lowered_name, ContextHandle context);
  /// Whether function() gives the same handle for every context.
  [[nodiscard]] bool is_context_independent();
  /// The variable in the current context.
  [[nodiscard]] DeviceSpan global(const std::string& lowered_name, ContextHandle context);
  void load(ContextHandle context);

  /// The parameters as the driver and the lowered name tell them, for machine code without PTX. Throws LoadError where
  /// the driver is older than CUDA 12.4.
  [[nodiscard]] KernelSignature signature(const KernelInfo& kernel, FunctionHandle function) const;

  [[nodiscard]] int attribute(FunctionHandle function, int attribute) const;
  void set_attribute(FunctionHandle function, int attribute, int value, const std::string& kernel) const;
  /// A plain function of the current context, for calls that take no context-independent kernel.
  [[nodiscard]] FunctionHandle plain_function(FunctionHandle function) const;

 private:
  enum class Image { cubin, ptx };
  struct JitLog;
  struct Loaded;
  struct Library {
    std::once_flag once;
    driver::LibraryHandle handle = nullptr;
    std::unique_ptr<JitLog> log;  // the driver may write to it for as long as the library lives, if it compiles lazily
  };
  struct Module {
    driver::ModuleHandle handle = nullptr;
    Image image = Image::cubin;
  };

  [[nodiscard]] Image image_for(driver::DeviceHandle device) const;
  [[nodiscard]] const std::string& bytes_of(Image image) const;
  [[nodiscard]] std::string advice_for(driver::Result result, Image image) const;
  [[nodiscard]] driver::LibraryHandle library(Image image);
  [[nodiscard]] driver::LibraryHandle library_for_current_device();
  [[nodiscard]] driver::ModuleHandle module(ContextHandle context);
  /// Remembers the function and its name, for graphs that run it.
  void note(driver::FunctionHandle function, const std::string& lowered_name);
  [[noreturn]] void raise(driver::Result result, const char* call, Image image, const JitLog* log) const;

  const CompiledCode& code_;
  std::array<Library, 2> libraries_;
  std::atomic<bool> cubin_refused_{false};  // by a driver that has no use for machine code, whatever its architecture
  std::mutex mutex_;
  std::map<ContextHandle, Module> modules_;  // without cuLibrary
  std::vector<driver::FunctionHandle> functions_;
};

}  // namespace cujitsu
