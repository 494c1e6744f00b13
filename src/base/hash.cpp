// SPDX-License-Identifier: MIT
#include "base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cujitsu {

Hash128 hash128(std::string_view bytes) noexcept {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Hash128 result;
  static_assert(sizeof canonical.digest == result.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = canonical.digest[i];
  return result;
}

std::string to_hex(const Hash128& hash) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * hash.size());
  for (const unsigned char byte : hash) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace cujitsu
