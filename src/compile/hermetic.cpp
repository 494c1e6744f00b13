// SPDX-License-Identifier: MIT
#include "compile/hermetic.hpp"

#include "compile/include_search.hpp"
#include "compile/include_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace cujitsu::compiler {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// A literal question in a condition.
struct Question {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_next = false;
  bool is_quoted = false;
  std::string_view name;
};

std::vector<Question> questions_in(std::string_view line) {
  constexpr std::string_view has_include = "__has_include";
  std::vector<Question> result;
  for (auto at = line.find(has_include); at != std::string_view::npos; at = line.find(has_include, at + 1)) {
    if (at != 0 && is_word(line[at - 1])) continue;
    Question question;
    question.begin = at;
    auto i = at + has_include.size();
    question.is_next = line.substr(i).starts_with("_next");
    if (question.is_next) i += 5;
    const auto skip = [&] {
      while (i < line.size() && is_blank(line[i])) ++i;
      return i < line.size() ? line[i] : '\0';
    };
    if (skip() != '(') continue;
    ++i;
    const char open = skip();
    if (open != '<' && open != '"') continue;
    const auto close = line.find(open == '<' ? '>' : '"', i + 1);
    if (close == std::string_view::npos) continue;
    question.is_quoted = open == '"';
    question.name = line.substr(i + 1, close - i - 1);
    i = close + 1;
    if (skip() != ')') continue;
    question.end = i + 1;
    result.push_back(question);
  }
  return result;
}

class HermeticMaker {
 public:
  HermeticMaker(std::string_view source, const ClosureRequest& request)
      : request_(request), walk_(walk_includes(source, request)) {}

  HermeticProgram run() {
    if (!walk_.closure.uncacheable.empty()) {
      refuse(walk_.closure.uncacheable);
    } else {
      for (const auto& use : walk_.uses) by_directive_[{use.text, use.directive}].push_back(&use);
      name_texts();
      for (const auto& [name, path] : walk_.pre_included) ask_for(name, path);
      for (std::size_t i = 0; i < walk_.texts.size(); ++i) {
        auto text = rewritten(i);
        if (i == 0)
          result_.source = std::move(text);
        else if (name_of_text(i) == walk_.texts[i].path)  // else it is another header by a second path
          result_.headers.push_back({walk_.texts[i].path, std::move(text)});
      }
      add_asked_for();
      result_.nvrtc_options = options_without_folders();
    }
    result_.closure = std::move(walk_.closure);
    return std::move(result_);
  }

 private:
  void refuse(std::string reason) {
    if (result_.refusal.empty()) result_.refusal = std::move(reason);
  }

  /// A file that says #pragma once must be one header, by whatever paths it is reached.
  void name_texts() {
    std::unordered_map<std::string_view, std::size_t> by_identity;
    for (std::size_t i = 1; i < walk_.texts.size(); ++i) {
      const auto& text = walk_.texts[i];
      if (text.path.find_first_of("\"\n") != std::string::npos)
        refuse(fmt::format("the path {} can not be written in a directive", text.path));
      const bool is_once = text.directives->may_be_once ||
                           std::ranges::any_of(text.directives->directives, [](const Directive& directive) {
                             return directive.kind == DirectiveKind::pragma && first_word(directive.rest) == "once";
                           });
      auto name = text.path;
      if (is_once) {
        const auto [first, is_new] = by_identity.try_emplace(text.identity, i);
        if (!is_new) {
          if (text.was_read)
            refuse(fmt::format("{} and {} are one file, and only the compiler can tell which path it takes",
                               walk_.texts[first->second].path, text.path));
          name = walk_.texts[first->second].path;
        }
      }
      if (!names_.emplace(text.path, name).second)
        refuse(fmt::format("{} is a header in memory and a file", text.path));
    }
  }
  [[nodiscard]] const std::string& name_of_text(std::size_t text) const {
    return names_.find(walk_.texts[text].path)->second;
  }
  [[nodiscard]] std::string name_of(const std::string& path) const {
    const auto known = names_.find(path);
    return known == names_.end() ? path : known->second;
  }

  /// `name` must mean `path` (nothing, where that is empty) wherever NVRTC is asked for it by that name.
  void ask_for(const std::string& name, const std::string& path) {
    const auto target = path.empty() ? path : name_of(path);
    const auto [known, is_new] = asked_for_.try_emplace(name, target);
    if (!is_new && known->second != target)
      refuse(fmt::format("{} is another header in one place than in another, and macros name it", name));
  }

