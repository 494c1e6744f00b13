// SPDX-License-Identifier: MIT
// Catch2, version 2 or 3, under the names of version 3; and how a test skips itself.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

#include <string>

namespace Catch {

using Detail::Approx;

namespace Matchers {

inline auto ContainsSubstring(const std::string& text, CaseSensitive::Choice sensitivity = CaseSensitive::Yes) {
  return Contains(text, sensitivity);
}

}  // namespace Matchers
}  // namespace Catch
#endif

#include <cstdlib>
#include <iostream>

namespace cujitsu::test {

/// Whether a test case of this process has skipped itself.
inline bool skipped = false;

/// What main() returns for Catch2's `failures`. CTest sets CUJITSU_TEST_SKIP_CODE for the tests that it runs one by one,
/// to tell a skipped test from one that passed; a failure always comes first.
inline int exit_code(int failures) {
  if (failures != 0) return 1;
  const char* code = std::getenv("CUJITSU_TEST_SKIP_CODE");
  return skipped && code != nullptr ? std::atoi(code) : 0;
}

}  // namespace cujitsu::test

/// Leaves the test case, which CTest then reports as skipped. For both versions: version 2 has no SKIP.
#define CUJITSU_SKIP(reason)                           \
  do {                                                 \
    std::cout << "skipped: " << (reason) << std::endl; \
    cujitsu::test::skipped = true;                     \
    return;                                            \
  } while (false)
