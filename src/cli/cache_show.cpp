// SPDX-License-Identifier: MIT
// `cujitsu cache show KEY`
#include "cli/cache.hpp"
#include "cli/disassembler.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/kernels.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stored_compile.hpp>

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
  bool sass = false;
  bool cubin = false;
  std::string output;
  bool full = false;
};

constexpr const char* footer = R"(Examples:
  cujitsu cache show 3f21c0
  cujitsu cache show 3f21c0 --ptx > add.ptx
  cujitsu cache show 3f21c0 --sass
  cujitsu cache show 3f21c0 --cubin -o add.cubin)";

Json headers_json(const std::vector<CheckedHeader>& headers) {
  Json result = Json::array();
  for (const auto& [header, state] : headers)
    result.push_back({{"path", header.path},
                      {"bytes", header.bytes},
                      {"is_toolkit", header.is_toolkit},
                      {"state", to_string(state)}});
  return result;
}

Json entry_json(const CacheEntry& entry, const std::vector<CheckedHeader>& headers_read) {
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
          {"headers_read", headers_json(headers_read)},
          {"hermetic", entry.options.hermetic},
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
    console.out << "  " << plain_text(text.substr(0, end)) << '\n';
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  if (count > most) console.out << fmt::format("  ... {} more; --full shows all\n", count - most);
}

/// Each of the user's own; the toolkit's, of which there can be hundreds, only where one is not as it was.
void print_headers(Console& console, const std::vector<CheckedHeader>& headers) {
  Table table({{"HEADER"}, {"SIZE", Table::Align::right}, {"NOW"}});
  std::size_t toolkit = 0;
  for (const auto& [header, state] : headers) {
    if (header.is_toolkit) ++toolkit;
    if (!header.is_toolkit || state != HeaderState::same)
      table.add({header.path, bytes_text(header.bytes), std::string(to_string(state))});
  }
  if (headers.empty()) return;
  console.out << '\n';
  if (!table.empty()) table.print(console.out, console.bold);
  if (toolkit > 0) console.out << fmt::format("{} of the toolkit\n", count_text(toolkit, "header", "headers"));
}

void print_text(Console& console, const CacheEntry& entry, const std::vector<CheckedHeader>& headers_read, bool full) {
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
  print_headers(console, headers_read);
  const auto all = std::string_view::npos;
  print_part(console, "Log", code.log, all);
  print_part(console, "Source", entry.source, all);
  print_part(console, "PTX", code.ptx, full ? all : ptx_lines);
}

/// Throws ArgumentError where there is none.
const std::string& machine_code(const CacheEntry& entry) {
  if (entry.code.cubin.empty())
    throw ArgumentError(fmt::format("the entry has no machine code: it was compiled for {}, a virtual architecture",
                                    entry.options.arch));
  return entry.code.cubin;
}

std::string sass(const CacheEntry& entry) {
  const auto& cubin = machine_code(entry);
  return disassemble(find_disassembler(), cubin);
}

void write_cubin(Console& console, const CacheEntry& entry, const std::string& output) {
  const auto& cubin = machine_code(entry);
  write_result(console, output, cubin);
  if (output != "-")
    console.out << fmt::format("{}: {} of machine code for {}\n", output, bytes_text(cubin.size()), entry.code.arch);
}

void check_output(const Request& request, const Console& console) {
  if (!request.cubin && !request.output.empty()) throw UsageError("-o goes with --cubin");
  if (!request.cubin) return;
  if (request.output.empty())
    throw UsageError("--cubin is machine code, not text: name a file with -o, or pipe it with -o -");
  if (request.output == "-" && console.is_terminal)
    throw UsageError("--cubin is machine code and would garble this terminal: name a file with -o");
}

int show(Console& console, const Request& request, bool json) {
  check_output(request, console);
  auto& cache = standard_cache();
  const auto entry = cache.find(request.key);
  if (request.source)
    print_raw(console, entry.source);
  else if (request.ptx)
    print_raw(console, entry.code.ptx);
  else if (request.log)
    print_raw(console, entry.code.log);
  else if (request.sass)
    print_raw(console, sass(entry));
  else if (request.cubin)
    write_cubin(console, entry, request.output);
  else if (json)
    print_json(console, entry_json(entry, check_headers(entry.key, cache)));
  else
    print_text(console, entry, check_headers(entry.key, cache), request.full);
  return 0;
}

}  // namespace

void add_cache_show(CLI::App& parent, Invocation& invocation) {
  auto* command =
      parent.add_subcommand("show", "Show one entry: where it came from, its kernels, headers, source and PTX");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_option("KEY", request->key, "The entry's key, or the first digits of it")->type_name("")->required();
  const char* parts = "One part alone, as it is, for a pipe";
  command->add_flag("--source", request->source, "Print the source")->group(parts);
  command->add_flag("--ptx", request->ptx, "Print the PTX")->group(parts);
  command->add_flag("--sass", request->sass, "Print the machine code, by nvdisasm or cuobjdump")->group(parts);
  command->add_flag("--log", request->log, "Print the compiler's log")->group(parts);
  command->add_flag("--cubin", request->cubin, "Write the machine code to the file of -o")->group(parts);
  command->add_option("-o,--output", request->output, "File for --cubin")->type_name("FILE")->group(parts);
  command->add_flag("--full", request->full, fmt::format("Do not stop after {} lines of PTX", ptx_lines));
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    if (invocation.json + request->source + request->ptx + request->log + request->sass + request->cubin > 1)
      throw UsageError(
          "only one of --source, --ptx, --sass, --log, --cubin and --json at a time; --json holds the source, the PTX "
          "and "
          "the log");
    invocation.action = [&invocation, request](Console& console) { return show(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
