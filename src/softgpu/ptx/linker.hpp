// SPDX-License-Identifier: MIT
// Several PTX modules made into one, with the rules and messages of the driver's linker (580.159.04 on an H200).
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cujitsu::softgpu::ptx {

/// What the linker does not put together: "Undefined reference to 'f' in 'a.ptx'".
class LinkError : public std::runtime_error {
 public:
  enum class Kind { undefined, multiple, size, prototype, constants };
  LinkError(Kind what, const std::string& message) : std::runtime_error(message), kind(what) {}
  Kind kind;
};

/// Symbols with .visible, .extern, .weak or .common, and kernels, are shared by all units; the others are their unit's own.
class Linker {
 public:
  /// Checks the unit against those that are there. After a LinkError the linker is of no more use.
  void add(std::string name, Module module);
  /// All units as one. `is_provided`: whether the device runtime has a function. Throws LinkError for what is used but
  /// defined nowhere, and for too much constant data.
  [[nodiscard]] Module finish(const std::function<bool(std::string_view)>& is_provided) &&;

 private:
  struct Unit {
    std::string name;
    Module module;
  };
  /// What a name means to all units: one of the two, as defined first, or declared only.
  struct Symbol {
    const Unit* unit = nullptr;
    const Function* function = nullptr;
    const Variable* variable = nullptr;
    [[nodiscard]] bool is_defined() const noexcept;
    [[nodiscard]] bool is_strong() const noexcept;
  };

  void enter(const Symbol& symbol, std::string_view name);
  void check_defined(const std::function<bool(std::string_view)>& is_provided) const;
  void check_constants() const;
  void rename_locals();
  [[nodiscard]] bool is_taken(const Symbol& symbol, std::string_view name) const;

  std::vector<std::unique_ptr<Unit>> units_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  std::vector<std::shared_ptr<const std::string>> new_names_;
};

}  // namespace cujitsu::softgpu::ptx
