// SPDX-License-Identifier: MIT
#include "compile/ptx_info.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace cujitsu::compiler {
namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '%' || c == '.';
}

/// Words, numbers and single punctuation marks, comments skipped.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::string_view next() {
    skip_blanks();
    if (at_ >= text_.size()) return {};
    const auto start = at_;
    if (text_[at_] == '"') {
      at_ = std::min(text_.size(), text_.find('"', at_ + 1));
      at_ = std::min(text_.size(), at_ + 1);
    } else if (is_name_character(text_[at_])) {
      while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    } else {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  /// Goes on behind the body that starts at the '{' just read.
  void skip_body() {
    for (int depth = 1; depth > 0;) {
      const auto brace = text_.find_first_of("{}", at_);
      if (brace == std::string_view::npos) {
        at_ = text_.size();
        return;
      }
      depth += text_[brace] == '{' ? 1 : -1;
      at_ = brace + 1;
    }
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.size(), text_.find('\n', at_));
      } else if (text_.substr(at_, 2) == "/*") {
        const auto end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Scalar {
  ParameterKind kind;
  std::size_t size;
};

/// ".u32" -> integer of 4 bytes.
std::optional<Scalar> scalar_type(std::string_view word) {
  if (word.size() < 3 || word[0] != '.') return std::nullopt;
  const auto bits = std::strtoul(std::string(word.substr(2)).c_str(), nullptr, 10);
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64 && bits != 128) return std::nullopt;
  switch (word[1]) {
    case 'u':
    case 's':
    case 'b': return Scalar{ParameterKind::integer, bits / 8};
    case 'f': return Scalar{ParameterKind::floating, bits / 8};
    default: return std::nullopt;
  }
}

std::size_t number(std::string_view word) { return std::strtoul(std::string(word).c_str(), nullptr, 10); }

/// Between the parentheses of an .entry: each ".param [.align N] .type [.ptr …] name[size]".
std::vector<ParameterType> read_parameters(Tokens& tokens) {
  std::vector<ParameterType> parameters;
  ParameterType current;
  bool open = false;
  const auto finish = [&] {
    if (!open) return;
    if (current.alignment == 0) current.alignment = current.size;
    const auto end = parameters.empty() ? 0 : parameters.back().offset + parameters.back().size;
    const auto alignment = std::max<std::size_t>(1, current.alignment);
    current.offset = (end + alignment - 1) / alignment * alignment;
    parameters.push_back(current);
    open = false;
  };
  for (auto word = tokens.next(); !word.empty() && word != ")"; word = tokens.next()) {
    if (word == ".param") {
      finish();
      current = {};
      open = true;
    } else if (word == ".align") {
      const auto value = number(tokens.next());
      // behind .ptr it is the pointee's alignment
      if (current.kind != ParameterKind::pointer) current.alignment = value;
    } else if (word == ".ptr") {
      current.kind = ParameterKind::pointer;
      current.alignment = current.size;
    } else if (word == "[") {
      current.kind = ParameterKind::aggregate;
      current.size *= number(tokens.next());
    } else if (const auto type = scalar_type(word)) {
      current.kind = type->kind;
      current.size = type->size;
    }
  }
  finish();
  return parameters;
}

/// Behind .global or .const: the name is the last word before '[', '=', ',' or ';'.
std::string read_variable(Tokens& tokens) {
  std::string name;
  for (auto word = tokens.next(); !word.empty() && word != ";" && word != "=" && word != "["; word = tokens.next()) {
    if (word[0] == '.') {
      if (word == ".align" || word == ".attribute") tokens.next();
    } else if (is_name_character(word[0])) {
      name = word;
    }
  }
  return name;
}

}  // namespace

PtxInfo read_ptx(std::string_view ptx) {
  PtxInfo info;
  Tokens tokens(ptx);
  bool external = false;
  for (auto word = tokens.next(); !word.empty(); word = tokens.next()) {
    if (word == ".version") {
      info.version = tokens.next();
    } else if (word == ".extern") {
      external = true;
    } else if (word == ".entry") {
      PtxKernel kernel;
      kernel.name = tokens.next();
      auto after = tokens.next();
      if (after == "(") {
        kernel.parameters = read_parameters(tokens);
        after = tokens.next();
      }
      while (!after.empty() && after != "{" && after != ";") after = tokens.next();
      if (after == "{") {
        tokens.skip_body();
        info.kernels.push_back(std::move(kernel));
      }
    } else if (word == "{") {
      tokens.skip_body();
    } else if (word == ".global" || word == ".const") {
      auto name = read_variable(tokens);
      // names with '$' are the compiler's own: strings, jump tables
      if (!external && !name.empty() && name.find('$') == std::string::npos) info.globals.push_back(std::move(name));
      external = false;
    } else if (word == ";") {
      external = false;
    }
  }
  return info;
}

}  // namespace cujitsu::compiler
