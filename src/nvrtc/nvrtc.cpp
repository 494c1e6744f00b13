// SPDX-License-Identifier: MIT
#include "nvrtc/nvrtc.hpp"

#include "base/dynamic_library.hpp"
#include "base/log.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <map>
#include <mutex>

namespace cujitsu::nvrtc {
namespace {

[[noreturn]] void raise(const std::string& path, const std::string& reason) {
  throw LoadError(fmt::format("NVRTC can not be used: {}: {}", path, reason), {path + ": " + reason});
}

Nvrtc open(const Toolkit& toolkit) {
  std::string error;
  // NVRTC opens its builtins by soname when it first compiles. Opened here by path, the loader finds these again, and
  // never another install's that happens to be on its search path.
  if (!DynamicLibrary::open(toolkit.builtins, error)) raise(toolkit.builtins, error);
  const auto library = DynamicLibrary::open(toolkit.library, error);
  if (!library) raise(toolkit.library, error);

  Nvrtc nvrtc{};
  nvrtc.path = library.path();
  nvrtc.builtins = toolkit.builtins;
  const auto find = [&]<class Function>(const char* name, Function& function) {
    function = library.function<Function>(name);
    if (function == nullptr) raise(nvrtc.path, fmt::format("it lacks {}", name));
  };
#define CUJITSU_FIND(name) find(#name, nvrtc.api.name)
  CUJITSU_FIND(nvrtcVersion);
  CUJITSU_FIND(nvrtcGetNumSupportedArchs);
  CUJITSU_FIND(nvrtcGetSupportedArchs);
  CUJITSU_FIND(nvrtcGetErrorString);
  CUJITSU_FIND(nvrtcCreateProgram);
  CUJITSU_FIND(nvrtcDestroyProgram);
  CUJITSU_FIND(nvrtcAddNameExpression);
  CUJITSU_FIND(nvrtcCompileProgram);
  CUJITSU_FIND(nvrtcGetLoweredName);
  CUJITSU_FIND(nvrtcGetPTXSize);
  CUJITSU_FIND(nvrtcGetPTX);
  CUJITSU_FIND(nvrtcGetCUBINSize);
  CUJITSU_FIND(nvrtcGetCUBIN);
  CUJITSU_FIND(nvrtcGetProgramLogSize);
  CUJITSU_FIND(nvrtcGetProgramLog);
#undef CUJITSU_FIND
#define CUJITSU_FIND_OPTIONAL(name) nvrtc.api.name = library.function<decltype(nvrtc.api.name)>(#name)
  CUJITSU_FIND_OPTIONAL(nvrtcSetFlowCallback);
  CUJITSU_FIND_OPTIONAL(nvrtcGetPCHHeapSize);
  CUJITSU_FIND_OPTIONAL(nvrtcSetPCHHeapSize);
  CUJITSU_FIND_OPTIONAL(nvrtcGetPCHCreateStatus);
  CUJITSU_FIND_OPTIONAL(nvrtcGetPCHHeapSizeRequired);
#undef CUJITSU_FIND_OPTIONAL

  const auto check = [&](Result result, const char* call) {
    if (result != 0) raise(nvrtc.path, fmt::format("{}: {}", call, nvrtc.api.nvrtcGetErrorString(result)));
  };
  check(nvrtc.api.nvrtcVersion(&nvrtc.major, &nvrtc.minor), "nvrtcVersion");
  int count = 0;
  check(nvrtc.api.nvrtcGetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> archs(static_cast<std::size_t>(count));
  check(nvrtc.api.nvrtcGetSupportedArchs(archs.data()), "nvrtcGetSupportedArchs");
  for (const int arch : archs) nvrtc.architectures.push_back(fmt::format("sm_{}", arch));
  log::debug("loaded NVRTC {}.{}: {}", nvrtc.major, nvrtc.minor, nvrtc.path);
  return nvrtc;
}

}  // namespace

const Nvrtc& load(const Toolkit& toolkit) {
  static std::mutex mutex;
  static auto* loaded = new std::map<std::string, Nvrtc>;  // never destroyed: see dynamic_library.hpp
  const std::lock_guard lock(mutex);
  auto it = loaded->find(toolkit.library);
  if (it == loaded->end()) it = loaded->emplace(toolkit.library, open(toolkit)).first;
  return it->second;
}

}  // namespace cujitsu::nvrtc
