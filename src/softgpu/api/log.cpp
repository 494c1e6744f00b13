// SPDX-License-Identifier: MIT
#include "softgpu/api/log.hpp"

#include <deque>
#include <map>
#include <mutex>

namespace cujitsu::softgpu::api::error_log {
namespace {

constexpr std::string_view truncated = "[older messages are no longer kept or did not fit]\n";

struct Registered {
  LogCallback callback = nullptr;
  void* data = nullptr;
};

struct State {
  std::mutex mutex;
  std::deque<std::string> messages;
  std::size_t bytes = 0;
  unsigned next = 0;  ///< the number of the message to come
  std::map<std::uintptr_t, Registered> callbacks;
  std::uintptr_t next_callback = 1;
};

// Never destroyed: calls of other threads may fail while the process ends.
State& state() {
  static auto* instance = new State;
  return *instance;
}

}  // namespace

void append(std::string_view message) {
  auto& it = state();
  std::string line(message.substr(0, capacity / 2));
  line += '\n';
  std::map<std::uintptr_t, Registered> callbacks;
  {
    const std::lock_guard lock(it.mutex);
    it.bytes += line.size();
    it.messages.push_back(line);
    ++it.next;
    while (it.bytes > capacity - truncated.size() - 1) {
      it.bytes -= it.messages.front().size();
      it.messages.pop_front();
    }
    callbacks = it.callbacks;
  }
  line.pop_back();
  for (const auto& [handle, registered] : callbacks) registered.callback(registered.data, 0, line.data(), line.size());
}

unsigned current() {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  return it.next;
}

std::string text_since(unsigned first, std::size_t bytes) {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  const unsigned kept = it.next - static_cast<unsigned>(it.messages.size());
  const bool lost = static_cast<int>(first - kept) < 0;
  const std::size_t skip = lost ? 0 : std::min<std::size_t>(first - kept, it.messages.size());

  std::size_t total = 0;
  for (std::size_t i = skip; i < it.messages.size(); ++i) total += it.messages[i].size();
  const bool note = lost || total > bytes;
  std::size_t room = note ? bytes - std::min(bytes, truncated.size()) : bytes;
  std::size_t begin = it.messages.size();
  while (begin > skip && it.messages[begin - 1].size() <= room) room -= it.messages[--begin].size();
  if (begin == it.messages.size()) return {};
  std::string text(note ? truncated : std::string_view{});
  for (; begin < it.messages.size(); ++begin) text += it.messages[begin];
  return text;
}

LogCallbackHandle add_callback(LogCallback callback, void* data) {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  it.callbacks[it.next_callback] = {callback, data};
  return reinterpret_cast<LogCallbackHandle>(it.next_callback++);
}

bool remove_callback(LogCallbackHandle handle) {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  return it.callbacks.erase(reinterpret_cast<std::uintptr_t>(handle)) != 0;
}

}  // namespace cujitsu::softgpu::api::error_log
