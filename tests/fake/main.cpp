// SPDX-License-Identifier: MIT
// main() of the tests that run on the fake driver: it is opened instead of a real one.
#include "support/catch_runner.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  ::setenv("CUJITSU_DRIVER", "cuda", 1);
  ::setenv("CUJITSU_LIBCUDA", CUJITSU_FAKE_DRIVER_PATH, 1);
  return cujitsu::test::run_tests(argc, argv);
}
