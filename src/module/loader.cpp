// SPDX-License-Identifier: MIT
#include "module/loader.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "compile/ptx_info.hpp"
#include "compile/signature.hpp"
#include "driver/capture_mode.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"
#include "runtime/graph_code.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace cujitsu {

using driver::api;
using driver::check;
using driver::result::success;

/// The driver's own compiler log, for PTX that it refuses.
struct CodeLoader::JitLog {
  std::array<char, 16384> text{};
  std::array<int, 2> options{driver::jit_option::error_log_buffer, driver::jit_option::error_log_buffer_size_bytes};
  std::array<void*, 2> values{text.data(), reinterpret_cast<void*>(text.size())};

  [[nodiscard]] std::string_view trimmed() const {
    const std::string_view whole(text.data(), text.size());
    return text::trim(whole.substr(0, whole.find('\0')));
  }
};

namespace {

struct MachineArch {
  int major = 0;
  int minor = 0;
  char suffix = '\0';
};

/// "sm_90a" -> 9, 0, 'a'.
MachineArch parse_arch(std::string_view arch) {
  MachineArch result;
  if (!arch.starts_with("sm_")) return result;
  arch.remove_prefix(3);
  if (!arch.empty() && (arch.back() == 'a' || arch.back() == 'f')) {
    result.suffix = arch.back();
    arch.remove_suffix(1);
  }
  const int number = std::atoi(std::string(arch).c_str());
  result.major = number / 10;
  result.minor = number % 10;
  return result;
}

}  // namespace

/// What the driver has loaded. Unloads it when the last owner goes: the loader, or a graph that still runs it.
struct CodeLoader::Loaded {
  std::vector<driver::LibraryHandle> libraries;
  std::vector<std::unique_ptr<JitLog>> logs;  // of the libraries, which may write to them
  std::vector<std::pair<ContextHandle, driver::ModuleHandle>> modules;
  std::vector<FunctionHandle> functions;

  Loaded() = default;
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded() {
    graph_code::forget(functions);
    const auto* table = driver::api_if_alive();
    if (table == nullptr) return;
    const driver::AllowedDuringCapture allowed(*table);
    for (const auto library : libraries) driver::report_failure(table->cuLibraryUnload(library), "cuLibraryUnload");
    for (const auto& [context, module] : modules) {
      const driver::ContextScope scope(context);
      if (scope.api() != nullptr) driver::report_failure(table->cuModuleUnload(module), "cuModuleUnload");
    }
  }
};

CodeLoader::CodeLoader(const CompiledCode& code) : code_(code) {}

CodeLoader::~CodeLoader() {
  const auto loaded = std::make_shared<Loaded>();
  for (auto& library : libraries_) {
    if (library.handle == nullptr) continue;
    loaded->libraries.push_back(library.handle);
    loaded->logs.push_back(std::move(library.log));
  }
  for (const auto& [context, module] : modules_) loaded->modules.emplace_back(context, module.handle);
  loaded->functions = std::move(functions_);
  graph_code::retire(loaded, loaded->functions);
}

void CodeLoader::note(FunctionHandle function, const std::string& lowered_name) {
  const auto kernel = std::ranges::find(code_.kernels, lowered_name, &KernelInfo::lowered_name);
  graph_code::note(function,
                   driver::launch_history::intern(kernel == code_.kernels.end() ? lowered_name : kernel->name));
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(functions_, function) == functions_.end()) functions_.push_back(function);
}

CodeLoader::Image CodeLoader::image_for(driver::DeviceHandle device) const {
  if (code_.cubin.empty()) return Image::ptx;
  if (code_.ptx.empty()) return Image::cubin;
  if (cubin_refused_.load(std::memory_order_acquire)) return Image::ptx;
  const auto arch = parse_arch(code_.arch);
  const int major = driver::device_attribute_value(driver::device_attribute::compute_capability_major, device);
  const int minor = driver::device_attribute_value(driver::device_attribute::compute_capability_minor, device);
  const bool fits =
      arch.suffix == 'a' ? major == arch.major && minor == arch.minor : major == arch.major && minor >= arch.minor;
  return fits ? Image::cubin : Image::ptx;
}

const std::string& CodeLoader::bytes_of(Image image) const { return image == Image::cubin ? code_.cubin : code_.ptx; }

