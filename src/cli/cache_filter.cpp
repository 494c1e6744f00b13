// SPDX-License-Identifier: MIT
#include "cli/cache_filter.hpp"

#include "cli/quantities.hpp"
#include "cli/text.hpp"

#include <vector>

namespace cujitsu::cli {

std::optional<std::chrono::seconds> FilterArguments::duration() const {
  return older_than.empty() ? std::nullopt : parse_duration(older_than);
}

std::string FilterArguments::text() const {
  std::vector<std::string> parts;
  if (!arch.empty()) parts.push_back("--arch " + arch);
  if (!name.empty()) parts.push_back("--name " + name);
  if (!older_than.empty()) parts.push_back("--older-than " + older_than);
  return join(parts, " ");
}

void add_filter(CLI::App& command, FilterArguments& arguments) {
  const char* group = "Which entries";
  command.add_option("--arch", arguments.arch, "Only those for this architecture, such as sm_90 or 'sm_9*'")
      ->type_name("ARCH")
      ->group(group);
  command
      .add_option("--name", arguments.name,
                  "Only those of this program or with this kernel, such as add.cu or 'scale*'")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--older-than", arguments.older_than, "Only those not used for so long: 90s, 15m, 12h, 7d or 2w")
      ->type_name("DURATION")
      ->check(check_duration, "")
      ->group(group);
}

}  // namespace cujitsu::cli
