// SPDX-License-Identifier: MIT
// Where NVRTC finds a header, and where it looks before.
#pragma once

#include "compile/header_files.hpp"
#include "compile/options.hpp"

#include <cujitsu/compile_options.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cujitsu::compiler {

/// Where NVRTC is told that the program is (see compiler.cpp): a folder that does not exist.
inline constexpr std::string_view program_folder = "/cujitsu/nowhere";

/// A header that was found.
struct FoundHeader {
  std::string path;                ///< as NVRTC spells it; the name of one in memory
  const Header* memory = nullptr;  ///< nullptr for a file
  int position = -1;               ///< the folder of the search list that it is from; -1 for any other way
};

/// Who asks: a file or a header in memory, or the program.
struct Includer {
  std::string folder;  ///< its own, as spelled; "" is the current one
  int position = -1;
};

/// NVRTC's rules, found with NVRTC 13.0 and the same in 12.0 to 12.9 but for one (tests/unit/include_oracle_test.cpp holds
/// us to them):
/// - a header in memory is found by exactly its name, before everything else, by every kind of directive;
/// - an absolute path is that file alone;
/// - "name" is looked for in the includer's own folder as spelled (links not resolved), also that of a header in memory;
/// - then in the folders, in order; #include_next begins behind the one where the includer was found, and is an ordinary
///   #include in a file that was not found in one of them;
/// - a name without a dot in its last part is also tried with ".stdh" behind it, in each folder; folders are passed over.
/// One search belongs to one closure. One thread.
class IncludeSearch {
 public:
  IncludeSearch(const std::vector<Header>& memory, std::vector<std::string> folders);

  /// False where it is nowhere.
  bool find(std::string_view name, bool is_quoted, bool is_next, const Includer& includer, FoundHeader& found);
  /// For __has_include, which before NVRTC 12.4 does not see the headers in memory.
  bool find_for_question(std::string_view name, bool is_quoted, bool is_next, const Includer& includer,
                         CompilerVersion version, FoundHeader& found);
  /// For --pre-include: the current folder comes first.
  bool find_pre_included(std::string_view name, FoundHeader& found);

  /// Every path that was looked at and is no file, in order, each once.
  [[nodiscard]] const std::vector<std::string>& absent() const { return absent_; }
  /// What is wrong with a path that is neither a file nor a folder, or can not be looked at, if one was met.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// What #pragma once goes by. A header in memory has the identity of a file of its name, where there is one.
  [[nodiscard]] std::string identity(const Header& header);
  [[nodiscard]] static std::string identity(const FileStamp& stamp);
  /// Files that count only by their identity.
  [[nodiscard]] const std::vector<std::string>& shadows() const { return shadows_; }

  /// Whether __has_include sees the headers in memory.
  [[nodiscard]] static bool questions_see_memory(CompilerVersion version) { return version >= CompilerVersion{12, 4}; }

 private:
  const Header* in_memory(std::string_view name) const;
  bool find_on_disk(std::string_view name, bool is_quoted, bool is_next, const Includer& includer, FoundHeader& found);
  bool try_path(const std::string& path, FoundHeader& found);
  bool try_folder(const std::string& folder, std::string_view name, FoundHeader& found);
  PathKind kind_of(const std::string& path);
  void note_obstacle(const std::string& path, PathKind kind);

  std::unordered_map<std::string_view, const Header*> memory_;
  std::vector<std::string> folders_;
  std::unordered_map<std::string, PathKind> looked_at_;
  std::unordered_map<std::string, bool> folder_exists_;
  std::vector<std::string> absent_;
  std::vector<std::string> shadows_;
  std::string obstacle_;
};

/// A folder and a name under it, as NVRTC writes them together.
[[nodiscard]] std::string compose(std::string_view folder, std::string_view name);
/// The folder of a path, as spelled.
[[nodiscard]] std::string folder_of(std::string_view path);

}  // namespace cujitsu::compiler
