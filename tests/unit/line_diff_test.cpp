// SPDX-License-Identifier: MIT
#include "base/line_diff.hpp"

#include "support/catch.hpp"

#include <random>
#include <string>
#include <string_view>

using namespace cujitsu;

namespace {

std::string diff(std::string_view before, std::string_view after, std::size_t context = 3) {
  return text::unified_diff(before, after, "a", "b", context);
}

/// One side of a diff that shows every line.
std::string side(std::string_view diff, char kind) {
  std::string result;
  while (!diff.empty()) {
    const auto line = diff.substr(0, diff.find('\n') + 1);
    diff.remove_prefix(line.size());
    if (line.starts_with("---") || line.starts_with("+++") || line.starts_with("@@")) continue;
    if (line[0] == ' ' || line[0] == kind) result += line.substr(1);
  }
  return result;
}

}  // namespace

TEST_CASE("Equal texts have no diff") {
  CHECK(diff("", "").empty());
  CHECK(diff("a\nb\n", "a\nb\n").empty());
}

TEST_CASE("A changed line is shown with the lines around it") {
  CHECK(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("Changes that lie apart make a hunk each, those that touch one") {
  const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  CHECK(diff(before, "one\n2\n3\n4\n5\n6\n7\n8\nnine\n", 1) ==
        "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n@@ -8,2 +8,2 @@\n 8\n-9\n+nine\n");
  CHECK(diff(before, "1\ntwo\n3\nfour\n5\n6\n7\n8\n9\n", 1) ==
        "--- a\n+++ b\n@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n-4\n+four\n 5\n");
}

TEST_CASE("Lines that are added to nothing, or leave nothing, count from zero") {
  CHECK(diff("", "x\n") == "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
  CHECK(diff("x\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
}

TEST_CASE("A missing end of the last line is a difference that is told") {
  CHECK(diff("x\n", "x") == "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n");
}

TEST_CASE("A diff of texts by chance holds both of them whole") {
  std::mt19937 random(20260722);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  for (int round = 0; round < 300; ++round) {
    const auto make = [&] {
      std::string text;
      for (auto lines = random() % 40; lines > 0; --lines) text += std::to_string(random() % 6) + '\n';
      return text;
    };
    const auto before = make();
    const auto after = make();
    const auto shown = diff(before, after, 1000);
    if (before == after) continue;
    INFO("round " << round);
    CHECK(side(shown, '-') == before);
    CHECK(side(shown, '+') == after);
  }
}

TEST_CASE("Texts that have nothing in common are shown as one removed and one added part") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + '\n';
    after += "b" + std::to_string(i) + '\n';
  }
  const auto shown = diff(before, after);
  CHECK(side(shown, '-') == before);
  CHECK(side(shown, '+') == after);
}
