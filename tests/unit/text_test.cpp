// SPDX-License-Identifier: MIT
#include "base/text.hpp"
#include "support/catch.hpp"

#include <array>

using namespace cujitsu;

TEST_CASE("the nearest name is found within a few edits, and nothing farther") {
  const std::array<std::string, 3> names{"saxpy", "add", "reduce_sum"};
  CHECK(text::nearest("saxby", names) == "saxpy");
  CHECK(text::nearest("ad", names) == "add");
  CHECK(text::nearest("reduce_max", names) == "reduce_sum");
  CHECK_FALSE(text::nearest("xyz", names));
  CHECK_FALSE(text::nearest("g", std::array<std::string, 1>{"f"}));
  CHECK_FALSE(text::nearest("add", {}));
}

TEST_CASE("bytes are written in the unit that a person would take") {
  CHECK(text::bytes(0) == "0 B");
  CHECK(text::bytes(1023) == "1023 B");
  CHECK(text::bytes(1536) == "1.5 KiB");
  CHECK(text::bytes(std::uint64_t{1} << 30) == "1.0 GiB");
}

TEST_CASE("lines lose their ends, whichever they are") {
  CHECK(text::lines("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(text::lines("").empty());
}

TEST_CASE("names are demangled, others stay as they are") {
  CHECK(text::demangle("_Z3addPfi") == "add(float*, int)");
  CHECK(text::demangle("plain") == "plain");
  CHECK(text::demangle("_Znonsense") == "_Znonsense");
}
