// SPDX-License-Identifier: MIT
#include "base/dynamic_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>
#include <utility>

namespace cujitsu {

DynamicLibrary::DynamicLibrary(void* handle, std::string name) : handle_(handle), path_(std::move(name)) {
  link_map* map = nullptr;
  if (::dlinfo(handle_, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr && map->l_name != nullptr && *map->l_name != '\0')
    path_ = map->l_name;
}

DynamicLibrary DynamicLibrary::open(const std::string& name, std::string& error) {
  if (void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return {handle, name};
  const char* text = ::dlerror();
  error = text != nullptr ? text : "dlopen failed";
  // the loader begins with the name, which whoever reports the error has said already
  if (error.starts_with(name + ": ")) error.erase(0, name.size() + 2);
  return {};
}

DynamicLibrary DynamicLibrary::find_loaded(const std::string& soname) {
  if (void* handle = ::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) return {handle, soname};
  ::dlerror();  // clears the message, which would surprise the next caller of dlerror
  return {};
}

void* DynamicLibrary::symbol(const char* name) const noexcept {
  return handle_ == nullptr ? nullptr : ::dlsym(handle_, name);
}

std::string own_library_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&own_library_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string() : path.parent_path().string();
}

}  // namespace cujitsu
