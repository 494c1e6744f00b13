// SPDX-License-Identifier: MIT
// `cujitsu cache list`
#include "cli/cache.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace cujitsu::cli {
namespace {

constexpr std::size_t kernels_width = 36;
constexpr std::size_t least_options_width = 12;

Json entry_json(const CacheEntry& entry, std::int64_t now) {
  Json kernels = Json::array();
  for (const auto& kernel : entry.code.kernels) kernels.push_back(kernel.name);
  return {{"key", entry.key},
          {"path", entry.path.string()},
          {"name", entry.options.name},
          {"arch", entry.options.arch},
          {"kernels", std::move(kernels)},
          {"bytes", entry.file_bytes},
          {"created", utc_text(entry.created)},
          {"age_seconds", std::max<std::int64_t>(now - entry.created, 0)},
          {"seconds", entry.code.seconds},
          {"options", entry.options.options},
          {"include_dirs", entry.options.include_dirs},
          {"name_expressions", entry.options.name_expressions}};
}

void print_text(Console& console, const std::vector<CacheEntry>& entries, std::int64_t now) {
  using Align = Table::Align;
  // The options come last and get what the other columns leave of the line, so those are laid out first.
  const auto lay_out = [&](std::size_t options_width) {
    Table table({{"KEY"},
                 {"ARCH"},
                 {"KERNELS"},
                 {"SIZE", Align::right},
                 {"AGE", Align::right},
                 {"SECONDS", Align::right},
                 {"OPTIONS"}});
    for (const auto& entry : entries) {
      std::vector<std::string> names;
      for (const auto& kernel : entry.code.kernels) names.push_back(one_line(kernel.name));
      table.add({entry.key.substr(0, short_key), entry.options.arch, shortened_list(names, kernels_width),
                 bytes_text(entry.file_bytes), age_text(now - entry.created), fmt::format("{:.2f}", entry.code.seconds),
                 shortened(options_text(entry.options), options_width)});
    }
    return table;
  };
  const auto used = lay_out(least_options_width).width_before_last();
  const auto left = console.width > used ? console.width - used : 0;
  lay_out(std::max(left, least_options_width)).print(console.out, console.bold);
}

int list(Console& console, bool json) {
  const auto& cache = standard_cache();
  const auto entries = cache.list();
  const std::int64_t now = std::time(nullptr);
  std::uint64_t bytes = 0;
  for (const auto& entry : entries) bytes += entry.file_bytes;
  if (json) {
    Json all = Json::array();
    for (const auto& entry : entries) all.push_back(entry_json(entry, now));
    print_json(console, {{"path", cache.path().string()}, {"bytes", bytes}, {"entries", std::move(all)}});
  } else if (entries.empty()) {
    console.out << fmt::format("The kernel cache in {} is empty.\n", cache.path().string());
  } else {
    print_text(console, entries, now);
    console.out << fmt::format("\n{}, {}, in {}\n", count_text(entries.size(), "entry", "entries"), bytes_text(bytes),
                               cache.path().string());
  }
  return 0;
}

}  // namespace

void add_cache_list(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("list", "List the entries, newest first");
  add_json_flag(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation](Console& console) { return list(console, invocation.json); };
  });
}

}  // namespace cujitsu::cli
