// SPDX-License-Identifier: MIT
#include "compile/include_walk.hpp"

#include "compile/condition.hpp"
#include "compile/condition_stack.hpp"
#include "compile/header_name.hpp"
#include "compile/include_search.hpp"
#include "compile/macro_expansion.hpp"
#include "compile/walk_record.hpp"

#include <fmt/format.h>

#include <deque>
#include <unordered_map>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr int most_depth = 200;                  // of includes; NVRTC gives up there as well
constexpr std::size_t tokens_per_directive = 8;  // what one costs
constexpr std::size_t most_work = 2'000'000;     // directives gone through

class Walker {
 public:
  Walker(std::string_view source, const ClosureRequest& request)
      : request_(request),
        parsed_(parse_preprocessor_options(request.nvrtc_options, request.version)),
        search_(request.options.headers, all_folders()),
        table_([this](std::string_view name) { return predefined(name); }),
        record_(source, request, parsed_, search_) {}

  IncludeWalk run() {
    for (const auto& definition : parsed_.definitions) define_by_option(definition);
    if (!record_.has_given_up()) {
      for (const auto& name : parsed_.includes) {
        FoundHeader found;
        if (!search_.find_pre_included(name, found)) continue;
        record_.note_pre_included(name, found.path);
        enter(found, 0);
      }
      go_through(0, {std::string(program_folder), -1}, 0);
    }
    return record_.finish();
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

  void enter(const FoundHeader& found, int depth) {
    if (depth >= most_depth) {
      record_.give_up(fmt::format("{} is included {} levels deep", found.path, most_depth));
      return;
    }
    const auto loaded = record_.load(found);
    if (!loaded) return;
    const auto text = *loaded;
    const auto once = record_.text(text).identity;  // a copy: the texts move meanwhile
    const auto state = table_.state(once);
    if (state.is_defined()) return;
    const auto guard = record_.text(text).directives->guard;
    if (!guard.empty() && table_.state(guard).is_defined()) return;
    const bool is_certain = state.is_undefined();
    if (!is_certain) table_.begin_choice();
    go_through(text, {folder_of(found.path), found.position}, depth);
    if (is_certain) {
      if (record_.text(text).directives->may_be_once && table_.state(once).is_undefined())
        table_.set(once, {true, true, {}});
      return;
    }
    table_.end_branch();  // it was read
    table_.end_branch();  // it was passed over
    table_.end_choice();
  }

  void go_through(std::size_t text, const Includer& includer, int depth) {
    const auto directives = record_.text(text).directives;  // the texts move meanwhile
    record_.note_read(text);
    ConditionStack conditions(table_);
    for (std::size_t i = 0; i < directives->directives.size() && !record_.has_given_up(); ++i) {
      const auto& directive = directives->directives[i];
      if (text == 0 && depth == 0 && directive.begin >= request_.leading_bytes) record_.note_end_of_leading();
      if (++work_ > most_work)
        return record_.give_up(
            "its headers are read too often, or have too many conditions that only the compiler can decide");
      handle({text, i, &directive, &includer, depth}, conditions);
    }
    conditions.close_all();
    if (text == 0 && depth == 0) record_.note_end_of_leading();
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
    const auto& all = record_.text(at.text).directives->directives;
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
      const bool is_there =
          search_.find_for_question(header.name, header.is_quoted, is_next, *at.includer, request_.version, found);
      note_use(at, true, is_next, header, is_there ? found.path : std::string());
      if (is_there && found.memory == nullptr) record_.note_asked(found.path);
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
    const auto& walked = record_.text(text);
    return walked.directives->has_line_directive ? std::string_view() : std::string_view(walked.path);
  }

  void include_directive(const Place& at) {
    const bool is_next = at.directive->kind == DirectiveKind::include_next;
    const auto& rest = at.directive->rest;
    if (is_spelled_out(rest)) {
      if (const auto header = spelled_out_name(rest)) include(*header, is_next, at);
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
        return record_.give_up(
            fmt::format("{} includes a header whose name depends on {}, which only the compiler knows",
                        record_.place(at.text, at.directive->line), expansion.unknown));
      if (expansion.failed || naming == Naming::blanks)
        return record_.give_up(fmt::format("{} includes a header whose name can not be followed",
                                           record_.place(at.text, at.directive->line)));
      if (naming == Naming::good) headers.push_back(std::move(header));
    } while (assumptions.next());
    if (assumptions.gave_up())
      return record_.give_up(
          fmt::format("{} includes a header that may be any of too many", record_.place(at.text, at.directive->line)));
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
    record_.note_use({at.text, at.index, is_question, header.is_quoted, is_next, header.name, std::move(target)});
  }

  void pragma_directive(const Place& at) {
    const auto word = first_word(at.directive->rest);
    if (word == "once" && at.text != 0) {
      table_.set(record_.text(at.text).identity, {false, true, {}});
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

  const ClosureRequest& request_;
  PreprocessorOptions parsed_;
  IncludeSearch search_;
  std::deque<std::string> lines_;
  std::deque<Macro> macros_;
  MacroTable table_;
  MacroExpander expander_{table_};
  WalkRecord record_;
  std::unordered_map<const Directive*, const Macro*> parsed_macros_;
  std::unordered_map<std::string, std::vector<MacroState>> pushed_;
  std::size_t work_ = 0;
};

}  // namespace

IncludeWalk walk_includes(std::string_view source, const ClosureRequest& request) {
  return Walker(source, request).run();
}

}  // namespace cujitsu::compiler
