// SPDX-License-Identifier: MIT
#include "compile/precompiled.hpp"

#include "compile/describe_kernels.hpp"
#include "compile/ptx_info.hpp"

#include <cujitsu/errors.hpp>

#include <string_view>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr const char* no_compile = "the code was compiled by somebody else";

/// ".target sm_90a, texmode_independent" is "compute_90a".
std::string virtual_arch(std::string_view ptx) {
  constexpr std::string_view target = ".target sm_";
  const auto at = ptx.find(target);
  if (at == std::string_view::npos) return {};
  const auto rest = ptx.substr(at + target.size());
  return "compute_" + std::string(rest.substr(0, rest.find_first_not_of("0123456789af")));
}

}  // namespace

CompiledCode code_of_ptx(std::string ptx) {
  if (ptx.find('\0') != std::string::npos) {
    while (ptx.ends_with('\0')) ptx.pop_back();  // a C string's end, as NVRTC and nvcc's tools count it
    if (ptx.find('\0') != std::string::npos) throw ArgumentError("the PTX holds a NUL byte: it is no text");
  }
  if (read_ptx(ptx).version.empty()) throw ArgumentError("this is no PTX: it has no .version");
  CompiledCode code;
  code.arch = virtual_arch(ptx);
  code.ptx = std::move(ptx);
  code.cache_reason = no_compile;
  describe_kernels(code, {}, {});
  return code;
}

CompiledCode code_of_cubin(std::string cubin) {
  constexpr std::string_view elf = "\177ELF";
  if (!cubin.starts_with(elf)) throw ArgumentError("this is no machine code: a cubin is an ELF file");
  CompiledCode code;
  code.cubin = std::move(cubin);
  code.cache_reason = no_compile;
  describe_kernels(code, {}, {});
  return code;
}

}  // namespace cujitsu::compiler