std::string CodeLoader::advice_for(driver::Result result, Image image) const {
  const int version = driver::version_or_zero();
  const auto driver_text = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
  const auto what = fmt::format("the {} for {} from NVRTC {}", image == Image::ptx ? "PTX" : "machine code", code_.arch,
                                code_.compiler.version());
  switch (result) {
    case driver::result::unsupported_ptx_version:
      return fmt::format(
          "{} has PTX version {}, which is newer than what this driver ({}) compiles. Compile for the device's own "
          "architecture (leave arch out), use an NVRTC that is no newer than the driver, or update the driver",
          what, compiler::read_ptx(code_.ptx).version, driver_text);
    case driver::result::no_binary_for_gpu:
    case driver::result::invalid_image:
      return fmt::format(
          "{} does not run on this device (compute capability {}.{}, driver {})", what,
          driver::device_attribute_value(driver::device_attribute::compute_capability_major, driver::current_device()),
          driver::device_attribute_value(driver::device_attribute::compute_capability_minor, driver::current_device()),
          driver_text);
    default: return {};
  }
}

void CodeLoader::raise(driver::Result result, const char* call, Image image, const JitLog* log) const {
  auto advice = advice_for(result, image);
  if (log != nullptr && !log->trimmed().empty())
    advice += fmt::format("{}{}", advice.empty() ? "" : "\n  ", log->trimmed());
  driver::raise(result, call, image == Image::ptx ? "PTX" : "machine code", advice);
}

driver::LibraryHandle CodeLoader::library(Image image) {
  auto& library = libraries_[static_cast<std::size_t>(image)];
  // an exception leaves the flag unset, so that a later call tries again and gets the error anew
  std::call_once(library.once, [&] {
    driver::LibraryHandle handle = nullptr;
    auto log = image == Image::ptx ? std::make_unique<JitLog>() : nullptr;
    const driver::AllowedDuringCapture allowed(api());
    const auto result = api().cuLibraryLoadData(
        &handle, bytes_of(image).data(), log ? log->options.data() : nullptr, log ? log->values.data() : nullptr,
        log ? static_cast<unsigned>(log->options.size()) : 0, nullptr, nullptr, 0);
    if (result == driver::result::no_binary_for_gpu && image == Image::cubin && !code_.ptx.empty()) {
      log::debug("the driver has no use for the machine code for {}: loading the PTX", code_.arch);
      cubin_refused_.store(true, std::memory_order_release);
      return;
    }
    if (result != success) raise(result, "cuLibraryLoadData", image, log.get());
    library.log = std::move(log);
    library.handle = handle;
  });
  return library.handle == nullptr ? this->library(Image::ptx) : library.handle;
}

driver::LibraryHandle CodeLoader::library_for_current_device() { return library(image_for(driver::current_device())); }

driver::ModuleHandle CodeLoader::module(ContextHandle context) {
  const std::lock_guard lock(mutex_);
  if (const auto it = modules_.find(context); it != modules_.end()) return it->second.handle;
  Module module{nullptr, image_for(driver::current_device())};
  const driver::AllowedDuringCapture allowed(api());
  JitLog log;
  const auto load = [&] {
    const auto count = static_cast<unsigned>(module.image == Image::ptx ? log.options.size() : 0);
    return api().cuModuleLoadDataEx(&module.handle, bytes_of(module.image).data(), count, log.options.data(),
                                    log.values.data());
  };
  auto result = load();
  if (result == driver::result::no_binary_for_gpu && module.image == Image::cubin && !code_.ptx.empty()) {
    log::info("the driver has no use for the machine code for {}: loading the PTX", code_.arch);
    module.image = Image::ptx;
    result = load();
  }
  if (result != success) raise(result, "cuModuleLoadDataEx", module.image, &log);
  return modules_.emplace(context, module).first->second.handle;
}

bool CodeLoader::is_context_independent() {
  if (!api().has_libraries()) return false;
  const auto first = image_for(0);
  for (int device = 1; device < driver::device_count(); ++device)
    if (image_for(device) != first) return false;
  return true;
}

void CodeLoader::load(ContextHandle context) {
  if (api().has_libraries())
    static_cast<void>(library_for_current_device());
  else
    static_cast<void>(module(context));
}

