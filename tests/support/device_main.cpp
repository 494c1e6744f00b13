// SPDX-License-Identifier: MIT
// main() of the device tests: without a CUDA device every one of them is skipped, and says why.
#include "support/catch.hpp"
#include "support/catch_runner.hpp"

#include <cujitsu/device.hpp>
#include <cujitsu/errors.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

namespace {

/// Empty when there is a device.
std::string why_no_device() {
  try {
    return cujitsu::Device::count() > 0 ? "" : "the CUDA driver has no device";
  } catch (const cujitsu::LoadError& error) {
    const std::string_view text = error.what();
    return std::string(text.substr(0, text.find('\n')));
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Listing the tests, as the build does, must not start the driver.
  const bool lists = std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
    return argument.starts_with("--list") || argument == "-l" || argument == "-t" || argument == "-h" ||
           argument == "--help" || argument == "-?";
  });
  if (!lists) {
    try {
      if (const auto reason = why_no_device(); !reason.empty()) {
        std::cout << "skipped: " << reason << std::endl;
        cujitsu::test::skipped = true;
        return cujitsu::test::exit_code(0);
      }
    } catch (const std::exception& error) {  // a driver that is there and does not work is a failure
      std::cerr << "the CUDA driver can not be used: " << error.what() << std::endl;
      return 1;
    }
  }
  return cujitsu::test::run_tests(argc, argv);
}
