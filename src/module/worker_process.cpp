// SPDX-License-Identifier: MIT
#include "module/worker_process.hpp"

#include "base/byte_stream.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cujitsu {
namespace {

using Clock = std::chrono::steady_clock;

// A Python interpreter on a busy machine takes a while; what is no worker at all may never say anything.
constexpr std::chrono::seconds greeting_time{60};

}  // namespace

bool WorkerProcess::start(std::vector<std::string> command, std::string& reason) {
  const auto shown = text::join(command, " ");
  command.push_back(fmt::format("--parent={}", ::getpid()));
  if (!ChildProcess::closes_descriptors()) command.emplace_back("--close-descriptors");
  if (const int error = process_.start(command); error != 0) {
    reason = fmt::format("'{}' can not be started: {}", shown, file::error_text(error));
    return false;
  }
  const auto greeting = worker::greeting();
  std::string message;
  if (receive(message, Clock::now() + greeting_time, greeting.size() + 64) && message == greeting) return true;
  if (message.starts_with("cujitsu worker")) {
    reason = fmt::format("'{}' is a {}, and this is {}", shown, message, greeting);
  } else {
    process_.kill();
    reason = fmt::format("'{}' does not answer as a worker of cujitsu does", shown);
  }
  return false;
}

bool WorkerProcess::receive(std::string& message, Clock::time_point deadline, std::uint64_t most) {
  std::string length(8, '\0');
  if (!process_.receive(length.data(), length.size(), deadline)) return false;
  const auto bytes = worker::decode_length(length);
  if (bytes > most) {
    process_.kill();  // it is out of its mind
    return false;
  }
  message.resize(bytes);
  return process_.receive(message.data(), message.size(), deadline);
}

std::optional<worker::Answer> WorkerProcess::ask(const std::string& request) {
  std::string message;
  if (!process_.send(worker::encode_length(request.size())) || !process_.send(request) ||
      !receive(message, Clock::time_point::max(), worker::max_message_bytes))
    return std::nullopt;
  try {
    return worker::decode_answer(message);
  } catch (const FormatError&) {
    process_.kill();
    return std::nullopt;
  }
}

}  // namespace cujitsu
