// SPDX-License-Identifier: MIT
// What a worker process and its parent say to each other: messages of a length (8 bytes) and so many bytes. The worker
// begins with a greeting; then each request gets one answer. Both sides are of the same version, or do not talk at all.
#pragma once

#include "base/header_record.hpp"

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/logging.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cujitsu::worker {

/// An end to a length that something else than a worker may have sent.
inline constexpr std::uint64_t max_message_bytes = std::uint64_t{4} << 30;

/// The first message of a worker: who it is. One of another version is not used.
[[nodiscard]] std::string greeting();

/// One run of NVRTC.
struct Request {
  LogLevel log_level = LogLevel::warning;
  std::string nvrtc_library;
  std::string nvrtc_builtins;
  int nvrtc_major = 0;
  int nvrtc_minor = 0;
  std::string pch_folder;      ///< below which the worker keeps its precompiled headers; made and removed by the parent
  std::string current_folder;  ///< of the parent, from where relative paths count; empty where it has gone
  std::string source;
  CompileOptions options;
  std::string arch;
  std::vector<std::string> nvrtc_options;
  std::optional<ClosureRecord> leading;  ///< as in compiler::RunRequest
};

/// What came of it.
struct Answer {
  std::vector<std::pair<LogLevel, std::string>> messages;  ///< what the worker would have logged
  CompiledCode code;
  std::exception_ptr error;  ///< instead of the code: a CompileError, LoadError, ArgumentError or Error
};

[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Answer& answer);
/// Both throw FormatError.
[[nodiscard]] Request decode_request(std::string_view bytes);
[[nodiscard]] Answer decode_answer(std::string_view bytes);

/// The eight bytes before a message.
[[nodiscard]] std::string encode_length(std::uint64_t bytes);
[[nodiscard]] std::uint64_t decode_length(std::string_view bytes);

}  // namespace cujitsu::worker
