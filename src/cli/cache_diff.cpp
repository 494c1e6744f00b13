// SPDX-License-Identifier: MIT
// `cujitsu cache diff KEY KEY`
#include "cli/cache.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <cujitsu/cache_diff.hpp>

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

namespace cujitsu::cli {
namespace {

struct Request {
  std::string before;
  std::string after;
};

Json resources_json(const std::optional<KernelResources>& resources) {
  if (!resources) return {};
  return {{"registers", resources->registers},
          {"shared_bytes", resources->shared_bytes},
          {"local_bytes", resources->local_bytes},
          {"constant_bytes", resources->constant_bytes}};
}

Json diff_json(const CacheDiff& diff) {
  Json kernels = Json::array();
  for (const auto& pair : diff.kernels)
    kernels.push_back(
        {{"name", pair.name}, {"before", resources_json(pair.before)}, {"after", resources_json(pair.after)}});
  return {{"before", diff.before},           {"after", diff.after},           {"changes", diff.changes},
          {"source_diff", diff.source_diff}, {"kernels", std::move(kernels)}, {"ptx_equal", diff.ptx_equal},
          {"cubin_equal", diff.cubin_equal}, {"log_equal", diff.log_equal}};
}

/// "32", or "32 -> 40" where the two differ; "-" for the entry that has no such kernel.
template <class Text>
std::string both(const KernelPair& pair, Text text) {
  const auto side = [&](const auto& resources) { return resources ? text(*resources) : std::string("-"); };
  const auto before = side(pair.before);
  const auto after = side(pair.after);
  return before == after ? before : fmt::format("{} -> {}", before, after);
}

void print_kernels(Console& console, const CacheDiff& diff) {
  using Align = Table::Align;
  Table table({{"REGISTERS", Align::right},
               {"SHARED", Align::right},
               {"LOCAL", Align::right},
               {"CONSTANT", Align::right},
               {"KERNEL"}});
  for (const auto& pair : diff.kernels)
    table.add({both(pair, [](const KernelResources& it) { return std::to_string(it.registers); }),
               both(pair, [](const KernelResources& it) { return bytes_text(it.shared_bytes); }),
               both(pair, [](const KernelResources& it) { return bytes_text(it.local_bytes); }),
               both(pair, [](const KernelResources& it) { return bytes_text(it.constant_bytes); }), pair.name});
  if (table.empty()) return;
  console.out << '\n';
  table.print(console.out, console.bold);
}

void print_text(Console& console, const CacheDiff& diff) {
  console.out << fmt::format("Before  {}\nAfter   {}\n\n", diff.before, diff.after);
  if (diff.changes.empty()) console.out << "The requests are the same.\n";
  for (const auto& change : diff.changes) console.out << one_line(change) << '\n';
  if (!diff.source_diff.empty()) console.out << '\n' << plain_text(diff.source_diff);
  print_kernels(console, diff);
  const auto word = [](bool equal) { return equal ? "equal" : "differs"; };
  console.out << fmt::format("\nPTX: {}. Machine code: {}. Log: {}.\n", word(diff.ptx_equal), word(diff.cubin_equal),
                             word(diff.log_equal));
}

int diff(Console& console, const Request& request, bool json) {
  const auto result = cujitsu::diff(request.before, request.after, standard_cache());
  if (json)
    print_json(console, diff_json(result));
  else
    print_text(console, result);
  return 0;
}

}  // namespace

void add_cache_diff(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("diff", "Compare two entries: request, source, kernels, PTX");
  const auto request = std::make_shared<Request>();
  const char* help = "An entry's key, or the first digits of it";
  command->add_option("BEFORE", request->before, help)->type_name("")->required();
  command->add_option("AFTER", request->after, help)->type_name("")->required();
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) { return diff(console, *request, invocation.json); };
  });
}

}  // namespace cujitsu::cli
