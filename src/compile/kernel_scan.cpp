// SPDX-License-Identifier: MIT
#include "compile/kernel_scan.hpp"

#include "compile/source_cursor.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <utility>

namespace cujitsu::compiler {
namespace {

/// A word, a literal or one punctuation mark ("::" is one too); directives and comments are left out.
struct Token {
  enum class Kind { word, c_literal, literal, mark };  // c_literal is "C"
  Kind kind;
  std::string text;

  [[nodiscard]] bool is(std::string_view wanted) const { return kind != Kind::literal && text == wanted; }
  [[nodiscard]] bool is_name() const {
    return kind == Kind::word && std::isdigit(static_cast<unsigned char>(text[0])) == 0;
  }
};

std::vector<Token> tokens_of(std::string_view source) {
  std::vector<Token> tokens;
  SourceCursor cursor(source);
  bool line_start = true;
  while (!cursor.at_end()) {
    const char c = cursor.peek();
    if (c == '\n') {
      line_start = true;
      cursor.advance();
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      cursor.advance();
    } else if (cursor.skip_comment()) {
      continue;
    } else if (line_start && (c == '#' || (c == '%' && cursor.peek(1) == ':'))) {
      cursor.skip_line();
    } else {
      line_start = false;
      auto word = cursor.word();
      // 1'000'000
      while (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0 && cursor.peek() == '\'') {
        cursor.advance();
        word += cursor.word();
      }
      const bool is_c = cursor.peek() == '"' && cursor.peek(1) == 'C' && cursor.peek(2) == '"';
      if (cursor.skip_literal(word)) {
        tokens.push_back({is_c ? Token::Kind::c_literal : Token::Kind::literal, is_c ? "\"C\"" : ""});
      } else if (!word.empty()) {
        tokens.push_back({Token::Kind::word, std::move(word)});
      } else {
        const bool is_scope = c == ':' && cursor.peek(1) == ':';
        cursor.advance();
        if (is_scope) cursor.advance();
        tokens.push_back({Token::Kind::mark, is_scope ? "::" : std::string(1, c)});
      }
    }
  }
  return tokens;
}

using Tokens = std::span<const Token>;

int depth_step(const Token& token) {
  if (token.is("(") || token.is("[") || token.is("{") || token.is("<")) return 1;
  if (token.is(")") || token.is("]") || token.is("}") || token.is(">")) return -1;
  return 0;
}

/// The index behind the bracket that closes the one at `open`; the end where none does.
std::size_t behind_bracket(Tokens tokens, std::size_t open) {
  int depth = 0;
  for (auto i = open; i < tokens.size(); ++i) {
    depth += depth_step(tokens[i]);
    if (depth == 0) return i + 1;
  }
  return tokens.size();
}

bool is_qualifier(const Token& token) {
  constexpr std::array<std::string_view, 9> words{"const",    "volatile",          "struct",       "class",     "enum",
                                                  "typename", "__grid_constant__", "__restrict__", "__restrict"};
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

bool is_builtin_type(const Token& token) {
  constexpr std::array<std::string_view, 14> words{"void",     "bool",    "char",     "short",   "int",
                                                   "long",     "float",   "auto",     "double",  "signed",
                                                   "unsigned", "char8_t", "char16_t", "char32_t"};
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// The name in one parameter's declaration; "" where it has none.
std::string declared_name(Tokens tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is("(") && i + 2 < tokens.size() && (tokens[i + 1].is("*") || tokens[i + 1].is("&")) &&
        tokens[i + 2].is_name())
      return tokens[i + 2].text;  // a pointer to a function, a reference to an array
  }
  int depth = 0;
  std::size_t end = tokens.size();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (depth == 0 && (tokens[i].is("=") || tokens[i].is("["))) {
      end = i;
      break;
    }
    depth += depth_step(tokens[i]);
  }
  const auto declaration = tokens.first(end);
  if (declaration.size() < 2) return {};
  const auto& last = declaration.back();
  const auto& before = declaration[declaration.size() - 2];
  if (!last.is_name() || is_qualifier(last) || is_builtin_type(last) || before.is("::")) return {};
  const auto has_type = std::ranges::any_of(declaration.first(declaration.size() - 1),
                                            [](const Token& token) { return !is_qualifier(token); });
  return has_type ? last.text : std::string();
}

std::vector<std::string> declared_names(Tokens tokens) {
  if (tokens.empty() || (tokens.size() == 1 && tokens[0].is("void"))) return {};
  std::vector<std::string> names;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (depth == 0 && tokens[i].is(",")) {
      names.push_back(declared_name(tokens.subspan(start, i - start)));
      start = i + 1;
    }
    depth += depth_step(tokens[i]);
  }
  names.push_back(declared_name(tokens.subspan(start)));
  return names;
}

