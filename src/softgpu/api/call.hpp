// SPDX-License-Identifier: MIT
// How every entry point begins and ends: the process's state, the current context, failures as results and log lines.
#pragma once

#include "softgpu/api/errors.hpp"
#include "softgpu/api/objects.hpp"

#include <exception>
#include <new>
#include <type_traits>

namespace cujitsu::softgpu::api {

/// Fails before cuInit, in a forked child, while the process ends, and inside host functions.
void check_process();
/// In a forked child nothing works, not even what needs no cuInit.
void check_not_forked();
/// Logs "function: message".
void log_failure(const char* function, const Failure& failure) noexcept;

template <class Body>
Result answer_unchecked(const char* function, Body&& body) noexcept {
  try {
    check_not_forked();
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return result::success;
    } else {
      return body();
    }
  } catch (const Failure& failure) {
    log_failure(function, failure);
    return failure.code;
  } catch (const std::bad_alloc&) {
    log_failure(function, {result::out_of_memory, "the process is out of memory"});
    return result::out_of_memory;
  } catch (const std::exception& error) {
    log_failure(function, {result::unknown, error.what()});
    return result::unknown;
  }
}

/// For calls that need no context.
template <class Body>
Result answer(const char* function, Body&& body) noexcept {
  return answer_unchecked(function, [&] {
    check_process();
    return body();
  });
}

/// The calling thread's current context; fails without one.
[[nodiscard]] std::shared_ptr<Context> current_context();
/// The same, or nullptr.
[[nodiscard]] std::shared_ptr<Context> current_context_or_null();

/// For calls on the current context, which must be alive: `body(context)`.
template <class Body>
Result answer_in_context(const char* function, Body&& body) noexcept {
  return answer(function, [&] {
    const auto context = current_context();
    context->check_alive();
    return body(*context);
  });
}

/// The stack of contexts of the calling thread.
namespace context_stack {
void push(ContextHandle context);
ContextHandle pop();                      ///< fails when there is none
void replace_top(ContextHandle context);  ///< nullptr: takes the top away
[[nodiscard]] ContextHandle top() noexcept;
}  // namespace context_stack

/// Whether stream 0 means the per-thread default stream: inside the _ptds and _ptsz entry points.
struct PerThreadDefault {
  PerThreadDefault() noexcept;
  ~PerThreadDefault();
  PerThreadDefault(const PerThreadDefault&) = delete;
  PerThreadDefault& operator=(const PerThreadDefault&) = delete;
  bool outer;
};
[[nodiscard]] bool default_is_per_thread() noexcept;

template <class T>
void check_pointer(const T* pointer, const char* what) {
  if (pointer == nullptr) fail(result::invalid_value, std::string(what) + " is null");
}

}  // namespace cujitsu::softgpu::api
