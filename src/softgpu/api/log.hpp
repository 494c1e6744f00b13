// SPDX-License-Identifier: MIT
// The driver's error log (cuLogs*, CUDA 12.9): a line of plain English for every call that failed.
#pragma once

#include "softgpu/api/types.hpp"

#include <string>
#include <string_view>

namespace cujitsu::softgpu::api::error_log {

inline constexpr std::size_t capacity = 25600;  // the bytes that are kept, as CUDA documents it

/// Appends one message; line breaks within it stay.
void append(std::string_view message);
/// Where the next message will be.
[[nodiscard]] unsigned current();
/// The messages from `first` on that are still kept, each with a line break, at most `bytes` of them (the newest), and a
/// note in front when older ones are missing.
[[nodiscard]] std::string text_since(unsigned first, std::size_t bytes);
[[nodiscard]] LogCallbackHandle add_callback(LogCallback callback, void* data);
/// False: there is no such callback.
bool remove_callback(LogCallbackHandle handle);

}  // namespace cujitsu::softgpu::api::error_log
