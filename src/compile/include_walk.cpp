// SPDX-License-Identifier: MIT
#include "compile/include_walk.hpp"

#include "compile/condition.hpp"
#include "compile/condition_stack.hpp"
#include "compile/include_search.hpp"
#include "compile/macro_expansion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr int most_depth = 200;                      // of includes; NVRTC gives up there as well
constexpr std::size_t tokens_per_directive = 8;      // what one costs
constexpr std::size_t most_work = 2'000'000;         // directives gone through
constexpr std::string_view once_prefix = "\1once ";  // no macro can be called so

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\v\f";
  const auto start = text.find_first_not_of(blanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

struct HeaderName {
  std::string name;
  bool is_quoted = false;
};

enum class Naming { good, none, blanks };

/// The name that tokens spell, as behind macros.
Naming header_name(const std::vector<Token>& tokens, HeaderName& result) {
  if (tokens.empty()) return Naming::none;
  const auto& first = tokens[0];
  if (first.kind == TokenKind::literal && first.text.size() >= 2 && first.text[0] == '"') {
    result = {std::string(first.text.substr(1, first.text.size() - 2)), true};
    return Naming::good;
  }
  if (!first.is("<")) return Naming::none;
  result = {};
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].is(">")) return tokens[i].spaced ? Naming::blanks : Naming::good;
    if (tokens[i].spaced) return Naming::blanks;
    result.name += tokens[i].text;
  }
  return Naming::none;
}

class Walker {
 public:
  Walker(std::string_view source, const ClosureRequest& request)
      : request_(request),
        parsed_(parse_preprocessor_options(request.nvrtc_options, request.version)),
        search_(request.options.headers, all_folders()),
        table_([this](std::string_view name) { return predefined(name); }) {
    walk_.texts.push_back({{}, false, false, {}, find_directives(std::make_shared<std::string>(source))});
  }

  IncludeWalk run() {
    walk_.closure.uncacheable = parsed_.uncacheable;
    for (const auto& definition : parsed_.definitions) define_by_option(definition);
    check_text(0);
    if (walk_.closure.uncacheable.empty()) {
      for (const auto& name : parsed_.includes) {
        FoundHeader found;
        if (!search_.find_pre_included(name, found)) continue;
        walk_.pre_included.emplace_back(name, found.path);
        enter(found, 0);
      }
      go_through(0, {std::string(program_folder), -1}, 0);
    }
    finish();
    return std::move(walk_);
  }

 private:
  std::vector<std::string> all_folders() const {
    auto folders = parsed_.folders;
    folders.insert(folders.end(), request_.toolkit_dirs.begin(), request_.toolkit_dirs.end());
    return folders;
  }

  const Macro* make_macro(std::string line) { return parse_macro(lines_.emplace_back(std::move(line)), macros_); }

  MacroState predefined(std::string_view name) {
    std::string value;
    if (name.starts_with(once_prefix)) return {};
    switch (known_macro(name, parsed_, request_.version, value)) {
      case 0: return {};
      case 1:
        if (value.empty()) return {false, true, {}};
        return {false, false, {make_macro(std::string(name) + " " + value)}};
      default: return {true, true, {}};
    }
  }

  void define_by_option(const PreprocessorOptions::Definition& definition) {
    const auto* macro = make_macro(definition.text);
    if (macro == nullptr) return;  // NVRTC will say so
    // NVRTC's own headers come behind the options and may define the name again.
    std::string unused;
    MacroState state{definition.is_undefined, false, {}};
    if (!definition.is_undefined) state.definitions.push_back(macro);
    if (known_macro(macro->name, parsed_, request_.version, unused) < 0) state.may_be_unknown = true;
    table_.set(macro->name, std::move(state));
  }

  void give_up(std::string reason) {
    if (walk_.closure.uncacheable.empty()) walk_.closure.uncacheable = std::move(reason);
  }
  [[nodiscard]] bool has_given_up() const { return !walk_.closure.uncacheable.empty(); }

  [[nodiscard]] std::string place(std::size_t text, const Directive& directive) const {
    const auto& path = walk_.texts[text].path;
    return fmt::format("{} line {}", path.empty() ? request_.options.name : path, directive.line);
  }

  void check_text(std::size_t text) {
    const auto& directives = *walk_.texts[text].directives;
    const auto& path = walk_.texts[text].path.empty() ? request_.options.name : walk_.texts[text].path;
    const bool is_modern = parsed_.cplusplus >= 201703;
    if (directives.has_trigraph && !is_modern)
      give_up(fmt::format("{} has a trigraph, whose meaning depends on the dialect", path));
    if (directives.has_raw_string && parsed_.cplusplus == 0)
      give_up(fmt::format("{} has a raw string, whose meaning depends on the dialect", path));
  }

