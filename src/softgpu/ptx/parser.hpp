// SPDX-License-Identifier: MIT
// Text to ptx::Module.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <stdexcept>
#include <string>

namespace cujitsu::softgpu::ptx {

/// What is wrong with a PTX text, in ptxas' words: see reference gpu-facts, "Loading".
class ParseError : public std::runtime_error {
 public:
  enum class Kind { not_ptx, syntax, unsupported_version, bad_target };
  ParseError(Kind what, std::uint32_t where, const std::string& message, bool stops_at_once = true)
      : std::runtime_error(message), kind(what), line(where), fatal(stops_at_once) {}
  Kind kind;
  std::uint32_t line;  ///< counted from 1; 0: the whole text
  bool fatal;          ///< ptxas calls it "fatal", else "error"; see to_log in describe.hpp
};

/// Parses a whole module. Registers, labels and prototypes are resolved; symbols are left as names. Instructions that no
/// one has heard of parse as any other: whether an opcode is supported is decided when its function is lowered.
/// Throws ParseError. Never reads beyond the text, whatever is in it; nesting is bounded.
[[nodiscard]] Module parse(std::string text);

/// The newest PTX version that is taken. NVRTC 13.5 writes 9.5; what a later one adds is refused by instruction, as all
/// that is not known.
inline constexpr unsigned newest_version_major = 9;
inline constexpr unsigned newest_version_minor = 8;

}  // namespace cujitsu::softgpu::ptx
