// SPDX-License-Identifier: MIT
// The fake driver's controls, and compiled code that no compiler made.
#pragma once

#include "support/fake_driver.hpp"

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/errors.hpp>

#include <dlfcn.h>

#include <string>
#include <string_view>

namespace cujitsu::test {

inline const FakeDriverControl& fake_control() {
  static const FakeDriverControl* const control = [] {
    void* library = ::dlopen(CUJITSU_FAKE_DRIVER_PATH, RTLD_NOW | RTLD_LOCAL);
    return reinterpret_cast<const FakeDriverControl* (*)()>(::dlsym(library, "fake_driver_control"))();
  }();
  return *control;
}

/// Undoes what a test did to the driver, at its start and end.
struct CleanFake {
  CleanFake() { fake_control().reset(); }
  ~CleanFake() { fake_control().reset(); }
  CleanFake(const CleanFake&) = delete;
  CleanFake& operator=(const CleanFake&) = delete;
};

/// "saxpy(float*, int, float, S)" for sm_90, with 8 + 4 + 4 + 16 bytes of parameters, and a variable.
inline CompiledCode fake_code(const std::string& arch = "sm_90") {
  CompiledCode code;
  code.ptx = ".version 9.0\n.target sm_90\n.address_size 64\n";
  code.cubin = "machine code";
  code.arch = arch;
  code.compiler = {13, 0, "/nowhere/libnvrtc.so.13"};
  KernelInfo kernel;
  kernel.name = "saxpy";
  kernel.lowered_name = "_Z5saxpyPfif1S";
  kernel.signature = {"saxpy",
                      {{ParameterKind::pointer, 8, 8, 0, "float*", "y", "float", false},
                       {ParameterKind::integer, 4, 4, 8, "int", "n", "", false},
                       {ParameterKind::floating, 4, 4, 12, "float", "", "", false},
                       {ParameterKind::aggregate, 16, 8, 16, "S", "", "", false}}};
  kernel.resources.shared_bytes = 1024;
  code.kernels.push_back(kernel);
  code.globals.emplace_back("table", "table");
  return code;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The message of what `call` throws; fails the test by its own text when it throws nothing of the kind.
template <class Exception, class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace cujitsu::test