  void add_asked_for() {
    for (const auto& [name, target] : asked_for_) {
      const auto known = names_.find(name);
      const bool is_header = known != names_.end() && known->second == name;
      if (target.empty() ? is_header : is_header && target != name)
        refuse(fmt::format("{} is another header in one place than in another, and macros name it", name));
      if (!target.empty() && !is_header)
        result_.headers.push_back({name, names_.contains(target) ? fmt::format("#include \"{}\"\n", target) : ""});
    }
  }

  [[nodiscard]] std::string rewritten(std::size_t text) {
    const auto& directives = *walk_.texts[text].directives;
    std::string result;
    std::size_t from = 0;
    for (std::size_t i = 0; i < directives.directives.size(); ++i) {
      const auto uses = by_directive_.find({text, i});
      if (uses == by_directive_.end()) continue;
      const auto& directive = directives.directives[i];
      const bool includes = directive.kind == DirectiveKind::include || directive.kind == DirectiveKind::include_next;
      const auto line = includes ? new_include(uses->second) : new_condition(directive, uses->second);
      if (!line) continue;
      result.append(*directives.text, from, directive.begin - from);
      result += *line;
      const auto raw = std::string_view(*directives.text).substr(directive.begin, directive.end - directive.begin);
      result.append(static_cast<std::size_t>(std::ranges::count(raw, '\n')), '\n');
      from = directive.end;
    }
    return result.append(*directives.text, from);
  }

  std::optional<std::string> new_include(const std::vector<const IncludeUse*>& uses) {
    const auto target = name_of(uses[0]->target);
    const bool is_one = std::ranges::all_of(uses, [&](const IncludeUse* use) {
      return use->target.empty() == target.empty() && (target.empty() || name_of(use->target) == target);
    });
    if (is_one && !target.empty()) return fmt::format("#include \"{}\"", target);
    const bool has_one_name =
        std::ranges::all_of(uses, [&](const IncludeUse* use) { return use->name == uses[0]->name; });
    for (const auto* use : uses) ask_for(use->name, use->target);
    // Without folders the bracketed form looks nowhere.
    if (is_one && has_one_name && uses[0]->name.find_first_of(">\n") == std::string::npos)
      return fmt::format("#include <{}>", uses[0]->name);
    return std::nullopt;
  }

  std::optional<std::string> new_condition(const Directive& directive, const std::vector<const IncludeUse*>& uses) {
    const std::string_view keyword = directive.kind == DirectiveKind::elif ? "#elif" : "#if";
    std::string line(keyword);
    std::size_t from = 0;
    std::set<const IncludeUse*> answered;
    for (const auto& question : questions_in(directive.rest)) {
      std::optional<bool> answer;
      bool differs = false;
      for (const auto* use : uses) {
        if (use->name != question.name || use->is_quoted != question.is_quoted || use->is_next != question.is_next)
          continue;
        answered.insert(use);
        if (answer && *answer == use->target.empty()) differs = true;
        answer = !use->target.empty();
      }
      if (!answer) continue;
      if (differs) {
        refuse(
            fmt::format("whether there is a header {} differs from one reading of a file to the next", question.name));
        continue;
      }
      line += directive.rest.substr(from, question.begin - from);
      line += *answer ? " 1 " : " 0 ";
      from = question.end;
    }
    for (const auto* use : uses) {
      if (answered.contains(use)) continue;  // else by a macro
      if (!use->target.empty() && !IncludeSearch::questions_see_memory(request_.version))
        refuse(fmt::format("a macro names {} in __has_include, which before NVRTC 12.4 does not see headers in memory",
                           use->name));
      ask_for(use->name, use->target);
    }
    if (from == 0) return std::nullopt;
    line += directive.rest.substr(from);
    std::erase(line, '\n');  // of a raw string, which no condition has
    return line;
  }

  [[nodiscard]] std::vector<std::string> options_without_folders() const {
    std::vector<std::string> result;
    const auto& options = request_.nvrtc_options;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (options[i] == "-I" || options[i] == "--include-path")
        ++i;
      else if (!options[i].starts_with("-I") && !options[i].starts_with("--include-path="))
        result.push_back(options[i]);
    }
    return result;
  }

  const ClosureRequest& request_;
  IncludeWalk walk_;
  HermeticProgram result_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<const IncludeUse*>> by_directive_;
  std::unordered_map<std::string, std::string> names_;  ///< of texts, by their paths
  std::map<std::string, std::string> asked_for_;        ///< name -> that of the header, or nothing
};

}  // namespace

HermeticProgram make_hermetic(std::string_view source, const ClosureRequest& request) {
  return HermeticMaker(source, request).run();
}

}  // namespace cujitsu::compiler
