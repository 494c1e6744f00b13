// SPDX-License-Identifier: MIT
// `cujitsu cache prune`
#include "cli/cache.hpp"
#include "cli/cache_filter.hpp"
#include "cli/json.hpp"
#include "cli/quantities.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(With --max-bytes: the least recently used go, until all together are no larger; with another option too, only such
entries go. Without it: all that fit the other options. With none: down to 80 % of the cache's own bound, if it has grown
beyond that. Seeds stay.

Examples:
  cujitsu cache prune --max-bytes 500M
  cujitsu cache prune --older-than 30d --dry-run
  cujitsu cache prune --arch sm_75)";

struct Request {
  FilterArguments filter;
  std::string max_bytes;
  bool dry_run = false;
};

int prune(Console& console, const Request& request, bool json) {
  auto& cache = standard_cache();
  PruneOptions options;
  if (!request.max_bytes.empty()) options.max_bytes = parse_bytes(request.max_bytes);
  options.older_than = request.filter.duration();
  options.arch = request.filter.arch;
  options.name = request.filter.name;
  options.dry_run = request.dry_run;
  const auto removed = cache.prune(options);
  const auto left = cache.stats();
  if (json) {
    print_json(console, {{"path", cache.path().string()},
                         {"dry_run", request.dry_run},
                         {"entries", removed.entries},
                         {"bytes", removed.bytes},
                         {"entries_left", left.entries - (request.dry_run ? removed.entries : 0)},
                         {"bytes_left", left.bytes - (request.dry_run ? removed.bytes : 0)}});
    return 0;
  }
  if (removed.entries == 0) {
    console.out << fmt::format("Nothing to remove: {}, {}, in {}\n", count_text(left.entries, "entry", "entries"),
                               bytes_text(left.bytes), cache.path().string());
    return 0;
  }
  console.out << fmt::format("{} {}, {}, from {}\n", request.dry_run ? "Would remove" : "Removed",
                             count_text(removed.entries, "entry", "entries"), bytes_text(removed.bytes),
                             cache.path().string());
  return 0;
}

}  // namespace

void add_cache_prune(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("prune", "Remove some entries, by size, age, architecture or name");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_option("--max-bytes", request->max_bytes, "Keep at most so much: bytes, or 500M, 1.5G; 0 keeps nothing")
      ->type_name("SIZE")
      ->check(check_bytes, "");
  add_filter(*command, request->filter);
  command->add_flag("--dry-run", request->dry_run, "Only say what would be removed");
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) { return prune(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
