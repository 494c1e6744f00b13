// SPDX-License-Identifier: MIT
// What makes two compiles the same to the cache.
#include "base/byte_stream.hpp"
#include "cache/key_material.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace {

using cujitsu::KeyMaterial;
using cujitsu::test::sample_material;

}  // namespace

TEST_CASE("equal materials have equal keys of 32 digits", "[cache][key]") {
  const auto key = sample_material().key();
  CHECK(key.hex == sample_material().key().hex);
  CHECK(key.material == sample_material().serialize());
  CHECK(key.hex.size() == 32);
  CHECK(key.hex.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("the key of a known material is the same in every build", "[cache][key]") {
  CHECK(sample_material().key().hex == "bc3e879e5d5c0a33eb6b2349242e37c0");
  CHECK(KeyMaterial{}.key().hex == "99aa06d301472c518d093c9c3149b6cf");
}

TEST_CASE("every field changes the key", "[cache][key]") {
  const std::pair<const char*, std::function<void(KeyMaterial&)>> changes[] = {
      {"nothing", [](KeyMaterial&) {}},
      {"revision", [](KeyMaterial& m) { ++m.revision; }},
      {"source", [](KeyMaterial& m) { m.source += ' '; }},
      {"source with a zero byte", [](KeyMaterial& m) { m.source += '\0'; }},
      {"option text", [](KeyMaterial& m) { m.options.options[1] = "-DN=5"; }},
      {"option order", [](KeyMaterial& m) { std::swap(m.options.options[0], m.options.options[1]); }},
      {"option added", [](KeyMaterial& m) { m.options.options.emplace_back(); }},
      {"option moved to the folders",
       [](KeyMaterial& m) {
         m.options.include_dirs.insert(m.options.include_dirs.begin(), m.options.options.back());
         m.options.options.pop_back();
       }},
      {"folder order", [](KeyMaterial& m) { std::swap(m.options.include_dirs[0], m.options.include_dirs[1]); }},
      {"folder removed", [](KeyMaterial& m) { m.options.include_dirs.pop_back(); }},
      {"header name", [](KeyMaterial& m) { m.options.headers[0].name = "two.h"; }},
      {"header text", [](KeyMaterial& m) { m.options.headers[0].text = "#define ONE 2\n"; }},
      {"header order", [](KeyMaterial& m) { std::swap(m.options.headers[0], m.options.headers[1]); }},
      {"header removed", [](KeyMaterial& m) { m.options.headers.pop_back(); }},
      {"expression", [](KeyMaterial& m) { m.options.name_expressions[0] = "scale<int>"; }},
      {"expression order",
       [](KeyMaterial& m) { std::swap(m.options.name_expressions[0], m.options.name_expressions[1]); }},
      {"architecture", [](KeyMaterial& m) { m.options.arch = "sm_80"; }},
      {"name", [](KeyMaterial& m) { m.options.name = "other.cu"; }},
      {"compiler option", [](KeyMaterial& m) { m.compiler_options[0] = "--gpu-architecture=sm_80"; }},
      {"compiler option order", [](KeyMaterial& m) { std::swap(m.compiler_options[1], m.compiler_options[2]); }},
      {"compiler", [](KeyMaterial& m) { m.closure.compiler_identity = "libnvrtc.so.12"; }},
      {"hermetic", [](KeyMaterial& m) { m.options.hermetic = true; }},
      {"header read", [](KeyMaterial& m) { m.closure.headers[0].hash[0] ^= 1; }},
      {"header found elsewhere", [](KeyMaterial& m) { m.closure.headers[0].path = "/usr/b.h"; }},
      {"one header less", [](KeyMaterial& m) { m.closure.headers.pop_back(); }},
      {"headers in another order", [](KeyMaterial& m) { std::swap(m.closure.headers[0], m.closure.headers[1]); }},
      {"header that was only asked for", [](KeyMaterial& m) { m.closure.present.clear(); }},
      {"place where no header is", [](KeyMaterial& m) { m.closure.absent.pop_back(); }},
  };
  std::map<std::string, std::string> seen;
  for (const auto& [name, change] : changes) {
    auto material = sample_material();
    change(material);
    const auto [other, is_new] = seen.emplace(material.key().hex, name);
    INFO(name << " and " << other->second);
    CHECK(is_new);
  }
}

TEST_CASE("all keys of one source begin alike, and those of others do not", "[cache][key]") {
  const auto group = cujitsu::key_group(sample_material().source);
  CHECK(group.size() == cujitsu::group_digits);
  CHECK(sample_material().key().hex.starts_with(group));
  auto other = sample_material();
  other.options.arch = "sm_80";
  other.closure.headers.clear();
  CHECK(other.key().hex.starts_with(group));
  other.source += ' ';
  CHECK_FALSE(other.key().hex.starts_with(group));
}

TEST_CASE("a material begins with its request", "[cache][key]") {
  const auto material = sample_material();
  auto other = sample_material();
  other.closure = {};
  CHECK(other.serialize_request() == material.serialize_request());
  CHECK(material.serialize().starts_with(material.serialize_request()));
  CHECK(other.serialize().starts_with(material.serialize_request()));
}

TEST_CASE("moving the border between two texts changes the key", "[cache][key]") {
  KeyMaterial left;
  KeyMaterial right;
  left.options.options = {"ab", "c"};
  right.options.options = {"a", "bc"};
  CHECK(left.key().hex != right.key().hex);
  left.options.options = {"abc"};
  CHECK(left.key().hex != right.key().hex);

  KeyMaterial first;
  KeyMaterial second;
  first.options.arch = "sm_90a";
  second.options.arch = "sm_90";
  second.options.name = "a" + second.options.name;
  CHECK(first.key().hex != second.key().hex);
}

TEST_CASE("a material comes back from its bytes as it was", "[cache][key]") {
  const auto material = sample_material();
  const auto read = KeyMaterial::deserialize(material.serialize());
  CHECK(read.source == material.source);
  CHECK(cujitsu::test::same_options(read.options, material.options));
  CHECK(read.compiler_options == material.compiler_options);
  CHECK(read.closure == material.closure);
  CHECK(read.revision == material.revision);
}

TEST_CASE("material bytes that were cut or made longer are refused", "[cache][key]") {
  const auto bytes = sample_material().serialize();
  for (std::size_t length = 0; length < bytes.size(); ++length)
    REQUIRE_THROWS_AS(KeyMaterial::deserialize(std::string_view(bytes).substr(0, length)), cujitsu::FormatError);
  CHECK_THROWS_AS(KeyMaterial::deserialize(bytes + '\0'), cujitsu::FormatError);
}
