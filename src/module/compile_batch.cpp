// SPDX-License-Identifier: MIT
#include "module/compile_batch.hpp"

#include "module/compile_pool.hpp"

#include <fmt/format.h>

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace cujitsu {

struct CompileBatch::State : std::enable_shared_from_this<CompileBatch::State> {
  std::vector<std::shared_ptr<CompileJob>> jobs;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::size_t next = 0;
  std::vector<std::size_t> ended;  ///< in the order in which they did
  const pid_t process = ::getpid();

  /// Hands the next one to the pool, until it is cancelled.
  void submit_next() {
    std::size_t index = 0;
    {
      const std::lock_guard lock(mutex);
      if (next == jobs.size()) return;
      index = next++;
    }
    const auto& job = jobs[index];
    job->on_done([self = shared_from_this(), index] {
      self->count(index, index + 1);
      self->submit_next();
    });
    CompilePool::instance().submit(job);
  }

  void count(std::size_t from, std::size_t to) {
    {
      const std::lock_guard lock(mutex);
      for (auto index = from; index < to; ++index) ended.push_back(index);
    }
    changed.notify_all();
  }

  void cancel() {
    std::size_t never_submitted = 0;
    {
      const std::lock_guard lock(mutex);
      never_submitted = std::exchange(next, jobs.size());
    }
    for (const auto& job : jobs) job->cancel();
    count(never_submitted, jobs.size());
  }
};

namespace {

std::vector<CompileTask> tasks_of(std::vector<CompileRequest> requests) {
  std::vector<CompileTask> tasks;
  tasks.reserve(requests.size());
  for (auto& request : requests) tasks.push_back({std::make_shared<const CompileRequest>(std::move(request))});
  return tasks;
}

}  // namespace

CompileBatch::CompileBatch(std::vector<CompileRequest> requests, unsigned workers, CompileMode mode)
    : CompileBatch(tasks_of(std::move(requests)), workers, mode) {}

CompileBatch::CompileBatch(std::vector<CompileTask> tasks, unsigned workers, CompileMode mode)
    : state_(std::make_shared<State>()) {
  auto group = std::make_shared<CompileGroup>();
  group->mode = mode;
  state_->jobs.reserve(tasks.size());
  state_->ended.reserve(tasks.size());
  for (auto& task : tasks) state_->jobs.push_back(std::make_shared<CompileJob>(std::move(task), group));
  group.reset();
  if (workers == 0) workers = CompilePool::default_workers();
  auto& pool = CompilePool::instance();
  pool.allow(static_cast<unsigned>(std::min<std::size_t>(workers, state_->jobs.size())));
  for (std::size_t i = 0; i < std::min<std::size_t>(workers, state_->jobs.size()); ++i) state_->submit_next();
}

CompileBatch::~CompileBatch() {
  try {
    cancel();
  } catch (...) {  // a forked child, to which they do not belong
  }
}

std::size_t CompileBatch::size() const noexcept { return state_->jobs.size(); }

std::size_t CompileBatch::wait(std::size_t seen, std::chrono::steady_clock::time_point deadline) const {
  if (::getpid() != state_->process)
    for (const auto& job : state_->jobs) job->check_process();
  std::unique_lock lock(state_->mutex);
  const auto is_over = [&] { return state_->ended.size() > seen || state_->ended.size() == state_->jobs.size(); };
  if (deadline == std::chrono::steady_clock::time_point::max())
    state_->changed.wait(lock, is_over);
  else
    state_->changed.wait_until(lock, deadline, is_over);
  return state_->ended.size();
}

std::size_t CompileBatch::ended_as(std::size_t position) const {
  const std::lock_guard lock(state_->mutex);
  return state_->ended.at(position);
}

CompileJob& CompileBatch::job(std::size_t index) const noexcept { return *state_->jobs[index]; }

void CompileBatch::cancel() const { state_->cancel(); }

void CompileBatch::cancel_and_wait() const {
  cancel();
  static_cast<void>(wait(size() - 1, std::chrono::steady_clock::time_point::max()));
}

namespace {

CompileManyError::Failure failure_of(std::size_t index, const CompileJob& job) {
  CompileManyError::Failure failure{index, job.request().options.name, job.error(), {}};
  try {
    std::rethrow_exception(job.error());
  } catch (const std::exception& error) {
    failure.message = error.what();
  } catch (...) {
    failure.message = "an unknown error";
  }
  return failure;
}

bool is_load_error(const std::exception_ptr& pointer) {
  try {
    std::rethrow_exception(pointer);
  } catch (const LoadError&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::vector<CompiledCode> CompileBatch::results() const {
  std::vector<std::optional<CompiledCode>> results;
  std::vector<CompileManyError::Failure> failures;
  std::size_t cancelled = 0;
  for (std::size_t i = 0; i < state_->jobs.size(); ++i) {
    const auto& job = *state_->jobs[i];
    if (job.status() == CompileStatus::cancelled) ++cancelled;
    if (job.status() == CompileStatus::failed) failures.push_back(failure_of(i, job));
    results.push_back(job.status() == CompileStatus::done ? std::optional(job.code()) : std::nullopt);
  }
  if (cancelled > 0)
    throw CancelledError(
        fmt::format("compile_many was cancelled: {} of {} programs had not ended", cancelled, state_->jobs.size()));
  if (!failures.empty()) {
    const bool none_can = failures.size() == state_->jobs.size() &&
                          std::ranges::all_of(failures, [](const auto& each) { return is_load_error(each.error); });
    if (none_can) std::rethrow_exception(failures.front().error);
    throw CompileManyError(std::move(failures), std::move(results));
  }
  std::vector<CompiledCode> codes;
  codes.reserve(results.size());
  for (auto& result : results) codes.push_back(std::move(*result));
  return codes;
}

}  // namespace cujitsu
