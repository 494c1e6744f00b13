// SPDX-License-Identifier: MIT
#include "compile/pch_fingerprint.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "compile/include_scan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>

namespace cujitsu::compiler {
namespace {

/// Options that include a file, or manage precompiled headers by hand.
bool forbids(std::string_view option) {
  constexpr std::array<std::string_view, 11> prefixes{"-pch",
                                                      "--pch",
                                                      "-create-pch",
                                                      "--create-pch",
                                                      "-use-pch",
                                                      "--use-pch",
                                                      "-include",
                                                      "--pre-include",
                                                      "-pre-include",
                                                      "--use-bundled-headers",
                                                      "-use-bundled-headers"};
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) {
    return option.starts_with(prefix) && !option.starts_with("-include-path");
  });
}

/// The folders of -I and its other spellings, those of `option` words that come in two included.
std::vector<std::string> include_folders(const std::vector<std::string>& options) {
  constexpr std::array<std::string_view, 3> names{"--include-path", "-include-path", "-I"};
  std::vector<std::string> folders;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string_view option = options[i];
    for (const auto name : names) {
      if (!option.starts_with(name)) continue;
      auto value = option.substr(name.size());
      if (value.starts_with('=')) value.remove_prefix(1);
      if (!value.empty())
        folders.emplace_back(value);
      else if (i + 1 < options.size())
        folders.push_back(options[i + 1]);
      break;
    }
  }
  return folders;
}

/// The names that a file of the toolkit includes: read once.
const std::vector<Include>& toolkit_includes(const std::string& path) {
  static std::mutex mutex;
  static auto* known = new std::map<std::string, std::vector<Include>>;  // never destroyed: any thread, at any time
  const std::lock_guard lock(mutex);
  const auto [it, is_new] = known->try_emplace(path);
  if (is_new)
    if (std::string text; file::read(path, text) == 0) it->second = scan_includes(text);
  return it->second;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

class Walk {
 public:
  Walk(const CompileOptions& options, std::vector<std::string> user_folders, std::vector<std::string> toolkit_folders)
      : options_(options), user_folders_(std::move(user_folders)), toolkit_folders_(std::move(toolkit_folders)) {
    for (const auto& header : options.headers) add(header.name, header.text);
  }

  /// False when it can not be told what is included. `folder`: the including file's; empty for none.
  bool follow(std::string_view text, const std::string& folder) {
    for (const auto& include : scan_includes(text)) {
      if (include.name.empty() || !look_for(include.name, folder)) return false;
    }
    return true;
  }

  bool follow_headers_in_memory() {
    return std::ranges::all_of(options_.headers, [this](const Header& header) { return follow(header.text, {}); });
  }

  [[nodiscard]] const std::string& material() const { return material_; }
  void add(std::string_view name, std::string_view text) {
    material_ += std::to_string(name.size()) + ":" + std::string(name) + std::to_string(text.size()) + ":";
    material_ += text;
  }

 private:
  bool look_for(const std::string& name, const std::string& folder) {
    if (name.starts_with('/')) return visit(name);
    if (!folder.empty() && !visit(folder + "/" + name)) return false;
    for (const auto& each : user_folders_)
      if (!visit(each + "/" + name)) return false;
    return std::ranges::all_of(toolkit_folders_, [&](const auto& each) { return visit_toolkit(each + "/" + name); });
  }

  bool visit(const std::string& path) {
    if (is_toolkit(path)) return visit_toolkit(path);
    if (!seen_.insert(path).second) return true;
    std::string text;
    if (const int error = file::read(path, text); error != 0) {
      add(path, "");  // not there, or a folder: it may be otherwise the next time
      return true;
    }
    add(path, text);
    return follow(text, folder_of(path));
  }

  /// Only for the names that may lead back to a folder of the user's.
  bool visit_toolkit(const std::string& path) {
    if (user_folders_.empty() || !seen_.insert(path).second) return true;
    return std::ranges::all_of(toolkit_includes(path), [&](const Include& include) {
      return include.name.empty() || look_for(include.name, folder_of(path));
    });
  }

  [[nodiscard]] bool is_toolkit(const std::string& path) const {
    return std::ranges::any_of(toolkit_folders_, [&](const std::string& each) { return path.starts_with(each + "/"); });
  }

  const CompileOptions& options_;
  std::vector<std::string> user_folders_;
  std::vector<std::string> toolkit_folders_;
  std::set<std::string> seen_;
  std::string material_;
};

}  // namespace

std::optional<std::string> pch_fingerprint(std::string_view prefix, const CompileOptions& options,
                                           const std::vector<std::string>& nvrtc_options) {
  if (std::ranges::any_of(nvrtc_options, forbids)) return std::nullopt;
  auto user_folders = include_folders(options.options);
  user_folders.insert(user_folders.end(), options.include_dirs.begin(), options.include_dirs.end());
  std::vector<std::string> toolkit_folders;
  for (auto& folder : include_folders(nvrtc_options))
    if (std::ranges::find(user_folders, folder) == user_folders.end()) toolkit_folders.push_back(std::move(folder));

  Walk walk(options, std::move(user_folders), std::move(toolkit_folders));
  walk.add("prefix", prefix);
  for (const auto& option : nvrtc_options) walk.add("option", option);
  if (!walk.follow(prefix, {}) || !walk.follow_headers_in_memory()) return std::nullopt;
  return to_hex(hash128(walk.material()));
}

}  // namespace cujitsu::compiler
