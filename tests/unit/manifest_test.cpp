// SPDX-License-Identifier: MIT
// Manifests: what is written is read again, and whatever else is there is told by its line.
#include "module/manifest.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>

#include <string>

namespace {

using namespace cujitsu;
using Catch::Matchers::ContainsSubstring;

CompileOptions every_option() {
  CompileOptions options;
  options.options = {"--use_fast_math", "-DTEXT=\"a\\b\""};
  options.include_dirs = {"include", "/opt/hé"};
  options.headers = {{"one.h", "#define ONE 1\n"}, {"bytes.h", "// \xff\xfe\n"}};
  options.name_expressions = {"scale<float>"};
  options.arch = "sm_90";
  options.name = "scale.cu";
  options.hermetic = true;
  return options;
}

std::string manifest_of(const std::string& lines) { return manifest_first_line() + "\n" + lines; }

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_manifest(text, "m.jsonl"));
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a manifest's line gives back the compile, bytes that are no UTF-8 included") {
  const std::string source("__global__ void f() {}  // \t\"\x80\xff\r\n", 34);
  const auto line = manifest_line(source, every_option());
  CHECK(line.find('\n') == std::string::npos);
  const auto manifest = parse_manifest(manifest_of(line + "\n"), "m.jsonl");
  CHECK(manifest.problems.empty());
  REQUIRE(manifest.compiles.size() == 1);
  CHECK(manifest.compiles[0].source == source);
  CHECK(test::same_options(manifest.compiles[0].options, every_option()));
  CHECK(manifest.compiles[0].options.hermetic);
}

TEST_CASE("what is empty is left out of a manifest's line, and the name comes first") {
  CHECK(manifest_line("x", {}) == R"({"name":"kernel.cu","source":"x"})");
  CHECK(manifest_first_line() == R"({"cujitsu_manifest":1})");
}

TEST_CASE("a compile that is there twice is read once, also when somebody wrote it otherwise") {
  const auto manifest = parse_manifest(manifest_of("{\"name\":\"kernel.cu\",\"source\":\"x\"}\n\n"
                                                   "{ \"source\": \"x\" }\r\n" +
                                                   manifest_first_line() + "\n" + manifest_line("y", {})),
                                       "m.jsonl");
  CHECK(manifest.problems.empty());
  CHECK(manifest.compiles.size() == 2);
}

TEST_CASE("a line that is no compile is told by its number, and the others are read") {
  const auto manifest = parse_manifest(manifest_of("{\"name\":\"half\n"
                                                   "{\"name\":\"a.cu\"}\n"
                                                   "[1]\n"
                                                   "{\"source\":\"x\",\"colour\":\"red\"}\n"
                                                   "{\"source\":\"x\",\"options\":\"-G\"}\n"
                                                   "{\"source\":3}\n"
                                                   "{\"source\":{\"hex\":\"0g\"}}\n"
                                                   "{\"source\":\"x\",\"headers\":[[\"a\"]]}\n"
                                                   "{\"source\":\"x\",\"hermetic\":1}\n"
                                                   "<<<<<<< HEAD\n" +
                                                   manifest_line("good", {}) + "\n"),
                                       "m.jsonl");
  CHECK(manifest.compiles.size() == 1);
  REQUIRE(manifest.problems.size() == 10);
  CHECK(manifest.problems[0] == "m.jsonl:2 is left out: it is no JSON");
  CHECK(manifest.problems[1] == "m.jsonl:3 is left out: it has no 'source'");
  CHECK(manifest.problems[3] == "m.jsonl:5 is left out: it has a member 'colour' that this cujitsu does not know");
  CHECK(manifest.problems[4] == "m.jsonl:6 is left out: 'options' is no list");
  CHECK(manifest.problems[8] == "m.jsonl:10 is left out: 'hermetic' is neither true nor false");
  CHECK(manifest.problems[9] == "m.jsonl:11 is left out: it is no JSON");
}

TEST_CASE("what is no manifest, or one of another version, is refused") {
  CHECK_THAT(refusal("{\"cujitsu_manifest\":2}\n"), ContainsSubstring("version 2, and this cujitsu reads version 1"));
  CHECK_THAT(refusal("__global__ void f() {}\n"), ContainsSubstring("m.jsonl is no manifest: its first line is not"));
  CHECK_THAT(refusal(manifest_line("x", {}) + "\n"), ContainsSubstring("is no manifest"));
  CHECK_THAT(refusal("\n\n"), ContainsSubstring("is no manifest: it is empty"));
  CHECK_THROWS_AS(static_cast<void>(read_manifest("/nowhere/m.jsonl")), ArgumentError);
}
