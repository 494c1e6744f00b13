// SPDX-License-Identifier: MIT
#include "softgpu/engine/workers.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace cujitsu::softgpu {
namespace {

unsigned available_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1u, std::thread::hardware_concurrency());
}

/// One call of run_on_workers.
struct Task {
  const std::function<void()>* work = nullptr;
  unsigned wanted = 0;  ///< more threads that may join
  unsigned running = 0;
};

class Pool {
 public:
  explicit Pool(unsigned threads) {
    // The program's signals are for its own threads.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < threads; ++i) std::thread([this] { serve(); }).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void run(unsigned helpers, const std::function<void()>& work) {
    Task task{&work, helpers, 0};
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(&task);
    }
    if (helpers == 1)
      wake_.notify_one();
    else
      wake_.notify_all();
    work();
    std::unique_lock lock(mutex_);
    std::erase(tasks_, &task);
    finished_.wait(lock, [&] { return task.running == 0; });
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return !tasks_.empty(); });
      auto& task = *tasks_.front();
      ++task.running;
      if (--task.wanted == 0) tasks_.pop_front();
      lock.unlock();
      (*task.work)();
      lock.lock();
      if (--task.running == 0) finished_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  std::deque<Task*> tasks_;
};

}  // namespace

unsigned worker_count() noexcept {
  static const unsigned count = [] {
    const char* text = std::getenv("CUJITSU_SOFTGPU_THREADS");
    const auto wanted = text == nullptr ? 0 : std::strtoul(text, nullptr, 10);
    return wanted > 0 && wanted <= 1024 ? static_cast<unsigned>(wanted) : available_processors();
  }();
  return count;
}

void run_on_workers(unsigned helpers, const std::function<void()>& work) {
  helpers = std::min(helpers, worker_count() - 1);
  if (helpers == 0) {
    work();
    return;
  }
  // Never destroyed: its threads end with the process.
  static auto* const pool = new Pool(worker_count() - 1);
  pool->run(helpers, work);
}

}  // namespace cujitsu::softgpu
