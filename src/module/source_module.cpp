// SPDX-License-Identifier: MIT
#include <cujitsu/source_module.hpp>

#include "compile/kernel_names.hpp"
#include "compile/precompiled.hpp"
#include "driver/context.hpp"
#include "module/module_state.hpp"

#include <utility>

namespace cujitsu {

SourceModule::SourceModule(std::string_view source, const CompileOptions& options, KernelCache* cache)
    : SourceModule(compile(source, options, cache)) {}

SourceModule::SourceModule(CompiledCode code) : state_(std::make_shared<State>(std::move(code))) {}

SourceModule SourceModule::from_ptx(std::string ptx) { return SourceModule(compiler::code_of_ptx(std::move(ptx))); }

SourceModule SourceModule::from_cubin(std::string cubin) {
  return SourceModule(compiler::code_of_cubin(std::move(cubin)));
}

const CompiledCode& SourceModule::code() const noexcept { return state_->code; }

Kernel SourceModule::get_function(std::string_view name) const {
  return make_kernel(state_, compiler::find_kernel(state_->code, name));
}

DeviceSpan SourceModule::get_global(std::string_view name) const {
  const auto& lowered_name = compiler::find_global(state_->code, name);
  return state_->loader.global(lowered_name, driver::ensure_context());
}

void SourceModule::load() const { state_->loader.load(driver::ensure_context()); }

}  // namespace cujitsu
