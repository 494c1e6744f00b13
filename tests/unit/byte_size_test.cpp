// SPDX-License-Identifier: MIT
#include "base/byte_size.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <optional>

using cujitsu::parse_byte_size;

TEST_CASE("sizes are numbers of bytes, with K, M, G or T", "[byte_size]") {
  CHECK(parse_byte_size("0") == 0u);
  CHECK(parse_byte_size("4096") == 4096u);
  CHECK(parse_byte_size("64K") == 65536u);
  CHECK(parse_byte_size("3m") == 3u << 20);
  CHECK(parse_byte_size("1G") == 1u << 30);
  CHECK(parse_byte_size("2T") == std::uint64_t{2} << 40);
  CHECK(parse_byte_size("18446744073709551615") == UINT64_MAX);
}

TEST_CASE("anything else is no size", "[byte_size]") {
  for (const char* text : {"", "K", "-1", "+1", "1.5G", "1GB", "1 G", " 1", "1P", "0x10", "18446744073709551616",
                           "18446744073709551615K", "16777216T"})
    CHECK_FALSE(parse_byte_size(text).has_value());
}