  /// Index of a text; it is read where it is new. False where it can not be.
  bool load(const FoundHeader& found, std::size_t& index, std::string& identity) {
    const auto key = (found.memory != nullptr ? "\1" : "") + found.path;
    const auto [known, is_new] = text_index_.try_emplace(key, walk_.texts.size());
    index = known->second;
    if (is_new) {
      WalkedText text{found.path, found.memory != nullptr, false, {}, nullptr};
      std::string key_of_once(once_prefix);
      if (found.memory != nullptr) {
        text.directives = find_directives(std::make_shared<std::string>(found.memory->text));
        key_of_once += search_.identity(*found.memory);
      } else {
        int error = 0;
        const auto file = read_header(found.path, error);
        if (file == nullptr) {
          text_index_.erase(known);
          give_up(fmt::format("{} can not be read: {}", found.path, file_error(error)));
          return false;
        }
        text.directives = file->directives;
        key_of_once += IncludeSearch::identity(file->stamp);
        walk_.closure.record.headers.push_back(record_of(found.path, *file));
      }
      text.identity = std::move(key_of_once);
      walk_.texts.push_back(std::move(text));
      check_text(index);
    }
    identity = walk_.texts[index].identity;
    return true;
  }

  static std::string file_error(int error);

  HeaderRecord record_of(const std::string& path, const HeaderFile& file) const {
    const bool is_toolkit = std::ranges::any_of(request_.toolkit_dirs, [&](const std::string& folder) {
      return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
    });
    return {path, is_toolkit, file.hash, file.stamp, {}};
  }

  void enter(const FoundHeader& found, int depth) {
    if (depth >= most_depth) {
      give_up(fmt::format("{} is included {} levels deep", found.path, most_depth));
      return;
    }
    std::size_t text = 0;
    std::string once;
    if (!load(found, text, once)) return;
    const auto state = table_.state(once);
    if (state.is_defined()) return;
    const auto guard = walk_.texts[text].directives->guard;
    if (!guard.empty() && table_.state(guard).is_defined()) return;
    const bool is_certain = state.is_undefined();
    if (!is_certain) table_.begin_choice();
    go_through(text, {folder_of(found.path), found.position}, depth);
    if (is_certain) {
      if (walk_.texts[text].directives->may_be_once && table_.state(once).is_undefined())
        table_.set(once, {true, true, {}});
      return;
    }
    table_.end_branch();  // it was read
    table_.end_branch();  // it was passed over
    table_.end_choice();
  }

  void go_through(std::size_t text, const Includer& includer, int depth) {
    const auto directives = walk_.texts[text].directives;  // the vector grows meanwhile
    walk_.texts[text].was_read = true;
    ConditionStack conditions(table_);
    for (std::size_t i = 0; i < directives->directives.size() && !has_given_up(); ++i) {
      const auto& directive = directives->directives[i];
      if (text == 0 && depth == 0 && directive.begin >= request_.leading_bytes) note_leading();
      if (++work_ > most_work)
        return give_up("its headers are read too often, or have too many conditions that only the compiler can decide");
      handle({text, i, &directive, &includer, depth}, conditions);
    }
    conditions.close_all();
    if (text == 0 && depth == 0) note_leading();
  }

  /// How far the closure has come at the end of the source's leading part.
  void note_leading() {
    if (request_.leading_bytes == 0 || has_left_leading_ || has_given_up()) return;
    has_left_leading_ = true;
    const auto& source = *walk_.texts[0].directives->text;
    if (names_varying_macro(std::string_view(source).substr(0, request_.leading_bytes)) ||
        std::any_of(walk_.texts.begin() + 1, walk_.texts.end(),
                    [](const WalkedText& each) { return each.directives->varies; }) ||
        std::ranges::any_of(parsed_.definitions,
                            [](const auto& definition) { return names_varying_macro(definition.text); }))
      return;
    leading_ = {walk_.closure.record.headers.size(), asked_.size(), search_.absent().size(), search_.shadows().size()};
  }

  struct Place {
    std::size_t text;
    std::size_t index;
    const Directive* directive;
    const Includer* includer;
    int depth;
  };

