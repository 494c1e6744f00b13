// SPDX-License-Identifier: MIT
// `cujitsu cache explain FILE|KEY`
#include "cli/cache.hpp"
#include "cli/compile_arguments.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stored_compile.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(FILE: whether `cujitsu compile` with the same options would find it in the cache, and what is otherwise than in the
stored compile that is most like it. Nothing is compiled.
KEY: whether a compile of the same request (source, options, headers in memory) would find that entry now, and what has
changed since it was made. Relative folders count from the current one.

What is the name of a file is taken as FILE; --key takes it as KEY.

Examples:
  cujitsu cache explain add.cu --arch sm_90 --option --use_fast_math
  cujitsu cache explain 3f21c07a)";

struct Request {
  CompileArguments what;
  bool is_key = false;
};

bool could_be_key(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Whether the argument is a key. Throws ArgumentError for what can be neither.
bool is_key(const Request& request) {
  const auto& argument = request.what.file;
  if (request.is_key) return true;
  std::error_code error;
  if (argument == "-" || std::filesystem::exists(argument, error)) return false;
  if (could_be_key(argument)) return true;
  throw ArgumentError(fmt::format(
      "there is no file '{}', and a key has 1 to 32 hexadecimal digits: `cujitsu cache list` shows them", argument));
}

void print_text(Console& console, const Request& request, const Explanation& result, bool of_key) {
  const auto status = to_string(result.status);
  console.out << fmt::format("{}: {}", request.what.file, status);
  // Where there are changes the reason of a miss is the same list on one line.
  if (result.changes.empty() || of_key) console.out << ": " << one_line(result.reason);
  console.out << '\n';
  const auto field = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) console.out << fmt::format("  {:<24}{}\n", name, value);
  };
  field(result.status == CacheStatus::hit ? "Entry" : "It would be stored as", result.key);
  field(of_key ? "Compared with" : "Nearest entry", result.nearest);
  if (result.changes.empty()) return;
  console.out << "  Changed since:\n";
  for (const auto& change : result.changes) console.out << "    " << one_line(change) << '\n';
}

int explain(Console& console, const Request& request, bool json) {
  auto& cache = standard_cache();
  const bool of_key = is_key(request);
  if (of_key && request.what.has_options())
    throw UsageError("the options of a compile go with a FILE; an entry's own are stored with it");
  const auto result = of_key ? explain_entry(request.what.file, cache)
                             : cujitsu::explain(read_source(request.what.file), request.what.compile_options(), &cache);
  if (json)
    print_json(console, {{of_key ? "entry" : "file", request.what.file},
                         {"status", to_string(result.status)},
                         {"reason", result.reason},
                         {"key", result.key},
                         {"nearest", result.nearest},
                         {"changes", result.changes}});
  else
    print_text(console, request, result, of_key);
  return 0;
}

}  // namespace

void add_cache_explain(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("explain", "Say whether a compile would be a hit, and what has changed");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_option("FILE", request->what.file, "CUDA C++ source (- for standard input), or an entry's KEY")
      ->type_name("")
      ->required();
  command->add_flag("--key", request->is_key, "It is a KEY, though there is a file of that name");
  add_compile_arguments(*command, request->what);
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) {
      return explain(console, *request, invocation.json);
    };
  });
}

}  // namespace cujitsu::cli
