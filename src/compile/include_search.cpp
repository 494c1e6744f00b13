// SPDX-License-Identifier: MIT
#include "compile/include_search.hpp"

#include <fmt/format.h>

#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr std::string_view nowhere = "/cujitsu/nowhere/";

}  // namespace

std::string compose(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/') path += '/';
  return path += name;
}

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

IncludeSearch::IncludeSearch(const std::vector<Header>& memory, std::vector<std::string> folders)
    : folders_(std::move(folders)) {
  for (const auto& header : memory) memory_.emplace(header.name, &header);
}

const Header* IncludeSearch::in_memory(std::string_view name) const {
  const auto found = memory_.find(name);
  return found == memory_.end() ? nullptr : found->second;
}

PathKind IncludeSearch::kind_of(const std::string& path) {
  const auto [entry, is_new] = looked_at_.try_emplace(path, PathKind::absent);
  if (!is_new) return entry->second;
  // Most paths that are looked at are in folders that are not there: one look at such a folder is enough.
  const auto folder = folder_of(path);
  if (!folder.empty()) {
    const auto [known, is_new_folder] = folder_exists_.try_emplace(folder, true);
    if (is_new_folder) {
      FileStamp unused;
      const auto looked_for = path.starts_with(nowhere) ? std::string(program_folder) : folder;
      const auto kind = look_at(looked_for, unused);
      known->second = kind != PathKind::absent;
      if (kind == PathKind::unknown) note_obstacle(looked_for, kind);
    }
    if (!known->second) {
      // The program's own folder (compiler.cpp) is nowhere: that is one fact, not one for each header.
      if (!path.starts_with(nowhere))
        absent_.push_back(path);
      else if (looked_at_.try_emplace(std::string(program_folder), PathKind::absent).second)
        absent_.emplace_back(program_folder);
      return PathKind::absent;
    }
  }
  FileStamp unused;
  entry->second = look_at(path, unused);
  if (entry->second == PathKind::absent || entry->second == PathKind::folder) absent_.push_back(path);
  note_obstacle(path, entry->second);
  return entry->second;
}

void IncludeSearch::note_obstacle(const std::string& path, PathKind kind) {
  if (!obstacle_.empty()) return;
  if (kind == PathKind::other) obstacle_ = path + " is neither a file nor a folder";
  if (kind == PathKind::unknown) obstacle_ = path + " can not be looked at";
}

bool IncludeSearch::try_path(const std::string& path, FoundHeader& found) {
  if (kind_of(path) != PathKind::file) return false;
  found.path = path;
  found.memory = nullptr;
  return true;
}

bool IncludeSearch::try_folder(const std::string& folder, std::string_view name, FoundHeader& found) {
  const auto path = compose(folder, name);
  if (try_path(path, found)) return true;
  if (name.substr(name.rfind('/') + 1).find('.') != std::string_view::npos) return false;
  return try_path(path + ".stdh", found);
}

bool IncludeSearch::find(std::string_view name, bool is_quoted, bool is_next, const Includer& includer,
                         FoundHeader& found) {
  found = {};
  if (name.empty()) return false;
  if (const auto* header = in_memory(name)) {
    found.path = header->name;
    found.memory = header;
    return true;
  }
  return find_on_disk(name, is_quoted, is_next, includer, found);
}

bool IncludeSearch::find_for_question(std::string_view name, bool is_quoted, bool is_next, const Includer& includer,
                                      CompilerVersion version, FoundHeader& found) {
  if (questions_see_memory(version)) return find(name, is_quoted, is_next, includer, found);
  found = {};
  return !name.empty() && find_on_disk(name, is_quoted, is_next, includer, found);
}

bool IncludeSearch::find_on_disk(std::string_view name, bool is_quoted, bool is_next, const Includer& includer,
                                 FoundHeader& found) {
  if (name.starts_with('/')) return try_path(std::string(name), found);
  const bool goes_on = is_next && includer.position >= 0;
  if (is_quoted && !goes_on && try_folder(includer.folder, name, found)) return true;
  for (auto at = goes_on ? static_cast<std::size_t>(includer.position) + 1 : 0; at < folders_.size(); ++at)
    if (try_folder(folders_[at], name, found)) {
      found.position = static_cast<int>(at);
      return true;
    }
  return false;
}

bool IncludeSearch::find_pre_included(std::string_view name, FoundHeader& found) {
  return find(name, true, false, {}, found);
}

std::string IncludeSearch::identity(const Header& header) {
  FileStamp stamp;
  if (kind_of(header.name) != PathKind::file) return "memory " + header.name;
  if (const auto kind = look_at(header.name, stamp); kind != PathKind::file) {
    note_obstacle(header.name, kind == PathKind::absent ? PathKind::unknown : kind);  // it has just been there
    return "memory " + header.name;
  }
  shadows_.push_back(header.name);
  return identity(stamp);
}

std::string IncludeSearch::identity(const FileStamp& stamp) { return fmt::format("{}:{}", stamp.device, stamp.inode); }

}  // namespace cujitsu::compiler
