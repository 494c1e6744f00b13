// SPDX-License-Identifier: MIT
#include "cache/error_codec.hpp"

#include <string>
#include <utility>

namespace cujitsu {
namespace {

constexpr std::size_t diagnostic_bytes = 5 * 8 + 2 * 4;  // the least that one takes

}  // namespace

void write_compile_error(ByteWriter& writer, std::string_view message, const CompileError::Details& details) {
  writer.text(message);
  writer.text(details.name);
  writer.text(details.log);
  writer.texts(details.options);
  writer.text(details.hint);
  writer.i32(details.code);
  writer.u64(details.diagnostics.size());
  for (const auto& diagnostic : details.diagnostics) {
    writer.text(diagnostic.file);
    writer.i32(diagnostic.line);
    writer.i32(diagnostic.column);
    writer.text(diagnostic.severity);
    writer.text(diagnostic.code);
    writer.text(diagnostic.text);
    writer.text(diagnostic.source);
  }
}

CompileError read_compile_error(ByteReader& reader) {
  const std::string message(reader.text());
  CompileError::Details details;
  details.name = reader.text();
  details.log = reader.text();
  details.options = reader.texts();
  details.hint = reader.text();
  details.code = reader.i32();
  details.diagnostics.resize(reader.count(diagnostic_bytes));
  for (auto& diagnostic : details.diagnostics) {
    diagnostic.file = reader.text();
    diagnostic.line = reader.i32();
    diagnostic.column = reader.i32();
    diagnostic.severity = reader.text();
    diagnostic.code = reader.text();
    diagnostic.text = reader.text();
    diagnostic.source = reader.text();
  }
  return {message, std::move(details)};
}

}  // namespace cujitsu
