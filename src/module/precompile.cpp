// SPDX-License-Identifier: MIT
#include <cujitsu/precompile.hpp>

#include "base/text.hpp"
#include "compile/options.hpp"
#include "module/compile_batch.hpp"
#include "module/compile_target.hpp"

#include <cujitsu/compile_many.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace cujitsu {
namespace {

std::string arch_text(const CompileOptions& options, const CompileTarget* target) {
  const bool is_software = target != nullptr && target->is_software;
  try {
    if (auto arch = compiler::requested_arch(options)) return is_software ? *arch + " for softgpu" : *arch;
  } catch (const ArgumentError&) {  // the compile says it
  }
  if (target == nullptr) return "this machine";
  return is_software ? "softgpu" : target->arch;
}

/// A program that names its architecture is the same for all GPUs; for softgpu it has line information besides.
std::vector<CompileTask> make_tasks(const std::vector<RecordedCompile>& compiles,
                                    const std::vector<CompileTarget>& targets, KernelCache& cache) {
  std::vector<CompileTask> tasks;
  for (const auto& compile : compiles) {
    const auto request =
        std::make_shared<const CompileRequest>(CompileRequest{compile.source, compile.options, &cache});
    if (targets.empty()) tasks.push_back({request});
    std::vector<std::string> seen;
    for (const auto& target : targets) {
      auto what = arch_text(compile.options, &target);
      if (std::ranges::find(seen, what) != seen.end()) continue;
      seen.push_back(std::move(what));
      tasks.push_back({request, target});
    }
  }
  return tasks;
}

/// What a relative folder counts from is the commonest cause of a header that is not found.
std::string with_folder_hint(std::string message, const CompileOptions& options) {
  std::vector<std::string> missing;
  std::error_code error;
  for (const auto& folder : options.include_dirs)
    if (!std::filesystem::is_directory(folder, error)) missing.push_back(folder);
  if (missing.empty()) return message;
  return fmt::format("{}\nnot there: the include folders {}; relative ones count from the current folder, {}", message,
                     text::join(missing, ", "), std::filesystem::current_path(error).native());
}

int number_of(std::string_view arch) {
  int number = 0;
  for (const char digit : arch)
    if (digit >= '0' && digit <= '9') number = 10 * number + (digit - '0');
  return number;
}

/// Why a later process would compile this again; empty when it would not.
std::string why_not_kept(const CompiledCode& code, const KernelCache& cache) {
  if (code.cache_status == CacheStatus::hit) return {};
  if (code.cache_status == CacheStatus::bypass) return fmt::format("it can not be cached: {}", code.cache_reason);
  try {
    static_cast<void>(cache.find(code.cache_key));
    return {};
  } catch (const CacheError& error) {
    return fmt::format("it was compiled, but is not in the cache ({}): {}", code.cache_reason, error.what());
  }
}

/// What came of a job: its step, and the key of the entry that is there now.
struct Outcome {
  PrecompileStep step;
  std::string key;
};

/// For one that has ended. Throws LoadError, which is no program's fault, and CancelledError.
Outcome outcome_of(CompileJob& job) {
  const auto& options = job.request().options;
  const auto* target = job.target();
  Outcome outcome;
  auto& step = outcome.step;
  step.name = options.name;
  step.arch = arch_text(options, target);
  try {
    if (job.error() != nullptr) std::rethrow_exception(job.error());
    const auto code = job.take_code();
    const bool is_device_arch = target != nullptr && step.arch == target->arch;
    if (target == nullptr) step.arch = code.arch;
    step.message = why_not_kept(code, *job.request().cache);
    if (is_device_arch && number_of(code.arch) > number_of(target->arch))
      step.message = fmt::format("NVRTC {} makes no code that runs on {}: the oldest it knows is {}",
                                 code.compiler.version(), target->arch, code.arch);
    if (!step.message.empty()) return outcome;
    if (is_device_arch && code.arch != step.arch) step.arch = fmt::format("{} for {}", code.arch, step.arch);
    step.outcome = code.cache_status == CacheStatus::hit ? PrecompileOutcome::present : PrecompileOutcome::compiled;
    if (step.outcome == PrecompileOutcome::compiled) step.seconds = code.seconds;
    outcome.key = code.cache_key;
  } catch (const LoadError&) {
    throw;
  } catch (const CancelledError&) {  // the process ends
    throw;
  } catch (const std::exception& error) {
    step.message = with_folder_hint(error.what(), options);
  }
  return outcome;
}

void add(PrecompileResult& result, Outcome outcome) {
  if (outcome.step.outcome == PrecompileOutcome::compiled) ++result.compiled;
  if (outcome.step.outcome == PrecompileOutcome::present) ++result.present;
  if (outcome.step.outcome == PrecompileOutcome::failed) result.failures.push_back(std::move(outcome.step));
  if (!outcome.key.empty()) result.keys.push_back(std::move(outcome.key));
}

}  // namespace

PrecompileResult precompile(const std::vector<RecordedCompile>& compiles, const PrecompileOptions& options) {
  if (options.cache == nullptr) throw ArgumentError("precompile needs a cache to fill");
  if (!options.cache->disabled_reason().empty()) throw CacheError(options.cache->disabled_reason());
  const auto start = std::chrono::steady_clock::now();
  std::vector<CompileTarget> targets;
  for (const auto& arch : options.archs) targets.push_back(parse_target(arch));

  PrecompileResult result;
  const CompileBatch batch(make_tasks(compiles, targets, *options.cache), options.jobs, CompileMode::automatic);
  try {
    for (std::size_t number = 1; number <= batch.size(); ++number) {
      static_cast<void>(batch.wait(number - 1, std::chrono::steady_clock::time_point::max()));
      auto outcome = outcome_of(batch.job(batch.ended_as(number - 1)));
      outcome.step.number = number;
      outcome.step.count = batch.size();
      if (options.progress) options.progress(outcome.step);
      add(result, std::move(outcome));
    }
  } catch (...) {
    batch.cancel_and_wait();  // the cache is the caller's
    throw;
  }
  std::ranges::sort(result.keys);
  const auto same = std::ranges::unique(result.keys);
  result.keys.erase(same.begin(), same.end());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace cujitsu
