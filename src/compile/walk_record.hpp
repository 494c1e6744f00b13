// SPDX-License-Identifier: MIT
// What one run through a program's headers has met: the texts, who asked for which, and the closure that follows.
#pragma once

#include "compile/header_files.hpp"
#include "compile/include_search.hpp"
#include "compile/include_walk.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cujitsu::compiler {

/// What the identity of a text begins with: no macro can be called so.
inline constexpr std::string_view once_prefix = "\1once ";

/// One thread. The arguments must outlive it.
class WalkRecord {
 public:
  WalkRecord(std::string_view source, const ClosureRequest& request, const PreprocessorOptions& parsed,
             IncludeSearch& search);

  /// The first reason stays.
  void give_up(std::string reason);
  [[nodiscard]] bool has_given_up() const noexcept { return !walk_.closure.uncacheable.empty(); }

  /// The program is the first. Valid until the next load.
  [[nodiscard]] const WalkedText& text(std::size_t index) const { return walk_.texts[index]; }
  /// Index of a text, which is read where it is new. Nothing where it can not be: then it has given up.
  [[nodiscard]] std::optional<std::size_t> load(const FoundHeader& found);
  void note_read(std::size_t text) { walk_.texts[text].was_read = true; }
  void note_pre_included(const std::string& name, const std::string& path) {
    walk_.pre_included.emplace_back(name, path);
  }
  void note_use(IncludeUse use);
  /// A file that __has_include has found.
  void note_asked(const std::string& path) { asked_.push_back(path); }
  /// The source's leading part ends: how far the closure has come. Counts once.
  void note_end_of_leading();

  /// "a.h line 3".
  [[nodiscard]] std::string place(std::size_t text, int line) const;

  [[nodiscard]] IncludeWalk finish();

 private:
  struct Sizes {
    std::size_t headers;
    std::size_t asked;
    std::size_t absent;
    std::size_t shadows;
  };

  [[nodiscard]] const std::string& name_of(const WalkedText& text) const;
  [[nodiscard]] bool leading_varies() const;
  void check(const WalkedText& text);
  [[nodiscard]] HeaderRecord record_of(const std::string& path, const HeaderFile& file) const;
  void complete(ClosureRecord& record, std::size_t asked, std::size_t shadows) const;

  const ClosureRequest& request_;
  const PreprocessorOptions& parsed_;
  IncludeSearch& search_;
  IncludeWalk walk_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_set<std::string> noted_;
  std::vector<std::string> asked_;
  std::optional<Sizes> leading_;
  bool has_left_leading_ = false;
};

}  // namespace cujitsu::compiler
