// SPDX-License-Identifier: MIT
#include "cache/key_material.hpp"

#include "base/hash.hpp"
#include "cache/byte_stream.hpp"

namespace cujitsu {

std::string KeyMaterial::serialize() const {
  ByteWriter writer;
  std::size_t bytes = source.size() + 1024;  // a guess: one allocation for most programs
  for (const auto& header : options.headers) bytes += header.name.size() + header.text.size() + 16;
  writer.reserve(bytes);
  writer.u32(revision);
  writer.text(source);
  writer.texts(options.options);
  writer.texts(options.include_dirs);
  writer.u64(options.headers.size());
  for (const auto& header : options.headers) {
    writer.text(header.name);
    writer.text(header.text);
  }
  writer.texts(options.name_expressions);
  writer.text(options.arch);
  writer.text(options.name);
  writer.texts(compiler_options);
  writer.text(compiler_identity);
  writer.text(header_identity);
  return std::move(writer).bytes();
}

KeyMaterial KeyMaterial::deserialize(std::string_view bytes) {
  ByteReader reader(bytes);
  KeyMaterial result;
  result.revision = reader.u32();
  result.source = reader.text();
  result.options.options = reader.texts();
  result.options.include_dirs = reader.texts();
  for (auto& [name, text] : reader.pairs()) result.options.headers.push_back({std::move(name), std::move(text)});
  result.options.name_expressions = reader.texts();
  result.options.arch = reader.text();
  result.options.name = reader.text();
  result.compiler_options = reader.texts();
  result.compiler_identity = reader.text();
  result.header_identity = reader.text();
  reader.finish();
  return result;
}

CacheKey KeyMaterial::key() const {
  auto material = serialize();
  auto hex = to_hex(hash128(material));
  return {std::move(material), std::move(hex)};
}

}  // namespace cujitsu
