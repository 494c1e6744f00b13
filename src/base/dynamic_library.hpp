// SPDX-License-Identifier: MIT
// A shared library opened at run time.
#pragma once

#include <string>

namespace cujitsu {

/// Opened libraries stay open until the process ends: the driver and NVRTC have threads and exit handlers of their own,
/// and unloading them under those crashes.
class DynamicLibrary {
 public:
  DynamicLibrary() = default;

  /// Opens `name` (a path, or a soname for the system loader). On failure the object is empty and `error` says why.
  [[nodiscard]] static DynamicLibrary open(const std::string& name, std::string& error);
  /// The library if it is already in the process; empty otherwise.
  [[nodiscard]] static DynamicLibrary find_loaded(const std::string& soname);

  /// The symbol's address, or nullptr.
  [[nodiscard]] void* symbol(const char* name) const noexcept;
  template <class Function>
  [[nodiscard]] Function function(const char* name) const noexcept {
    return reinterpret_cast<Function>(symbol(name));
  }
  [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }
  /// Where the loader found it, or the name it was opened by.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  DynamicLibrary(void* handle, std::string name);
  void* handle_ = nullptr;
  std::string path_;
};

/// The folder of the file that holds this code (libcujitsu or the Python extension); empty when it can not be told.
[[nodiscard]] std::string own_library_folder();

}  // namespace cujitsu
