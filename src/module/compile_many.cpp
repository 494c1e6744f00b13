// SPDX-License-Identifier: MIT
#include <cujitsu/compile_many.hpp>

#include "base/text.hpp"
#include "compile/diagnostics.hpp"
#include "module/compile_batch.hpp"
#include "module/compile_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu {
namespace {

using Clock = std::chrono::steady_clock;

/// A failure in one line: its first error, or the first line of what it says.
std::string first_line(const CompileManyError::Failure& failure) {
  try {
    std::rethrow_exception(failure.error);
  } catch (const CompileError& error) {
    for (const auto& diagnostic : error.diagnostics()) {
      if (!compiler::is_error(diagnostic)) continue;
      const auto text = compiler::format_diagnostic(diagnostic);
      return text.substr(0, text.find('\n'));
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): its message is all that is known of it
  }
  return failure.message.substr(0, failure.message.find('\n'));
}

std::string report(const std::vector<CompileManyError::Failure>& failures, std::size_t requests) {
  constexpr std::size_t most = 20;
  auto text =
      fmt::format("{} of {} programs {} not compile:", failures.size(), requests, failures.size() == 1 ? "does" : "do");
  for (std::size_t i = 0; i < std::min(most, failures.size()); ++i)
    text += fmt::format("\n[{}] {}", failures[i].index, first_line(failures[i]));
  if (failures.size() > most) text += fmt::format("\n… and {} more: see failures", failures.size() - most);
  return text;
}

/// All that the failures say, one after the other.
CompileError::Details details_of(const std::vector<CompileManyError::Failure>& failures) {
  CompileError::Details details;
  for (const auto& failure : failures) {
    try {
      std::rethrow_exception(failure.error);
    } catch (const CompileError& error) {
      if (details.name.empty()) {
        details.name = error.name();
        details.options = error.options();
        details.hint = error.hint();
      }
      details.log += error.log();
      details.diagnostics.insert(details.diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    } catch (...) {  // NOLINT(bugprone-empty-catch): it has no diagnostics
    }
  }
  return details;
}

/// The compiles of compile_async that have not ended are one group: many of them are worth worker processes.
std::shared_ptr<CompileGroup> asynchronous_group() {
  struct Current {
    std::mutex mutex;
    std::weak_ptr<CompileGroup> group;
  };
  static auto* current = new Current;  // never destroyed: threads may compile while the process exits
  const std::lock_guard lock(current->mutex);
  auto group = current->group.lock();
  if (group == nullptr) {
    group = std::make_shared<CompileGroup>();
    current->group = group;
  }
  return group;
}

}  // namespace

CompileManyError::CompileManyError(std::vector<Failure> failures, std::vector<std::optional<CompiledCode>> results)
    : CompileError(report(failures, results.size()), details_of(failures)),
      failures_(std::make_shared<const std::vector<Failure>>(std::move(failures))),
      results_(std::make_shared<const std::vector<std::optional<CompiledCode>>>(std::move(results))) {}
CompileManyError::~CompileManyError() = default;

std::vector<CompiledCode> compile_many(std::span<const CompileRequest> requests, const CompileManyOptions& options) {
  CompileBatch batch(std::vector<CompileRequest>(requests.begin(), requests.end()), options.workers, options.mode);
  const std::stop_callback stop(options.stop, [&] { batch.cancel(); });
  std::size_t done = 0;
  try {
    while (done < batch.size()) {
      done = batch.wait(done, Clock::time_point::max());
      if (options.progress) options.progress(done, batch.size());
    }
  } catch (...) {
    batch.cancel_and_wait();
    throw;
  }
  return batch.results();
}

std::string_view to_string(CompileStatus status) noexcept {
  switch (status) {
    case CompileStatus::pending: return "pending";
    case CompileStatus::running: return "running";
    case CompileStatus::done: return "done";
    case CompileStatus::failed: return "failed";
    case CompileStatus::cancelled: return "cancelled";
  }
  return "cancelled";
}

CompileFuture::CompileFuture(std::shared_ptr<CompileJob> job) noexcept : job_(std::move(job)) {}

CompileStatus CompileFuture::status() const noexcept { return job_->status(); }
bool CompileFuture::done() const noexcept { return job_->has_ended(); }
void CompileFuture::wait() const { static_cast<void>(job_->wait_until(Clock::time_point::max())); }

bool CompileFuture::wait_for(std::chrono::nanoseconds time) const { return job_->wait_until(Clock::now() + time); }

CompiledCode CompileFuture::get() const {
  wait();
  if (job_->error() != nullptr) std::rethrow_exception(job_->error());
  return job_->code();
}

bool CompileFuture::cancel() const { return job_->cancel(); }

void CompileFuture::on_done(std::function<void()> function) const { job_->on_done(std::move(function)); }

CompileFuture compile_async(std::string source, CompileOptions options, KernelCache* cache) {
  auto job =
      std::make_shared<CompileJob>(CompileRequest{std::move(source), std::move(options), cache}, asynchronous_group());
  CompilePool::instance().submit(job);
  return CompileFuture(std::move(job));
}

}  // namespace cujitsu
