// SPDX-License-Identifier: MIT
#include "compile/walk_record.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace cujitsu::compiler {

WalkRecord::WalkRecord(std::string_view source, const ClosureRequest& request, const PreprocessorOptions& parsed,
                       IncludeSearch& search)
    : request_(request), parsed_(parsed), search_(search) {
  walk_.texts.push_back({{}, false, false, {}, find_directives(std::make_shared<std::string>(source))});
  walk_.closure.uncacheable = parsed.uncacheable;
  check(walk_.texts.front());
}

void WalkRecord::give_up(std::string reason) {
  if (!has_given_up()) walk_.closure.uncacheable = std::move(reason);
}

const std::string& WalkRecord::name_of(const WalkedText& text) const {
  return text.path.empty() ? request_.options.name : text.path;
}

std::string WalkRecord::place(std::size_t text, int line) const {
  return fmt::format("{} line {}", name_of(walk_.texts[text]), line);
}

void WalkRecord::check(const WalkedText& text) {
  const bool is_modern = parsed_.cplusplus >= 201703;
  if (text.directives->has_trigraph && !is_modern)
    give_up(fmt::format("{} has a trigraph, whose meaning depends on the dialect", name_of(text)));
  if (text.directives->has_raw_string && parsed_.cplusplus == 0)
    give_up(fmt::format("{} has a raw string, whose meaning depends on the dialect", name_of(text)));
}

std::optional<std::size_t> WalkRecord::load(const FoundHeader& found) {
  const auto key = (found.memory != nullptr ? "\1" : "") + found.path;
  if (const auto known = index_.find(key); known != index_.end()) return known->second;
  WalkedText text{found.path, found.memory != nullptr, false, std::string(once_prefix), nullptr};
  if (found.memory != nullptr) {
    text.directives = find_directives(std::make_shared<std::string>(found.memory->text));
    text.identity += search_.identity(*found.memory);
  } else {
    int error = 0;
    const auto file = read_header(found.path, error);
    if (file == nullptr) {
      give_up(fmt::format("{} can not be read: {}", found.path, file::error_text(error)));
      return std::nullopt;
    }
    text.directives = file->directives;
    text.identity += IncludeSearch::identity(file->stamp);
    walk_.closure.record.headers.push_back(record_of(found.path, *file));
  }
  check(text);
  const auto index = walk_.texts.size();
  walk_.texts.push_back(std::move(text));
  index_.emplace(key, index);
  return index;
}

HeaderRecord WalkRecord::record_of(const std::string& path, const HeaderFile& file) const {
  const bool is_toolkit = std::ranges::any_of(request_.toolkit_dirs, [&](const std::string& folder) {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
  });
  return {path, is_toolkit, file.hash, file.stamp, {}};
}

void WalkRecord::note_use(IncludeUse use) {
  std::string key;
  key.reserve(40 + use.name.size() + use.target.size());
  key += std::to_string(use.text) + ' ' + std::to_string(use.directive) + (use.is_question ? '?' : ' ') +
         (use.is_next ? '+' : ' ');
  key += (use.is_quoted ? '"' : '<') + use.name + '\1' + use.target;
  if (noted_.insert(std::move(key)).second) walk_.uses.push_back(std::move(use));
}

bool WalkRecord::leading_varies() const {
  const std::string_view source = *walk_.texts[0].directives->text;
  return names_varying_macro(source.substr(0, request_.leading_bytes)) ||
         std::any_of(walk_.texts.begin() + 1, walk_.texts.end(),
                     [](const WalkedText& text) { return text.directives->varies; }) ||
         std::ranges::any_of(parsed_.definitions,
                             [](const auto& definition) { return names_varying_macro(definition.text); });
}

void WalkRecord::note_end_of_leading() {
  if (request_.leading_bytes == 0 || has_left_leading_ || has_given_up()) return;
  has_left_leading_ = true;
  if (leading_varies()) return;
  leading_ = {walk_.closure.record.headers.size(), asked_.size(), search_.absent().size(), search_.shadows().size()};
}

IncludeWalk WalkRecord::finish() {
  auto& closure = walk_.closure;
  const bool is_odd = !search_.obstacle().empty();
  if (is_odd) give_up(search_.obstacle());
  const auto& absent = search_.absent();
  if (leading_ && !is_odd) {
    const auto beginning = [](const auto& all, std::size_t count) {
      return std::remove_cvref_t<decltype(all)>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    };
    auto& leading = closure.leading.emplace();
    leading.headers = beginning(closure.record.headers, leading_->headers);
    leading.absent = beginning(absent, leading_->absent);
    complete(leading, leading_->asked, leading_->shadows);
  }
  complete(closure.record, asked_.size(), search_.shadows().size());
  closure.record.absent = absent;
  return std::move(walk_);
}

/// Adds what is not read: files that count by their identity, and those that were only asked for.
void WalkRecord::complete(ClosureRecord& record, std::size_t asked, std::size_t shadows) const {
  for (std::size_t i = 0; i < shadows; ++i) {
    const auto& path = search_.shadows()[i];
    int error = 0;
    if (std::ranges::find(record.headers, path, &HeaderRecord::path) != record.headers.end()) continue;
    if (const auto file = read_header(path, error)) record.headers.push_back(record_of(path, *file));
  }
  std::unordered_set<std::string_view> known;
  for (const auto& file : record.headers) known.insert(file.path);
  for (std::size_t i = 0; i < asked; ++i)
    if (known.insert(asked_[i]).second) record.present.push_back(asked_[i]);
}

}  // namespace cujitsu::compiler
