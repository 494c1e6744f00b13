// SPDX-License-Identifier: MIT
// A module outside of function bodies.
#pragma once

#include "softgpu/ptx/ast.hpp"
#include "softgpu/ptx/module_names.hpp"
#include "softgpu/ptx/token_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::ptx {

/// Fills in a Module that has its text and nothing else.
class ModuleParser {
 public:
  explicit ModuleParser(Module& module) : module_(module), tokens_(*module.texts.front()) {}
  void parse();

 private:
  // The directives that a module begins with: parse_header.cpp
  void version();
  void target();
  void address_size();

  // parse_module.cpp
  void directive();
  void file();
  void variables(Variable::Linkage linkage);
  void add_variable(Variable variable);
  void alias();
  void copy_aliases();

  // parse_function.cpp
  void function(Variable::Linkage linkage, bool is_entry);
  void function_directives(Function& function);
  [[nodiscard]] std::uint32_t declare(const Function& function);

  struct Alias {
    std::uint32_t function = 0;
    std::uint32_t aliasee = 0;
    std::uint32_t line = 0;
  };

  Module& module_;
  TokenStream tokens_;
  ModuleNames names_;
  std::vector<Alias> aliases_;
};

}  // namespace cujitsu::softgpu::ptx
