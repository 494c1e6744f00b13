// SPDX-License-Identifier: MIT
#include "module/remote_runner.hpp"

#include "base/log.hpp"
#include "compile/pch_places.hpp"
#include "module/compile_job.hpp"
#include "module/compile_pool.hpp"
#include "module/worker_pool.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cujitsu {
namespace {

LogLevel current_log_level() {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    if (log::enabled(level)) return level;
  return LogLevel::off;
}

worker::Request to_message(const compiler::RunRequest& request) {
  worker::Request message;
  message.log_level = current_log_level();
  message.nvrtc_library = request.nvrtc.path;
  message.nvrtc_builtins = request.nvrtc.builtins;
  message.nvrtc_major = request.nvrtc.major;
  message.nvrtc_minor = request.nvrtc.minor;
  if (request.options.pch == Pch::automatic) message.pch_folder = compiler::pch_root();
  std::error_code has_gone;
  message.current_folder = std::filesystem::current_path(has_gone).native();
  message.source = request.source;
  message.options = request.options;
  message.arch = request.arch;
  message.nvrtc_options = request.nvrtc_options;
  if (request.leading != nullptr) message.leading = *request.leading;
  return message;
}

/// Lets the job's cancel() kill the worker for as long as it is asked.
class Shown {
 public:
  Shown(CompileJob& job, WorkerProcess& worker) : job_(job) { job_.set_worker(&worker); }
  ~Shown() { job_.set_worker(nullptr); }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

 private:
  CompileJob& job_;
};

CompiledCode take(worker::Answer answer) {
  for (const auto& [level, text] : answer.messages)
    if (log::enabled(level)) log::write(level, text);
  if (answer.error != nullptr) std::rethrow_exception(answer.error);
  return std::move(answer.code);
}

}  // namespace

std::optional<CompiledCode> RemoteRunner::run(const compiler::RunRequest& request) {
  CompilePool::stop_before_what_is_loaded();  // NVRTC is, now
  if (!job_.prefers_process()) return std::nullopt;
  const auto message = worker::encode(to_message(request));
  std::array<std::string, 2> endings;
  for (auto& ending : endings) {
    auto& pool = WorkerPool::instance();
    auto worker = pool.acquire();
    if (worker == nullptr) return std::nullopt;
    std::optional<worker::Answer> answer;
    {
      const Shown shown(job_, *worker);
      answer = worker->ask(message);
    }
    if (!answer) {
      ending = worker->ending();
      if (request.options.pch == Pch::automatic) compiler::remove_left_behind_by_workers();
    }
    if (job_.is_cancelled()) throw CancelledError(fmt::format("the compile of {} was cancelled", request.options.name));
    if (answer) {
      pool.release(std::move(worker));
      return take(std::move(*answer));
    }
    log::info("worker process {}, which compiled {}, {}", worker->pid(), request.options.name, ending);
  }
  throw Error(fmt::format(
      "{} was not compiled: the worker process that did so {}, and a second one {}. Often the machine is out of "
      "memory: take fewer workers, or mode \"threads\"",
      request.options.name, endings[0], endings[1]));
}

}  // namespace cujitsu
