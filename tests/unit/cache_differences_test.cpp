// SPDX-License-Identifier: MIT
// What is said of the difference between two compiles.
#include "cache/differences.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cujitsu;
using test::sample_material;

/// One compile with its closure.
struct Side {
  KeyMaterial key = sample_material();
  ClosureRecord closure;
  std::string compiler = "13.0";
};

HeaderRecord header(std::string path, std::string text, bool is_toolkit = false) {
  HeaderRecord record;
  record.path = std::move(path);
  record.hash = strong_hash(text);
  record.text = std::move(text);
  record.is_toolkit = is_toolkit;
  return record;
}

Side sample() {
  Side side;
  side.key.source = "one\ntwo\nthree\n";
  side.closure.headers = {header("include/b.h", "a\nb\nc\n"), header("include/deep/c.h", "c\n"),
                          header("/usr/local/cuda/include/cuda_fp16.h", "f\n", true)};
  side.closure.absent = {"first/b.h", "first/deep/c.h"};
  return side;
}

std::vector<std::string> after(const std::function<void(Side&)>& change) {
  const auto before = sample();
  auto changed = sample();
  change(changed);
  return differences({before.key, before.closure, before.compiler}, {changed.key, changed.closure, changed.compiler});
}

using Phrases = std::vector<std::string>;

}  // namespace

TEST_CASE("equal compiles differ in nothing", "[cache][explain]") {
  CHECK(after([](Side&) {}).empty());
}

TEST_CASE("each input of a compile has a phrase of its own", "[cache][explain]") {
  CHECK(after([](Side& s) { s.key.source = "one\n2\nthree\n"; }) == Phrases{"source line 2 changed"});
  CHECK(after([](Side& s) { s.key.options.options.emplace_back("-O1"); }) == Phrases{"option -O1 added"});
  CHECK(after([](Side& s) { s.key.options.options.pop_back(); }) == Phrases{"option -DN=4 removed"});
  CHECK(after([](Side& s) { std::swap(s.key.options.options[0], s.key.options.options[1]); }) ==
        Phrases{"options in another order"});
  CHECK(after([](Side& s) { s.key.options.arch = "sm_80"; }) == Phrases{"architecture sm_90 → sm_80"});
  CHECK(after([](Side& s) { s.key.options.include_dirs.emplace_back("more"); }) ==
        Phrases{"include folder more added"});
  CHECK(after([](Side& s) { s.key.options.name_expressions.pop_back(); }) ==
        Phrases{"name expression scale<double> removed"});
  CHECK(after([](Side& s) { s.key.options.headers[0].text = "#define ONE 2\n"; }) ==
        Phrases{"header in memory one.h line 1 changed"});
  CHECK(after([](Side& s) { s.key.options.headers.pop_back(); }) == Phrases{"header in memory empty.h removed"});
  CHECK(after([](Side& s) { s.key.options.headers.push_back({"new.h", ""}); }) ==
        Phrases{"header in memory new.h added"});
  CHECK(after([](Side& s) { std::swap(s.key.options.headers[0], s.key.options.headers[1]); }) ==
        Phrases{"headers in memory in another order"});
  CHECK(after([](Side& s) { s.key.options.hermetic = true; }) == Phrases{"hermetic now"});
  CHECK(after([](Side& s) { s.key.options.name = "b.cu"; }) == Phrases{"name scale.cu → b.cu"});
  CHECK(after([](Side& s) { s.compiler = "13.1"; }) == Phrases{"NVRTC 13.0 → 13.1"});
  CHECK(after([](Side& s) { s.key.closure.compiler_identity = "other"; }) == Phrases{"another build of NVRTC 13.0"});
  CHECK(after([](Side& s) { ++s.key.revision; }) == Phrases{"made by other rules of cujitsu (revision 2 → 3)"});
  CHECK(after([](Side& s) { s.key.compiler_options.emplace_back("--generate-line-info"); }) ==
        Phrases{"NVRTC option --generate-line-info added"});
}

TEST_CASE("each way in which headers change has a phrase of its own", "[cache][explain]") {
  CHECK(after([](Side& s) { s.closure.headers[0] = header("include/b.h", "a\nb\nd\n"); }) ==
        Phrases{"header include/b.h line 3 changed"});
  CHECK(after([](Side& s) {
          s.closure.headers[0].hash = strong_hash("other");
          s.closure.headers[0].text.clear();  // too long to be kept
        }) == Phrases{"header include/b.h changed"});
  CHECK(after([](Side& s) { s.closure.headers.push_back(header("include/new.h", "")); }) ==
        Phrases{"header include/new.h is included now"});
  CHECK(after([](Side& s) { s.closure.headers.erase(s.closure.headers.begin() + 1); }) ==
        Phrases{"header include/deep/c.h is not included any more"});
  CHECK(after([](Side& s) {
          s.closure.headers.erase(s.closure.headers.begin() + 1);
          s.closure.absent.emplace_back("include/deep/c.h");
        }) == Phrases{"header include/deep/c.h is gone"});
  CHECK(after([](Side& s) { s.closure.headers[0].path = "first/b.h"; }) ==
        Phrases{"header first/b.h is there now and found before include/b.h"});
  CHECK(after([](Side& s) { s.closure.headers[2].hash = strong_hash("other"); }) ==
        Phrases{"one of the toolkit's headers changed"});
  CHECK(after([](Side& s) { s.closure.absent.emplace_back("second/b.h"); }) ==
        Phrases{"headers are looked for in other places"});
}

TEST_CASE("changed lines are told by their numbers", "[cache][explain]") {
  CHECK(text_difference("a\nb\nc\n", "a\nb\nc\n").empty());
  CHECK(text_difference("a\nb\nc\n", "a\nx\nc\n") == "line 2 changed");
  CHECK(text_difference("a\nb\nc\n", "a\nx\ny\nc\n") == "lines 2 to 3 changed");
  CHECK(text_difference("a\nb\n", "a\nb\nc\n") == "line 3 added");
  CHECK(text_difference("a\na\na\n", "a\na\n") == "line 3 removed");
  CHECK(text_difference("", "a\nb\n") == "lines 1 to 2 added");
  CHECK(text_difference("a\nb", "a\nb\n") == "changed in the end of its last line");
}

TEST_CASE("texts are alike as far as their first and last lines are", "[cache][explain]") {
  CHECK(likeness("a\nb\nc\nd\n", "a\nx\nc\nd\n") == 0.75);
  CHECK(likeness("a\n", "b\n") == 0);
  CHECK(likeness("", "") == 1);
}
