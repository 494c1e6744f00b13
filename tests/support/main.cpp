// SPDX-License-Identifier: MIT
// main() of the test programs. It is ours, so that Catch2's library needs none and version 2 compiles its own part here.
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

int main(int argc, char** argv) { return cujitsu::test::exit_code(Catch::Session().run(argc, argv)); }
