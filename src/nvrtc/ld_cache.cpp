// SPDX-License-Identifier: MIT
#include "nvrtc/ld_cache.hpp"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace cujitsu::nvrtc {
namespace {

// glibc's format since 2.2 (sysdeps/generic/dl-cache.h): a header, then entries, then strings; all offsets count from
// the header. Older systems put a libc5 table before it, so the magic is searched for.
constexpr std::string_view magic = "glibc-ld.so.cache1.1";
constexpr std::size_t header_size = 48;
constexpr std::size_t entry_size = 24;

std::optional<std::uint32_t> read_u32(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  if (offset + sizeof value > bytes.size()) return std::nullopt;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view read_string(std::string_view bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const auto rest = bytes.substr(offset);
  const auto end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace

std::vector<std::string> loader_paths(std::string_view prefix, const std::string& cache_file) {
  std::ifstream file(cache_file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const auto start = content.find(magic);
  if (start == std::string::npos) return {};
  const auto cache = std::string_view(content).substr(start);
  const auto count = read_u32(cache, magic.size());
  std::vector<std::string> paths;
  for (std::size_t i = 0; count && i < *count; ++i) {
    const auto entry = header_size + i * entry_size;
    const auto name_at = read_u32(cache, entry + 4);
    const auto path_at = read_u32(cache, entry + 8);
    if (!name_at || !path_at) break;
    if (read_string(cache, *name_at).starts_with(prefix)) paths.emplace_back(read_string(cache, *path_at));
  }
  return paths;
}

}  // namespace cujitsu::nvrtc
