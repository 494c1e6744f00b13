// SPDX-License-Identifier: MIT
// The files of the cache, byte by byte.
#include "base/byte_stream.hpp"
#include "base/hash.hpp"
#include "cache/entry_format.hpp"
#include "cache/entry_head.hpp"
#include "cache/frame.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cujitsu;
using test::same_code;
using test::sample_code;
using test::sample_material;

constexpr std::int64_t sample_created = 1'700'000'000;

std::string sample_entry() {
  return encode_entry(sample_material().serialize(), sample_code(), sample_created, test::sample_closure());
}

constexpr std::size_t hash_bytes = sizeof(StrongHash);

/// `file` with the hash that its other bytes ask for.
std::string sealed(std::string file, const FrameKey* key = nullptr) {
  const auto hash =
      strong_hash(std::string_view(file).substr(0, file.size() - hash_bytes), key != nullptr ? &key->secret : nullptr);
  for (std::size_t i = 0; i < hash.size(); ++i) file[file.size() - hash_bytes + i] = static_cast<char>(hash[i]);
  return file;
}

FrameKey sample_key(unsigned char first) {
  FrameKey key;
  key.secret[0] = first;
  key.id = first;
  return key;
}

std::string golden(const char* name) { return std::string(CUJITSU_TEST_DATA_DIR) + '/' + name; }

}  // namespace

TEST_CASE("numbers are stored little-endian and come back", "[cache][format]") {
  ByteWriter writer;
  writer.u8(0xfe);
  writer.u32(0x01020304);
  writer.u64(0x1122334455667788);
  writer.i32(-2);
  writer.i64(std::numeric_limits<std::int64_t>::min());
  writer.f64(1.0);
  writer.text("ab");
  const auto& bytes = writer.bytes();
  CHECK(bytes.substr(0, 5) == "\xfe\x04\x03\x02\x01");
  CHECK(bytes.substr(5, 8) == "\x88\x77\x66\x55\x44\x33\x22\x11");
  ByteReader reader(bytes);
  CHECK(reader.u8() == 0xfe);
  CHECK(reader.u32() == 0x01020304);
  CHECK(reader.u64() == 0x1122334455667788);
  CHECK(reader.i32() == -2);
  CHECK(reader.i64() == std::numeric_limits<std::int64_t>::min());
  CHECK(reader.f64() == 1.0);
  CHECK(reader.text() == "ab");
  reader.finish();
  CHECK_THROWS_AS(reader.u8(), FormatError);
}

TEST_CASE("an entry comes back with every field", "[cache][format]") {
  const auto material = sample_material().serialize();
  const auto file = sample_entry();
  const auto entry = decode_entry(file);
  CHECK(entry.material == material);
  CHECK(entry.created == sample_created);
  CHECK(same_code(entry.code, sample_code()));
  const auto closure = test::sample_closure();
  REQUIRE(entry.closure.headers.size() == closure.headers.size());
  for (std::size_t i = 0; i < closure.headers.size(); ++i) {
    CHECK(entry.closure.headers[i].path == closure.headers[i].path);
    CHECK(entry.closure.headers[i].hash == closure.headers[i].hash);
    CHECK(entry.closure.headers[i].is_toolkit == closure.headers[i].is_toolkit);
    CHECK(entry.closure.headers[i].stamp == closure.headers[i].stamp);
    CHECK(entry.closure.headers[i].text == closure.headers[i].text);
  }
  const std::vector<HeaderFile> headers{{"/opt/headers/b.h", 11, false}, {"include/c.h", 5, true}};
  CHECK(entry.code.headers == headers);
  CHECK(entry.closure.present == closure.present);
  CHECK(entry.closure.absent == closure.absent);
}

TEST_CASE("an entry without anything in it comes back", "[cache][format]") {
  const auto file = encode_entry(KeyMaterial{}.serialize(), {}, 0, {});
  const auto entry = decode_entry(file);
  CHECK(entry.closure.headers.empty());
  CHECK(same_code(entry.code, {}));
}

TEST_CASE("every flipped byte of an entry is noticed", "[cache][format]") {
  const auto file = sample_entry();
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      CAPTURE(i, mask);
      REQUIRE_THROWS_AS(decode_entry(damaged), FormatError);
    }
}

TEST_CASE("an entry cut at any length or made longer is noticed", "[cache][format]") {
  const auto file = sample_entry();
  for (std::size_t length = 0; length < file.size(); ++length) {
    CAPTURE(length);
    REQUIRE_THROWS_AS(decode_entry(std::string_view(file).substr(0, length)), FormatError);
  }
  CHECK_THROWS_AS(decode_entry(file + '\0'), FormatError);
  CHECK_THROWS_AS(decode_entry(file + file), FormatError);
}