class KernelScanner {
 public:
  explicit KernelScanner(std::string_view source) : storage_(tokens_of(source)), tokens_(storage_) {}

  std::vector<DeclaredKernel> run() {
    while (at_ < tokens_.size()) step();
    return std::move(kernels_);
  }

 private:
  /// What a '{' opens.
  struct Scope {
    std::string name;  // of a namespace: "ns::"
    bool is_extern_c = false;
  };

  void step() {
    const auto& token = tokens_[at_];
    if (token.is("namespace")) {
      open_namespace();
    } else if (token.is("extern") && at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Token::Kind::c_literal) {
      at_ += 2;
      if (at_ < tokens_.size() && tokens_[at_].is("{")) {
        scopes_.push_back({{}, true});
        ++at_;
      } else {
        extern_c_ = true;
      }
    } else if (token.is("template")) {
      template_ = true;
      ++at_;
    } else if (token.is("__global__")) {
      ++at_;
      kernel();
    } else if (token.is("{")) {
      scopes_.push_back({});
      end_statement();
    } else if (token.is("}")) {
      if (!scopes_.empty()) scopes_.pop_back();
      end_statement();
    } else if (token.is(";")) {
      end_statement();
    } else {
      ++at_;
    }
  }

  void end_statement() {
    ++at_;
    extern_c_ = false;
    template_ = false;
  }

  void open_namespace() {
    Scope scope;
    for (++at_; at_ < tokens_.size() && !tokens_[at_].is("{"); ++at_) {
      if (tokens_[at_].is(";") || tokens_[at_].is("=")) return;  // an alias, or "using namespace"
      if (tokens_[at_].is_name() && !tokens_[at_].is("inline")) scope.name += tokens_[at_].text + "::";
    }
    ++at_;
    scopes_.push_back(std::move(scope));
  }

  /// Behind __global__: attributes, the return type and the name, in any order up to the parameters.
  void kernel() {
    std::string name;
    while (at_ < tokens_.size()) {
      const auto& token = tokens_[at_];
      if (token.is(";") || token.is("{") || token.is("}")) return;
      if (token.is("(")) {
        const auto open = std::exchange(at_, behind_bracket(tokens_, at_));
        if (name.empty() || name.starts_with("__")) continue;  // __launch_bounds__(256)
        if (tokens_[at_ - 1].is(")")) add(name, tokens_.subspan(open + 1, at_ - open - 2));
        return;
      } else if (token.is("<") || token.is("[")) {
        at_ = behind_bracket(tokens_, at_);
      } else {
        if (token.is_name()) name = token.text;
        ++at_;
      }
    }
  }

  void add(const std::string& name, Tokens parameters) {
    DeclaredKernel kernel;
    bool in_extern_c = extern_c_;
    for (const auto& scope : scopes_) {
      kernel.scope += scope.name;
      in_extern_c = in_extern_c || scope.is_extern_c;
    }
    kernel.name = name;
    kernel.parameters = declared_names(parameters);
    kernel.is_template = template_;
    kernel.is_extern_c = in_extern_c && !template_;
    kernels_.push_back(std::move(kernel));
  }

  std::vector<Token> storage_;
  Tokens tokens_;
  std::size_t at_ = 0;
  std::vector<Scope> scopes_;
  bool extern_c_ = false;
  bool template_ = false;
  std::vector<DeclaredKernel> kernels_;
};

}  // namespace

std::vector<DeclaredKernel> scan_kernels(std::string_view source) { return KernelScanner(source).run(); }

std::vector<std::string> parameter_names(const std::vector<DeclaredKernel>& kernels, std::string_view name,
                                         std::size_t count) {
  name = name.substr(0, name.find('<'));
  const std::vector<std::string>* found = nullptr;
  for (const auto& kernel : kernels) {
    const bool has_name = kernel.is_extern_c ? kernel.name == name : kernel.scope + kernel.name == name;
    if (!has_name || kernel.parameters.size() != count) continue;
    if (std::ranges::all_of(kernel.parameters, [](const std::string& text) { return text.empty(); })) continue;
    if (found != nullptr && *found != kernel.parameters) return {};
    found = &kernel.parameters;
  }
  return found == nullptr ? std::vector<std::string>() : *found;
}

}  // namespace cujitsu::compiler
