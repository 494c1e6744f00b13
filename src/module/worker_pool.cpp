// SPDX-License-Identifier: MIT
#include "module/worker_pool.hpp"

#include "base/dynamic_library.hpp"
#include "base/log.hpp"

#include <cujitsu/compile_worker.hpp>
#include <cujitsu/environment.hpp>

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <utility>

// From libcujitsu's folder to the command's; src/CMakeLists.txt knows the install's.
#ifndef CUJITSU_LIB_TO_BIN
#define CUJITSU_LIB_TO_BIN "../bin"
#endif

namespace cujitsu {
namespace {

struct Command {
  std::mutex mutex;
  std::vector<std::string> words;
};

Command& chosen_command() {
  static auto* instance = new Command;  // never destroyed: threads may ask while the process exits
  return *instance;
}

std::atomic<WorkerPool*> pool{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// The command of the same install, or an empty text.
std::string own_command() {
  const auto folder = own_library_folder();
  if (folder.empty()) return {};
  // The last one: a program that is linked with the static library and lies beside the command.
  for (const auto* way : {"/" CUJITSU_LIB_TO_BIN "/cujitsu", "/../bin/cujitsu", "/cujitsu"}) {
    auto path = folder + way;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

}  // namespace

void set_worker_command(std::vector<std::string> command) {
  auto& chosen = chosen_command();
  const std::lock_guard lock(chosen.mutex);
  chosen.words = std::move(command);
}

std::vector<std::string> worker_command() {
  if (const auto file = environment_value("CUJITSU_WORKER")) {
    if (*file == "off") return {};
    return {*file, "worker"};
  }
  {
    auto& chosen = chosen_command();
    const std::lock_guard lock(chosen.mutex);
    if (!chosen.words.empty()) return chosen.words;
  }
  if (auto path = own_command(); !path.empty()) return {std::move(path), "worker"};
  return {};
}

WorkerPool& WorkerPool::instance() {
  // Those of the parent are not ours to end, and its lock may be held for ever.
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { pool.store(nullptr); });
  static_cast<void>(registered);
  auto* current = pool.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  auto fresh = std::make_unique<WorkerPool>();
  if (pool.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

void WorkerPool::begin_use() {
  const std::lock_guard lock(mutex_);
  ++uses_;
}

void WorkerPool::end_use() {
  std::vector<std::unique_ptr<WorkerProcess>> ended;  // outside of the lock: it takes some milliseconds
  const std::lock_guard lock(mutex_);
  if (uses_ > 0 && --uses_ == 0) ended.swap(idle_);  // 0 in a forked child, whose Uses were counted by its parent
}

std::unique_ptr<WorkerProcess> WorkerPool::acquire() {
  const auto command = worker_command();
  if (command.empty()) {
    if (log::first_time("no worker command"))
      log::info("compiles run in threads of this process: no cujitsu command was found that could be a worker process");
    return nullptr;
  }
  std::vector<std::unique_ptr<WorkerProcess>> of_another_command;
  {
    const std::lock_guard lock(mutex_);
    if (command == bad_command_) return nullptr;
    if (idle_command_ != command) of_another_command.swap(idle_);
    if (!idle_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  auto worker = std::make_unique<WorkerProcess>();
  std::string reason;
  if (worker->start(command, reason)) {
    log::debug("started worker process {}", worker->pid());
    const std::lock_guard lock(mutex_);
    idle_command_ = command;
    return worker;
  }
  if (log::first_time("bad worker command " + command.front()))
    log::info("compiles run in threads of this process: {}", reason);
  const std::lock_guard lock(mutex_);
  bad_command_ = command;
  return nullptr;
}

void WorkerPool::release(std::unique_ptr<WorkerProcess> worker) {
  const std::lock_guard lock(mutex_);
  if (uses_ > 0) idle_.push_back(std::move(worker));
}

}  // namespace cujitsu
