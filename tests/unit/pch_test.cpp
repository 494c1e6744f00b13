// SPDX-License-Identifier: MIT
// What is precompiled, and when it may be used again.
#include "compile/compiler.hpp"
#include "compile/leading_closure.hpp"
#include "compile/options.hpp"
#include "compile/pch_fingerprint.hpp"
#include "compile/pch_folder.hpp"
#include "compile/pch_places.hpp"
#include "compile/pch_prefix.hpp"
#include "nvrtc/toolkit.hpp"

#include "support/catch.hpp"
#include "support/header_folder.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/cujitsu.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

using namespace cujitsu;
using namespace cujitsu::compiler;
using test::HeaderFolder;
using test::TemporaryFolder;
using Texts = std::vector<std::string>;

namespace {

/// What decides whether the precompiled headers of a source are used again; nothing where there are none.
std::optional<std::string> fingerprint(const std::string& leading, const CompileOptions& options, Texts nvrtc_options) {
  const Texts toolkit_dirs;
  for (const auto& folder : options.include_dirs) nvrtc_options.push_back("--include-path=" + folder);
  const auto closure = leading_closure(leading + "int x;\n", {options, nvrtc_options, toolkit_dirs, {13, 0}});
  if (!closure) return std::nullopt;
  return pch_fingerprint(leading, options, nvrtc_options, *closure);
}

/// Another current folder for its lifetime.
class ScopedFolder {
 public:
  explicit ScopedFolder(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~ScopedFolder() { std::filesystem::current_path(before_); }
  ScopedFolder(const ScopedFolder&) = delete;
  ScopedFolder& operator=(const ScopedFolder&) = delete;

 private:
  std::filesystem::path before_;
};

std::string prefix_of(std::string_view source) {
  const auto prefix = pch_prefix(source);
  return prefix ? std::string(source.substr(0, prefix->bytes)) : "none";
}

void put(const std::string& file, std::string_view text) { std::ofstream(file) << text; }

std::size_t entries(const std::string& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

CompiledCode compile_it(const std::string& source, CompileOptions options, Pch pch) {
  options.arch = "sm_80";
  options.pch = pch;
  return compile(source, options, nullptr);
}

/// Compiled twice with precompiled headers, which the second time may be used, and once without: always the same.
void check_same(const std::string& source, const CompileOptions& options) {
  const auto plain = compile_it(source, options, Pch::off);
  for (int i = 0; i < 2; ++i) {
    const auto code = compile_it(source, options, Pch::automatic);
    CHECK(code.ptx == plain.ptx);
    CHECK(code.cubin == plain.cubin);
    CHECK(code.log == plain.log);
    CHECK(code.options == plain.options);
    CHECK(code.lowered_names == plain.lowered_names);
    CHECK(code.kernels == plain.kernels);
  }
}

#define NEEDS_NVRTC() \
  if (!nvrtc_report().usable) CUJITSU_SKIP("there is no NVRTC")

}  // namespace

TEST_CASE("the #include lines that a source begins with are what is precompiled", "[pch]") {
  CHECK(prefix_of("#include <a>\nint x;\n") == "#include <a>\n");
  CHECK(prefix_of("// c\n\n#define N 1\n#include <a>\n/* x\n y */ #include \"b\"\n#define M\nint x;\n") ==
        "// c\n\n#define N 1\n#include <a>\n/* x\n y */ #include \"b\"\n");
  CHECK(prefix_of("#if N\n#include <a>\n#else\n#include <b>\n#endif\nint x;\n") ==
        "#if N\n#include <a>\n#else\n#include <b>\n#endif\n");
  CHECK(prefix_of("#include <a>\n#if N\nint x;\n#endif\n") == "#include <a>\n");
  CHECK(prefix_of("#include <a> /* goes\n on */\nint x;\n") == "#include <a> /* goes\n on */\n");
  CHECK(prefix_of("#include \\\n <a>\nint x;\n") == "#include \\\n <a>\n");
  CHECK(prefix_of("#include <a>\nint x;\n#include <b>\nint y;\n") == "#include <a>\n");
}

TEST_CASE("a source without an #include at its beginning, or with a #line there, has nothing to precompile", "[pch]") {
  CHECK(prefix_of("") == "none");
  CHECK(prefix_of("int x;\n#include <a>\n") == "none");
  CHECK(prefix_of("#define N 1\nint x;\n") == "none");
  CHECK(prefix_of("#line 7 \"other.cu\"\n#include <a>\nint x;\n") == "none");
  CHECK(prefix_of("#include <a>\n# 7 \"other.cu\"\nint x;\n") == "none");
  CHECK(prefix_of("#if N\n#include <a>\nint x;\n#endif\n") == "none");
  CHECK(prefix_of("#include <a>") == "none");
}

TEST_CASE("the line behind the prefix has its own number", "[pch]") {
  CHECK(pch_prefix("\n#include <a>\nint x;\n")->next_line == 3);
  CHECK(pch_prefix("#include \\\n<a>\nint x;\n")->next_line == 3);
}

TEST_CASE("the fingerprint follows the contents of every file that is included", "[pch]") {
  const HeaderFolder folder{{"a.h", "#include \"b.h\"\n"}, {"b.h", "int b;\n"}};
  const CompileOptions options{.include_dirs = {folder.path}};
  const auto now = [&] { return fingerprint("#include <a.h>\n", options, {"-O3"}); };
  const auto first = now();
  REQUIRE(first);
  CHECK(now() == first);
  folder.write("b.h", "int c;\n");  // the same size, within the same second
  const auto second = now();
  CHECK(second != first);
  folder.write("c.h", "");
  CHECK(now() == second);  // nobody includes it
  folder.write("a.h", "#if 0\n#include \"c.h\"\n#endif\n#include \"b.h\"\n");
  const auto third = now();
  folder.write("c.h", "int c;\n");
  CHECK(now() == third);  // nor now
  folder.write("a.h", "#include __COUNTER__\n");
  CHECK_FALSE(now());
}

TEST_CASE("the fingerprint follows a header that comes before another, and the answers of __has_include", "[pch]") {
  const HeaderFolder folder{{"second/a.h", "int a;\n"}, {"second/b.h", "#if __has_include(<c.h>)\nint c;\n#endif\n"}};
  const CompileOptions options{.include_dirs = {folder.path + "/first", folder.path + "/second"}};
  const auto now = [&] { return fingerprint("#include <a.h>\n#include <b.h>\n", options, {}); };
  const auto first = now();
  REQUIRE(first);
  folder.write("first/a.h", "int a;\n");
  const auto second = now();
  CHECK(second != first);
  folder.write("first/c.h", "");
  const auto third = now();
  CHECK(third != second);
  folder.write("first/c.h", "int c;\n");
  CHECK(now() == third);  // it is only asked for
  folder.remove("first/c.h");
  CHECK(now() == second);
}

TEST_CASE("the fingerprint follows what a relative path or a link means at the moment", "[pch]") {
  const HeaderFolder folder{{"one/inc/a.h", "int a;\n"}, {"other/inc/a.h", "int a;\n"}};
  const auto in = [&](const std::string& name) {
    const ScopedFolder here(folder.path + "/" + name);
    return fingerprint("#include <a.h>\n", {.include_dirs = {"inc"}}, {});
  };
  const auto first = in("one");
  REQUIRE(first);
  CHECK(in("one") == first);
  CHECK(in("other") != first);

  folder.link("inc", "one/inc");
  const auto linked = [&] { return fingerprint("#include <a.h>\n", {.include_dirs = {folder.path + "/inc"}}, {}); };
  const auto second = linked();
  folder.remove("inc");
  folder.link("inc", "other/inc");
  CHECK(linked() != second);  // #pragma once goes by the file
}

TEST_CASE("the fingerprint follows headers in memory, options and the prefix", "[pch]") {
  const CompileOptions one{.headers = {{"a.h", "int a;"}}};
  const CompileOptions other{.headers = {{"a.h", "int b;"}}};
  const auto first = fingerprint("#include <a.h>\n", one, {"-O3"});
  REQUIRE(first);
  CHECK(fingerprint("#include <a.h>\n", other, {"-O3"}) != first);
  CHECK(fingerprint("#include <a.h>\n", one, {"-O2"}) != first);
  CHECK(fingerprint("#include <a.h>\n", one, {"-O3", "-DN=1"}) !=
        fingerprint("#include <a.h>\n", one, {"-O3", "-DN=2"}));
  CHECK(fingerprint("#include <a.h>\n\n", one, {"-O3"}) != first);
  CHECK(fingerprint("#define N 1\n#include <a.h>\n", one, {"-O3"}) !=
        fingerprint("#define N 2\n#include <a.h>\n", one, {"-O3"}));
}

TEST_CASE("options that include a file or manage precompiled headers are left alone", "[pch]") {
  const CompileOptions options{.headers = {{"a.h", ""}, {"x.h", ""}}};
  for (const auto& given : {Texts{"-include=x.h"}, Texts{"-include", "x.h"}, Texts{"--pre-include=x.h"}, Texts{"-pch"},
                            Texts{"--pch"}, Texts{"--use-pch=x"}, Texts{"-create-pch=x"}, Texts{"--pch-dir=x"},
                            Texts{"--pch-messages=true"}, Texts{"--options-file=x"}})
    CHECK_FALSE(fingerprint("#include <a.h>\n", options, given));
  CHECK(fingerprint("#include <a.h>\n", options, {"-include-path=x", "-I", "y"}));
}

TEST_CASE("headers that are another text in another program, or at another time, are left alone", "[pch]") {
  for (const auto* text : {"const char* s = __BASE_FILE__;", "const char* s = __TIME__;", "const char* s = __DATE__;",
                           "const char* s = __TIMESTAMP__;"}) {
    CHECK_FALSE(fingerprint("#include <a.h>\n", {.headers = {{"a.h", text}}}, {}));
    CHECK_FALSE(fingerprint(fmt::format("#define S {}\n#include <a.h>\n", text), {.headers = {{"a.h", "S"}}}, {}));
    CHECK_FALSE(fingerprint("#include <a.h>\n", {.headers = {{"a.h", "S"}}}, {fmt::format("-DS={}", text)}));
  }
  CHECK(fingerprint("#include <a.h>\n", {.headers = {{"a.h", "const char* s = __FILE__;"}}}, {}));
}

TEST_CASE("the folder is private, removed at the end, and one of a killed process is removed by the next", "[pch]") {
  const TemporaryFolder parent;
  std::string path;
  {
    PchFolder folder;
    REQUIRE(folder.make(parent.path().native()) == 0);
    path = folder.path();
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      folder.~PchFolder();  // as the child's exit would
      ::_exit(0);
    }
    int status_of_child = -1;
    REQUIRE(::waitpid(child, &status_of_child, 0) == child);
    CHECK(std::filesystem::exists(path));  // it is not the child's
    remove_left_behind(parent.path().native());
    CHECK(std::filesystem::exists(path));  // somebody holds it
  }
  CHECK_FALSE(std::filesystem::exists(path));

  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    PchFolder folder;
    ::_exit(folder.make(parent.path().native()));
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(entries(parent.path().native()) == 1);
  remove_left_behind(parent.path().native());
  CHECK(entries(parent.path().native()) == 0);
}

TEST_CASE("with precompiled headers the result is the same, templates, headers in memory and line numbers included",
          "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const std::string source = R"(#include <cuda_fp16.h>
#include "mine.h"
// two lines

template <class T> __global__ void scale(T* x) { int unused; x[threadIdx.x] *= T(FACTOR); }
__device__ int line = __LINE__;
)";
  const CompileOptions options{.options = {"--generate-line-info"},
                               .headers = {{"mine.h", "#define FACTOR 3\n"}},
                               .name_expressions = {"scale<__half>"}};
  check_same(source, options);
}

TEST_CASE("a changed header is never taken from precompiled ones", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const TemporaryFolder folder;
  const std::string source = "#include \"h.h\"\n__global__ void f(int* x) { *x = V; }\n";
  for (const int value : {1111, 2222, 1111, 3333}) {  // NVRTC itself sees none of these changes
    const auto text = fmt::format("#define V {}\n", value);
    put(folder / "h.h", text);
    const auto file = compile_it(source, {.include_dirs = {folder.path().native()}}, Pch::automatic);
    CHECK(file.ptx.find(std::to_string(value)) != std::string::npos);
    const auto memory = compile_it(source, {.headers = {{"h.h", text}}}, Pch::automatic);
    CHECK(memory.ptx.find(std::to_string(value)) != std::string::npos);
  }
}

TEST_CASE("what changes a header without touching it is seen too", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const HeaderFolder folder{{"two/v.h", "#define V 1111\n"},
                            {"two/h.h", "#include <v.h>\n#ifdef N\n#define W N\n#else\n#define W 0\n#endif\n"},
                            {"two/q.h", "#if __has_include(<asked.h>)\n#define Q 1\n#else\n#define Q 0\n#endif\n"}};
  const std::string includes = "#include <h.h>\n#include <q.h>\n";
  const std::string kernel = "__global__ void f(int* x) { x[0] = V; x[1] = W; x[2] = Q; }\n";
  CompileOptions options{.include_dirs = {folder.path + "/one", folder.path + "/two"}};
  check_same(includes + kernel, options);
  folder.write("one/v.h", "#define V 2222\n");
  check_same(includes + kernel, options);
  folder.write("one/asked.h", "");
  check_same(includes + kernel, options);
  for (const auto* definition : {"#define N 3333\n", "#define N 4444\n"})
    check_same(definition + includes + kernel, options);
  for (const auto* option : {"-DN=5555", "-DN=6666"}) {
    options.options = {option};
    check_same(includes + kernel, options);
  }
  folder.remove("one");
  check_same(includes + kernel, options);
}

TEST_CASE("what NVRTC had to precompile anew is not taken for what was there", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const HeaderFolder folder{{"h.h", "#define V 1111\n"}};
  const std::string source = "#include <h.h>\n__global__ void f(int* x) { *x = V; }\n";
  const CompileOptions options{.include_dirs = {folder.path}, .arch = "sm_80", .pch = Pch::automatic};
  const auto toolkit = nvrtc::require_toolkit(0);
  const CompilerVersion version{toolkit->major, toolkit->minor};
  const auto nvrtc_options = compiler_options(options, "sm_80", version, LineInfo::unwanted, {});
  const Texts none;
  const auto closure = leading_closure(source, {options, nvrtc_options, none, version});
  REQUIRE(closure);
  const auto value = [&] {
    const auto ptx = run_here({nvrtc::load(*toolkit), source, options, "sm_80", nvrtc_options, &*closure}).ptx;
    return ptx.find("1111") != std::string::npos ? 1111 : ptx.find("2222") != std::string::npos ? 2222 : 0;
  };
  CHECK(value() == 1111);
  std::size_t removed = 0;
  for (const auto& place : std::filesystem::directory_iterator(pch_root()))
    if (place.is_directory())
      for (const auto& file : std::filesystem::directory_iterator(place.path()))
        removed += std::filesystem::remove(file.path()) ? 1 : 0;
  REQUIRE(removed > 0);
  folder.write("h.h", "#define V 2222\n");  // after the look at it
  CHECK(value() == 2222);
  folder.write("h.h", "#define V 1111\n");
  CHECK(value() == 1111);
}

TEST_CASE("hermetic programs, and those that the cache is asked for, have precompiled headers too", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const HeaderFolder folder{{"h.h", "#include \"v.h\"\n"}, {"v.h", "#define V 1111\n"}};
  const TemporaryFolder cache_folder;
  KernelCache cache(cache_folder / "cache");
  constexpr auto text = "#include <h.h>\n__global__ void f(int* x) {{ *x = V + {}; }}\n";
  const auto ptx = [&](int number, bool hermetic, Pch pch, KernelCache* where) {
    const CompileOptions options{.include_dirs = {folder.path}, .arch = "sm_80", .hermetic = hermetic, .pch = pch};
    return compile(fmt::format(text, number), options, where).ptx;
  };
  for (const auto* value : {"#define V 1111\n", "#define V 2222\n"}) {
    folder.write("v.h", value);
    for (const bool hermetic : {false, true})
      for (int i = 0; i < 3; ++i)
        CHECK(ptx(i, hermetic, Pch::automatic, &cache) == ptx(i, hermetic, Pch::off, nullptr));
  }
}

TEST_CASE("a relative folder is that of the moment", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const HeaderFolder folder{{"a/inc/h.h", "#include \"../v.h\"\n"},
                            {"a/v.h", "#define V 1111\n"},
                            {"b/inc/h.h", "#include \"../v.h\"\n"},
                            {"b/v.h", "#define V 2222\n"}};
  for (const auto* name : {"/a", "/b", "/a"}) {
    const ScopedFolder here(folder.path + name);
    check_same("#include <h.h>\n__global__ void f(int* x) { *x = V; }\n", {.include_dirs = {"inc"}});
  }
}

TEST_CASE("what a header leaves open reaches the program", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  // Of each: the header, and what follows it.
  const std::vector<std::pair<const char*, const char*>> programs{
      {"extern \"C\"\n", "__global__ void f(int* x) { *x = 1; }\n"},
      {"extern \"C\" {\n", "__global__ void f(int* x) { *x = 1; } }\n"},
      {"namespace n {\n", "__global__ void f(int* x) { *x = 1; } }\n"},
      {"__device__ int\n", "q = 3; __global__ void f(int* x) { *x = q; }\n"},
      {"template <class T>\n", "__device__ T g(T t) { return t; } __global__ void f(int* x) { *x = g(2); }\n"},
      {"[[deprecated]]\n", "__device__ int g() { return 1; } __global__ void f(int* x) { *x = g(); }\n"},
      {"#pragma unroll 4\n", "__global__ void f(int* x) { for (int i = 0; i < 8; ++i) x[i] = 1; }\n"},
      {"#pragma pack(push, 1)\n", "struct S { char c; int i; }; __global__ void f(S* s) { s[1].i = 1; }\n"},
      {"#pragma nv_diag_suppress 177\n", "__global__ void f(int* x) { int unused; *x = 1; }\n"},
      {"#pragma once\n__device__ int a = 4;\n", "#include \"h.h\"\n__global__ void f(int* x) { *x = a; }\n"},
      {"__device__ const char* b() { return __BASE_FILE__; }\n", "__global__ void f(const char** p) { *p = b(); }\n"},
      {"__device__ const char* b() { return __FILE__; }\n", "__global__ void f(const char** p) { *p = b(); }\n"}};
  for (const auto& [header, rest] : programs) {
    INFO(header);
    for (const auto* name : {"one.cu", "other.cu"})
      check_same(fmt::format("#include \"h.h\"\n{}", rest), {.headers = {{"h.h", header}}, .name = name});
  }
}

TEST_CASE("warnings in headers are in the log of every compile", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const std::string source = "#include \"w.h\"\n__global__ void f(int* x) { *x = 1; }\n";
  for (const auto* text :
       {"static __device__ int g() { int unused; return 1; }\n", "#warning beware\n", "#pragma message(\"hello\")\n"})
    check_same(source, {.headers = {{"w.h", text}}});
}

TEST_CASE("an error is the same with precompiled headers", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const std::string source = "#include <cuda_fp16.h>\n__global__ void f(int* x) { *x = nothing; }\n";
  const auto error = [&](Pch pch) {
    try {
      static_cast<void>(compile_it(source, {}, pch));
    } catch (const CompileError& caught) {
      return std::string(caught.what());
    }
    return std::string();
  };
  const auto plain = error(Pch::off);
  CHECK(plain.find("kernel.cu:2:") != std::string::npos);
  CHECK(error(Pch::automatic) == plain);
  CHECK(error(Pch::automatic) == plain);
}

TEST_CASE("threads that want the same headers get the same results", "[pch][nvrtc][threads]") {
  NEEDS_NVRTC();
  std::vector<std::string> ptx(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < ptx.size(); ++i)
    threads.emplace_back([&, i] {
      const auto source = fmt::format("#include <cuda_bf16.h>\n__global__ void f(int* x) {{ *x = {}; }}\n", 7000 + i);
      ptx[i] = compile_it(source, {}, Pch::automatic).ptx;
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < ptx.size(); ++i) CHECK(ptx[i].find(std::to_string(7000 + i)) != std::string::npos);
}
