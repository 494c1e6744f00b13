// SPDX-License-Identifier: MIT
// `cujitsu worker`: what compile_many starts; no command for people, and so in no help text.
#include "cli/command.hpp"

#include <cujitsu/compile_worker.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cujitsu::cli {

void add_worker(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("worker", "Compile for a parent process, over standard input and output");
  command->group("");
  const auto arguments = std::make_shared<std::vector<std::string>>();
  command->prefix_command();
  command->callback([&invocation, command, arguments] {
    *arguments = command->remaining();
    invocation.action = [arguments](Console&) { return run_compile_worker(*arguments); };
  });
}

}  // namespace cujitsu::cli
