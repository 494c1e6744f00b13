// SPDX-License-Identifier: MIT
// What main() of a test program does.
#pragma once

namespace cujitsu::test {

/// Runs the test cases that the arguments name, or all. Returns main()'s exit code.
int run_tests(int argc, char** argv);

}  // namespace cujitsu::test
