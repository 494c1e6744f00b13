// SPDX-License-Identifier: MIT
#include "cache/closure_codec.hpp"

namespace cujitsu {
namespace {

constexpr std::size_t header_record_bytes = 8 + 1 + sizeof(StrongHash) + 5 * 8 + 1 + 8;  // the least that one takes

}  // namespace

void write_closure(ByteWriter& writer, const ClosureRecord& closure) {
  writer.u64(closure.headers.size());
  for (const auto& header : closure.headers) {
    writer.text(header.path);
    writer.u8(header.is_toolkit ? 1 : 0);
    writer.hash(header.hash);
    writer.u64(header.stamp.device);
    writer.u64(header.stamp.inode);
    writer.u64(header.stamp.bytes);
    writer.i64(header.stamp.modified_ns);
    writer.i64(header.stamp.changed_ns);
    writer.u8(header.stamp.settled ? 1 : 0);
    writer.text(header.text);
  }
  writer.texts(closure.present);
  writer.texts(closure.absent);
}

ClosureRecord read_closure(ByteReader& reader) {
  ClosureRecord closure;
  closure.headers.resize(reader.count(header_record_bytes));
  for (auto& header : closure.headers) {
    header.path = reader.text();
    header.is_toolkit = reader.u8() != 0;
    header.hash = reader.hash();
    header.stamp.device = reader.u64();
    header.stamp.inode = reader.u64();
    header.stamp.bytes = reader.u64();
    header.stamp.modified_ns = reader.i64();
    header.stamp.changed_ns = reader.i64();
    header.stamp.settled = reader.u8() != 0;
    header.text = reader.text();
  }
  closure.present = reader.texts();
  closure.absent = reader.texts();
  return closure;
}

}  // namespace cujitsu
