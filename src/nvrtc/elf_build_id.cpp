// SPDX-License-Identifier: MIT
#include "nvrtc/elf_build_id.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace cujitsu::nvrtc {
namespace {

/// The head of a file; notes stand within its first page.
class FileHead {
 public:
  explicit FileHead(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    const auto size = ::pread(descriptor, bytes_.data(), bytes_.size(), 0);
    readable_ = size >= 0 && ::fstat(descriptor, &status_) == 0;
    size_ = readable_ ? static_cast<std::size_t>(size) : 0;
    ::close(descriptor);
  }

  [[nodiscard]] bool is_readable() const noexcept { return readable_; }
  [[nodiscard]] const struct stat& status() const noexcept { return status_; }
  /// Empty when the range is not within the head.
  [[nodiscard]] std::span<const char> range(std::uint64_t offset, std::uint64_t count) const {
    if (offset > size_ || count > size_ - offset) return {};
    return std::span(bytes_).subspan(offset, count);
  }
  template <class T>
  [[nodiscard]] bool read(std::uint64_t offset, T& value) const {
    const auto bytes = range(offset, sizeof value);
    if (bytes.empty()) return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    return true;
  }

 private:
  std::array<char, 4096> bytes_;
  std::size_t size_ = 0;
  struct stat status_ {};
  bool readable_ = false;
};

/// The build id in one note segment.
std::optional<std::string> build_id(std::span<const char> notes) {
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, notes.data(), sizeof header);
    const auto aligned = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
    const auto name_at = sizeof header;
    const auto value_at = name_at + aligned(header.n_namesz);
    const auto end = value_at + aligned(header.n_descsz);
    if (end > notes.size()) return std::nullopt;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 && std::memcmp(&notes[name_at], "GNU", 4) == 0) {
      constexpr char digits[] = "0123456789abcdef";
      std::string text;
      for (const char byte : notes.subspan(value_at, header.n_descsz)) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
      }
      return text;
    }
    notes = notes.subspan(end);
  }
  return std::nullopt;
}

std::optional<std::string> build_id(const FileHead& file) {
  Elf64_Ehdr header;
  if (!file.read(0, header)) return std::nullopt;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return std::nullopt;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!file.read(header.e_phoff + std::uint64_t{i} * header.e_phentsize, segment)) return std::nullopt;
    if (segment.p_type != PT_NOTE) continue;
    if (auto id = build_id(file.range(segment.p_offset, segment.p_filesz))) return id;
  }
  return std::nullopt;
}

}  // namespace

std::string file_identity(const std::string& path) {
  const FileHead file(path);
  if (!file.is_readable()) return {};
  if (auto id = build_id(file)) return "build-id:" + *id;
  const auto& status = file.status();
  return "file:" + std::to_string(status.st_size) + ":" + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace cujitsu::nvrtc