  void handle(const Place& at, ConditionStack& conditions) {
    const auto& directive = *at.directive;
    using enum DirectiveKind;
    switch (directive.kind) {
      case if_: conditions.open(conditions.is_active() ? judge(at) : Judgement()); return;
      case ifdef:
      case ifndef:
        if (!conditions.is_active()) return conditions.open({});
        if (directive.kind == ifndef) settle_guard(at);
        conditions.open(judge_defined(first_word(directive.rest), directive.kind == ifdef));
        return;
      case elif: conditions.next(conditions.wants_condition() ? judge(at) : Judgement()); return;
      case elif_maybe: conditions.next({Truth::unknown, {}, false}); return;
      case else_: conditions.next({Truth::yes, {}, false}); return;
      case endif: conditions.close(); return;
      default: break;
    }
    if (!conditions.is_active()) return;
    switch (directive.kind) {
      case define:
        if (const auto* macro = parsed_macro(directive)) table_.define(*macro);
        return;
      case undef: table_.undefine(first_word(directive.rest)); return;
      case pragma: pragma_directive(at); return;
      default: include_directive(at); return;
    }
  }

  /// A file may be gone through several times: equal definitions should be one.
  const Macro* parsed_macro(const Directive& directive) {
    const auto [known, is_new] = parsed_macros_.try_emplace(&directive, nullptr);
    if (is_new) known->second = parse_macro(directive.rest, macros_);
    return known->second;
  }

  /// #ifndef NAME, #define NAME at the head of a text: the name is its own, not the compiler's.
  void settle_guard(const Place& at) {
    const auto& all = walk_.texts[at.text].directives->directives;
    const auto name = first_word(at.directive->rest);
    if (at.index > 1 || at.index + 1 >= all.size() || all[at.index + 1].kind != DirectiveKind::define ||
        first_word(all[at.index + 1].rest) != name || may_be_builtin_guard(name))
      return;
    const auto& state = table_.state(name);
    if (state.may_be_undefined && state.may_be_unknown && state.definitions.empty()) table_.undefine(name);
  }

  Judgement judge_defined(std::string_view name, bool wanted) {
    const auto& state = table_.state(name);
    if (!state.is_defined() && !state.is_undefined()) return {Truth::unknown, name, wanted};
    return {state.is_defined() == wanted ? Truth::yes : Truth::no, {}, false};
  }

  Judgement judge(const Place& at) {
    std::vector<Token> tokens;
    tokenize(at.directive->rest, tokens);
    // "defined NAME" alone, or its opposite: what the branch then knows of the name
    const std::size_t skipped = !tokens.empty() && tokens[0].is("!") ? 1 : 0;
    if (tokens.size() >= 2 + skipped && tokens[skipped].text == "defined") {
      const auto left = tokens.size() - skipped;
      if (left == 2) return judge_defined(tokens[skipped + 1].text, skipped == 0);
      if (left == 4 && tokens[skipped + 1].is("(") && tokens[skipped + 3].is(")"))
        return judge_defined(tokens[skipped + 2].text, skipped == 0);
    }
    const HasInclude has_include = [&](bool is_next, const std::vector<Token>& operand) {
      HeaderName header;
      if (header_name(operand, header) != Naming::good) return -1;
      FoundHeader found;
      const bool is_there = search_.find(header.name, header.is_quoted, is_next, *at.includer, found);
      note_use(at, true, is_next, header, is_there ? found.path : std::string());
      if (is_there && found.memory == nullptr) asked_.push_back(found.path);
      return is_there ? 1 : 0;
    };
    Assumptions assumptions;
    bool may_be[3] = {false, false, false};
    do {
      const auto expansion = expander_.expand(tokens, assumptions, file_name(at.text), &has_include);
      work_ += expander_.work() / tokens_per_directive;
      may_be[static_cast<int>(expansion.failed ? Truth::unknown : evaluate(expansion.tokens))] = true;
      if (may_be[2] || (may_be[0] && may_be[1])) return {Truth::unknown, {}, false};
    } while (assumptions.next());
    if (assumptions.gave_up()) return {Truth::unknown, {}, false};
    return {may_be[1] ? Truth::yes : Truth::no, {}, false};
  }

  [[nodiscard]] std::string_view file_name(std::size_t text) const {
    const auto& walked = walk_.texts[text];
    return walked.directives->has_line_directive ? std::string_view() : std::string_view(walked.path);
  }

