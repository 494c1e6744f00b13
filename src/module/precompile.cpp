// SPDX-License-Identifier: MIT
#include <cujitsu/precompile.hpp>

#include "base/text.hpp"
#include "compile/options.hpp"
#include "module/compile_target.hpp"

#include <cujitsu/compile.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace cujitsu {
namespace {

struct Job {
  const RecordedCompile* compile = nullptr;
  const CompileTarget* target = nullptr;  ///< nullptr: this machine
};

/// What came of a job: its step, and the key of the entry that is there now.
struct Outcome {
  PrecompileStep step;
  std::string key;
};

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
std::vector<Job> make_jobs(const std::vector<RecordedCompile>& compiles, const std::vector<CompileTarget>& targets) {
  std::vector<Job> jobs;
  for (const auto& compile : compiles) {
    if (targets.empty()) jobs.push_back({&compile, nullptr});
    std::vector<std::string> seen;
    for (const auto& target : targets) {
      auto what = arch_text(compile.options, &target);
      if (std::ranges::find(seen, what) != seen.end()) continue;
      seen.push_back(std::move(what));
      jobs.push_back({&compile, &target});
    }
  }
  return jobs;
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

/// Throws LoadError, which is no program's fault.
Outcome run_job(const Job& job, KernelCache& cache) {
  const CompileTargetScope scope(job.target);
  const auto& options = job.compile->options;
  Outcome outcome;
  auto& step = outcome.step;
  step.name = options.name;
  step.arch = arch_text(options, job.target);
  try {
    const auto code = compile(job.compile->source, options, &cache);
    const bool is_device_arch = job.target != nullptr && step.arch == job.target->arch;
    if (job.target == nullptr) step.arch = code.arch;
    step.message = why_not_kept(code, cache);
    if (is_device_arch && number_of(code.arch) > number_of(job.target->arch))
      step.message = fmt::format("NVRTC {} makes no code that runs on {}: the oldest it knows is {}",
                                 code.compiler.version(), job.target->arch, code.arch);
    if (!step.message.empty()) return outcome;
    if (is_device_arch && code.arch != step.arch) step.arch = fmt::format("{} for {}", code.arch, step.arch);
    step.outcome = code.cache_status == CacheStatus::hit ? PrecompileOutcome::present : PrecompileOutcome::compiled;
    if (step.outcome == PrecompileOutcome::compiled) step.seconds = code.seconds;
    outcome.key = code.cache_key;
  } catch (const LoadError&) {
    throw;
  } catch (const std::exception& error) {
    step.message = with_folder_hint(error.what(), options);
  }
  return outcome;
}

/// Threads that take jobs until there are none, and hand what came of them to one that waits.
class Workers {
 public:
  Workers(const std::vector<Job>& jobs, KernelCache& cache, unsigned threads) : jobs_(jobs), cache_(cache) {
    for (unsigned i = 0; i < threads; ++i) try {
        threads_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {  // no more threads: fewer do the same work
        if (threads_.empty()) throw;
        break;
      }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    next_.store(jobs_.size());  // those that are under way are waited for: NVRTC can not be stopped
    for (auto& thread : threads_) thread.join();
  }

  /// The next that ends. Rethrows what ended a worker. To be called once for each job.
  Outcome wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ != nullptr || !done_.empty(); });
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    auto outcome = std::move(done_.front());
    done_.pop_front();
    return outcome;
  }

 private:
  void work() noexcept {
    for (auto i = next_.fetch_add(1); i < jobs_.size(); i = next_.fetch_add(1)) {
      std::exception_ptr failure;
      std::optional<Outcome> outcome;
      try {
        outcome = run_job(jobs_[i], cache_);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (failure != nullptr) failure_ = failure;
      if (outcome) done_.push_back(std::move(*outcome));
      changed_.notify_one();
      if (failure != nullptr) return;
    }
  }

  const std::vector<Job>& jobs_;
  KernelCache& cache_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outcome> done_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace

PrecompileResult precompile(const std::vector<RecordedCompile>& compiles, const PrecompileOptions& options) {
  if (options.cache == nullptr) throw ArgumentError("precompile needs a cache to fill");
  if (!options.cache->disabled_reason().empty()) throw CacheError(options.cache->disabled_reason());
  const auto start = std::chrono::steady_clock::now();
  std::vector<CompileTarget> targets;
  for (const auto& arch : options.archs) targets.push_back(parse_target(arch));
  const auto jobs = make_jobs(compiles, targets);

  PrecompileResult result;
  const auto wanted = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  Workers workers(jobs, *options.cache, static_cast<unsigned>(std::min<std::size_t>(wanted, jobs.size())));
  for (std::size_t number = 1; number <= jobs.size(); ++number) {
    auto [step, key] = workers.wait();
    step.number = number;
    step.count = jobs.size();
    if (step.outcome == PrecompileOutcome::compiled) ++result.compiled;
    if (step.outcome == PrecompileOutcome::present) ++result.present;
    if (!key.empty()) result.keys.push_back(std::move(key));
    if (options.progress) options.progress(step);
    if (step.outcome == PrecompileOutcome::failed) result.failures.push_back(std::move(step));
  }
  std::ranges::sort(result.keys);
  const auto same = std::ranges::unique(result.keys);
  result.keys.erase(same.begin(), same.end());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace cujitsu
