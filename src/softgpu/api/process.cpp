// SPDX-License-Identifier: MIT
#include "softgpu/api/process.hpp"

#include "base/byte_size.hpp"
#include "softgpu/api/call.hpp"
#include "softgpu/api/check_names.hpp"
#include "softgpu/api/log.hpp"

#include <fmt/format.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace cujitsu::softgpu::api {
namespace {

struct State {
  std::mutex mutex;
  Configuration configuration;
  std::vector<std::unique_ptr<Device>> devices;
};

State& state() {
  static auto* instance = new State;
  return *instance;
}

std::atomic<bool> initialized{false};
std::atomic<bool> exiting{false};
std::atomic<bool> forked{false};

unsigned count_of(const char* variable, unsigned absent, unsigned most) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return absent;
  std::uint64_t value = 0;
  const std::string_view digits(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value == 0)
    fail(result::invalid_value, fmt::format("{}='{}' is not a number above 0", variable, text));
  if (value > most) fail(result::invalid_value, fmt::format("{}={} is more than {}", variable, value, most));
  return static_cast<unsigned>(value);
}

Configuration read_environment() {
  Configuration it;
  it.threads = count_of("CUJITSU_SOFTGPU_THREADS", std::max(1u, std::thread::hardware_concurrency()), 4096);
  it.devices = count_of("CUJITSU_SOFTGPU_DEVICES", 1, 64);
  const auto ram =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  it.memory = ram / 4;
  if (const char* text = std::getenv("CUJITSU_SOFTGPU_MEMORY"); text != nullptr && *text != '\0') {
    it.memory = parse_byte_size(text).value_or(0);
    if (it.memory == 0)
      fail(result::invalid_value,
           fmt::format("CUJITSU_SOFTGPU_MEMORY='{}' is not a number of bytes (K, M, G) above 0", text));
  }
  // Which one of them the CPU has is the engine's matter; that it is one of them is the user's.
  constexpr std::string_view levels[] = {"", "baseline", "v3", "v4"};
  if (const char* text = std::getenv("CUJITSU_SOFTGPU_ISA");
      text != nullptr && std::ranges::find(levels, std::string_view(text)) == std::end(levels))
    fail(result::invalid_value, fmt::format("CUJITSU_SOFTGPU_ISA='{}' is not one of baseline, v3, v4", text));
  constexpr std::uint64_t least = std::uint64_t{1} << 20;
  constexpr std::uint64_t most = std::uint64_t{1} << 44;
  if (it.memory < least || it.memory > most)
    fail(result::invalid_value, fmt::format("CUJITSU_SOFTGPU_MEMORY: {} bytes are not between 1M and 16T", it.memory));
  return it;
}

}  // namespace

void initialize() {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  if (initialized.load()) return;
  it.configuration = read_environment();
  const auto settings = read_settings();
  set_settings(settings);
  std::vector<std::unique_ptr<Device>> made;
  for (unsigned i = 0; i < it.configuration.devices; ++i) {
    auto& device = made.emplace_back(
        std::make_unique<Device>(static_cast<int>(i), it.configuration.memory, settings.checks.uninitialized));
    auto pool = std::make_shared<Pool>(*device);
    pool->is_default = true;
    pool->handle = registries().pools.add(pool);
    device->default_pool = pool;
    device->pool = pool;
  }
  it.devices = std::move(made);
  ::pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
  // Registered now, so that it runs before objects die that were made earlier: after it nothing is started any more.
  std::atexit([] {
    exiting.store(true);
    stop_workers();
  });
  initialized.store(true, std::memory_order_release);
}

bool is_initialized() noexcept { return initialized.load(std::memory_order_acquire); }

const Configuration& configuration() { return state().configuration; }

const std::vector<std::unique_ptr<Device>>& devices() { return state().devices; }

// ---- call.hpp

void check_not_forked() {
  if (forked.load(std::memory_order_relaxed))
    fail(result::not_initialized, "this process was forked from one that had initialised the driver");
}

void check_process() {
  if (!is_initialized()) fail(result::not_initialized, "cuInit has not been called");
  if (exiting.load(std::memory_order_relaxed)) fail(result::deinitialized, "the process is ending");
  if (is_in_host_function()) fail(result::not_permitted, "a function that runs in a stream may not call the driver");
}

void log_failure(const char* function, const Failure& failure) noexcept {
  // In a forked child the log's lock may be held for ever by a thread that does not exist here.
  if (forked.load(std::memory_order_relaxed)) return;
  // Who has PTX as well tries machine code first: not a failure that anybody wants to read of later.
  if (failure.code == result::no_binary_for_gpu) return;
  try {
    error_log::append(fmt::format("{}: {}", function, failure.message));
  } catch (const std::exception&) {
    // Without memory for the line the result has to do.
  }
}

namespace {

// Of fixed size, so that nothing has to be destroyed when a thread ends: destructors that run later may still call.
constexpr std::size_t stack_capacity = 256;
thread_local std::array<ContextHandle, stack_capacity> stack;
thread_local std::size_t stack_depth = 0;
thread_local bool per_thread_default = false;

}  // namespace

namespace context_stack {

void push(ContextHandle context) {
  if (stack_depth == stack_capacity) fail(result::out_of_memory, "the thread's stack of contexts is full");
  stack[stack_depth++] = context;
}

ContextHandle pop() {
  if (stack_depth == 0) fail(result::invalid_context, "the thread has no current context");
  return stack[--stack_depth];
}

void replace_top(ContextHandle context) {
  if (stack_depth != 0) --stack_depth;
  if (context != nullptr) push(context);
}

ContextHandle top() noexcept { return stack_depth == 0 ? nullptr : stack[stack_depth - 1]; }

}  // namespace context_stack

std::shared_ptr<Context> current_context_or_null() {
  const auto handle = context_stack::top();
  return handle == nullptr ? nullptr : registries().contexts.find(handle);
}

std::shared_ptr<Context> current_context() {
  const auto handle = context_stack::top();
  if (handle == nullptr) fail(result::invalid_context, "the thread has no current context");
  return context_of(handle);
}

PerThreadDefault::PerThreadDefault() noexcept : outer(per_thread_default) { per_thread_default = true; }
PerThreadDefault::~PerThreadDefault() { per_thread_default = outer; }
bool default_is_per_thread() noexcept { return per_thread_default; }

}  // namespace cujitsu::softgpu::api