TEST_CASE("wrong bytes under a right checksum are read within bounds", "[cache][format]") {
  // What a bug or a forger could write. The content may differ; what must not happen is a crash, a read past the end
  // (the sanitizers see that) or an allocation as large as a length says.
  const auto file = sample_entry();
  std::size_t refused = 0;
  for (std::size_t i = 0; i + hash_bytes < file.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto forged = file;
      forged[i] = static_cast<char>(forged[i] ^ mask);
      try {
        const auto entry = decode_entry(forged = sealed(std::move(forged)));
        static_cast<void>(KeyMaterial::deserialize(entry.material));
      } catch (const FormatError&) {
        ++refused;
      }
    }
  CHECK(refused > 0);
  for (std::size_t i = 0; i + hash_bytes + 8 < file.size(); ++i) {
    auto forged = file;
    forged.replace(i, 8, 8, '\xff');
    try {
      const auto entry = decode_entry(forged = sealed(std::move(forged)));
      static_cast<void>(KeyMaterial::deserialize(entry.material));
    } catch (const FormatError&) {
      ++refused;
    }
  }
}

TEST_CASE("a list longer than its file is refused before it is made", "[cache][format]") {
  ByteWriter writer;
  writer.u64(std::uint64_t{1} << 60);
  writer.text("the only one");
  CHECK_THROWS_AS(ByteReader(writer.bytes()).texts(), FormatError);
  CHECK_THROWS_AS(ByteReader(writer.bytes()).pairs(), FormatError);
}

TEST_CASE("a frame of another version, kind or magic is refused", "[cache][format]") {
  auto file = sample_entry();
  SECTION("magic") { file[1] = 'X'; }
  SECTION("version") { file[8] = 2; }
  SECTION("kind") { file[12] = 'X'; }
  SECTION("length") { file[24] = static_cast<char>(file[24] + 1); }
  CHECK_THROWS_AS(decode_entry(sealed(file)), FormatError);
}

TEST_CASE("sections that a reader does not know are passed over; twice the same is refused", "[cache][format]") {
  FrameWriter more("TEST", 0);
  more.section("ONE ", "first");
  more.section("NEW ", "from the future");
  const auto file = std::move(more).finish();
  const Frame frame("TEST", file);
  CHECK(frame.section("ONE ") == "first");
  CHECK_THROWS_AS(frame.section("TWO "), FormatError);

  FrameWriter twice("TEST", 0);
  twice.section("ONE ", "first");
  twice.section("ONE ", "second");
  CHECK_THROWS_AS(Frame("TEST", std::move(twice).finish()), FormatError);
}

TEST_CASE("an unknown parameter kind is refused", "[cache][format]") {
  auto code = sample_code();
  code.kernels[0].signature.parameters[0].kind = static_cast<ParameterKind>(5);
  CHECK_THROWS_AS(decode_entry(encode_entry({}, code, 0)), FormatError);
}

