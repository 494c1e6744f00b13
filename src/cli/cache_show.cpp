// SPDX-License-Identifier: MIT
// `cujitsu cache show KEY`
#include "cli/cache.hpp"
#include "cli/json.hpp"
#include "cli/kernels.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

namespace cujitsu::cli {
namespace {

constexpr std::size_t ptx_lines = 60;  // unless --full: the PTX of one include can have ten thousand

struct Request {
  std::string key;
  bool source = false;
  bool ptx = false;
  bool log = false;
  bool full = false;
};

Json entry_json(const CacheEntry& entry) {
  Json headers = Json::object();
  for (const auto& header : entry.options.headers) headers[header.name] = header.text;
  const auto& code = entry.code;
  return {{"key", entry.key},
          {"path", entry.path.string()},
          {"bytes", entry.file_bytes},
          {"created", utc_text(entry.created)},
          {"name", entry.options.name},
          {"arch", entry.options.arch},
          {"options", entry.options.options},
          {"include_dirs", entry.options.include_dirs},
          {"headers", std::move(headers)},
          {"name_expressions", entry.options.name_expressions},
          {"compiler_options", code.options},
          {"compiler", to_json(code.compiler)},
          {"seconds", code.seconds},
          {"kernels", to_json(code.kernels)},
          {"lowered_names", to_json(code.lowered_names)},
          {"globals", to_json(code.globals)},
          {"diagnostics", to_json(code.diagnostics())},
          {"log", code.log},
          {"source", entry.source},
          {"ptx", code.ptx},
          {"cubin_bytes", code.cubin.size()}};
}

/// The text as it is, but ending its last line: what follows on a terminal starts on a line of its own.
void print_raw(Console& console, std::string_view text) {
  console.out << text;
  if (!text.empty() && !text.ends_with('\n')) console.out << '\n';
}

/// At most `most` lines; says how many there are in all.
void print_part(Console& console, std::string_view title, std::string_view text, std::size_t most) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto count = text.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  if (count == 0) {
    console.out << fmt::format("\n{}: none\n", title);
    return;
  }
  console.out << fmt::format("\n{} ({}{}):\n", title, count > most ? fmt::format("the first {} of ", most) : "",
                             count_text(count, "line", "lines"));
  for (std::size_t shown = 0; shown < std::min(count, most); ++shown) {
    const auto end = text.find('\n');
    console.out << "  " << text.substr(0, end) << '\n';
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  if (count > most) console.out << fmt::format("  ... {} more; --full shows all\n", count - most);
}

void print_text(Console& console, const CacheEntry& entry, bool full) {
  const auto& code = entry.code;
  const auto field = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.out << fmt::format("{:<18}{}\n", name, one_line(value));
  };
  std::vector<std::string> headers;
  for (const auto& header : entry.options.headers) headers.push_back(header.name);

  field("Key", entry.key);
  field("File", fmt::format("{} ({})", entry.path.string(), bytes_text(entry.file_bytes)));
  field("Created", fmt::format("{} ({} ago)", utc_text(entry.created), age_text(std::time(nullptr) - entry.created)));
  field("Program", entry.options.name);
  field("Architecture", entry.options.arch);
  field("Options", join(entry.options.options, " "));
  field("Include dirs", join(entry.options.include_dirs, ", "));
  field("Headers in memory", join(headers, ", "));
  field("Name expressions", join(entry.options.name_expressions, ", "));
  field("Given to NVRTC", join(code.options, " "));
  field("Compiler", fmt::format("NVRTC {} ({})", code.compiler.version(), code.compiler.library));
  field("Compiling took", fmt::format("{:.3f} s", code.seconds));
  field("Sizes", fmt::format("source {}, PTX {}, machine code {}", bytes_text(entry.source.size()),
                             bytes_text(code.ptx.size()), bytes_text(code.cubin.size())));
  console.out << '\n';
  print_kernels(console, code.kernels);
  const auto all = std::string_view::npos;
  print_part(console, "Log", code.log, all);
  print_part(console, "Source", entry.source, all);
  print_part(console, "PTX", code.ptx, full ? all : ptx_lines);
}

int show(Console& console, const Request& request, bool json) {
  const auto entry = standard_cache().find(request.key);
  if (json)
    print_json(console, entry_json(entry));
  else if (request.source)
    print_raw(console, entry.source);
  else if (request.ptx)
    print_raw(console, entry.code.ptx);
  else if (request.log)
    print_raw(console, entry.code.log);
  else
    print_text(console, entry, request.full);
  return 0;
}

}  // namespace

void add_cache_show(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("show", "Show one entry: where it came from, its kernels, source and PTX");
  const auto request = std::make_shared<Request>();
  command->add_option("KEY", request->key, "The entry's key, or the first digits of it")->type_name("")->required();
  const char* parts = "One part alone, as it is, for a pipe";
  command->add_flag("--source", request->source, "Print the source")->group(parts);
  command->add_flag("--ptx", request->ptx, "Print the PTX")->group(parts);
  command->add_flag("--log", request->log, "Print the compiler's log")->group(parts);
  command->add_flag("--full", request->full, fmt::format("Do not stop after {} lines of PTX", ptx_lines));
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    if (invocation.json + request->source + request->ptx + request->log > 1)
      throw UsageError("only one of --source, --ptx, --log and --json at a time; --json holds them all");
    invocation.action = [&invocation, request](Console& console) { return show(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
