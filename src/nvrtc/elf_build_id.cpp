// SPDX-License-Identifier: MIT
#include "nvrtc/elf_build_id.hpp"

#include <fmt/format.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace cujitsu::nvrtc {
namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool read(std::uint64_t offset, std::span<char> bytes) const {
    return ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(bytes.size());
  }

 private:
  int descriptor_;
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
      std::string text;
      for (const char byte : notes.subspan(value_at, header.n_descsz))
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      return text;
    }
    notes = notes.subspan(end);
  }
  return std::nullopt;
}

std::optional<std::string> build_id(const File& file) {
  Elf64_Ehdr header;
  if (!file.read(0, {reinterpret_cast<char*>(&header), sizeof header})) return std::nullopt;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return std::nullopt;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    const auto at = header.e_phoff + std::uint64_t{i} * header.e_phentsize;
    if (!file.read(at, {reinterpret_cast<char*>(&segment), sizeof segment})) return std::nullopt;
    constexpr std::uint64_t sane = 64 * 1024;
    if (segment.p_type != PT_NOTE || segment.p_filesz > sane) continue;
    std::vector<char> notes(segment.p_filesz);
    if (!file.read(segment.p_offset, notes)) continue;
    if (auto id = build_id(std::span<const char>(notes))) return id;
  }
  return std::nullopt;
}

}  // namespace

std::string file_identity(const std::string& path) {
  const File file(path);
  struct stat status {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) return {};
  if (auto id = build_id(file)) return "build-id:" + *id;
  return fmt::format("file:{}:{}.{:09}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

}  // namespace cujitsu::nvrtc
