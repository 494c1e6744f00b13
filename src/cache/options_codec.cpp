// SPDX-License-Identifier: MIT
#include "cache/options_codec.hpp"

#include <utility>

namespace cujitsu {

void write_options(ByteWriter& writer, const CompileOptions& options) {
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
  writer.u8(options.hermetic ? 1 : 0);
}

CompileOptions read_options(ByteReader& reader) {
  CompileOptions options;
  options.options = reader.texts();
  options.include_dirs = reader.texts();
  for (auto& [name, text] : reader.pairs()) options.headers.push_back({std::move(name), std::move(text)});
  options.name_expressions = reader.texts();
  options.arch = reader.text();
  options.name = reader.text();
  options.hermetic = reader.u8() != 0;
  return options;
}

}  // namespace cujitsu
