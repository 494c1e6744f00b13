// SPDX-License-Identifier: MIT
#include "base/hash.hpp"

#include <sodium.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cujitsu {
namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

const unsigned char* data_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Hash128 hash128(std::string_view bytes) noexcept {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Hash128 result;
  static_assert(sizeof canonical.digest == result.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = canonical.digest[i];
  return result;
}

std::string to_hex(const Hash128& hash) { return hex(hash.data(), hash.size()); }

StrongHash strong_hash(std::string_view bytes, const HashSecret* secret) noexcept {
  // No sodium_init: it costs a fresh process 25 us, for random numbers that nobody here wants, and for a choice of code
  // that hashes 1.07 instead of 0.95 GB/s. Hashing needs neither; what it uses before is libsodium's portable code.
  static_assert(sizeof(HashSecret) >= crypto_generichash_KEYBYTES_MIN &&
                sizeof(HashSecret) <= crypto_generichash_KEYBYTES_MAX);
  StrongHash result;
  static_assert(result.size() == crypto_generichash_BYTES);
  // Only lengths that are out of range are errors, and these are constants.
  crypto_generichash(result.data(), result.size(), data_of(bytes), bytes.size(),
                     secret != nullptr ? secret->data() : nullptr, secret != nullptr ? secret->size() : 0);
  return result;
}

std::string to_hex(const StrongHash& hash) { return hex(hash.data(), hash.size()); }

bool equal_hashes(std::string_view a, const StrongHash& b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), b.size()) == 0;
}

}  // namespace cujitsu
