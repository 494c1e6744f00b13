// SPDX-License-Identifier: MIT
// A worker process, seen by its parent.
#pragma once

#include "base/child_process.hpp"
#include "module/worker_protocol.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cujitsu {

/// One thread asks it; any other may kill it meanwhile.
class WorkerProcess {
 public:
  /// Starts `command` and waits for its greeting. False when that does not come, with `reason` set.
  [[nodiscard]] bool start(std::vector<std::string> command, std::string& reason);

  /// The answer to one request; nothing when the process has gone: see ending().
  [[nodiscard]] std::optional<worker::Answer> ask(const std::string& request);
  void kill() noexcept { process_.kill(); }
  [[nodiscard]] std::string ending() { return process_.ending(); }
  [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }

 private:
  bool receive(std::string& message, std::chrono::steady_clock::time_point deadline, std::uint64_t most);

  ChildProcess process_;
};

}  // namespace cujitsu
