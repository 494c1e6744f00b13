// SPDX-License-Identifier: MIT
// `cujitsu cache export` and `cache import`
#include "cli/cache.hpp"
#include "cli/cache_filter.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cujitsu::cli {
namespace {

constexpr const char* export_footer =
    R"(The bundle is one file, replaced by one rename. What is damaged is left out, told, and makes the exit code 1.

Examples:
  cujitsu cache export -o kernels.bundle                   every entry
  cujitsu cache export -o hopper.bundle --arch sm_90       those for one architecture
  cujitsu cache export -o two.bundle 3f9ac0 51d0           those with these keys)";

constexpr const char* import_footer =
    R"(Each entry is checked before it is stored; one that is there already is kept. What is damaged is left out,
told, and makes the exit code 1. Entries are code that will run as you: import only what you trust.

Examples:
  cujitsu cache import kernels.bundle                      into your own cache
  cujitsu cache import kernels.bundle --into /opt/kernels  into a folder for CUJITSU_CACHE_SEED or CUJITSU_CACHE_DIR)";

struct ExportRequest {
  std::string output;
  std::vector<std::string> keys;
  FilterArguments filter;
};

struct ImportRequest {
  std::string bundle;
  std::string into;
};

int tell_problems(Console& console, const std::vector<std::string>& problems) {
  for (const auto& problem : problems) console.err << "cujitsu: error: " << one_line(problem) << '\n';
  return problems.empty() ? 0 : 1;
}

int export_entries(Console& console, const ExportRequest& request, bool json) {
  const auto result = standard_cache().export_bundle(request.output, request.filter.filter(), request.keys);
  if (json)
    print_json(console, {{"bundle", request.output},
                         {"entries", result.entries},
                         {"bytes", result.bytes},
                         {"problems", result.problems}});
  else
    console.out << fmt::format("{}: {}, {}\n", request.output, count_text(result.entries, "entry", "entries"),
                               bytes_text(result.bytes));
  return tell_problems(console, result.problems);
}

int import_entries(Console& console, const ImportRequest& request, bool json) {
  std::optional<KernelCache> folder;
  if (!request.into.empty()) folder.emplace(request.into, named_folder_options());
  auto& cache = folder ? *folder : standard_cache();
  const auto result = cache.import_bundle(request.bundle);
  if (json)
    print_json(console, {{"path", cache.path().string()},
                         {"imported", result.imported},
                         {"kept", result.kept},
                         {"problems", result.problems}});
  else
    console.out << fmt::format("{} imported into {}, {} there already\n",
                               count_text(result.imported, "entry", "entries"), cache.path().string(), result.kept);
  return tell_problems(console, result.problems);
}

void add_export(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("export", "Write entries into one file");
  command->footer(export_footer);
  const auto request = std::make_shared<ExportRequest>();
  command->add_option("KEY", request->keys, "Leading digits of keys; without any, every entry, seeds' too")
      ->type_name("");
  command->add_option("-o,--output", request->output, "File to write")->type_name("FILE")->required();
  add_filter(*command, request->filter);
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) {
      return export_entries(console, *request, invocation.json);
    };
  });
}

void add_import(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("import", "Store the entries of such a file");
  command->footer(import_footer);
  const auto request = std::make_shared<ImportRequest>();
  command->add_option("BUNDLE", request->bundle, "What `cache export` or `precompile` wrote")
      ->type_name("")
      ->required();
  command->add_option("--into", request->into, "Store them in this folder instead of your cache")->type_name("DIR");
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) {
      return import_entries(console, *request, invocation.json);
    };
  });
}

}  // namespace

void add_cache_bundle(CLI::App& parent, Invocation& invocation) {
  add_export(parent, invocation);
  add_import(parent, invocation);
}

}  // namespace cujitsu::cli
