// SPDX-License-Identifier: MIT
// Catch2's own part, which version 2 compiles in whoever runs its tests: twenty seconds, once for all test programs.
#define CATCH_CONFIG_RUNNER
#include "support/catch_runner.hpp"

#include "support/catch.hpp"

namespace cujitsu::test {

int run_tests(int argc, char** argv) { return exit_code(Catch::Session().run(argc, argv)); }

}  // namespace cujitsu::test