TEST_CASE("BLAKE2b is the one that everybody has", "[cache][format]") {
  // RFC 7693 gives the 512-bit one; this is `printf abc | b2sum -l 256`.
  CHECK(to_hex(strong_hash("abc")) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  CHECK(to_hex(strong_hash("")) == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  const HashSecret secret{1};
  CHECK(strong_hash("abc", &secret) != strong_hash("abc"));
  CHECK(equal_hashes(std::string(32, '\0'), StrongHash{}));
  CHECK_FALSE(equal_hashes(std::string(31, '\0'), StrongHash{}));
}

TEST_CASE("a keyed entry is read with its key and no other", "[cache][format][key]") {
  const auto key = sample_key(7);
  const auto other = sample_key(8);
  const auto material = sample_material().serialize();
  const auto file = encode_entry(material, sample_code(), sample_created, {}, &key);
  CHECK(same_code(decode_entry(file, &key).code, sample_code()));
  CHECK_THROWS_AS(decode_entry(file, &other), AuthenticationError);
  CHECK_THROWS_AS(decode_entry(file), AuthenticationError);
  CHECK_THROWS_AS(decode_entry(sample_entry(), &key), AuthenticationError);
  // A secret is what counts, not the id that stands in the file.
  auto impostor = other;
  impostor.id = key.id;
  CHECK_THROWS_AS(decode_entry(encode_entry(material, sample_code(), sample_created, {}, &impostor), &key),
                  FormatError);
  // Nor does an unkeyed hash in a file that says it is keyed.
  CHECK_THROWS_AS(decode_entry(sealed(file), &key), FormatError);
}

TEST_CASE("every flipped byte of a keyed entry is noticed", "[cache][format][key]") {
  const auto key = sample_key(7);
  const auto file = encode_entry(sample_material().serialize(), sample_code(), sample_created, {}, &key);
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      CAPTURE(i, mask);
      REQUIRE_THROWS_AS(decode_entry(damaged, &key), FormatError);
    }
}

TEST_CASE("no flipped byte makes an unkeyed entry look like another key's", "[cache][format][key]") {
  // Those are not removed when they can not be read; damaged ones are.
  const auto file = sample_entry();
  for (std::size_t i = 0; i < file.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      CAPTURE(i, bit);
      try {
        static_cast<void>(decode_entry(damaged));
        FAIL("not noticed");
      } catch (const AuthenticationError&) {
        FAIL("taken for another key's");
      } catch (const FormatError&) {}
    }
}

TEST_CASE("the head of an entry is read from its first bytes", "[cache][format][head]") {
  const auto file = sample_entry();
  std::size_t wanted = 0;
  const auto head = peek_head(std::string_view(file).substr(0, EntryHead::usual_bytes), wanted);
  REQUIRE(head.has_value());
  CHECK(wanted < EntryHead::usual_bytes);
  CHECK(head->created == sample_created);
  CHECK(head->seconds == sample_code().seconds);
  CHECK(head->compiler_major == 13);
  CHECK(head->name == "scale.cu");
  CHECK(head->arch == "sm_90");
  CHECK(head->kernels == std::vector<std::string>{"scale<float>", "plain"});
  CHECK(head->options == sample_material().options.options);
  CHECK(head->include_dirs == sample_material().options.include_dirs);
  CHECK(head->name_expressions == sample_material().options.name_expressions);
  CHECK_FALSE(head->is_shortened);
  std::size_t more = 0;
  CHECK_FALSE(peek_head(std::string_view(file).substr(0, 60), more).has_value());
  CHECK(more == wanted);
}

TEST_CASE("a head stays within one block, whatever is in the program", "[cache][format][head]") {
  auto material = sample_material();
  auto code = sample_code();
  material.options.name = std::string(10'000, 'n');
  for (int i = 0; i < 1000; ++i) {
    material.options.options.push_back("-DOPTION_" + std::to_string(i));
    material.options.include_dirs.push_back(std::string(300, 'i'));
    material.options.name_expressions.push_back(std::string(2000, 'e'));
    code.kernels.push_back(code.kernels.front());
  }
  const auto file = encode_entry(material.serialize(), code, sample_created);
  std::size_t wanted = 0;
  const auto head = peek_head(std::string_view(file).substr(0, EntryHead::usual_bytes), wanted);
  REQUIRE(head.has_value());
  CHECK(head->is_shortened);
  CHECK_FALSE(head->kernels.empty());
  CHECK_FALSE(head->options.empty());
}

TEST_CASE("a head that nobody has verified is read within bounds", "[cache][format][head]") {
  const auto file = sample_entry();
  const auto beginning = std::string(std::string_view(file).substr(0, EntryHead::usual_bytes));
  std::size_t refused = 0;
  const auto peek = [&](std::string_view bytes) {
    std::size_t wanted = 0;
    try {
      static_cast<void>(peek_head(bytes, wanted));
    } catch (const FormatError&) {
      ++refused;
    }
  };
  for (std::size_t length = 0; length < beginning.size(); ++length) peek(std::string_view(beginning).substr(0, length));
  for (std::size_t i = 0; i < beginning.size(); ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto forged = beginning;
      forged[i] = static_cast<char>(forged[i] ^ mask);
      peek(forged);
    }
  for (std::size_t i = 0; i + 8 < beginning.size(); ++i) {
    auto forged = beginning;
    forged.replace(i, 8, 8, '\xff');
    peek(forged);
  }
  CHECK(refused > 0);
}

TEST_CASE("files of older formats are refused, and their heads too", "[cache][format][golden]") {
  for (const char* name : {"golden-v1.entry", "golden-v2.entry"}) {
    CAPTURE(name);
    const auto file = test::contents(golden(name));
    REQUIRE(file.size() > 100);
    CHECK_THROWS_AS(decode_entry(file), FormatError);
    std::size_t wanted = 0;
    CHECK_THROWS_AS(peek_head(file, wanted), FormatError);
  }
}

TEST_CASE("the golden entry is read as it was written, and written as it was", "[cache][format][golden]") {
  const auto file = test::contents(golden("golden-v3.entry"));
  const auto entry = decode_entry(file);
  CHECK(entry.created == sample_created);
  CHECK(same_code(entry.code, sample_code()));
  const auto material = KeyMaterial::deserialize(entry.material);
  CHECK(material.source == sample_material().source);
  CHECK(test::same_options(material.options, sample_material().options));
  CHECK(file == sample_entry());
}

// Hidden: for a new format version, whose golden file then gets its number. Files of an old version are never rewritten.
TEST_CASE("write the golden file", "[.regenerate-golden]") { test::write(golden("golden-v3.entry"), sample_entry()); }
