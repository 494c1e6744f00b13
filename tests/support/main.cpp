// SPDX-License-Identifier: MIT
// main() of the test programs that need nothing beforehand.
#include "support/catch_runner.hpp"

int main(int argc, char** argv) { return cujitsu::test::run_tests(argc, argv); }
