// SPDX-License-Identifier: MIT
// `cujitsu cache`, `cache path` and `cache clear`
#include "cli/cache.hpp"

#include "cli/json.hpp"
#include "cli/text.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

namespace cujitsu::cli {
namespace {

constexpr const char* footer = R"(A KEY is what `list` shows, or fewer digits of it that only one entry has.

Examples:
  cujitsu cache list --sort size            what is there, the largest first
  cujitsu cache explain add.cu              would it be compiled again, and why
  cujitsu cache show 3f21c0 --sass          machine code of one entry, disassembled
  cujitsu cache diff 3f21c0 3f21c07         what two entries have otherwise
  cujitsu cache verify --recompile          is what is stored what the compiler makes
  cujitsu cache prune --older-than 30d)";

int path(Console& console, bool json) {
  const auto& cache = standard_cache();
  const auto folder = cache.path().string();
  if (!json) {
    console.out << folder << '\n';
    return 0;
  }
  Json seeds = Json::array();
  for (const auto& seed : cache.seeds()) seeds.push_back(seed.string());
  print_json(console, {{"path", folder}, {"seeds", std::move(seeds)}});
  return 0;
}

int clear(Console& console, bool json) {
  auto& cache = standard_cache();
  const auto before = cache.stats().bytes;
  const auto removed = cache.clear();
  // Another process may store entries meanwhile, so what is left can be more than what was there.
  const auto after = cache.stats().bytes;
  const auto freed = before > after ? before - after : 0;
  if (json)
    print_json(console, {{"path", cache.path().string()}, {"entries", removed}, {"bytes", freed}});
  else if (removed == 0)
    console.out << fmt::format("The kernel cache in {} was empty.\n", cache.path().string());
  else
    console.out << fmt::format("Removed {}, {}, from {}\n", count_text(removed, "entry", "entries"), bytes_text(freed),
                               cache.path().string());
  return 0;
}

void add(CLI::App& parent, Invocation& invocation, const char* name, const char* help, int (*action)(Console&, bool)) {
  auto* command = parent.add_subcommand(name, help);
  add_json_flag(*command, invocation);
  command->callback([&invocation, action] {
    invocation.action = [&invocation, action](Console& console) { return action(console, invocation.json); };
  });
}

}  // namespace

KernelCacheOptions named_folder_options() {
  KernelCacheOptions options{.max_bytes = 0};
  if (const auto file = environment_value("CUJITSU_CACHE_KEY_FILE")) options.key_file = *file;
  return options;
}

KernelCache& standard_cache() {
  auto& cache = KernelCache::standard();
  if (!cache.disabled_reason().empty())
    throw CacheError(fmt::format("the kernel cache is off: {}", cache.disabled_reason()));
  return cache;
}

std::string options_text(std::span<const std::string> options, std::span<const std::string> include_dirs) {
  auto text = join(options, " ");
  for (const auto& folder : include_dirs) text += (text.empty() ? "-I" : " -I") + folder;
  return text;
}

std::string_view origin_text(CacheOrigin origin) noexcept { return origin == CacheOrigin::seed ? "seed" : "cache"; }

void add_cache(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("cache", "Ask, check and clean the kernel cache on disk");
  command->require_subcommand(0, 1);
  add_cache_list(*command, invocation);
  add_cache_show(*command, invocation);
  add_cache_stats(*command, invocation);
  add_cache_explain(*command, invocation);
  add_cache_diff(*command, invocation);
  add_cache_verify(*command, invocation);
  add_cache_prune(*command, invocation);
  add_cache_bundle(*command, invocation);
  add(*command, invocation, "path", "Print the folder that holds the entries", path);
  add(*command, invocation, "clear", "Remove every entry, without asking; seeds stay", clear);
  command->footer(footer);  // after the commands, which would inherit it
}

}  // namespace cujitsu::cli
