// SPDX-License-Identifier: MIT
// PTX in messages.
#include "softgpu/ptx/describe.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::ptx {

std::string to_text(const Instruction& instruction) {
  std::string text(instruction.opcode);
  for (const std::string_view modifier : instruction.modifiers) {
    text += '.';
    text += modifier;
  }
  return text;
}

std::string to_log(const ParseError& error) {
  if (error.kind == ParseError::Kind::not_ptx) return std::string("error   : ") + error.what();
  std::string log = "ptxas application ptx input, line " + std::to_string(error.line) + "; ";
  log += error.fatal ? "fatal   : " : "error   : ";
  log += error.what();
  log += "\nptxas fatal   : Ptx assembly aborted due to errors";
  return log;
}

std::string too_much_constant_data(std::uint64_t bytes) {
  return fmt::format("File uses too much global constant data ({:#x} bytes, {:#x} max)", bytes, constant_bank_bytes);
}

}  // namespace cujitsu::softgpu::ptx
