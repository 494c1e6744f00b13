// SPDX-License-Identifier: MIT
#include "cache/sweeper.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "cache/layout.hpp"
#include "cache/sweep.hpp"

#include <signal.h>

#include <cerrno>
#include <chrono>
#include <exception>

namespace cujitsu {
namespace {

constexpr std::int64_t interval = 3600;  // seconds
constexpr auto patience = std::chrono::milliseconds(200);

template <class Clock>
std::int64_t seconds_of() {
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now().time_since_epoch()).count();
}

/// Whether it is time, and then says to all others that it no longer is. Two that ask at once may both go on, which
/// costs one sweep too many.
bool claims(const std::string& folder) {
  const auto stamp = layout::stamp_file(folder);
  file::Status status;
  const int error = file::link_status(stamp, status);
  const auto now = seconds_of<std::chrono::system_clock>();
  // A time far in the future is a wrong clock's, and must not switch the sweep off.
  if (error == 0 && status.modified <= now + interval && status.modified + interval > now) return false;
  if (error != 0 && error != ENOENT) return false;
  const auto slash = stamp.rfind('/');
  return file::publish(stamp.substr(0, slash), stamp.substr(slash + 1), {}) == 0;
}

/// Signals are for the program's own threads.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

void Sweeper::run(Job& job) noexcept {
  try {
    const auto removed = sweep(job.folder, job.max_bytes, job.has_key ? &job.key : nullptr, job.stop);
    if (!job.stop.load(std::memory_order_relaxed))
      log::debug("swept {}: {} entries with {} bytes removed", job.folder, removed.entries, removed.bytes);
  } catch (const std::exception& error) {
    if (!job.stop.load(std::memory_order_relaxed)) log::debug("{} was not swept: {}", job.folder, error.what());
  }
  const std::lock_guard lock(job.mutex);
  job.has_ended = true;
  job.ended.notify_all();
}

void Sweeper::after_save(const FrameKey* key) noexcept {
  try {
    auto& state = state_.get();
    const auto now = seconds_of<std::chrono::steady_clock>();
    auto next = state.next_look.load(std::memory_order_relaxed);
    if (now < next || !state.next_look.compare_exchange_strong(next, now + interval)) return;
    if (claims(folder_)) start(state, key);
  } catch (const std::exception&) {  // no memory, or no thread: the next hour's save tries again
  }
}

void Sweeper::start(State& state, const FrameKey* key) {
  const std::lock_guard lock(state.mutex);
  if (state.is_over) return;
  if (state.thread.joinable()) {
    const std::lock_guard job_lock(state.job->mutex);
    if (!state.job->has_ended) return;  // for an hour
  }
  if (state.thread.joinable()) state.thread.join();
  auto job = std::make_shared<Job>();
  job->folder = folder_;
  job->max_bytes = max_bytes_;
  job->has_key = key != nullptr;
  if (key != nullptr) job->key = *key;
  const WithoutSignals inherited;
  state.thread = std::thread([job] { run(*job); });
  state.job = std::move(job);
}

void Sweeper::stop() noexcept {
  try {
    auto& state = state_.get();
    const std::lock_guard lock(state.mutex);
    state.is_over = true;
    if (!state.thread.joinable()) return;
    state.job->stop.store(true, std::memory_order_relaxed);
    std::unique_lock job_lock(state.job->mutex);
    const bool ended = state.job->ended.wait_for(job_lock, patience, [&] { return state.job->has_ended; });
    job_lock.unlock();
    if (ended)
      state.thread.join();
    else
      state.thread.detach();  // it is in a system call; its job is its own
  } catch (const std::exception&) {}
}

void Sweeper::wait() {
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  if (state.thread.joinable()) state.thread.join();
}

}  // namespace cujitsu
