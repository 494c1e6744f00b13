// SPDX-License-Identifier: MIT
// `cujitsu cache verify`
#include "cli/cache.hpp"
#include "cli/cache_filter.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <cujitsu/recompile.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <memory>
#include <optional>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(Checks every entry's frame, hash, name and content, seeds included. With --recompile it also compiles the request of
each entry that fits anew, without the cache, and compares PTX and machine code byte by byte; entries whose headers or
compiler are not as they were, or whose architecture this NVRTC does not know, are skipped, and it says why.

Exit code 1 when something is wrong with an entry, also with one that --remove took away.)";

struct Request {
  bool remove = false;
  bool recompile = false;
  FilterArguments filter;
};

Json frames_json(const VerifyReport& report) {
  Json problems = Json::array();
  for (const auto& problem : report.problems)
    problems.push_back({{"key", problem.key},
                        {"path", problem.path.string()},
                        {"problem", problem.problem},
                        {"damaged", problem.damaged},
                        {"removed", problem.removed}});
  return {{"entries", report.entries}, {"bytes", report.bytes}, {"problems", std::move(problems)}};
}

Json recompile_json(const RecompileReport& report) {
  Json entries = Json::array();
  for (const auto& entry : report.entries)
    entries.push_back({{"key", entry.key},
                       {"path", entry.path.string()},
                       {"name", entry.name},
                       {"outcome", to_string(entry.outcome)},
                       {"detail", entry.detail}});
  return {{"same", report.same},     {"differing", report.differing}, {"skipped", report.skipped},
          {"failed", report.failed}, {"seconds", report.seconds},     {"entries", std::move(entries)}};
}

void print_frames(Console& console, const VerifyReport& report) {
  console.out << fmt::format("Checked {}, {}: ", count_text(report.entries, "entry", "entries"),
                             bytes_text(report.bytes));
  if (report.problems.empty()) {
    console.out << "all are sound.\n";
    return;
  }
  console.out << fmt::format("{}.\n\n", count_text(report.problems.size(), "problem", "problems"));
  Table table({{"KEY"}, {"PROBLEM"}, {"FILE"}});
  for (const auto& problem : report.problems)
    table.add({problem.key.substr(0, short_key), problem.problem + (problem.removed ? "; removed" : ""),
               problem.path.string()});
  table.print(console.out, console.bold);
}

void print_recompiled(Console& console, const RecompileReport& report) {
  const auto total = report.same + report.differing + report.skipped + report.failed;
  console.out << fmt::format("Compiled {} anew in {:.2f} s: {} the same, {} not, {} skipped, {} failed.\n",
                             count_text(total - report.skipped, "entry", "entries"), report.seconds, report.same,
                             report.differing, report.skipped, report.failed);
  if (report.entries.empty()) return;
  console.out << '\n';
  Table table({{"KEY"}, {"NAME"}, {"OUTCOME"}, {"DETAIL"}});
  for (const auto& entry : report.entries)
    table.add({entry.key.substr(0, short_key), shortened(one_line(entry.name), 24),
               std::string(to_string(entry.outcome)), entry.detail});
  table.print(console.out, console.bold);
}

/// A line on stderr that is written over, where that is a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& err) : err_(err), shown_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (shown_) err_ << "\r\033[K" << std::flush;
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void operator()(std::uint64_t done, std::uint64_t total) const {
    if (shown_) err_ << fmt::format("\rcompiling anew: {} of {}", done, total) << std::flush;
  }

 private:
  std::ostream& err_;
  bool shown_;
};

int verify(Console& console, const Request& request, bool json) {
  auto& cache = standard_cache();
  const auto frames = cache.verify({.remove_damaged = request.remove});
  std::optional<RecompileReport> recompiled;
  if (request.recompile) {
    const ProgressLine progress(console.err);
    recompiled = recompile(cache, request.filter.filter(),
                           [&](std::uint64_t done, std::uint64_t total) { progress(done, total); });
  }
  if (json) {
    auto result = frames_json(frames);
    if (recompiled) result["recompiled"] = recompile_json(*recompiled);
    print_json(console, result);
  } else {
    print_frames(console, frames);
    if (recompiled) {
      console.out << '\n';
      print_recompiled(console, *recompiled);
    }
  }
  const bool sound =
      frames.problems.empty() && (!recompiled || (recompiled->differing == 0 && recompiled->failed == 0));
  return sound ? 0 : 1;
}

}  // namespace

void add_cache_verify(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("verify", "Check every entry, byte by byte");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_flag("--remove", request->remove, "Remove the damaged ones; those of a seed stay");
  command->add_flag("--recompile", request->recompile, "Also compile anew, and compare");
  add_filter(*command, request->filter);
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    if (!request->recompile && !request->filter.empty())
      throw UsageError(fmt::format("{} chooses what --recompile compiles; without that every entry is checked",
                                   request->filter.text()));
    invocation.action = [&invocation, request](Console& console) { return verify(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
