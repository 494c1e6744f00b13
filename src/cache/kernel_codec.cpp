// SPDX-License-Identifier: MIT
#include "cache/kernel_codec.hpp"

namespace cujitsu {
namespace {

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

}  // namespace

void write_kernels(ByteWriter& writer, const std::vector<KernelInfo>& kernels) {
  writer.u64(kernels.size());
  for (const auto& kernel : kernels) write_kernel(writer, kernel);
}

std::vector<KernelInfo> read_kernels(ByteReader& reader) {
  std::vector<KernelInfo> kernels(reader.count(kernel_bytes));
  for (auto& kernel : kernels) kernel = read_kernel(reader);
  return kernels;
}

}  // namespace cujitsu
