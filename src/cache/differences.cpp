// SPDX-License-Identifier: MIT
#include "cache/differences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace cujitsu {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

/// The lines that two texts have in common before and behind what differs.
struct Common {
  std::size_t first = 0;
  std::size_t last = 0;
};

Common common_lines(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
  const auto most = std::min(before.size(), after.size());
  Common common;
  while (common.first < most && before[common.first] == after[common.first]) ++common.first;
  while (common.first + common.last < most &&
         before[before.size() - 1 - common.last] == after[after.size() - 1 - common.last])
    ++common.last;
  return common;
}

std::string lines_phrase(std::size_t first, std::size_t count, std::string_view what) {
  return count == 1 ? fmt::format("line {} {}", first + 1, what)
                    : fmt::format("lines {} to {} {}", first + 1, first + count, what);
}

class Phrases {
 public:
  void add(std::string phrase) { phrases_.push_back(std::move(phrase)); }

  /// Lists in which order counts.
  void lists(std::string_view what, const std::vector<std::string>& before, const std::vector<std::string>& after) {
    if (before == after) return;
    const auto missing = [&](const std::vector<std::string>& from, std::vector<std::string> in, std::string_view verb) {
      bool any = false;
      for (const auto& item : from) {
        if (const auto found = std::ranges::find(in, item); found != in.end()) {
          in.erase(found);
        } else {
          add(fmt::format("{} {} {}", what, item, verb));
          any = true;
        }
      }
      return any;
    };
    const bool removed = missing(before, after, "removed");
    const bool added = missing(after, before, "added");
    if (!removed && !added) add(fmt::format("{}s in another order", what));
  }

  void values(std::string_view what, std::string_view before, std::string_view after) {
    if (before != after) add(fmt::format("{} {} → {}", what, before, after));
  }

  std::vector<std::string> take() && { return std::move(phrases_); }

 private:
  std::vector<std::string> phrases_;
};

void compare_memory_headers(Phrases& phrases, const std::vector<Header>& before, const std::vector<Header>& after) {
  if (before == after) return;
  bool any = false;
  const auto add = [&](std::string phrase) {
    phrases.add(std::move(phrase));
    any = true;
  };
  for (const auto& header : after) {
    const auto old = std::ranges::find(before, header.name, &Header::name);
    if (old == before.end())
      add(fmt::format("header in memory {} added", header.name));
    else if (old->text != header.text)
      add(fmt::format("header in memory {} {}", header.name, text_difference(old->text, header.text)));
  }
  for (const auto& header : before)
    if (std::ranges::find(after, header.name, &Header::name) == after.end())
      add(fmt::format("header in memory {} removed", header.name));
  if (!any) phrases.add("headers in memory in another order");
}

/// "b.h" of "include/b.h".
std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::map<std::string_view, const HeaderRecord*> by_path(const ClosureRecord& closure) {
  std::map<std::string_view, const HeaderRecord*> result;
  for (const auto& header : closure.headers) result.emplace(header.path, &header);
  return result;
}

void compare_closures(Phrases& phrases, const ClosureRecord& before, const ClosureRecord& after) {
  const auto old_headers = by_path(before);
  const auto new_headers = by_path(after);
  const std::set<std::string_view> once_absent(before.absent.begin(), before.absent.end());
  std::set<std::string_view> told;
  std::size_t toolkit = 0;
  for (const auto& header : after.headers) {
    const auto old = old_headers.find(header.path);
    const bool is_new = old == old_headers.end();
    if (!is_new && old->second->hash == header.hash) continue;
    if (header.is_toolkit) {
      ++toolkit;
    } else if (!is_new) {
      const auto where = header.text.empty() || old->second->text.empty()
                             ? std::string("changed")
                             : text_difference(old->second->text, header.text);
      phrases.add(fmt::format("header {} {}", header.path, where));
    } else if (once_absent.contains(header.path)) {
      const auto shadowed = std::ranges::find_if(before.headers, [&](const HeaderRecord& other) {
        return file_name(other.path) == file_name(header.path) && !new_headers.contains(other.path);
      });
      if (shadowed == before.headers.end()) {
        phrases.add(fmt::format("header {} is there now", header.path));
      } else {
        phrases.add(fmt::format("header {} is there now and found before {}", header.path, shadowed->path));
        told.insert(shadowed->path);
      }
    } else {
      phrases.add(fmt::format("header {} is included now", header.path));
    }
  }
  for (const auto& header : before.headers) {
    if (new_headers.contains(header.path) || told.contains(header.path)) continue;
    if (header.is_toolkit)
      ++toolkit;
    else if (std::ranges::find(after.absent, header.path) != after.absent.end())
      phrases.add(fmt::format("header {} is gone", header.path));
    else
      phrases.add(fmt::format("header {} is not included any more", header.path));
  }
  if (toolkit == 1) phrases.add("one of the toolkit's headers changed");
  if (toolkit > 1) phrases.add(fmt::format("{} of the toolkit's headers changed", toolkit));
}

}  // namespace

std::string text_difference(std::string_view before, std::string_view after) {
  if (before == after) return {};
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  const auto common = common_lines(old_lines, new_lines);
  const auto removed = old_lines.size() - common.first - common.last;
  const auto added = new_lines.size() - common.first - common.last;
  if (removed == 0 && added == 0) return "changed in the end of its last line";
  if (removed == 0) return lines_phrase(common.first, added, "added");
  if (added == 0) return lines_phrase(common.first, removed, "removed");
  return lines_phrase(common.first, added, "changed");
}

double likeness(std::string_view one, std::string_view other) {
  const auto lines = lines_of(one);
  const auto other_lines = lines_of(other);
  const auto most = std::max(lines.size(), other_lines.size());
  if (most == 0) return 1;
  const auto common = common_lines(lines, other_lines);
  return static_cast<double>(common.first + common.last) / static_cast<double>(most);
}

std::vector<std::string> differences(const CompileSide& before, const CompileSide& after) {
  Phrases phrases;
  if (const auto where = text_difference(before.key.source, after.key.source); !where.empty())
    phrases.add("source " + where);
  const auto& old_options = before.key.options;
  const auto& new_options = after.key.options;
  phrases.lists("option", old_options.options, new_options.options);
  phrases.values("architecture", old_options.arch, new_options.arch);
  phrases.lists("include folder", old_options.include_dirs, new_options.include_dirs);
  phrases.lists("name expression", old_options.name_expressions, new_options.name_expressions);
  compare_memory_headers(phrases, old_options.headers, new_options.headers);
  if (old_options.hermetic != new_options.hermetic)
    phrases.add(new_options.hermetic ? "hermetic now" : "not hermetic any more");
  if (before.compiler != after.compiler)
    phrases.values("NVRTC", before.compiler, after.compiler);
  else if (before.key.closure.compiler_identity != after.key.closure.compiler_identity)
    phrases.add(fmt::format("another build of NVRTC {}", after.compiler));
  compare_closures(phrases, before.closure, after.closure);
  phrases.values("name", old_options.name, new_options.name);
  if (before.key.revision != after.key.revision)
    phrases.add(
        fmt::format("made by other rules of cujitsu (revision {} → {})", before.key.revision, after.key.revision));
  auto result = std::move(phrases).take();
  if (!result.empty()) return result;
  // What is left: options of ours, such as the line information that softgpu asks for, and the places of headers.
  Phrases rest;
  rest.lists("NVRTC option", before.key.compiler_options, after.key.compiler_options);
  if (before.closure.absent != after.closure.absent || before.closure.present != after.closure.present)
    rest.add("headers are looked for in other places");
  return std::move(rest).take();
}

}  // namespace cujitsu
