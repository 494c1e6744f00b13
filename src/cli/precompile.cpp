// SPDX-License-Identifier: MIT
// `cujitsu precompile`
#include <cujitsu/precompile.hpp>

#include "cli/cache.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(MANIFEST is what a run with CUJITSU_RECORD=MANIFEST wrote: each program that it used, once. Needs NVRTC, and no
GPU. A process on such a device, with the same NVRTC, then finds each program without compiling it. A program
that asks for an architecture by itself is compiled for that one. Relative include folders count from the
current folder, as they do when the program runs.

Examples:
  cujitsu precompile kernels.jsonl --arch sm_80,sm_90                     into your cache
  cujitsu precompile kernels.jsonl --arch sm_90 -o kernels.bundle         for `cache import` elsewhere
  cujitsu precompile kernels.jsonl --arch sm_90 --cache-dir image/kernels for CUJITSU_CACHE_SEED
  cujitsu precompile kernels.jsonl --arch softgpu                         for machines without a GPU)";

struct Request {
  std::string manifest;
  std::vector<std::string> archs;
  std::string output;
  std::string cache_dir;
  unsigned jobs = 0;
};

/// A folder of its own; removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "cujitsu-precompile-XXXXXX").native()) {
    if (::mkdtemp(path_.data()) == nullptr)
      throw CacheError(fmt::format("no temporary folder can be made as {}: {}", path_, std::strerror(errno)));
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Where the entries go: a folder that was named, one that ends with the command where only a bundle is wanted, or the
/// user's own cache.
class Destination {
 public:
  explicit Destination(const Request& request) {
    if (!request.cache_dir.empty()) {
      named_.emplace(request.cache_dir, named_folder_options());
    } else if (!request.output.empty()) {
      folder_.emplace();
      named_.emplace(folder_->path(), named_folder_options());
    }
  }
  [[nodiscard]] KernelCache& cache() { return named_ ? *named_ : standard_cache(); }

 private:
  std::optional<TemporaryFolder> folder_;
  std::optional<KernelCache> named_;
};

std::string step_text(const PrecompileStep& step) {
  const auto digits = std::to_string(step.count).size();
  const auto start = fmt::format("[{:>{}}/{}]", step.number, digits, step.count);
  switch (step.outcome) {
    case PrecompileOutcome::compiled:
      return fmt::format("{} {} for {}: compiled in {:.2f} s", start, one_line(step.name), step.arch, step.seconds);
    case PrecompileOutcome::present:
      return fmt::format("{} {} for {}: there already", start, one_line(step.name), step.arch);
    case PrecompileOutcome::failed: break;
  }
  return fmt::format("{} {} for {}: FAILED", start, one_line(step.name), step.arch);
}

Json result_json(const Request& request, const PrecompileResult& result, const Manifest& manifest,
                 const KernelCache& cache, const std::optional<BundleExport>& bundle) {
  Json failures = Json::array();
  for (const auto& step : result.failures)
    failures.push_back({{"name", step.name}, {"arch", step.arch}, {"message", step.message}});
  Json json{{"manifest", request.manifest}, {"programs", manifest.compiles.size()},
            {"compiled", result.compiled},  {"present", result.present},
            {"seconds", result.seconds},    {"keys", result.keys},
            {"failures", failures},         {"problems", manifest.problems}};
  if (bundle) json["bundle"] = {{"path", request.output}, {"entries", bundle->entries}, {"bytes", bundle->bytes}};
  if (!bundle || !request.cache_dir.empty()) json["path"] = cache.path().string();
  return json;
}

void print_report(Console& console, const PrecompileResult& result, const Manifest& manifest) {
  for (const auto& problem : manifest.problems) console.err << "cujitsu: error: " << one_line(problem) << '\n';
  for (const auto& step : result.failures)
    console.err << fmt::format("cujitsu: error: {} for {}: {}\n", one_line(step.name), step.arch, step.message);
}

int precompile(Console& console, const Request& request, bool json) {
  const auto manifest = read_manifest(request.manifest);
  Destination destination(request);
  auto& cache = destination.cache();
  PrecompileOptions options;
  options.archs = request.archs;
  options.cache = &cache;
  options.jobs = request.jobs;
  options.progress = [&](const PrecompileStep& step) { console.err << step_text(step) << '\n' << std::flush; };
  const auto result = cujitsu::precompile(manifest.compiles, options);
  print_report(console, result, manifest);

  std::optional<BundleExport> bundle;
  if (!request.output.empty() && !result.keys.empty()) bundle = cache.export_bundle(request.output, {}, result.keys);
  if (bundle)
    for (const auto& problem : bundle->problems) console.err << "cujitsu: error: " << one_line(problem) << '\n';
  const auto failed =
      result.failures.size() + manifest.problems.size() + (bundle ? bundle->problems.size() : std::size_t{0});
  if (json) {
    print_json(console, result_json(request, result, manifest, cache, bundle));
  } else {
    console.out << fmt::format("{} compiled, {} there already, {} failed, in {:.1f} s\n", result.compiled,
                               result.present, failed, result.seconds);
    if (bundle)
      console.out << fmt::format("{}: {}, {}\n", request.output, count_text(bundle->entries, "entry", "entries"),
                                 bytes_text(bundle->bytes));
    else if (!request.output.empty())
      console.out << fmt::format("{} is not written: there is nothing to put into it\n", request.output);
    else
      console.out << fmt::format("They are in {}\n", cache.path().string());
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

void add_precompile(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("precompile", "Compile what a run used, for devices that need not be here");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_option("MANIFEST", request->manifest, "JSON lines, as CUJITSU_RECORD writes them")
      ->type_name("")
      ->required();
  command->add_option("--arch", request->archs, "Devices, such as sm_80,sm_90 or softgpu; without it this machine's")
      ->type_name("ARCH,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("-o,--output", request->output, "Write the entries into this file, as `cache export` does")
      ->type_name("FILE");
  command->add_option("--cache-dir", request->cache_dir, "Fill this folder; without it and -o, your own cache")
      ->type_name("DIR");
  command
      ->add_option("-j,--jobs", request->jobs,
                   "Compiles at once; without it CUJITSU_COMPILE_WORKERS, or one for each CPU")
      ->type_name("N");
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) {
      return precompile(console, *request, invocation.json);
    };
  });
}

}  // namespace cujitsu::cli
