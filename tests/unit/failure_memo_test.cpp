// SPDX-License-Identifier: MIT
// Errors that are remembered, for how long, and which ones are not.
#include "cache/failure_memo.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <string>

namespace {

using namespace cujitsu;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::TemporaryFolder;

CompileError sample_error(std::string log = "a.cu(3): error: identifier \"x\" is undefined\n", int code = 6) {
  Diagnostic first{"a.cu", 3, 7, "error", "20", "identifier \"x\" is undefined", "  x = 1;"};
  Diagnostic second{"b.h", 30, 0, "warning", "", "unused", ""};
  return {"a.cu does not compile\nhint: declare x",
          {"a.cu", std::move(log), {"-O1", "-DX=\"\n\""}, {first, second}, "declare x", code}};
}

/// Equal to `sample_error`, but for the sentence at the end.
void check_remembered(const std::optional<CompileError>& error, const CompileError& first = sample_error()) {
  REQUIRE(error);
  CHECK(std::string(error->what()).starts_with(first.what()));
  CHECK_THAT(error->what(), ContainsSubstring("remembered") && ContainsSubstring("CUJITSU_CACHE_FAILURES=0"));
  CHECK(error->name() == first.name());
  CHECK(error->log() == first.log());
  CHECK(error->options() == first.options());
  CHECK(error->code() == first.code());
  CHECK(error->hint().starts_with(first.hint()));
  CHECK_THAT(error->hint(), ContainsSubstring("remembered"));
  REQUIRE(error->diagnostics().size() == first.diagnostics().size());
  for (std::size_t i = 0; i < first.diagnostics().size(); ++i) {
    const auto& now = error->diagnostics()[i];
    const auto& then = first.diagnostics()[i];
    CHECK(now.file == then.file);
    CHECK(now.line == then.line);
    CHECK(now.column == then.column);
    CHECK(now.severity == then.severity);
    CHECK(now.code == then.code);
    CHECK(now.text == then.text);
    CHECK(now.source == then.source);
  }
}

/// A folder, a clock, and two memos that share both as two processes would.
struct Two {
  TemporaryFolder folder;
  KernelCache::Store store{folder / "root"};
  FailureMemo::Milliseconds now{1'000'000};
  FailureMemo::Clock clock = [this] { return now; };
  FailureMemo first{10s, clock};
  FailureMemo second{10s, clock};
};

}  // namespace

TEST_CASE("an error is remembered by the process and by others, with all its details", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", sample_error());
  two.now += 3200ms;
  check_remembered(two.first.find_in_process("program"));
  CHECK_FALSE(two.second.find_in_process("program"));
  const auto error = two.second.find_in_folder(two.store, "program");
  check_remembered(error);
  CHECK_THAT(error->what(), ContainsSubstring("3.2 s old"));
}

TEST_CASE("an error without a hint gets the sentence as its hint", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", CompileError("broken", {"a.cu", "a.cu(1): error: x", {}, {}, "", 6}));
  const auto error = two.first.find_in_process("program");
  REQUIRE(error);
  CHECK_THAT(error->hint(), Catch::Matchers::StartsWith("This error is 0.0 s old"));
}

TEST_CASE("another program's error is not remembered, nor one with the same hash", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", sample_error());
  CHECK_FALSE(two.first.find_in_process("program "));
  CHECK_FALSE(two.second.find_in_folder(two.store, "program "));
  // What a collision would look like: the other program's note under this one's name.
  const auto notes = test::files_below(two.folder.path());
  REQUIRE(notes.size() == 1);
  const auto bytes = test::contents(notes.front());
  two.first.remember(two.store, "another", sample_error());
  for (const auto& note : test::files_below(two.folder.path())) test::write(note, bytes);
  CHECK_FALSE(two.second.find_in_folder(two.store, "another"));
  CHECK(two.second.find_in_folder(two.store, "program"));
}

TEST_CASE("an error is forgotten after its time, and its note removed", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", sample_error());
  two.now += 9999ms;
  CHECK(two.first.find_in_process("program"));
  CHECK(two.second.find_in_folder(two.store, "program"));
  two.now += 1ms;
  CHECK_FALSE(two.first.find_in_process("program"));
  CHECK_FALSE(two.second.find_in_folder(two.store, "program"));
  CHECK(test::files_below(two.folder.path()).empty());
}

