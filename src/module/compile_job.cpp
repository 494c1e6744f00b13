// SPDX-License-Identifier: MIT
#include "module/compile_job.hpp"

#include "base/log.hpp"
#include "compile/directives.hpp"
#include "compile/include_closure.hpp"
#include "compile/predefined_macros.hpp"
#include "compile/run_context.hpp"
#include "module/remote_runner.hpp"

#include <cujitsu/compile.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace cujitsu {
namespace {

// From when on worker processes are worth their start. What is known (NVRTC 13.0.88, two CPUs): with headers NVRTC is nearly all
// front end, of which a process runs one at a time, so that two threads are no faster than one (650 ms each, with one or
// two); without headers two threads are 1.66 times as fast (20 kernels: 370 ms and 223 ms), and more threads soon meet the
// same front end. The two numbers themselves are a judgement: a header-heavy compile takes longer than a worker's start, a
// plain one a tenth of it. benchmarks/compile_many.py --modes measures all ways on a machine that is otherwise idle.
constexpr std::size_t least_with_headers = 3;
constexpr std::size_t least_of_any = 64;

/// In any branch of its conditions: which of them is taken is not worth reading headers for.
bool includes_something(const CompileRequest& request) {
  const auto& options = request.options.options;
  if (!compiler::may_read_files(request.source, options, {})) return false;
  if (!compiler::parse_preprocessor_options(options, {}).includes.empty()) return true;
  const auto text = compiler::find_directives(std::make_shared<std::string>(request.source));
  return std::ranges::any_of(text->directives, [](const compiler::Directive& each) {
    return each.kind == compiler::DirectiveKind::include || each.kind == compiler::DirectiveKind::include_next;
  });
}

}  // namespace

bool CompileGroup::prefers_processes(bool has_headers) noexcept {
  if (mode != CompileMode::automatic) return mode == CompileMode::processes;
  if (left.load() >= least_of_any || (has_headers && left_with_headers.load() >= least_with_headers))
    has_processes.store(true);
  return has_processes.load();
}

CompileJob::CompileJob(CompileTask task, std::shared_ptr<CompileGroup> group)
    : task_(std::move(task)),
      has_headers_(includes_something(request())),
      process_(::getpid()),
      group_(std::move(group)) {
  group_->left.fetch_add(1);
  if (has_headers_) group_->left_with_headers.fetch_add(1);
}

CompileJob::CompileJob(CompileRequest request, std::shared_ptr<CompileGroup> group)
    : CompileJob(CompileTask{std::make_shared<const CompileRequest>(std::move(request))}, std::move(group)) {}

bool CompileJob::prefers_process() const noexcept { return group_->prefers_processes(has_headers_); }

void CompileJob::execute() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (status() != CompileStatus::pending) return;
    status_.store(CompileStatus::running, std::memory_order_release);
  }
  CompiledCode code;
  std::exception_ptr error;
  try {
    RemoteRunner runner(*this);
    const compiler::ScopedRunContext context({&runner, &is_cancelled_});
    const CompileTargetScope scope(target());
    code = compile(request().source, request().options, request().cache);
  } catch (...) {
    error = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  code_ = std::move(code);
  error_ = std::move(error);
  end(is_cancelled_.load() ? CompileStatus::cancelled
      : error_             ? CompileStatus::failed
                           : CompileStatus::done,
      std::move(lock));
}

bool CompileJob::cancel() {
  check_process();
  std::unique_lock lock(mutex_);
  if (has_ended()) return status() == CompileStatus::cancelled;
  is_cancelled_.store(true);
  if (status() == CompileStatus::running) {
    if (worker_ != nullptr) worker_->kill();
    return true;
  }
  end(CompileStatus::cancelled, std::move(lock));
  return true;
}

void CompileJob::end(CompileStatus status, std::unique_lock<std::mutex> lock) {
  group_->left.fetch_sub(1);
  if (has_headers_) group_->left_with_headers.fetch_sub(1);
  if (status == CompileStatus::cancelled) {
    code_ = {};
    error_ =
        std::make_exception_ptr(CancelledError(fmt::format("the compile of {} was cancelled", request().options.name)));
  }
  // The last one of its group ends the workers: before anybody is told, so that nothing is left behind then.
  group_.reset();
  const auto callbacks = std::move(callbacks_);
  callbacks_.clear();
  status_.store(status, std::memory_order_release);
  lock.unlock();
  ended_.notify_all();
  for (const auto& callback : callbacks) callback();
}

void CompileJob::set_worker(WorkerProcess* worker) {
  const std::lock_guard lock(mutex_);
  worker_ = worker;
  if (worker != nullptr && is_cancelled()) worker->kill();
}

void CompileJob::check_process() const {
  if (has_ended() || ::getpid() == process_) return;
  throw Error(
      fmt::format("this compile of {} runs in process {}, of which this one ({}) is a forked child: it can not wait "
                  "for it; compile in the child itself",
                  request().options.name, process_, ::getpid()));
}

bool CompileJob::wait_until(std::chrono::steady_clock::time_point deadline) const {
  check_process();
  std::unique_lock lock(mutex_);
  const auto is_over = [this] { return has_ended(); };
  if (deadline != std::chrono::steady_clock::time_point::max()) return ended_.wait_until(lock, deadline, is_over);
  ended_.wait(lock, is_over);
  return true;
}

void CompileJob::on_done(std::function<void()> function) {
  check_process();
  {
    const std::lock_guard lock(mutex_);
    if (!has_ended()) {
      callbacks_.push_back(std::move(function));
      return;
    }
  }
  function();
}

}  // namespace cujitsu
