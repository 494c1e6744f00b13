// SPDX-License-Identifier: MIT
#include "driver/check.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "driver/capture_advice.hpp"
#include "driver/driver.hpp"
#include "driver/driver_log.hpp"
#include "driver/launch_history.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <mutex>
#include <string_view>

namespace cujitsu::driver {
namespace {

/// What the driver has logged since the last time somebody asked.
std::string new_driver_log(const Api& table) {
  static std::mutex mutex;
  static unsigned iterator = 0;
  const std::lock_guard lock(mutex);
  return read_log(table, iterator);
}

std::string error_text(const Api& table, Result result) {
  const char* text = nullptr;
  return table.cuGetErrorString(result, &text) == result::success && text != nullptr ? text : "unknown error";
}

}  // namespace

bool is_fault(Result result) noexcept {
  switch (result) {
    case result::illegal_address:
    case result::launch_timeout:
    case result::assert_failed:
    case result::hardware_stack_error:
    case result::illegal_instruction:
    case result::misaligned_address:
    case result::invalid_address_space:
    case result::invalid_pc:
    case result::launch_failed: return true;
    default: return false;
  }
}

std::string error_name(Result result) {
  const char* name = nullptr;
  if (api().cuGetErrorName(result, &name) == result::success && name != nullptr) return name;
  return fmt::format("error {}", result);
}

void raise(Result result, const char* call, const std::string& object, const std::string& advice) {
  const auto& table = api();
  DriverError::Details details{.code = result, .name = error_name(result), .call = call, .object = object};
  std::string message = fmt::format("{}{}{}: {} ({}): {}", call, object.empty() ? "" : " for ", object, details.name,
                                    result, error_text(table, result));
  if (!advice.empty()) message += "\n  " + advice;
  if (const auto text = capture_advice(result, call); !text.empty()) message += "\n  " + text;
  if (is_fault(result)) {
    ContextHandle context = nullptr;
    table.cuCtxGetCurrent(&context);
    if (const auto text = launch_history::blame(context); !text.empty()) message += "\n  " + text;
  }
  if (const auto text = new_driver_log(table); !text.empty())
    for (const auto line : text::lines(text)) message += fmt::format("\n  driver: {}", line);

  if (result == result::out_of_memory) throw OutOfMemoryError(message, std::move(details));
  if (is_fault(result) || result == result::launch_out_of_resources || std::string_view(call).starts_with("cuLaunch"))
    throw LaunchError(message, std::move(details));
  throw DriverError(message, std::move(details));
}

void report_failure(Result result, const char* call) noexcept {
  if (result == result::success || result == result::deinitialized || is_fault(result)) return;
  try {
    log::warning("{}: {}", call, error_name(result));
  } catch (...) {  // a clean-up that can not even be reported must still not throw
  }
}

}  // namespace cujitsu::driver