TEST_CASE("an error from the future is of another clock, and not used", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", sample_error());
  two.now -= 1ms;
  CHECK_FALSE(two.first.find_in_process("program"));
  CHECK_FALSE(two.second.find_in_folder(two.store, "program"));
}

TEST_CASE("with a time of 0 nothing is remembered, and nothing that others remember is used", "[cache][failures]") {
  Two two;
  FailureMemo off(0s, two.clock);
  off.remember(two.store, "program", sample_error());
  CHECK_FALSE(off.find_in_process("program"));
  CHECK(test::files_below(two.folder.path()).empty());
  two.first.remember(two.store, "program", sample_error());
  CHECK_FALSE(off.find_in_folder(two.store, "program"));
  CHECK(two.second.find_in_folder(two.store, "program"));
}

TEST_CASE("only what NVRTC says of the program itself is remembered", "[cache][failures]") {
  CHECK(FailureMemo::is_lasting(sample_error()));
  CHECK(FailureMemo::is_lasting(sample_error("a.cu(2): catastrophic error: #error directive: N is too large\n")));
  CHECK(FailureMemo::is_lasting(
      sample_error("ptxas error   : Entry function 'k' uses too much shared data (0x20000 bytes, 0xc000 max)\n")));
  for (const int code : {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
    CHECK_FALSE(FailureMemo::is_lasting(sample_error("a.cu(3): error: x\n", code)));
  for (const char* log :
       {"a.cu(1): catastrophic error: cannot open source file \"x.h\"\n",
        "a.cu(1): catastrophic error: could not open source file \"x.h\" (no directories in search list)\n",
        "a.cu(1): catastrophic error: out of memory\n", "ptxas fatal   : Memory allocation failure\n",
        "a.cu(7): internal error: assertion failed\n", "nvrtc: error: Internal error\n",
        "NVVM compilation was cancelled\n", "a.cu: error: No space left on device\n"})
    CHECK_FALSE(FailureMemo::is_lasting(sample_error(log)));
}

TEST_CASE("what is not lasting leaves nothing behind", "[cache][failures]") {
  Two two;
  two.first.remember(two.store, "program", sample_error("a.cu(1): catastrophic error: out of memory\n"));
  CHECK_FALSE(two.first.find_in_process("program"));
  CHECK(test::files_below(two.folder.path()).empty());
}

TEST_CASE("a note that is cut, or of another revision, is no error and is removed", "[cache][failures]") {
  Two two;
  const std::string subject = "a program that does not compile\nprogram";
  two.first.remember(two.store, "program", sample_error());
  const auto whole = two.store.load_note(subject);
  REQUIRE(whole);
  for (std::size_t length = 0; length < whole->size(); ++length) {
    two.store.save_note(subject, std::string_view(*whole).substr(0, length));
    CAPTURE(length);
    REQUIRE_FALSE(two.second.find_in_folder(two.store, "program"));
    REQUIRE_FALSE(two.store.load_note(subject));
  }
  auto other = *whole;
  other[0] = 2;
  two.store.save_note(subject, other);
  CHECK_FALSE(two.second.find_in_folder(two.store, "program"));
  two.store.save_note(subject, *whole);
  check_remembered(two.second.find_in_folder(two.store, "program"));
}

TEST_CASE("what a process remembers is bounded: the oldest goes first", "[cache][failures]") {
  Two two;
  KernelCache::Store nowhere({}, "off");  // the process's memory alone
  for (int i = 0; i < 100; ++i) {
    two.now += 1ms;
    two.first.remember(nowhere, "program " + std::to_string(i), sample_error());
  }
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += two.first.find_in_process("program " + std::to_string(i)) ? 1 : 0;
  CHECK(kept == 64);
  CHECK(two.first.find_in_process("program 99"));
  CHECK_FALSE(two.first.find_in_process("program 0"));
}

TEST_CASE("a folder that can not be written to leaves the process's own memory", "[cache][failures][faults]") {
  Two two;
  const test::Warnings warnings;
  test::Faults faults;
  faults.calls.mkdir = [](const char*, mode_t) { return errno = EROFS, -1; };
  faults.install();
  two.first.remember(two.store, "program", sample_error());
  check_remembered(two.first.find_in_process("program"));
  CHECK_FALSE(two.first.find_in_folder(two.store, "program"));
}
