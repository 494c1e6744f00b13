// SPDX-License-Identifier: MIT
// The closure of includes, rule by rule. That NVRTC has these rules is shown by include_oracle_test.cpp.
#include "compile/include_closure.hpp"
#include "compile/header_files.hpp"
#include "support/catch.hpp"
#include "support/header_folder.hpp"

#include "nvrtc/toolkit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>

using namespace cujitsu;
using namespace cujitsu::compiler;
using cujitsu::test::HeaderFolder;
using Paths = std::vector<std::string>;

namespace {

/// The closure of a source over a folder of headers; paths are told without the folder.
struct Closure {
  HeaderFolder& folder;
  CompileOptions options = {};
  Paths nvrtc_options = {};
  CompilerVersion version = {13, 0};
  IncludeClosure found = {};

  Paths files(std::string_view source) {
    auto all = nvrtc_options;
    all.insert(all.begin(), "--gpu-architecture=sm_80");
    for (auto& option : all)
      if (const auto at = option.find('@'); at != std::string::npos) option.replace(at, 1, folder.path);
    found = find_closure(source, {options, all, {}, version});
    CHECK(found.uncacheable == "");
    Paths result;
    for (const auto& file : found.record.headers) result.push_back(folder.relative(file.path));
    return result;
  }
  std::string reason(std::string_view source) {
    found = find_closure(source, {options, nvrtc_options, {}, version});
    return found.uncacheable;
  }
  Paths absent() const {
    Paths result;
    for (const auto& path : found.record.absent) result.push_back(folder.relative(path));
    return result;
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a source without directives has an empty closure") {
  HeaderFolder folder;
  Closure closure{folder};
  CHECK(closure.files("__global__ void f() {}").empty());
  CHECK(closure.found.record.absent.empty());
}

TEST_CASE("headers are found in the folders in order, and the folders before are noted") {
  HeaderFolder folder{{"b/x.h", "int b;"}, {"c/x.h", "int c;"}};
  Closure closure{folder, {}, {"-I@/a", "--include-path=@/b", "-I", "@/c"}};
  CHECK(closure.files("#include <x.h>\n") == Paths{"b/x.h"});
  CHECK(closure.absent() == Paths{"a/x.h"});
  CHECK(closure.files("#include \"x.h\"\n") == Paths{"b/x.h"});
  CHECK(closure.absent() == Paths{"/cujitsu/nowhere", "a/x.h"});
}

TEST_CASE("every spelling of an include folder is understood") {
  HeaderFolder folder{{"d/x.h", ""}};
  for (const auto& options : {Paths{"-I@/d"}, Paths{"-I", "@/d"}, Paths{"-I=@/d"}, Paths{"-I @/d"}, Paths{"-I@/d/"},
                              Paths{"--include-path=@/d"}, Paths{"--include-path", "@/d"}}) {
    Closure closure{folder, {}, options};
    CHECK(closure.files("#include <x.h>\n") == Paths{"d/x.h"});
  }
}

TEST_CASE("a quoted header is looked for beside its includer first, a bracketed one is not") {
  HeaderFolder folder{{"d/s/a.h", "#include \"b.h\"\n#include <c.h>\n"},
                      {"d/s/b.h", ""},
                      {"d/s/c.h", ""},
                      {"d/b.h", ""},
                      {"d/c.h", ""}};
  Closure closure{folder, {}, {"-I@/d"}};
  CHECK(closure.files("#include <s/a.h>\n") == Paths{"d/s/a.h", "d/s/b.h", "d/c.h"});
}

TEST_CASE("a header in memory comes first of all, by exactly its name, and has a folder of its own on disk") {
  HeaderFolder folder{{"d/x.h", ""}, {"d/y.h", "#include \"x.h\"\n"}, {"sub/z.h", ""}};
  Closure closure{folder, {}, {"-I@/d"}};
  closure.options.headers = {{"x.h", "#include \"q.h\"\n"}, {folder.path + "/sub/m.h", "#include \"z.h\"\n"}};
  CHECK(closure.files("#include <x.h>\n#include <y.h>\n") == Paths{"d/y.h"});
  CHECK(closure.absent() == Paths{"x.h", "q.h", "d/q.h"});  // the first for its identity
  CHECK(closure.files("#include \"./x.h\"\n") == Paths{"d/./x.h"});
  CHECK(closure.files("#include \"" + folder.path + "/sub/m.h\"\n") == Paths{"sub/z.h"});
}

TEST_CASE("include_next begins behind the folder of the header that asks") {
  HeaderFolder folder{
      {"a/x.h", "#include_next <x.h>\n"}, {"b/x.h", "#include_next \"x.h\"\n"}, {"c/x.h", "#include_next <x.h>\n"}};
  Closure closure{folder, {}, {"-I@/a", "-I@/b", "-I@/c"}};
  CHECK(closure.files("#include <x.h>\n") == Paths{"a/x.h", "b/x.h", "c/x.h"});
  CHECK(closure.files("#include_next <x.h>\n") == Paths{"a/x.h", "b/x.h", "c/x.h"});
  HeaderFolder beside{
      {"a/s/x.h", "#include \"y.h\"\n"}, {"a/s/y.h", "#include_next <z.h>\n"}, {"a/z.h", ""}, {"b/z.h", ""}};
  Closure second{beside, {}, {"-I@/a", "-I@/b"}};
  CHECK(second.files("#include <s/x.h>\n") == Paths{"a/s/x.h", "a/s/y.h", "a/z.h"});
}

TEST_CASE("has_include notes what it looks for, found or not, and decides") {
  HeaderFolder folder{
      {"d/yes.h", ""}, {"d/x.h", "#if __has_include_next(<x.h>)\n#include_next <x.h>\n#endif\n"}, {"e/x.h", ""}};
  Closure closure{folder, {}, {"-I@/d", "-I@/e"}};
  CHECK(closure.files("#if __has_include(<no.h>)\n#include <yes.h>\n#endif\n").empty());
  CHECK(closure.absent() == Paths{"d/no.h", "e/no.h"});
  CHECK(closure.files("#define H <yes.h>\n#if __has_include(H) && !__has_include(\"no.h\")\n#include H\n#endif\n") ==
        Paths{"d/yes.h"});
  CHECK(closure.files("#include <x.h>\n") == Paths{"d/x.h", "e/x.h"});
  CHECK(closure.files("#ifdef __has_include\n#include <yes.h>\n#endif\n") == Paths{"d/yes.h"});
}

TEST_CASE("has_include sees headers in memory since NVRTC 12.4") {
  HeaderFolder folder{{"d/yes.h", ""}, {"d/no.h", ""}, {"d/both.h", ""}};
  Closure closure{folder, {}, {"-I@/d"}};
  closure.options.headers = {{"memory.h", "#include <yes.h>\n"}, {"both.h", ""}};
  const std::string_view source =
      "#if __has_include(<memory.h>)\n#include <memory.h>\n#else\n#include <no.h>\n#endif\n";
  const std::string_view both = "#if __has_include(\"both.h\")\n#include \"both.h\"\n#endif\n";
  for (const CompilerVersion version : {CompilerVersion{12, 4}, CompilerVersion{12, 9}, CompilerVersion{13, 0}}) {
    closure.version = version;
    CHECK(closure.files(source) == Paths{"d/yes.h"});
    CHECK(std::ranges::count(closure.absent(), "d/memory.h") == 0);
    CHECK(closure.files(both).empty());
    CHECK(closure.found.record.present.empty());
  }
  for (const CompilerVersion version : {CompilerVersion{11, 8}, CompilerVersion{12, 3}}) {
    closure.version = version;
    CHECK(closure.files(source) == Paths{"d/no.h"});
    CHECK(std::ranges::count(closure.absent(), "d/memory.h") == 1);
    CHECK(closure.files(both).empty());  // #include takes the one in memory
    CHECK(closure.found.record.present == Paths{folder.path + "/d/both.h"});
  }
}

TEST_CASE("of a header that is only asked for nothing counts but that it is there") {
  HeaderFolder folder{{"d/x.h", ""}};
  Closure closure{folder, {}, {"-I@/d"}};
  CHECK(closure.files("#if __has_include(<x.h>)\n#define X 1\n#endif\n").empty());
  CHECK(closure.found.record.present == Paths{folder.path + "/d/x.h"});
  std::string changed;
  folder.write("d/x.h", "int changed;");
  CHECK(still_holds(closure.found.record, changed));
  folder.remove("d/x.h");
  CHECK_FALSE(still_holds(closure.found.record, changed));
  CHECK(changed == "header " + folder.path + "/d/x.h is gone");
  folder.write("d/x.h", "");
  CHECK(closure.files("#if __has_include(<x.h>)\n#include <x.h>\n#endif\n") == Paths{"d/x.h"});
  CHECK(closure.found.record.present.empty());
}

TEST_CASE("conditions on the user's macros are exact") {
  HeaderFolder folder{{"a.h", ""}, {"b.h", ""}};
  const auto taken = [&](std::string_view condition, Paths options = {}) {
    options.emplace_back("-I@");
    Closure closure{folder, {}, options};
    const auto files = closure.files(std::string(condition) + "\n#include <a.h>\n#else\n#include <b.h>\n#endif\n");
    return files == Paths{"a.h"} ? 1 : files == Paths{"b.h"} ? 0 : -1;
  };
  CHECK(taken("#if 0") == 0);
  CHECK(taken("#ifdef N", {"-DN"}) == 1);
  CHECK(taken("#ifdef N", {"-DN", "-UN"}) == 0);
  CHECK(taken("#ifdef N", {"-UN", "-D", "N"}) == 1);
  CHECK(taken("#ifndef N") == 1);
  CHECK(taken("#if N == 3", {"--define-macro=N=3"}) == 1);
  CHECK(taken("#if N == 3", {"-D N=3"}) == 1);
  CHECK(taken("#if N", {"-DN"}) == 1);
  CHECK(taken("#if F(2) == 4", {"-DF(x)=x*2"}) == 1);
  CHECK(taken("#define N 2\n#undef N\n#if defined(N) || defined M") == 0);
  CHECK(taken("#define CAT(a, b) a##b\n#define N1 7\n#if CAT(N, 1) == 7") == 1);
  CHECK(taken("#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\n#define K 1\n#define N1 7\n#if CAT(N, K) == 7") ==
        1);
  CHECK(taken("#define A B\n#define B A\n#if A") == 0);  // not replaced for ever
  CHECK(taken("#define V(...) __VA_ARGS__\n#if V(1) + V(1 +, 1)0") == -1);
  CHECK(taken("#define V(a, ...) (a + __VA_ARGS__)\n#if V(1, 2) == 3") == 1);
  CHECK(taken("#if 0\n#elif 1") == 1);
  CHECK(
      taken("#if (1 ? 2 : 3) == 2 && -1 < 0 && -1 > 0u && (7 / 2) == 3 && (1 << 4) == 0x10 && 0b11 == 3 && 010 == 8") ==
      1);
  CHECK(taken("#if 1'000 == 1000 && !false && true and not 0 && ~0 == -1") == 1);
  CHECK(taken("#if 0 && UNKNOWN_FUNCTION(3)") == 0);
  CHECK(taken("#if 0 && __SOMETHING_OF_THE_COMPILER") == 0);
  CHECK(taken("#if undefined_name") == 0);
}

TEST_CASE("what only the compiler knows is taken both ways, and later conditions remember it") {
  HeaderFolder folder{{"a.h", ""}, {"b.h", ""}, {"c.h", "#ifndef C\n#define C\n#include <d.h>\n#endif\n"}, {"d.h", ""}};
  Closure closure{folder, {}, {"-I@"}};
  CHECK(closure.files("#ifdef __OF_THE_COMPILER\n#include <a.h>\n#else\n#include <b.h>\n#endif\n") ==
        Paths{"a.h", "b.h"});
  CHECK(closure.files(
            "#if __NV_X > 3\n#define A 1\n#else\n#define A 2\n#endif\n#if A == 1\n#include <a.h>\n#endif\n#if A == 3\n"
            "#include <b.h>\n#endif\n") == Paths{"a.h"});
  CHECK(closure.files("#ifdef __X\n#define A <a.h>\n#else\n#define A <b.h>\n#endif\n#include A\n") ==
        Paths{"a.h", "b.h"});
  // In the branch, and behind it, that the name is defined.
  CHECK(closure
            .files("#ifndef __X\n#define __X 1\n#ifndef __X\n#include <a.h>\n#endif\n#endif\n#ifndef __X\n#include "
                   "<b.h>\n#endif\n")
            .empty());
  CHECK(closure.files("#ifdef __Y\n#include <c.h>\n#endif\n#include <c.h>\n#ifndef C\n#include <a.h>\n#endif\n") ==
        Paths{"c.h", "d.h"});
}

TEST_CASE("what the architecture, the dialect and the version say is known") {
  HeaderFolder folder{{"a.h", ""}};
  Closure closure{folder, {}, {"-I@", "--std=c++20"}};
  CHECK(closure
            .files("#if __CUDA_ARCH__ == 800 && __cplusplus >= 202002L && defined(__CUDACC_RTC__)\n#else\n#include "
                   "<a.h>\n#endif\n")
            .empty());
  CHECK(closure
            .files(
                "#if __CUDA_ARCH__ >= 900 || __CUDACC_VER_MAJOR__ == 12 || defined(__GNUC__)\n#include <a.h>\n#endif\n")
            .empty());
}

TEST_CASE("names that macros make are followed") {
  HeaderFolder folder{{"a.h", ""}, {"p/b.h", ""}, {"c.h", ""}};
  Closure closure{folder, {}, {"-I@", "-DDIR=p", "-DFROM_OPTION=<c.h>"}};
  CHECK(closure.files("#define X <a.h>\n#include X\n") == Paths{"a.h"});
  CHECK(closure.files("#define S_(x) #x\n#define S(x) S_(x)\n#include S(DIR/b.h)\n") == Paths{"p/b.h"});
  CHECK(closure.files("#define H(d, f) <d/f.h>\n#include H(DIR, b)\n") == Paths{"p/b.h"});
  CHECK(closure.files("#include FROM_OPTION\n") == Paths{"c.h"});
  CHECK(closure.files("#define G(x) <x##.h>\n#include G(a)\n") == Paths{"a.h"});
}

TEST_CASE("what can not be followed makes the source uncacheable and says why") {
  HeaderFolder folder{{"a.h", ""}};
  Closure closure{folder};
  CHECK(contains(closure.reason("\n#include __HEADER_OF_THE_COMPILER\n"),
                 "kernel.cu line 2 includes a header whose name depends on __HEADER_OF_THE_COMPILER"));
  CHECK(contains(closure.reason("#define X < a.h >\n#include X\n"), "can not be followed"));
  CHECK(contains(closure.reason("#include __FILE__\n"), "__FILE__"));
  closure.nvrtc_options = {"--create-pch=x.pch"};
  CHECK(contains(closure.reason("int x;"), "--create-pch=x.pch writes a file"));
  for (const auto* option : {"-pch", "--pch", "--use-pch=x.pch", "-use-pch", "--pch-dir=x", "--use-bundled-headers"}) {
    closure.nvrtc_options = {option};
    CHECK(closure.reason("#include <a.h>") ==
          fmt::format("the option {} reads or writes files that belong to one process", option));
  }
  for (const auto* option :
       {"--pch-verbose=true", "-pch-verbose=false", "--pch-messages=true", "-pch-messages=false"}) {
    closure.nvrtc_options = {option};
    CHECK(closure.reason("#include <a.h>") == "");
  }
  closure.nvrtc_options = {"-fdevice-time-trace=x"};
  CHECK(contains(closure.reason(""), "writes a file"));
  closure.nvrtc_options = {"--std=c++14"};
  CHECK(contains(closure.reason("?\?=include <a.h>\n"), "trigraph"));
  closure.nvrtc_options = {"-I/dev"};
  CHECK(contains(closure.reason("#include <null>\n"), "/dev/null is neither a file nor a folder"));
}

TEST_CASE("pragma once, import and guards keep a header from being read twice") {
  HeaderFolder folder{{"o.h", "#pragma once\n#ifdef SECOND\n#include <a.h>\n#endif\n#define SECOND\n"},
                      {"a.h", ""},
                      {"m.h", "_Pragma(\"once\")\n#ifdef SECOND\n#include <a.h>\n#endif\n#define SECOND\n"}};
  folder.link("l.h", "o.h");
  Closure closure{folder, {}, {"-I@"}};
  CHECK(closure.files("#include <o.h>\n#include <o.h>\n") == Paths{"o.h"});
  CHECK(closure.files("#include <o.h>\n#include <l.h>\n") == Paths{"o.h", "l.h"});  // looked at, as they are one file
  CHECK(closure.files("#include <m.h>\n#include <m.h>\n") == Paths{"m.h", "a.h"});  // perhaps
}

TEST_CASE("pre-included headers come first, the current folder before the others") {
  HeaderFolder folder{{"d/p.h", "#define P 1\n"}, {"a.h", ""}};
  for (const auto& option : {Paths{"--pre-include=p.h"}, Paths{"-include=p.h"}, Paths{"-include", "p.h"}}) {
    auto options = option;
    options.insert(options.end(), {"-I@/d", "-I@"});
    Closure closure{folder, {}, options};
    CHECK(closure.files("#if P\n#include <a.h>\n#endif\n") == Paths{"d/p.h", "a.h"});
    CHECK(closure.absent() == Paths{"p.h", "d/a.h"});
  }
}

TEST_CASE("folders are passed over, and names without a dot have a second form") {
  HeaderFolder folder{{"a/x.h/y", ""}, {"b/x.h", ""}, {"a/n.stdh", ""}, {"b/n", ""}};
  Closure closure{folder, {}, {"-I@/a", "-I@/b"}};
  CHECK(closure.files("#include <x.h>\n") == Paths{"b/x.h"});
  CHECK(closure.absent() == Paths{"a/x.h"});
  CHECK(closure.files("#include <n>\n") == Paths{"a/n.stdh"});
  CHECK(closure.absent() == Paths{"a/n"});
}

TEST_CASE("relative folders stay relative and count from the current folder of the moment") {
  HeaderFolder folder{{"one/d/x.h", "int one;"}, {"two/d/x.h", "int two;"}};
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path + "/one");
  Closure closure{folder, {}, {"-Id"}};
  CHECK(closure.files("#include <x.h>\n") == Paths{"d/x.h"});
  std::string changed;
  auto found = closure.found.record;
  CHECK(still_holds(found, changed));
  std::filesystem::current_path(folder.path + "/two");
  CHECK_FALSE(still_holds(found, changed));
  CHECK(changed == "header d/x.h changed");
  std::filesystem::current_path(before);
}

TEST_CASE("comments, strings, raw strings, continuations and digraphs are read as the compiler reads them") {
  HeaderFolder folder{{"a.h", ""}, {"b.h", ""}, {"c//d.h", ""}};
  Closure closure{folder, {}, {"-I@"}};
  CHECK(closure.files("// #include <a.h>\n/*\n#include <a.h>\n*/ # /* x\n */ include /**/ <b.h> // c\n") ==
        Paths{"b.h"});
  CHECK(closure.files("const char* s = R\"x(\n#include <a.h>\n)\" )x\";\n#include <b.h>\n") == Paths{"b.h"});
  CHECK(closure.files("const char* s = \"\\\n#include <a.h>\n\";\n#include <b.h>\n") == Paths{"b.h"});
  CHECK(closure.files("#inc\\\nlude \\\r\n <a.h>\r\n%:include <b.h>\n") == Paths{"a.h", "b.h"});
  CHECK(closure.files("int x = 1'000; // '\n#include <a.h>\nchar c = '\"';\n#include <b.h>\n") == Paths{"a.h", "b.h"});
  CHECK(closure.files("#if 0\n don't /*\n#else\n#include <a.h>\n#endif\n") == Paths{"a.h"});
  CHECK(closure.files("int x; #include <a.h>\n").empty());
  CHECK(closure.files("#include <c//d.h>\n") == Paths{"c//d.h"});
  CHECK(closure.files("#define A /* \n */ 1 \\\n + 1\n#if A == 2\n#include <a.h>\n#endif\n") == Paths{"a.h"});
  CHECK(closure.files("auto a = u8R\"(\n#include <a.h>\n)\"; int fooR; auto s = \"(\";\n#include <b.h>\n") ==
        Paths{"b.h"});
}

TEST_CASE("lines are counted through comments, continuations and raw strings") {
  HeaderFolder folder;
  Closure closure{folder};
  CHECK(contains(closure.reason("/*\n*/ int a; \\\n\nauto r = R\"(\n\n)\";\r\n#include __COUNTER__\n"), " line 7 "));
}

TEST_CASE("the macro __FILE__ names the header that it stands in") {
  HeaderFolder folder{{"a.h", "#ifndef N\n#define N\n#include __FILE__\n#else\n#include <b.h>\n#endif\n"}, {"b.h", ""}};
  Closure closure{folder, {}, {"-I@"}};
  CHECK(closure.files("#include <a.h>\n") == Paths{"a.h", "b.h"});
}

TEST_CASE("a header that includes itself without end is given up, not followed for ever") {
  HeaderFolder folder{{"a.h", "#include <a.h>\n"},
                      {"b.h", "#ifdef __X\n#include <b.h>\n#endif\n#ifdef __Y\n#include <b.h>\n#endif\n"}};
  Closure closure{folder, {}, {"-I" + folder.path}};
  CHECK(contains(closure.reason("#include <a.h>\n"), "levels deep"));
  CHECK_FALSE(closure.reason("#include <b.h>\n").empty());
}

TEST_CASE("work without end is given up") {
  HeaderFolder folder;
  Closure closure{folder};
  std::string doubling = "#define A0 1\n";
  std::string pasting = "#define G_(x) x##x\n#define G(x) G_(x)\n#if ";
  std::string both_ways;
  for (int i = 1; i < 60; ++i) {
    doubling += fmt::format("#define A{0} A{1} + A{1}\n", i, i - 1);
    both_ways += fmt::format("#ifdef __X{0}\n#define B{0} 1\n#else\n#define B{0} 2\n#endif\n", i);
    closure.options.headers.push_back(
        {fmt::format("h{}", i), fmt::format("#include <h{0}>\n#include <h{0}>\n", i + 1)});
  }
  for (int i = 0; i < 60; ++i) pasting += "G(";
  pasting += "1" + std::string(60, ')') + "\n#endif\n";
  both_ways += "#if B1";
  for (int i = 2; i < 60; ++i) both_ways += fmt::format(" + B{}", i);
  CHECK(closure.files(doubling + "#if A59\n#include <none.h>\n#endif\n").empty());
  CHECK(closure.files(pasting).empty());
  CHECK(closure.files(both_ways + " > 5\n#include <none.h>\n#endif\n").empty());
  CHECK(contains(closure.reason("#include <h1>\n"), "are read too often"));
}

TEST_CASE("the closure holds until a header changes, goes, or one comes where none was") {
  HeaderFolder folder{{"b/x.h", "int b;"}, {"c/y.h", ""}};
  Closure closure{folder, {}, {"-I@/a", "-I@/b"}};
  CHECK(closure.files("#include <x.h>\n#if __has_include(<z.h>)\n#endif\n") == Paths{"b/x.h"});
  auto found = closure.found.record;
  std::string changed;
  CHECK(still_holds(found, changed));
  folder.write("c/y.h", "int unrelated;");
  CHECK(still_holds(found, changed));
  folder.write("b/x.h", "int c;");  // as long, and within the clock's resolution
  CHECK_FALSE(still_holds(found, changed));
  CHECK(contains(changed, "/b/x.h changed"));
  folder.write("b/x.h", "int b;");
  CHECK(still_holds(found, changed));
  folder.write("a/x.h", "");
  CHECK_FALSE(still_holds(found, changed));
  CHECK(contains(changed, "/a/x.h is new, where there was none"));
  folder.remove("a/x.h");
  CHECK(still_holds(found, changed));
  folder.write("b/z.h", "");
  CHECK_FALSE(still_holds(found, changed));
  folder.remove("b/z.h");
  folder.remove("b/x.h");
  CHECK_FALSE(still_holds(found, changed));
  CHECK(contains(changed, "/b/x.h is gone"));
}

TEST_CASE("a closure of more folders than may be open holds, and notices") {
  HeaderFolder folder;
  ClosureRecord record;
  for (int i = 0; i < 300; ++i) {
    folder.write(fmt::format("d{}/x.h", i), "");
    record.present.push_back(fmt::format("{}/d{}/x.h", folder.path, i));
    record.absent.push_back(fmt::format("{}/d{}/y.h", folder.path, i));
    record.absent.push_back(fmt::format("{}/e{}/y.h", folder.path, i));
  }
  std::string changed;
  CHECK(still_holds(record, changed));
  folder.write("d299/y.h", "");
  CHECK_FALSE(still_holds(record, changed));
  folder.remove("d299/y.h");
  folder.write("e299/y.h", "");
  CHECK_FALSE(still_holds(record, changed));
  folder.remove("e299");
  folder.remove("d250");
  CHECK_FALSE(still_holds(record, changed));
  CHECK(changed == "header " + folder.path + "/d250/x.h is gone");
}

TEST_CASE("a settled stamp is trusted, a young one never") {
  HeaderFolder folder{{"x.h", "int b;"}};
  Closure closure{folder, {}, {"-I@"}};
  CHECK(closure.files("#include <x.h>\n") == Paths{"x.h"});
  CHECK_FALSE(closure.found.record.headers[0].stamp.settled);  // just written
  auto stamp = closure.found.record.headers[0].stamp;
  CHECK(has_content(folder.path + "/x.h", closure.found.record.headers[0].hash, stamp));
  CHECK_FALSE(stamp.settled);
  stamp.settled = true;
  CHECK(has_content(folder.path + "/x.h", {}, stamp));  // not read
  stamp.bytes = 7;
  CHECK_FALSE(has_content(folder.path + "/x.h", {}, stamp));
}

TEST_CASE("the closure of CUB is found") {
  const auto toolkit = nvrtc::find_toolkit(0).toolkit;
  if (toolkit == nullptr || toolkit->include_dirs().size() < 2) CUJITSU_SKIP("there is no toolkit with CCCL");
  const CompileOptions options;
  const Paths nvrtc_options{"--gpu-architecture=sm_80"};
  const auto dirs = toolkit->include_dirs();
  const ClosureRequest request{options, nvrtc_options, dirs, {toolkit->major, toolkit->minor}};
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto ms = [&](auto start) { return std::chrono::duration<double, std::milli>(now() - start).count(); };
  auto start = now();
  const auto first = find_closure("#include <cub/block/block_reduce.cuh>\n", request);
  const auto cold = ms(start);
  start = now();
  auto second = find_closure("#include <cub/block/block_reduce.cuh>\n", request);
  const auto warm = ms(start);
  CHECK(first.uncacheable == "");
  CHECK(first.record.headers.size() > 100);
  CHECK(second.record.headers.size() == first.record.headers.size());
  CHECK(first.record.headers[0].is_toolkit);
  std::string changed;
  start = now();
  CHECK(still_holds(second.record, changed));
  const auto verify = ms(start);
  forget_headers();
  start = now();
  CHECK(still_holds(second.record, changed));
  WARN("closure of " << first.record.headers.size() << " headers, " << first.record.absent.size() << " absent: first "
                     << cold << " ms, again " << warm << " ms, checked " << verify << " ms, in a fresh process "
                     << ms(start) << " ms");
}

TEST_CASE("the closure of what a source begins with is told too, whatever follows") {
  HeaderFolder folder{{"a.h", "#if __has_include(<asked.h>) || __has_include(<none.h>)\n#include \"b.h\"\n#endif\n"},
                      {"b.h", ""},
                      {"asked.h", ""},
                      {"later.h", "#if __has_include(<never.h>)\n#endif\n"}};
  const CompileOptions options;
  const Paths nvrtc_options{"-I" + folder.path};
  const Paths none;
  const auto leading_of = [&](const std::string& leading, const std::string& rest) {
    return find_closure(leading + rest, {options, nvrtc_options, none, {13, 0}, leading.size()}).leading;
  };
  const std::string leading = "#include <a.h>\n";
  const auto alone = find_closure(leading, {options, nvrtc_options, none, {13, 0}});
  for (const auto* rest : {"", "int x;\n#include <later.h>\n#include <asked.h>\n", "#include __COUNTER__\n"}) {
    const auto found = leading_of(leading, rest);
    REQUIRE(found);
    REQUIRE(found->headers.size() == 2);
    CHECK(folder.relative(found->headers[0].path) == "a.h");
    CHECK(found->headers[1].hash == alone.record.headers[1].hash);
    CHECK(found->present == alone.record.present);
    CHECK(found->absent == alone.record.absent);
  }
  CHECK(folder.relative(alone.record.present.at(0)) == "asked.h");
  CHECK_FALSE(leading_of("#include __COUNTER__\n", "int x;\n"));
  CHECK_FALSE(find_closure(leading, {options, nvrtc_options, none, {13, 0}}).leading);  // nobody asks
  CHECK(leading_of(leading, "const char* s = __TIME__;\n"));
  CHECK_FALSE(leading_of("#define T __TIME__\n" + leading, "const char* s = T;\n"));
}
