// SPDX-License-Identifier: MIT
// `cujitsu cache`, `cache path` and `cache clear`
#include "cli/cache.hpp"

#include "cli/json.hpp"
#include "cli/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

namespace cujitsu::cli {
namespace {

int path(Console& console, bool json) {
  const auto folder = standard_cache().path().string();
  if (json)
    print_json(console, {{"path", folder}});
  else
    console.out << folder << '\n';
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

KernelCache& standard_cache() {
  auto& cache = KernelCache::standard();
  if (!cache.disabled_reason().empty())
    throw CacheError(fmt::format("the kernel cache is off: {}", cache.disabled_reason()));
  return cache;
}

std::string options_text(const CompileOptions& options) {
  auto text = join(options.options, " ");
  for (const auto& folder : options.include_dirs) text += (text.empty() ? "-I" : " -I") + folder;
  return text;
}

void add_cache(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("cache", "Look into the kernel cache on disk");
  command->require_subcommand(0, 1);
  add_cache_list(*command, invocation);
  add_cache_show(*command, invocation);
  add(*command, invocation, "path", "Print the folder that holds the entries", path);
  add(*command, invocation, "clear", "Remove every entry, without asking", clear);
}

}  // namespace cujitsu::cli
