// SPDX-License-Identifier: MIT
#include "compile/options.hpp"
#include "support/catch.hpp"

#include <cujitsu/errors.hpp>

using namespace cujitsu;
using namespace cujitsu::compiler;

TEST_CASE("the architecture comes from arch or from an option, and not from both") {
  CHECK_FALSE(requested_arch({}));
  CHECK(requested_arch({.arch = "sm_90a"}) == "sm_90a");
  CHECK(requested_arch({.options = {"-arch=compute_80"}}) == "compute_80");
  CHECK(requested_arch({.options = {"--gpu-architecture", "sm_75"}}) == "sm_75");
  CHECK_THROWS_AS(requested_arch({.options = {"-arch=sm_80"}, .arch = "sm_80"}), ArgumentError);
  for (const char* wrong : {"90", "sm_", "sm_x", "sm90", "ampere", "sm_90b"})
    CHECK_THROWS_AS(requested_arch({.arch = wrong}), ArgumentError);
}

TEST_CASE("an architecture that NVRTC does not know is refused with those it knows") {
  const std::vector<std::string> known{"sm_75", "sm_80", "sm_90"};
  CHECK_NOTHROW(check_arch("sm_90a", known, "NVRTC"));
  CHECK_NOTHROW(check_arch("compute_75", known, "NVRTC"));
  try {
    check_arch("sm_70", known, "NVRTC 13.0");
    FAIL("nothing was thrown");
  } catch (const ArgumentError& error) {
    CHECK(std::string(error.what()) == "NVRTC 13.0 does not compile for 'sm_70'; it knows sm_75, sm_80, sm_90");
  }
}

TEST_CASE("the device's architecture is clamped to what NVRTC knows") {
  const std::vector<std::string> known{"sm_75", "sm_80", "sm_86", "sm_90", "sm_100"};
  CHECK(clamp_arch("sm_90", known) == "sm_90");
  CHECK(clamp_arch("sm_89", known) == "sm_86");
  CHECK(clamp_arch("sm_120", known) == "sm_100");
  CHECK(clamp_arch("sm_61", known) == "sm_75");
}

TEST_CASE("every option that NVRTC gets is listed, ours first, folders last") {
  const CompileOptions options{.options = {"-DN=4", "-arch", "sm_80"}, .include_dirs = {"mine"}};
  CHECK(compiler_options(options, "sm_80", {13, 0}, LineInfo::unwanted, {"/toolkit"}) ==
        std::vector<std::string>{"--gpu-architecture=sm_80", "--modify-stack-limit=false", "--no-cache", "-DN=4",
                                 "--include-path=mine", "--include-path=/toolkit"});
  CHECK(compiler_options({}, "sm_80", {12, 8}, LineInfo::unwanted, {}) ==
        std::vector<std::string>{"--gpu-architecture=sm_80", "--modify-stack-limit=false"});
}

TEST_CASE("a source or header that NVRTC would misread is refused") {
  using namespace std::string_view_literals;
  CHECK_THROWS_AS(check_request("int x;\0int y;"sv, {}), ArgumentError);
  CHECK_THROWS_AS(check_request("", {.name = ""}), ArgumentError);
  CHECK_THROWS_AS(check_request("", {.headers = {{"", "x"}}}), ArgumentError);
  CHECK_THROWS_AS(check_request("", {.headers = {{"a.h", "x"}, {"a.h", "y"}}}), ArgumentError);
  CHECK_THROWS_AS(check_request("", {.name_expressions = {" "}}), ArgumentError);
  CHECK_NOTHROW(check_request("", {}));
}
