// SPDX-License-Identifier: MIT
// Every system call of looking for headers, and of looking whether they are still the same, fails once. What is found and
// still holds afterwards is right, and a change is never missed.
#include "compile/header_files.hpp"
#include "compile/include_closure.hpp"

#include "support/catch.hpp"
#include "support/header_folder.hpp"
#include "unit/cache_support.hpp"
#include "unit/fault_plan.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

using namespace cujitsu;
using namespace cujitsu::compiler;
using test::FaultPlan;
using test::Faults;
using test::HeaderFolder;

namespace {

// "a.h" is beside what includes it, <b.h> in the second folder of the search, <c.h> asked for and nowhere.
constexpr std::string_view source =
    "#include <a.h>\n#include <b.h>\n#if __has_include(<c.h>)\n#include <c.h>\n#endif\n";

struct Tree {
  HeaderFolder folder{{"one/a.h", "#include \"beside.h\"\n#pragma once\n"},
                      {"one/beside.h", "int beside;\n"},
                      {"one/other.h", "int other;\n"},
                      {"two/b.h", "#include <a.h>\nint b;\n"}};
  std::vector<std::string> nvrtc_options{"--gpu-architecture=sm_80", "-I" + folder.path + "/one",
                                         "-I" + folder.path + "/two"};
  CompileOptions options;

  [[nodiscard]] IncludeClosure find() const {
    forget_headers();
    return find_closure(source, {options, nvrtc_options, {}, {13, 0}});
  }
  [[nodiscard]] std::string path(const char* name) const { return folder.path + "/" + name; }
};

bool holds(const ClosureRecord& record, std::string& changed) {
  forget_headers();
  return still_holds(record, changed);
}

/// Calls `act` with a fault at each of its system calls in turn, by each of the errors.
void sweep(const std::vector<int>& errors, const std::function<void(int, int)>& act, int calls) {
  REQUIRE(calls > 5);
  for (const int error : errors)
    for (int at = 0; at < calls; ++at) act(at, error);
}

int count_calls(const std::function<void()>& act) {
  const FaultPlan counts(FaultPlan::Kind::none, 0);
  act();
  return counts.made();
}

bool same_closure(const ClosureRecord& a, const ClosureRecord& b) {
  return a.present == b.present && a.absent == b.absent &&
         std::ranges::equal(a.headers, b.headers, [](const HeaderRecord& x, const HeaderRecord& y) {
           return x.path == y.path && x.hash == y.hash;
         });
}

}  // namespace

TEST_CASE("a closure that was found although a call failed is right, or does not hold") {
  const Tree tree;
  const auto right = tree.find();
  REQUIRE(right.uncacheable == "");
  REQUIRE(right.record.headers.size() == 3);
  const int calls = count_calls([&] { static_cast<void>(tree.find()); });
  int refused = 0;
  sweep(
      {EIO, ENOENT, EACCES, EMFILE, ESTALE, EINTR, ENOMEM},
      [&](int at, int error) {
        CAPTURE(at, error);
        auto found = [&] {
          const FaultPlan plan(FaultPlan::Kind::error, at, error);
          return tree.find();
        }();
        std::string changed;
        forget_headers();
        const bool is_stored = found.uncacheable.empty() && refresh(found.record, changed);
        if (!is_stored) ++refused;
        if (is_stored) REQUIRE(same_closure(found.record, right.record));
      },
      calls);
  CHECK(refused > 0);
}

TEST_CASE("a change of headers is noticed although a call fails") {
  struct Change {
    const char* name;
    std::function<void(Tree&)> make;
  };
  const std::vector<Change> changes = {
      {"a header is edited", [](Tree& tree) { tree.folder.write("one/beside.h", "int edited;\n"); }},
      {"a header is gone", [](Tree& tree) { tree.folder.remove("two/b.h"); }},
      {"a header is new, in front of another", [](Tree& tree) { tree.folder.write("one/b.h", "int shadows;\n"); }},
      {"a header is new, where there was none", [](Tree& tree) { tree.folder.write("two/c.h", "int c;\n"); }},
  };
  for (const auto& change : changes) {
    Tree tree;
    const auto before = tree.find();
    std::string changed;
    REQUIRE(holds(before.record, changed));
    const int calls = count_calls([&] { static_cast<void>(holds(before.record, changed)); });
    change.make(tree);
    REQUIRE_FALSE(holds(before.record, changed));
    // Not those that say that there is no such file, or that nobody may see it: NVRTC would be told the same.
    sweep(
        {EIO, EMFILE, ENFILE, ESTALE, EINTR, ENOMEM},
        [&](int at, int error) {
          CAPTURE(change.name, at, error);
          const FaultPlan plan(FaultPlan::Kind::error, at, error);
          REQUIRE_FALSE(holds(before.record, changed));
        },
        calls);
  }
}

TEST_CASE("headers that can not be looked at make a closure that does not hold, and say so") {
  const Tree tree;
  const auto found = tree.find();
  static std::string unreadable;
  unreadable = tree.path("two");
  Faults faults;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    if (std::string_view(path).starts_with(unreadable)) return errno = EIO, -1;
    return ::open(path, flags, mode);
  };
  faults.calls.stat = [](const char* path, struct ::stat* result) {
    if (std::string_view(path).starts_with(unreadable)) return errno = EIO, -1;
    return file::real_system_calls().stat(path, result);
  };
  faults.install();
  std::string changed;
  CHECK_FALSE(holds(found.record, changed));
  CHECK(changed == "header " + tree.path("two/b.h") + " can not be looked at");
  const auto again = tree.find();
  CHECK(again.uncacheable == tree.path("two") + " can not be looked at");
}

TEST_CASE("a look at headers in many folders has one folder open at a time") {
  HeaderFolder folder;
  ClosureRecord record;
  for (int i = 0; i < 40; ++i)
    for (const char* name : {"x.h", "y.h", "z.h", "w.h"})
      record.absent.push_back(folder.path + "/d" + std::to_string(i) + "/" + name);
  for (int i = 0; i < 40; ++i) folder.write("d" + std::to_string(i) + "/there.h", "");
  static int open_now = 0;
  static int most = 0;
  static int opened = 0;
  open_now = most = opened = 0;
  Faults faults;
  faults.calls.open = [](const char* path, int flags, mode_t mode) {
    ++opened;
    most = std::max(most, ++open_now);
    return ::open(path, flags, mode);
  };
  faults.calls.close = [](int descriptor) {
    --open_now;
    return ::close(descriptor);
  };
  faults.install();
  std::string changed;
  CHECK(still_holds(record, changed));
  CHECK(opened == 40);
  CHECK(most == 1);
  CHECK(open_now == 0);
}