FunctionHandle CodeLoader::function(const std::string& lowered_name, ContextHandle context) {
  if (!api().has_libraries()) {
    FunctionHandle function = nullptr;
    check(api().cuModuleGetFunction(&function, module(context), lowered_name.c_str()), "cuModuleGetFunction",
          [&] { return fmt::format("kernel '{}'", lowered_name); });
    note(function, lowered_name);
    return function;
  }
  auto image = image_for(driver::current_device());
  const auto loaded = library(image);
  image = image_for(driver::current_device());  // it may have been refused
  driver::KernelHandle kernel = nullptr;
  auto result = api().cuLibraryGetKernel(&kernel, loaded, lowered_name.c_str());
  if (result != success)
    raise(result, "cuLibraryGetKernel", image, libraries_[static_cast<std::size_t>(image)].log.get());
  // Loads the code into this context now: else the first launch would, and report what is wrong with it.
  FunctionHandle function = nullptr;
  const driver::AllowedDuringCapture allowed(api());
  result = api().cuKernelGetFunction(&function, kernel);
  if (result != success)
    raise(result, "cuKernelGetFunction", image, libraries_[static_cast<std::size_t>(image)].log.get());
  const auto everywhere = reinterpret_cast<FunctionHandle>(kernel);
  note(function, lowered_name);
  note(everywhere, lowered_name);
  return everywhere;  // cuLaunchKernel takes either since CUDA 12.0
}

DeviceSpan CodeLoader::global(const std::string& lowered_name, ContextHandle context) {
  DevicePointer address = 0;
  std::size_t bytes = 0;
  const auto describe = [&] { return fmt::format("variable '{}'", lowered_name); };
  if (api().has_libraries())
    check(api().cuLibraryGetGlobal(&address, &bytes, library_for_current_device(), lowered_name.c_str()),
          "cuLibraryGetGlobal", describe);
  else
    check(api().cuModuleGetGlobal(&address, &bytes, module(context), lowered_name.c_str()), "cuModuleGetGlobal",
          describe);
  return {address, bytes};
}

KernelSignature CodeLoader::signature(const KernelInfo& kernel, FunctionHandle function) const {
  const bool has_libraries = api().has_libraries();
  if (has_libraries ? api().cuKernelGetParamInfo == nullptr : api().cuFuncGetParamInfo == nullptr)
    throw LoadError(
        fmt::format(
            "kernel '{}' is there as machine code alone, and only a driver of CUDA 12.4 or newer tells what such "
            "a kernel takes; give its PTX as well",
            kernel.name),
        {});
  std::vector<ParameterType> parameters;
  for (std::size_t i = 0;; ++i) {
    ParameterType parameter;
    parameter.kind = ParameterKind::unknown;
    const auto result = has_libraries ? api().cuKernelGetParamInfo(reinterpret_cast<driver::KernelHandle>(function), i,
                                                                   &parameter.offset, &parameter.size)
                                      : api().cuFuncGetParamInfo(function, i, &parameter.offset, &parameter.size);
    if (result == driver::result::invalid_value) break;  // behind the last
    check(result, "cuKernelGetParamInfo", [&] { return fmt::format("kernel '{}'", kernel.name); });
    parameters.push_back(std::move(parameter));
  }
  return compiler::make_signature(std::move(parameters),
                                  {compiler::parse_function_name(text::demangle(kernel.lowered_name)), {}, {}});
}

int CodeLoader::attribute(FunctionHandle function, int attribute) const {
  int value = 0;
  if (api().has_libraries())
    check(api().cuKernelGetAttribute(&value, attribute, reinterpret_cast<driver::KernelHandle>(function),
                                     driver::current_device()),
          "cuKernelGetAttribute");
  else
    check(api().cuFuncGetAttribute(&value, attribute, function), "cuFuncGetAttribute");
  return value;
}

void CodeLoader::set_attribute(FunctionHandle function, int attribute, int value, const std::string& kernel) const {
  const auto describe = [&] { return fmt::format("kernel '{}'", kernel); };
  if (api().has_libraries())
    check(api().cuKernelSetAttribute(attribute, value, reinterpret_cast<driver::KernelHandle>(function),
                                     driver::current_device()),
          "cuKernelSetAttribute", describe);
  else
    check(api().cuFuncSetAttribute(function, attribute, value), "cuFuncSetAttribute", describe);
}

FunctionHandle CodeLoader::plain_function(FunctionHandle function) const {
  if (!api().has_libraries()) return function;
  FunctionHandle plain = nullptr;
  check(api().cuKernelGetFunction(&plain, reinterpret_cast<driver::KernelHandle>(function)), "cuKernelGetFunction");
  return plain;
}

}  // namespace cujitsu
