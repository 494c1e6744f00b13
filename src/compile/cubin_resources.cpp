// SPDX-License-Identifier: MIT
// A cubin is an ELF file; the layout of its .nv.info sections is undocumented but stable since CUDA 8. Checked against
// cuobjdump --dump-resource-usage of CUDA 13.0 and against cuKernelGetAttribute (driver 580) by tests.
#include "compile/cubin_resources.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace cujitsu::compiler {
namespace {

constexpr std::string_view text_prefix = ".text.";
constexpr std::string_view shared_prefix = ".nv.shared.";
constexpr std::string_view constant_prefix = ".nv.constant0.";

// .nv.info holds records: format (1 byte), attribute (1 byte), then for format 4 a 2-byte size and so many bytes. These
// attributes hold a symbol's index and a number.
constexpr unsigned char format_sized = 0x04;
constexpr unsigned char attribute_register_count = 0x2f;
constexpr unsigned char attribute_frame_size = 0x11;

// From compute capability 9.0 on the section of a kernel that uses shared memory begins with this much for the system,
// which is not the kernel's own and which cuFuncGetAttribute does not count (driver 580).
constexpr std::string_view reserved_shared = ".nv.shared.reserved.0";
constexpr std::size_t reserved_shared_bytes = 1024;

template <class T>
std::optional<T> read(std::string_view bytes, std::uint64_t offset) {
  T value;
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

class Cubin {
 public:
  explicit Cubin(std::string_view bytes) : bytes_(bytes) {
    const auto header = read<Elf64_Ehdr>(bytes, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
      return;
    for (unsigned i = 0; i < header->e_shnum; ++i) {
      const auto section = read<Elf64_Shdr>(bytes, header->e_shoff + std::uint64_t{i} * header->e_shentsize);
      if (!section) return;
      sections_.push_back(*section);
    }
    names_ = header->e_shstrndx;
  }

  [[nodiscard]] const std::vector<Elf64_Shdr>& sections() const noexcept { return sections_; }

  [[nodiscard]] std::string_view content(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS || section.sh_offset > bytes_.size()) return {};
    return bytes_.substr(section.sh_offset, section.sh_size);
  }

  [[nodiscard]] std::string_view name(const Elf64_Shdr& section) const { return string(names_, section.sh_name); }

  [[nodiscard]] std::string_view symbol_name(std::uint32_t symbol) const {
    for (const auto& section : sections_)
      if (section.sh_type == SHT_SYMTAB) {
        const auto entry = read<Elf64_Sym>(content(section), std::uint64_t{symbol} * sizeof(Elf64_Sym));
        return entry ? string(section.sh_link, entry->st_name) : std::string_view();
      }
    return {};
  }

 private:
  [[nodiscard]] std::string_view string(std::uint32_t table, std::uint32_t offset) const {
    if (table >= sections_.size()) return {};
    const auto strings = content(sections_[table]);
    if (offset >= strings.size()) return {};
    const auto rest = strings.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }

  std::string_view bytes_;
  std::vector<Elf64_Shdr> sections_;
  std::uint32_t names_ = 0;
};

using Resources = std::map<std::string, KernelResources, std::less<>>;

void read_info(const Cubin& cubin, std::string_view info, Resources& resources) {
  while (info.size() >= 4) {
    const auto format = static_cast<unsigned char>(info[0]);
    const auto attribute = static_cast<unsigned char>(info[1]);
    const auto size = format == format_sized ? *read<std::uint16_t>(info, 2) : std::uint16_t{0};
    if (format == format_sized && size >= 8 &&
        (attribute == attribute_register_count || attribute == attribute_frame_size)) {
      const auto symbol = read<std::uint32_t>(info, 4);
      const auto value = read<std::uint32_t>(info, 8);
      if (!symbol || !value) return;
      if (const auto it = resources.find(cubin.symbol_name(*symbol)); it != resources.end()) {
        if (attribute == attribute_register_count)
          it->second.registers = static_cast<int>(*value);
        else
          it->second.local_bytes = *value;
      }
    }
    info.remove_prefix(std::min<std::size_t>(info.size(), 4 + std::size_t{size}));
  }
}

}  // namespace

std::map<std::string, KernelResources, std::less<>> read_resources(std::string_view bytes) {
  const Cubin cubin(bytes);
  Resources resources;
  for (const auto& section : cubin.sections())
    if (const auto name = cubin.name(section); name.starts_with(text_prefix))
      resources.emplace(name.substr(text_prefix.size()), KernelResources());
  const auto of = [&](std::string_view name, std::string_view prefix) -> KernelResources* {
    if (!name.starts_with(prefix)) return nullptr;
    const auto it = resources.find(name.substr(prefix.size()));
    return it == resources.end() ? nullptr : &it->second;
  };
  const bool reserves = std::ranges::any_of(
      cubin.sections(), [&](const Elf64_Shdr& section) { return cubin.name(section) == reserved_shared; });
  for (const auto& section : cubin.sections()) {
    const auto name = cubin.name(section);
    if (auto* kernel = of(name, shared_prefix))
      kernel->shared_bytes = section.sh_size - (reserves ? std::min(reserved_shared_bytes, section.sh_size) : 0);
    if (auto* kernel = of(name, constant_prefix)) kernel->constant_bytes = section.sh_size;
    if (name == ".nv.info") read_info(cubin, cubin.content(section), resources);
  }
  return resources;
}

}  // namespace cujitsu::compiler
