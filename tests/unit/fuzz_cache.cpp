// SPDX-License-Identifier: MIT
// Random bytes into what reads the cache's files, with libFuzzer: ./dev fuzz. What is behind a right hash is fuzzed too, as
// a bug or a forger could write it.
#include "base/hash.hpp"
#include "cache/byte_stream.hpp"
#include "cache/entry_format.hpp"
#include "cache/entry_head.hpp"
#include "cache/frame.hpp"
#include "cache/key_material.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace cujitsu;

/// `payload`, which should be sections, in a frame that is right.
std::string framed(Tag kind, std::string_view payload, const FrameKey* key) {
  // A frame without sections is a header and a hash; the header's last eight bytes are the length of what comes between.
  auto frame = FrameWriter(kind, 0, key).finish();
  frame.resize(frame.size() - sizeof(StrongHash));
  ByteWriter length;
  length.u64(payload.size());
  frame.replace(frame.size() - 8, 8, length.bytes());
  frame += payload;
  for (const auto byte : strong_hash(frame, key != nullptr ? &key->secret : nullptr)) frame += static_cast<char>(byte);
  return frame;
}

void read_entry(std::string_view file, const FrameKey* key) {
  try {
    const auto entry = decode_entry(file, key);
    // What was read can be written, and is read again as the same.
    const auto again = encode_entry({}, entry.code, entry.created, entry.closure, key);
    const auto second = decode_entry(again, key);
    if (second.created != entry.created || second.code.ptx != entry.code.ptx ||
        second.code.kernels != entry.code.kernels)
      std::abort();
    static_cast<void>(KeyMaterial::deserialize(entry.material).key());
  } catch (const FormatError&) {}
}

void peek(std::string_view beginning) {
  try {
    std::size_t wanted = 0;
    const auto head = peek_head(beginning, wanted);
    if (head.has_value() != (wanted <= beginning.size())) std::abort();
  } catch (const FormatError&) {}
}

template <class Read>
void tolerant(const Read& read) {
  try {
    read();
  } catch (const FormatError&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  FrameKey key;
  key.id = 7;
  switch (data[0] % 7) {
    case 0: read_entry(input, nullptr); break;
    case 1: read_entry(framed(entry_kind, input, nullptr), nullptr); break;
    case 2: read_entry(framed(entry_kind, input, &key), &key); break;
    case 3: peek(input); break;
    case 4: peek(framed(entry_kind, input, nullptr)); break;
    case 5:
      tolerant([&] { static_cast<void>(Frame(note_kind, framed(note_kind, input, nullptr)).section(note_section)); });
      break;
    case 6: tolerant([&] { static_cast<void>(KeyMaterial::deserialize(input).key()); }); break;
    default: break;
  }
  return 0;
}
