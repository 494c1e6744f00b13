// SPDX-License-Identifier: MIT
// How an #include spells the header it asks for.
#pragma once

#include "compile/directives.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct HeaderName {
  std::string name;
  bool is_quoted = false;
};

/// Whether what follows #include begins as a name does, and needs no macros.
[[nodiscard]] bool is_spelled_out(std::string_view rest) noexcept;
/// That name; nothing where it does not end.
[[nodiscard]] std::optional<HeaderName> spelled_out_name(std::string_view rest);

enum class Naming { good, none, blanks };

/// The name that tokens spell, as behind macros. Blanks within one are kept by some compilers and dropped by others.
[[nodiscard]] Naming header_name(const std::vector<Token>& tokens, HeaderName& result);

}  // namespace cujitsu::compiler
