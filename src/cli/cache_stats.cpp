// SPDX-License-Identifier: MIT
// `cujitsu cache stats`
#include "cli/cache.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(What is on disk, and the counters of all processes that used the folder. A process tells its counters when it exits;
one that is killed, or ends by _exit as forked Python workers do, is missing from them.)";

Json stats_json(const KernelCache& cache, const CacheStats& stats) {
  const auto& folder = stats.folder;
  const auto asked = folder.hits + folder.misses;
  return {{"path", cache.path().string()},
          {"entries", stats.entries},
          {"bytes", stats.bytes},
          {"max_bytes", stats.max_bytes},
          {"seed_entries", stats.seed_entries},
          {"seed_bytes", stats.seed_bytes},
          {"hits", folder.hits},
          {"misses", folder.misses},
          {"bypasses", folder.bypasses},
          {"hit_rate", asked == 0 ? Json() : Json(static_cast<double>(folder.hits) / static_cast<double>(asked))},
          {"bytes_read", folder.bytes_read},
          {"bytes_written", folder.bytes_written},
          {"seconds_compiling", folder.seconds_compiling},
          {"seconds_saved", folder.seconds_saved}};
}

void print_text(Console& console, const KernelCache& cache, const CacheStats& stats) {
  const auto field = [&](std::string_view name, const std::string& value) {
    console.out << fmt::format("{:<18}{}\n", name, value);
  };
  const auto& folder = stats.folder;
  const auto asked = folder.hits + folder.misses;
  field("Folder", cache.path().string());
  field("Entries", fmt::format("{} ({})", stats.entries, bytes_text(stats.bytes)));
  field("Bound", stats.max_bytes == 0 ? "none" : bytes_text(stats.max_bytes));
  if (!cache.seeds().empty())
    field("Seed entries", fmt::format("{} ({})", stats.seed_entries, bytes_text(stats.seed_bytes)));
  for (const auto& seed : cache.seeds()) field("Seed", seed.string());
  field("Hits", asked == 0 ? "0"
                           : fmt::format("{} of {} ({:.1f} %)", folder.hits, asked,
                                         100 * static_cast<double>(folder.hits) / static_cast<double>(asked)));
  field("Misses", std::to_string(folder.misses));
  field("Bypasses", std::to_string(folder.bypasses));
  field("Read, written", fmt::format("{}, {}", bytes_text(folder.bytes_read), bytes_text(folder.bytes_written)));
  field("Compiling took", fmt::format("{:.2f} s", folder.seconds_compiling));
  field("Hits saved", fmt::format("{:.2f} s", folder.seconds_saved));
}

int stats(Console& console, bool json) {
  const auto& cache = standard_cache();
  const auto stats = cache.stats();
  if (json)
    print_json(console, stats_json(cache, stats));
  else
    print_text(console, cache, stats);
  return 0;
}

}  // namespace

void add_cache_stats(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("stats", "Count entries, bytes, hits and what they saved");
  command->footer(footer);
  add_json_flag(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation](Console& console) { return stats(console, invocation.json); };
  });
}

}  // namespace cujitsu::cli
