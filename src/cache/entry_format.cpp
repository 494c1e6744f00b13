// SPDX-License-Identifier: MIT
#include "cache/entry_format.hpp"

#include "cache/closure_codec.hpp"
#include "cache/entry_head.hpp"
#include "cache/kernel_codec.hpp"
#include "cache/key_material.hpp"

namespace cujitsu {
namespace {

void read_meta(std::string_view section, StoredEntry& entry) {
  ByteReader reader(section);
  entry.created = reader.i64();
  entry.code.seconds = reader.f64();
  entry.code.compiler.major = reader.i32();
  entry.code.compiler.minor = reader.i32();
  entry.code.compiler.library = reader.text();
  entry.code.arch = reader.text();
  entry.code.options = reader.texts();
  reader.finish();
}

std::vector<KernelInfo> read_kernel_section(std::string_view section) {
  ByteReader reader(section);
  auto kernels = read_kernels(reader);
  reader.finish();
  return kernels;
}

std::vector<std::pair<std::string, std::string>> read_pairs(std::string_view section) {
  ByteReader reader(section);
  auto result = reader.pairs();
  reader.finish();
  return result;
}

}  // namespace

CompiledCode as_hit(const std::string& key, CompiledCode code) {
  code.cache_status = CacheStatus::hit;
  code.cache_reason = "a stored entry has the same source, options, headers and compiler";
  code.cache_key = key;
  return code;
}

std::string encode_entry(std::string_view material, const CompiledCode& code, std::int64_t created,
                         const ClosureRecord& closure, const FrameKey* key) {
  const auto request = material.empty() ? KeyMaterial{} : KeyMaterial::deserialize(material);
  FrameWriter frame(entry_kind, material.size() + code.ptx.size() + code.cubin.size() + code.log.size() + 8192, key);
  frame.section(head_section, [&](ByteWriter& writer) {
    write_head(writer,
               make_head(request, code, created, request.options.headers.size() + request.closure.headers.size()));
  });
  frame.section("META", [&](ByteWriter& writer) {
    writer.i64(created);
    writer.f64(code.seconds);
    writer.i32(code.compiler.major);
    writer.i32(code.compiler.minor);
    writer.text(code.compiler.library);
    writer.text(code.arch);
    writer.texts(code.options);
  });
  frame.section("KEYM", material);
  frame.section("DEPS", [&](ByteWriter& writer) { write_closure(writer, closure); });
  frame.section("PTX ", code.ptx);
  frame.section("CUBN", code.cubin);
  frame.section("LOG ", code.log);
  frame.section("KERN", [&](ByteWriter& writer) { write_kernels(writer, code.kernels); });
  frame.section("NAME", [&](ByteWriter& writer) { writer.pairs(code.lowered_names); });
  frame.section("GLOB", [&](ByteWriter& writer) { writer.pairs(code.globals); });
  return std::move(frame).finish();
}

StoredEntry decode_entry(std::string_view file, const FrameKey* key) {
  const Frame frame(entry_kind, file, key);
  StoredEntry entry;
  static_cast<void>(read_head(frame.section(head_section)));
  entry.material = frame.section("KEYM");
  read_meta(frame.section("META"), entry);
  ByteReader records(frame.section("DEPS"));
  entry.closure = read_closure(records);
  records.finish();
  const auto split = KeyMaterial::split(entry.material);
  entry.request = entry.material.substr(0, split.request_bytes);
  entry.has_its_records = split.closure.describes(entry.closure);
  entry.compiler_identity = split.closure.compiler_identity;
  entry.code.ptx = frame.section("PTX ");
  entry.code.cubin = frame.section("CUBN");
  entry.code.log = frame.section("LOG ");
  entry.code.kernels = read_kernel_section(frame.section("KERN"));
  entry.code.lowered_names = read_pairs(frame.section("NAME"));
  entry.code.globals = read_pairs(frame.section("GLOB"));
  for (const auto& header : entry.closure.headers)
    entry.code.headers.push_back({header.path, header.stamp.bytes, header.is_toolkit});
  return entry;
}

}  // namespace cujitsu
