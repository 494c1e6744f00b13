// SPDX-License-Identifier: MIT
#include "compile/describe_kernels.hpp"

#include "base/text.hpp"
#include "compile/cubin_resources.hpp"
#include "compile/ptx_info.hpp"
#include "compile/signature.hpp"
#include "compile/signature_probe.hpp"

#include <utility>

namespace cujitsu::compiler {

void describe_kernels(CompiledCode& code, const std::vector<DeclaredKernel>& declared, const TypesByKernel& types) {
  const auto ptx = read_ptx(code.ptx);
  const auto resources = read_resources(code.cubin);
  for (const auto& kernel : ptx.kernels) {
    KernelInfo info;
    info.lowered_name = kernel.name;
    SignatureSources sources;
    sources.function = parse_function_name(text::demangle(kernel.name));
    info.name = sources.function.name;
    if (const auto it = types.find(kernel.name); it != types.end()) sources.compiler_types = it->second;
    sources.parameter_names = parameter_names(declared, info.name, kernel.parameters.size());
    info.signature = make_signature(kernel.parameters, sources);
    if (const auto it = resources.find(kernel.name); it != resources.end()) info.resources = it->second;
    code.kernels.push_back(std::move(info));
  }
  if (code.ptx.empty())
    for (const auto& [name, kernel] : resources) {
      auto plain = parse_function_name(text::demangle(name)).name;
      code.kernels.push_back({plain, name, {plain, {}}, kernel});
    }
  for (const auto& name : ptx.globals)
    if (!SignatureProbe::is_own(name)) code.globals.emplace_back(parse_function_name(text::demangle(name)).name, name);
}

}  // namespace cujitsu::compiler
