// SPDX-License-Identifier: MIT
#include "nvrtc/ld_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>

namespace cujitsu::nvrtc {
namespace {

// glibc's format since 2.2 (sysdeps/generic/dl-cache.h): a header, then entries, then strings; all offsets count from
// the header. Older systems put a libc5 table before it, so the magic is searched for.
constexpr std::string_view magic = "glibc-ld.so.cache1.1";
constexpr std::size_t header_size = 48;
constexpr std::size_t entry_size = 24;

/// A file's content, mapped: a stream would take longer to set up than the whole search.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    ::close(descriptor);
  }
  ~MappedFile() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::string_view content() const noexcept {
    return data_ == MAP_FAILED ? std::string_view() : std::string_view(static_cast<const char*>(data_), size_);
  }

 private:
  void* data_ = MAP_FAILED;
  std::size_t size_ = 0;
};

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
  const MappedFile file(cache_file);
  const auto start = file.content().find(magic);
  if (start == std::string_view::npos) return {};
  const auto cache = file.content().substr(start);
  const auto count = read_u32(cache, magic.size());
  std::vector<std::string> paths;
  for (std::size_t i = 0; count && i < *count; ++i) {
    const auto entry = header_size + i * entry_size;
    const auto name_at = read_u32(cache, entry + 4);
    const auto path_at = read_u32(cache, entry + 8);
    if (!name_at || !path_at) break;
    // the prefix alone is compared first: most of a thousand names differ in it
    if (*name_at < cache.size() && cache.substr(*name_at, prefix.size()) == prefix)
      paths.emplace_back(read_string(cache, *path_at));
  }
  return paths;
}

}  // namespace cujitsu::nvrtc
