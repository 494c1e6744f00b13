// SPDX-License-Identifier: MIT
// cuLogs*: the driver's error log, read.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/log.hpp"

#include <fmt/format.h>

#include <cstring>
#include <fstream>

namespace cujitsu::softgpu::api {

extern "C" {

Result cuLogsRegisterCallback(LogCallback callback, void* data, LogCallbackHandle* handle) {
  return answer_unchecked("cuLogsRegisterCallback", [&] {
    if (callback == nullptr) fail(result::invalid_value, "the callback is null");
    const auto added = error_log::add_callback(callback, data);
    if (handle != nullptr) *handle = added;
  });
}

Result cuLogsUnregisterCallback(LogCallbackHandle handle) {
  return answer_unchecked("cuLogsUnregisterCallback", [&] {
    if (!error_log::remove_callback(handle)) fail(result::invalid_value, "there is no such callback");
  });
}

Result cuLogsCurrent(unsigned* iterator, unsigned flags) {
  return answer_unchecked("cuLogsCurrent", [&] {
    check_pointer(iterator, "the iterator");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    *iterator = error_log::current();
  });
}

Result cuLogsDumpToFile(unsigned* iterator, const char* path, unsigned flags) {
  return answer_unchecked("cuLogsDumpToFile", [&] {
    check_pointer(path, "the file name");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    const auto end = error_log::current();
    const auto text = error_log::text_since(iterator != nullptr ? *iterator : 0, error_log::capacity);
    std::ofstream file(path, std::ios::binary);
    if (!(file << text) || !file.flush()) fail(result::invalid_value, fmt::format("'{}' can not be written", path));
    if (iterator != nullptr) *iterator = end;
  });
}

Result cuLogsDumpToMemory(unsigned* iterator, char* buffer, std::size_t* bytes, unsigned flags) {
  return answer_unchecked("cuLogsDumpToMemory", [&]() -> Result {
    check_pointer(buffer, "the buffer");
    check_pointer(bytes, "the size");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    const auto room = *bytes;
    *bytes = 0;
    if (room == 0) return result::invalid_value;
    const auto first = iterator != nullptr ? *iterator : 0;
    const auto end = error_log::current();
    const auto text = error_log::text_since(first, room - 1);
    buffer[0] = '\0';
    // Not logged: a message about the log would only be one more that does not fit.
    if (text.empty() && first != end && !error_log::text_since(first, error_log::capacity).empty())
      return result::invalid_value;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    *bytes = text.size();
    if (iterator != nullptr) *iterator = end;
    return result::success;
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
