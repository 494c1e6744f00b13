// SPDX-License-Identifier: MIT
#include "cache/entry_head.hpp"

#include "cache/entry_format.hpp"
#include "cache/frame.hpp"
#include "cache/key_material.hpp"

#include <utility>

namespace cujitsu {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;  // what a later writer may make of it
constexpr std::size_t name_bytes = 256;
constexpr std::size_t list_bytes = 800;  // four lists, two names and the frame's header make 4096 with some to spare

void shorten(std::string& text, std::size_t bytes, EntryHead& head) {
  if (text.size() <= bytes) return;
  text.resize(bytes);
  head.is_shortened = true;
}

void shorten(std::vector<std::string>& list, EntryHead& head) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    bytes += 8 + list[i].size();
    if (bytes <= list_bytes) continue;
    list.resize(i);
    head.is_shortened = true;
    return;
  }
}

}  // namespace

EntryHead make_head(const KeyMaterial& material, const CompiledCode& code, std::int64_t created,
                    std::uint64_t header_count) {
  EntryHead head;
  head.created = created;
  head.seconds = code.seconds;
  head.compiler_major = code.compiler.major;
  head.compiler_minor = code.compiler.minor;
  head.name = material.options.name;
  head.arch = material.options.arch;
  head.kernels.reserve(code.kernels.size());
  for (const auto& kernel : code.kernels) head.kernels.push_back(kernel.name);
  head.options = material.options.options;
  head.include_dirs = material.options.include_dirs;
  head.name_expressions = material.options.name_expressions;
  head.header_count = header_count;
  return head;
}

void write_head(ByteWriter& writer, EntryHead head) {
  shorten(head.name, name_bytes, head);
  shorten(head.arch, name_bytes, head);
  for (auto* list : {&head.kernels, &head.options, &head.include_dirs, &head.name_expressions}) shorten(*list, head);
  writer.i64(head.created);
  writer.f64(head.seconds);
  writer.i32(head.compiler_major);
  writer.i32(head.compiler_minor);
  writer.text(head.name);
  writer.text(head.arch);
  writer.texts(head.kernels);
  writer.texts(head.options);
  writer.texts(head.include_dirs);
  writer.texts(head.name_expressions);
  writer.u8(head.is_shortened ? 1 : 0);
  writer.u64(head.header_count);
}

EntryHead read_head(std::string_view section) {
  ByteReader reader(section);
  EntryHead head;
  head.created = reader.i64();
  head.seconds = reader.f64();
  head.compiler_major = reader.i32();
  head.compiler_minor = reader.i32();
  head.name = reader.text();
  head.arch = reader.text();
  head.kernels = reader.texts();
  head.options = reader.texts();
  head.include_dirs = reader.texts();
  head.name_expressions = reader.texts();
  head.is_shortened = reader.u8() != 0;
  head.header_count = reader.u64();
  reader.finish();
  return head;
}

std::optional<EntryHead> peek_head(std::string_view beginning, std::size_t& wanted) {
  const auto found = first_section(entry_kind, head_section, beginning, most_bytes);
  wanted = found.wanted;
  if (wanted > beginning.size()) return std::nullopt;
  return read_head(found.content);
}

}  // namespace cujitsu