  void include_directive(const Place& at) {
    const bool is_next = at.directive->kind == DirectiveKind::include_next;
    const auto rest = trimmed(at.directive->rest);
    const char close = rest.starts_with('<') ? '>' : '"';
    if (rest.starts_with('<') || rest.starts_with('"')) {
      const auto end = rest.find(close, 1);
      if (end != std::string_view::npos) include({std::string(rest.substr(1, end - 1)), close == '"'}, is_next, at);
      return;
    }
    std::vector<Token> tokens;
    tokenize(rest, tokens);
    Assumptions assumptions;
    std::vector<HeaderName> headers;
    do {
      const auto expansion = expander_.expand(tokens, assumptions, file_name(at.text), nullptr);
      work_ += expander_.work() / tokens_per_directive;
      HeaderName header;
      const auto naming = header_name(expansion.tokens, header);
      if (!expansion.unknown.empty())
        return give_up(fmt::format("{} includes a header whose name depends on {}, which only the compiler knows",
                                   place(at.text, *at.directive), expansion.unknown));
      if (expansion.failed || naming == Naming::blanks)
        return give_up(
            fmt::format("{} includes a header whose name can not be followed", place(at.text, *at.directive)));
      if (naming == Naming::good) headers.push_back(std::move(header));
    } while (assumptions.next());
    if (assumptions.gave_up())
      return give_up(fmt::format("{} includes a header that may be any of too many", place(at.text, *at.directive)));
    if (headers.size() == 1) return include(headers[0], is_next, at);
    table_.begin_choice();
    for (const auto& header : headers) {
      include(header, is_next, at);
      table_.end_branch();
    }
    table_.end_choice();
  }

  void include(const HeaderName& header, bool is_next, const Place& at) {
    FoundHeader found;
    const bool is_there = search_.find(header.name, header.is_quoted, is_next, *at.includer, found);
    note_use(at, false, is_next, header, is_there ? found.path : std::string());
    if (is_there) enter(found, at.depth + 1);
  }

  void note_use(const Place& at, bool is_question, bool is_next, const HeaderName& header, std::string target) {
    std::string key;
    key.reserve(40 + header.name.size() + target.size());
    key += std::to_string(at.text) + ' ' + std::to_string(at.index) + (is_question ? '?' : ' ') + (is_next ? '+' : ' ');
    key += (header.is_quoted ? '"' : '<') + header.name + '\1' + target;
    if (!noted_.insert(std::move(key)).second) return;
    walk_.uses.push_back({at.text, at.index, is_question, header.is_quoted, is_next, header.name, std::move(target)});
  }

  void pragma_directive(const Place& at) {
    const auto word = first_word(at.directive->rest);
    if (word == "once" && at.text != 0) {
      const auto& once = walk_.texts[at.text].identity;
      table_.set(once, {false, true, {}});
      return;
    }
    // NVRTC 13.0 passes over these; one that does not would restore the older definition.
    if ((word != "push_macro" && word != "pop_macro") || is_13_0()) return;
    const auto open = at.directive->rest.find('"');
    const auto close = at.directive->rest.find('"', open + 1);
    if (open == std::string_view::npos || close == std::string_view::npos) return;
    const auto name = at.directive->rest.substr(open + 1, close - open - 1);
    auto& pushed = pushed_[std::string(name)];
    if (word == "push_macro") {
      pushed.push_back(table_.state(name));
    } else if (!pushed.empty()) {
      auto state = table_.state(name);
      for (const auto& each : pushed) state.add(each);  // which one depends on branches
      table_.set(name, std::move(state));
    }
  }
  [[nodiscard]] bool is_13_0() const { return request_.version.major == 13 && request_.version.minor == 0; }

  void finish() {
    auto& closure = walk_.closure;
    const bool is_odd = !search_.odd().empty();
    if (is_odd) give_up(fmt::format("{} is neither a file nor a folder", search_.odd()));
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
  }

  /// Adds what is not read: files that count by their identity, and those that were only asked for.
  void complete(ClosureRecord& record, std::size_t asked, std::size_t shadows) const {
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

  const ClosureRequest& request_;
  PreprocessorOptions parsed_;
  IncludeSearch search_;
  std::deque<std::string> lines_;
  std::deque<Macro> macros_;
  MacroTable table_;
  MacroExpander expander_{table_};
  IncludeWalk walk_;
  std::unordered_map<std::string, std::size_t> text_index_;
  std::unordered_map<const Directive*, const Macro*> parsed_macros_;
  std::unordered_map<std::string, std::vector<MacroState>> pushed_;
  std::unordered_set<std::string> noted_;
  std::vector<std::string> asked_;  ///< by __has_include
  struct Sizes {
    std::size_t headers;
    std::size_t asked;
    std::size_t absent;
    std::size_t shadows;
  };
  std::optional<Sizes> leading_;  ///< behind the source's leading part
  bool has_left_leading_ = false;
  std::size_t work_ = 0;
};

std::string Walker::file_error(int error) { return std::generic_category().message(error); }

}  // namespace

IncludeWalk walk_includes(std::string_view source, const ClosureRequest& request) {
  return Walker(source, request).run();
}

}  // namespace cujitsu::compiler
