// SPDX-License-Identifier: MIT
// The `cujitsu` executable.
#include "cli/cli.hpp"

#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return cujitsu::cli::run(arguments, std::cout, std::cerr);
}
