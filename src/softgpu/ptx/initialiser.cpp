// SPDX-License-Identifier: MIT
// What stands behind a variable's '='.
#include "softgpu/ptx/initialiser.hpp"

#include "softgpu/ptx/constant.hpp"

namespace cujitsu::softgpu::ptx {
namespace {

/// Zeros between the values of nested lists; what the text itself holds is not limited.
constexpr std::uint64_t most_padding = std::uint64_t{1} << 22;

class Initialiser {
 public:
  Initialiser(TokenStream& tokens, Variable& variable, std::vector<std::uint64_t> dimensions,
              const std::function<bool(std::string_view)>& is_known)
      : tokens_(tokens), variable_(variable), dimensions_(std::move(dimensions)), is_known_(is_known) {
    if (variable.vector > 1) dimensions_.push_back(variable.vector);
    strides_.assign(dimensions_.size(), 1);
    for (std::size_t level = dimensions_.size(); level-- > 1;)
      strides_[level - 1] = strides_[level] * dimensions_[level];
  }

  void parse() {
    if (dimensions_.empty()) {
      variable_.values.push_back(value());
      return;
    }
    const std::uint64_t count = list(0, 0);
    if (!variable_.is_unsized) return;
    if (variable_.elements != 0 && count > largest_variable / variable_.elements) tokens_.fail("Array is too large");
    variable_.is_unsized = false;
    variable_.elements *= count;
  }

 private:
  /// Returns how many items the list had.
  std::uint64_t list(std::size_t level, std::uint64_t first) {
    if (!tokens_.now().is('{')) tokens_.fail("Initial value type mismatch");
    tokens_.advance();
    std::uint64_t count = 0;
    if (tokens_.accept('}')) return count;
    do {
      if (tokens_.now().is('}')) tokens_.fail();
      if (count >= dimensions_[level]) tokens_.fail("Greater number of elements in array initializer");
      const std::uint64_t position = first + count * strides_[level];
      if (tokens_.now().is('{')) {
        if (level + 1 == dimensions_.size()) tokens_.fail("Initial value type mismatch");
        (void)list(level + 1, position);
      } else {
        pad(position);
        variable_.values.push_back(value());
      }
      ++count;
    } while (tokens_.accept(','));
    tokens_.expect('}');
    return count;
  }

  void pad(std::uint64_t position) {
    const std::uint64_t missing = position - variable_.values.size();
    if (missing == 0) return;
    padding_ += missing;
    if (missing > most_padding || padding_ > most_padding) tokens_.fail("Array initializer is too sparse");
    variable_.values.resize(position);
  }

  InitialValue value() {
    const Token token = tokens_.now();
    if (token.kind == Token::Kind::identifier && token.text != "WARP_SZ") return address();
    Constant constant;
    if (token.kind == Token::Kind::integer) {
      tokens_.advance();
      if (tokens_.now().is('(')) return masked(token);
      constant = integer_of(token);
      if (!tokens_.now().is(',') && !tokens_.now().is('}')) constant = parse_constant(tokens_, constant);
    } else {
      constant = parse_constant(tokens_);
    }
    const std::optional<std::uint64_t> bits = convert(constant, variable_.type);
    if (!bits) tokens_.fail(token.line, "Initial value type mismatch");
    InitialValue result;
    result.bits = *bits;
    return result;
  }

  /// 0xFF00(symbol), the mask being read
  InitialValue masked(const Token& mask) {
    tokens_.expect('(');
    InitialValue result = address();
    result.mask = integer_of(mask).bits;
    tokens_.expect(')');
    return result;
  }

  /// symbol + 4, generic(symbol) + 4
  InitialValue address() {
    InitialValue result;
    std::uint32_t line = tokens_.now().line;
    std::string_view name = tokens_.identifier();
    if (name == "generic" && tokens_.accept('(')) {
      result.generic = true;
      line = tokens_.now().line;
      name = tokens_.identifier();
      offset(result);
      tokens_.expect(')');
    }
    if (!is_known_(name)) tokens_.fail(line, about("Invalid initial value symbol", name));
    result.symbol = name;
    offset(result);
    return result;
  }

  void offset(InitialValue& result) {
    while (tokens_.now().is('+') || tokens_.now().is('-')) {
      const bool minus = tokens_.now().is('-');
      tokens_.advance();
      const Constant constant = parse_term(tokens_);
      if (constant.kind != Constant::Kind::integer) tokens_.fail("Initial value type mismatch");
      result.bits = minus ? result.bits - constant.bits : result.bits + constant.bits;
    }
  }

  TokenStream& tokens_;
  Variable& variable_;
  std::vector<std::uint64_t> dimensions_;
  std::vector<std::uint64_t> strides_;
  const std::function<bool(std::string_view)>& is_known_;
  std::uint64_t padding_ = 0;
};

}  // namespace

void parse_initialiser(TokenStream& tokens, Variable& variable, const std::vector<std::uint64_t>& dimensions,
                       const std::function<bool(std::string_view)>& is_known) {
  Initialiser(tokens, variable, dimensions, is_known).parse();
}

}  // namespace cujitsu::softgpu::ptx
