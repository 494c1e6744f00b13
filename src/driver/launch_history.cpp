// SPDX-License-Identifier: MIT
#include "driver/launch_history.hpp"

#include <cujitsu/environment.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace cujitsu::driver::launch_history {
namespace {

using detail::capacity;
using detail::next;
using detail::Record;
using detail::records;

struct Memory {
  std::mutex mutex;
  std::set<std::string> names;
  std::map<ContextHandle, std::string> verdicts;
};

Memory& memory() {
  static auto* instance = new Memory;  // never destroyed: see driver.cpp
  return *instance;
}

/// Where there is one device, launches do not ask which context is current.
bool is_of(const Record& record, ContextHandle context) {
  const auto* of = record.context.load(std::memory_order_relaxed);
  return of == nullptr || of == context;
}

constexpr const char* consequence =
    "A fault ends the context: every later call in it fails, and its memory is lost; start the process anew";

std::string verdict(ContextHandle context) {
  std::vector<std::string> suspects;
  const auto end = next.load(std::memory_order_relaxed);
  for (auto i = end > capacity ? end - capacity : 0; i < end; ++i) {
    const auto& record = records[i % capacity];
    const auto* kernel = record.kernel.load(std::memory_order_relaxed);
    if (kernel == nullptr || !is_of(record, context)) continue;
    if (std::ranges::find(suspects, *kernel) == suspects.end()) suspects.push_back(*kernel);
  }
  if (suspects.empty()) return {};
  if (suspects.size() == 1) return fmt::format("Kernel '{}' faulted. {}", suspects[0], consequence);
  return fmt::format(
      "One of these kernels faulted (launched since the last synchronisation): '{}'. {}. CUDA_LAUNCH_BLOCKING=1 tells "
      "which it was",
      fmt::join(suspects, "', '"), consequence);
}

}  // namespace

const std::string* intern(const std::string& name) {
  const std::lock_guard lock(memory().mutex);
  return &*memory().names.insert(name).first;
}

void forget(ContextHandle context, StreamHandle stream) noexcept {
  for (auto& slot : records)
    if (is_of(slot, context) && slot.stream.load(std::memory_order_relaxed) == stream)
      slot.kernel.store(nullptr, std::memory_order_relaxed);
}

void forget(ContextHandle context) noexcept {
  for (auto& slot : records)
    if (is_of(slot, context)) slot.kernel.store(nullptr, std::memory_order_relaxed);
}

void blame_if_blocking(ContextHandle context, const std::string* kernel) {
  if (environment_value("CUDA_LAUNCH_BLOCKING").value_or("0") == "0") return;
  forget(context);
  record(context, nullptr, kernel);
}

std::string blame(ContextHandle context) {
  const std::lock_guard lock(memory().mutex);
  const auto [it, is_new] = memory().verdicts.try_emplace(context);
  if (is_new) it->second = verdict(context);
  return it->second;
}

}  // namespace cujitsu::driver::launch_history
