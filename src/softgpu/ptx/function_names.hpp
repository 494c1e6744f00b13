// SPDX-License-Identifier: MIT
// What the names in a function's body mean, scope by scope.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cujitsu::softgpu::ptx {

class FunctionNames {
 public:
  explicit FunctionNames(Function& function) : function_(function) { open(); }

  struct Symbol {
    enum class Kind : std::uint8_t { reg, variable, parameter, prototype, targets };
    Kind kind = Kind::reg;
    std::uint8_t lanes = 1;   ///< of a vector register: index is the first one's
    std::uint32_t index = 0;  ///< into the Function's vector of that kind; of a parameter: none
    std::uint32_t scope = 0;
  };

  [[nodiscard]] std::size_t depth() const noexcept { return scopes_.size(); }
  void open();
  /// Labels of the scope that is left get their uses.
  void close();

  /// False: the scope has the name already.
  [[nodiscard]] bool add(std::string_view name, Symbol::Kind kind, std::uint32_t index);
  [[nodiscard]] bool add_register(std::string_view name, Type type, unsigned lanes);
  /// %r<count>: the registers come into being when they are named first, so that a large count costs nothing.
  [[nodiscard]] bool add_registers(std::string_view prefix, std::uint32_t count, Type type, unsigned lanes);
  [[nodiscard]] bool add_label(std::string_view name);

  [[nodiscard]] std::optional<Symbol> find(std::string_view name);

  /// A use of a label, which may not have been seen yet. label_of tells its index once the function is complete.
  [[nodiscard]] std::uint32_t use_label(std::string_view name, std::uint32_t line);
  [[nodiscard]] std::uint32_t label_of(std::uint32_t use) const { return uses_[use]; }

  struct Missing {
    std::string_view name;
    std::uint32_t line = 0;
  };
  /// A label that was used and not found, after the last scope was left.
  [[nodiscard]] const std::optional<Missing>& missing() const noexcept { return missing_; }

 private:
  struct Range {
    std::string_view prefix;
    std::uint32_t count = 0;
    std::uint32_t scope = 0;
    std::optional<std::uint32_t> outer;  ///< the range of the same prefix that this one covers
    std::uint8_t lanes = 1;
    Type type = Type::none;
    std::size_t used = 0;
    std::vector<std::uint32_t> dense;                         ///< index + 1 of a register; 0: not named yet
    std::unordered_map<std::uint32_t, std::uint32_t> sparse;  ///< those far behind the others
  };
  struct Use {
    std::string_view name;
    std::uint32_t line = 0;
    std::uint32_t use = 0;
  };
  struct Scope {
    std::size_t hidden_names = 0;
    std::size_t hidden_ranges = 0;
    std::unordered_map<std::string_view, std::uint32_t> labels;
    std::vector<Use> open_uses;
  };

  [[nodiscard]] std::uint32_t new_register(std::string_view name, Type type, unsigned lanes);
  [[nodiscard]] std::uint32_t register_of(Range& range, std::uint32_t number, std::string_view name);
  [[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> find_in_ranges(std::string_view name) const;
  [[nodiscard]] std::uint32_t scope() const noexcept { return static_cast<std::uint32_t>(scopes_.size()); }

  Function& function_;
  std::unordered_map<std::string_view, Symbol> names_;
  std::vector<Range> ranges_;
  std::unordered_map<std::string_view, std::uint32_t> range_of_prefix_;
  std::vector<std::pair<std::string_view, std::optional<Symbol>>> hidden_names_;  ///< what inner names have covered
  std::vector<std::pair<std::string_view, std::optional<std::uint32_t>>> hidden_ranges_;
  std::vector<Scope> scopes_;
  std::vector<std::uint32_t> uses_;
  std::optional<Missing> missing_;
};

}  // namespace cujitsu::softgpu::ptx
