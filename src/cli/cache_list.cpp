// SPDX-License-Identifier: MIT
// `cujitsu cache list`
#include "cli/cache.hpp"
#include "cli/cache_filter.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <cujitsu/cache_order.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace cujitsu::cli {
namespace {

constexpr std::size_t kernels_width = 28;
constexpr std::size_t least_options_width = 12;

constexpr const char* footer = R"(Examples:
  cujitsu cache list                                       newest first
  cujitsu cache list --sort size --limit 10                the ten largest
  cujitsu cache list --arch 'sm_9*' --name 'gemm*'         by architecture and by kernel or program
  cujitsu cache list --older-than 30d --sort age --json    what nobody needed for a month, for a program

HITS are counted when a process exits, and USED is to the hour.)";

struct Request {
  FilterArguments filter;
  std::string sort = "newest";
  bool reverse = false;
  std::size_t limit = 0;  ///< 0: all
};

Json entry_json(const CacheSummary& entry, std::int64_t now) {
  return {{"key", entry.key},
          {"path", entry.path.string()},
          {"origin", origin_text(entry.origin)},
          {"name", entry.name},
          {"arch", entry.arch},
          {"kernels", entry.kernels},
          {"bytes", entry.file_bytes},
          {"created", utc_text(entry.created)},
          {"age_seconds", std::max<std::int64_t>(now - entry.created, 0)},
          {"last_used", utc_text(entry.last_used)},
          {"unused_seconds", std::max<std::int64_t>(now - entry.last_used, 0)},
          {"hits", entry.hits},
          {"seconds", entry.seconds},
          {"compiler", fmt::format("{}.{}", entry.compiler_major, entry.compiler_minor)},
          {"headers", entry.header_count},
          {"options", entry.options},
          {"include_dirs", entry.include_dirs},
          {"name_expressions", entry.name_expressions},
          {"is_shortened", entry.is_shortened}};
}

Table lay_out(const std::vector<CacheSummary>& entries, bool with_origin, std::size_t options_width) {
  using Align = Table::Align;
  std::vector<Table::Column> columns{{"KEY"},
                                     {"ARCH"},
                                     {"KERNELS"},
                                     {"SIZE", Align::right},
                                     {"AGE", Align::right},
                                     {"USED", Align::right},
                                     {"HITS", Align::right},
                                     {"SECONDS", Align::right},
                                     {"OPTIONS"}};
  if (with_origin) columns.insert(columns.end() - 1, {"ORIGIN"});
  Table table(std::move(columns));
  const std::int64_t now = std::time(nullptr);
  for (const auto& entry : entries) {
    std::vector<std::string> names;
    for (const auto& kernel : entry.kernels) names.push_back(one_line(kernel));
    std::vector<std::string> cells{entry.key.substr(0, short_key),       entry.arch,
                                   shortened_list(names, kernels_width), bytes_text(entry.file_bytes),
                                   age_text(now - entry.created),        age_text(now - entry.last_used),
                                   std::to_string(entry.hits),           fmt::format("{:.2f}", entry.seconds)};
    if (with_origin) cells.emplace_back(origin_text(entry.origin));
    cells.push_back(shortened(options_text(entry.options, entry.include_dirs), options_width));
    table.add(std::move(cells));
  }
  return table;
}

void print_text(Console& console, const std::vector<CacheSummary>& entries, bool with_origin) {
  // The options come last and get what the other columns leave of the line, so those are laid out first.
  const auto used = lay_out(entries, with_origin, least_options_width).width_before_last();
  const auto left = console.width > used ? console.width - used : 0;
  lay_out(entries, with_origin, std::max(left, least_options_width)).print(console.out, console.bold);
}

std::uint64_t bytes_of(const std::vector<CacheSummary>& entries) {
  std::uint64_t bytes = 0;
  for (const auto& entry : entries) bytes += entry.file_bytes;
  return bytes;
}

int list(Console& console, const Request& request, bool json) {
  const auto& cache = standard_cache();
  auto entries = cache.list(request.filter.filter());
  sort_entries(entries, cache_order(request.sort));
  if (request.reverse) std::ranges::reverse(entries);
  const auto found = entries.size();
  const auto bytes = bytes_of(entries);
  if (request.limit != 0 && found > request.limit) entries.resize(request.limit);
  const auto path = cache.path().string();
  if (json) {
    const std::int64_t now = std::time(nullptr);
    Json all = Json::array();
    for (const auto& entry : entries) all.push_back(entry_json(entry, now));
    print_json(console, {{"path", path}, {"found", found}, {"bytes", bytes}, {"entries", std::move(all)}});
    return 0;
  }
  if (found == 0 && request.filter.empty()) {
    console.out << fmt::format("The kernel cache in {} is empty.\n", path);
  } else if (found == 0) {
    console.out << fmt::format("No entry of the kernel cache in {} fits {}.\n", path, one_line(request.filter.text()));
  } else {
    print_text(console, entries, !cache.seeds().empty());
    const auto shown = entries.size() < found ? fmt::format("{} of ", entries.size()) : std::string();
    console.out << fmt::format("\n{}{}, {}, in {}\n", shown, count_text(found, "entry", "entries"), bytes_text(bytes),
                               path);
  }
  return 0;
}

}  // namespace

void add_cache_list(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("list", "List the entries, newest first");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  add_filter(*command, request->filter);
  const auto orders = cache_order_names();
  command
      ->add_option("--sort", request->sort,
                   "What comes first: " + join(orders, ", ") + " (the oldest, the largest, the most hits, ...)")
      ->type_name("ORDER")
      ->check(
          [](const std::string& name) {
            try {
              static_cast<void>(cache_order(name));
              return std::string();
            } catch (const std::exception& error) {
              return std::string(error.what());
            }
          },
          "");
  command->add_flag("--reverse", request->reverse, "The other way round");
  command->add_option("--limit", request->limit, "Show at most so many")->type_name("N")->check(CLI::PositiveNumber);
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) { return list(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
