// SPDX-License-Identifier: MIT
#include "module/compile_pool.hpp"

#include "base/cpu_count.hpp"
#include "base/log.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <system_error>

namespace cujitsu {
namespace {

// How long the exit of the process waits for NVRTC to come to the end of a phase.
constexpr std::chrono::seconds stop_time{10};

std::atomic<CompilePool*> pool{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

unsigned read_default_workers() {
  constexpr unsigned most = 4096;
  const auto text = environment_value("CUJITSU_COMPILE_WORKERS");
  if (!text) return usable_cpus();
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= 1 && value <= most) return value;
  const auto cpus = usable_cpus();
  log::warning_once("CUJITSU_COMPILE_WORKERS", "CUJITSU_COMPILE_WORKERS={} is not a number from 1 to {}; taking {}",
                    *text, most, cpus);
  return cpus;
}

}  // namespace

CompilePool::CompilePool() : limit_(default_workers()) {}

unsigned CompilePool::default_workers() {
  static const unsigned workers = read_default_workers();
  return workers;
}

CompilePool& CompilePool::instance() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { pool.store(nullptr); });
  static_cast<void>(registered);
  auto* current = pool.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  stop_before_what_is_loaded();
  std::unique_ptr<CompilePool> fresh(new CompilePool);
  if (pool.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

void CompilePool::stop() noexcept {
  if (auto* current = pool.load(std::memory_order_acquire); current != nullptr) current->stop_all();
}

void CompilePool::stop_before_what_is_loaded() noexcept {
  // Once for the pool, once when NVRTC is loaded, once when it has compiled for the first time.
  constexpr int most = 3;
  static std::atomic<int> times{0};
  if (times.load() < most && times.fetch_add(1) < most) std::atexit([] { stop(); });
}

void CompilePool::allow(unsigned threads) {
  const std::lock_guard lock(mutex_);
  limit_ = std::max(limit_, threads);
}

void CompilePool::submit(std::shared_ptr<CompileJob> job) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) {
    lock.unlock();
    job->cancel();
    return;
  }
  queue_.push_back(std::move(job));
  if (idle_ < queue_.size() && threads_.size() < limit_) {
    // The host's signal handlers run in the host's threads.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      threads_.emplace_back([this] { work(); });
      ++alive_;
    } catch (const std::system_error&) {  // no more threads: those that there are will do it
      if (threads_.empty()) queue_.pop_back();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (threads_.empty()) throw Error("no thread can be made for a compile: the system allows this process no more");
  }
  changed_.notify_one();
}

void CompilePool::work() noexcept {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) break;
    const auto job = std::move(queue_.front());
    queue_.pop_front();
    running_.push_back(job);
    lock.unlock();
    job->execute();
    lock.lock();
    std::erase(running_, job);
  }
  --alive_;
  changed_.notify_all();
}

void CompilePool::stop_all() noexcept {
  std::unique_lock lock(mutex_);
  if (is_stopping_) return;
  is_stopping_ = true;
  const auto queued = std::move(queue_);
  queue_.clear();
  const auto running = running_;
  changed_.notify_all();
  lock.unlock();
  for (const auto& job : queued) job->cancel();
  for (const auto& job : running) job->cancel();
  lock.lock();
  const bool all_ended = changed_.wait_for(lock, stop_time, [this] { return alive_ == 0; });
  auto threads = std::move(threads_);
  threads_.clear();
  lock.unlock();
  for (auto& thread : threads) {
    if (all_ended)
      thread.join();
    else
      thread.detach();
  }
}

}  // namespace cujitsu
