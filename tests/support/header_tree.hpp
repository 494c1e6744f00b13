// SPDX-License-Identifier: MIT
// Random trees of headers with programs that include them, and random changes to them.
#pragma once

#include "support/header_folder.hpp"

#include <cujitsu/compile_options.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cujitsu::test {

/// Nested, diamond-shaped, shadowed, conditional, computed and relative headers in a few folders, some programs over
/// them, each with folders, macros and headers in memory of its own. The same seed gives the same tree. Every header
/// defines a variable that tells its version, so that another header, or another version of one, is another PTX.
class HeaderTree {
 public:
  struct Program {
    std::string source;
    CompileOptions options;
  };

  /// `may_ask_compiler`: conditions on what only the compiler knows as well.
  HeaderTree(std::uint64_t seed, bool may_ask_compiler);

  [[nodiscard]] const std::string& path() const { return folder_.path; }
  [[nodiscard]] const std::vector<Program>& programs() const { return programs_; }

  /// Changes, adds, removes or renames one header; says what it did.
  std::string mutate();

 private:
  [[nodiscard]] std::size_t random(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(generator_);
  }
  [[nodiscard]] bool chance(int percent) { return random(100) < static_cast<std::size_t>(percent); }
  [[nodiscard]] std::string header_text(const std::string& path);
  [[nodiscard]] std::string include_line(bool in_header);
  [[nodiscard]] std::string some_name();
  void write(const std::string& path);
  void make_program();

  HeaderFolder folder_;
  std::mt19937_64 generator_;
  bool may_ask_compiler_;
  std::vector<std::string> folders_;
  std::map<std::string, std::string> files_;
  std::vector<Program> programs_;
  int version_ = 0;
};

}  // namespace cujitsu::test
