// SPDX-License-Identifier: MIT
#include "cache/entry_format.hpp"

#include "cache/frame.hpp"

namespace cujitsu {
namespace {

constexpr Tag entry_kind = "ENTR";

constexpr std::size_t parameter_bytes = 1 + 3 * 8 + 3 * 8 + 1;  // the least that one takes
constexpr std::size_t kernel_bytes = 2 * 8 + 8 + 4 + 3 * 8;     // likewise

void write_kernel(ByteWriter& writer, const KernelInfo& kernel) {
  writer.text(kernel.name);
  writer.text(kernel.lowered_name);
  writer.u64(kernel.signature.parameters.size());
  for (const auto& parameter : kernel.signature.parameters) {
    writer.u8(static_cast<std::uint8_t>(parameter.kind));
    writer.u64(parameter.size);
    writer.u64(parameter.alignment);
    writer.u64(parameter.offset);
    writer.text(parameter.c_type);
    writer.text(parameter.name);
    writer.text(parameter.pointee);
    writer.u8(parameter.pointee_is_const ? 1 : 0);
  }
  writer.i32(kernel.resources.registers);
  writer.u64(kernel.resources.shared_bytes);
  writer.u64(kernel.resources.local_bytes);
  writer.u64(kernel.resources.constant_bytes);
}

ParameterKind read_parameter_kind(ByteReader& reader) {
  const auto value = reader.u8();
  if (value > static_cast<std::uint8_t>(ParameterKind::unknown)) throw FormatError("an unknown parameter kind");
  return static_cast<ParameterKind>(value);
}

KernelInfo read_kernel(ByteReader& reader) {
  KernelInfo kernel;
  kernel.name = reader.text();
  kernel.lowered_name = reader.text();
  kernel.signature.kernel = kernel.name;
  kernel.signature.parameters.resize(reader.count(parameter_bytes));
  for (auto& parameter : kernel.signature.parameters) {
    parameter.kind = read_parameter_kind(reader);
    parameter.size = reader.u64();
    parameter.alignment = reader.u64();
    parameter.offset = reader.u64();
    parameter.c_type = reader.text();
    parameter.name = reader.text();
    parameter.pointee = reader.text();
    parameter.pointee_is_const = reader.u8() != 0;
  }
  kernel.resources.registers = reader.i32();
  kernel.resources.shared_bytes = reader.u64();
  kernel.resources.local_bytes = reader.u64();
  kernel.resources.constant_bytes = reader.u64();
  return kernel;
}

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

std::vector<KernelInfo> read_kernels(std::string_view section) {
  ByteReader reader(section);
  std::vector<KernelInfo> kernels(reader.count(kernel_bytes));
  for (auto& kernel : kernels) kernel = read_kernel(reader);
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

std::string encode_entry(std::string_view material, const CompiledCode& code, std::int64_t created) {
  FrameWriter frame(entry_kind, material.size() + code.ptx.size() + code.cubin.size() + code.log.size() + 4096);
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
  frame.section("PTX ", code.ptx);
  frame.section("CUBN", code.cubin);
  frame.section("LOG ", code.log);
  frame.section("KERN", [&](ByteWriter& writer) {
    writer.u64(code.kernels.size());
    for (const auto& kernel : code.kernels) write_kernel(writer, kernel);
  });
  frame.section("NAME", [&](ByteWriter& writer) { writer.pairs(code.lowered_names); });
  frame.section("GLOB", [&](ByteWriter& writer) { writer.pairs(code.globals); });
  return std::move(frame).finish();
}

StoredEntry decode_entry(std::string_view file) {
  const Frame frame(entry_kind, file);
  StoredEntry entry;
  entry.material = frame.section("KEYM");
  read_meta(frame.section("META"), entry);
  entry.code.ptx = frame.section("PTX ");
  entry.code.cubin = frame.section("CUBN");
  entry.code.log = frame.section("LOG ");
  entry.code.kernels = read_kernels(frame.section("KERN"));
  entry.code.lowered_names = read_pairs(frame.section("NAME"));
  entry.code.globals = read_pairs(frame.section("GLOB"));
  return entry;
}

}  // namespace cujitsu
