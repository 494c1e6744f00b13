// SPDX-License-Identifier: MIT
// A function's body.
#pragma once

#include "softgpu/ptx/function_names.hpp"
#include "softgpu/ptx/module_names.hpp"
#include "softgpu/ptx/token_stream.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::ptx {

/// Fills in one Function whose header has been read.
class FunctionParser {
 public:
  FunctionParser(TokenStream& tokens, const Module& module, const ModuleNames& names, Function& function);

  /// From the '{' to behind its '}'.
  void parse_body();

 private:
  // Statements: parse_body.cpp
  void statement();
  void directive();
  void registers();
  void variables(Space space);
  void label_or_instruction();
  void labelled(std::string_view name, std::uint32_t line);
  void call_targets(std::string_view name, std::uint32_t line);
  void branch_targets(std::string_view name, std::uint32_t line);
  void location();
  void add_label(std::string_view name, std::uint32_t line);
  void add_prototype(Prototype prototype, std::uint32_t line);
  void resolve_labels();

  // Instructions: parse_instruction.cpp
  void guarded();
  void instruction(const Token& opcode, std::optional<Guard> guard);
  void call(Instruction& instruction);
  [[nodiscard]] Operand list();
  [[nodiscard]] Operand branch_target_list(std::string_view name, const FunctionNames::Symbol& symbol,
                                           std::uint32_t line);

  // Operands: parse_operand.cpp
  [[nodiscard]] Operand operand(unsigned depth = 0);
  [[nodiscard]] Operand single(unsigned depth);
  [[nodiscard]] Operand named();
  [[nodiscard]] Operand special(const Token& name);
  [[nodiscard]] Operand register_operand(const FunctionNames::Symbol& symbol);
  [[nodiscard]] Operand vector(unsigned depth);
  [[nodiscard]] Operand address(unsigned depth);
  [[nodiscard]] Operand constant();
  [[nodiscard]] Operand label();
  [[nodiscard]] bool is_known(std::string_view name) const;
  [[nodiscard]] std::int64_t subscript(const std::optional<FunctionNames::Symbol>& symbol, std::string_view name);
  [[nodiscard]] std::int64_t offset();

  /// A bound on `copied_`, so that memory is in proportion to the text.
  static constexpr std::size_t most_copied = std::size_t{1} << 20;

  TokenStream& tokens_;
  const Module& module_;
  const ModuleNames& module_names_;
  Function& function_;
  FunctionNames names_;
  Location location_;
  Instruction* current_ = nullptr;          ///< the one whose operands are read
  std::vector<std::uint32_t> with_labels_;  ///< instructions whose label operands hold uses until the end
  std::size_t copied_ = 0;                  ///< labels and parameters of lists, of which each user has a copy
};

}  // namespace cujitsu::softgpu::ptx
