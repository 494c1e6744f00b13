// SPDX-License-Identifier: MIT
// What is precompiled, and when it may be used again.
#include "compile/pch.hpp"
#include "compile/pch_fingerprint.hpp"
#include "compile/pch_folder.hpp"
#include "compile/pch_prefix.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/cujitsu.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace cujitsu;
using namespace cujitsu::compiler;
using test::TemporaryFolder;

namespace {

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

TEST_CASE("the fingerprint follows the contents of every file that may be included", "[pch]") {
  const TemporaryFolder folder;
  put(folder / "a.h", "#include \"b.h\"\n");
  put(folder / "b.h", "int b;\n");
  const CompileOptions options{.include_dirs = {folder.path().native()}};
  const auto now = [&] { return pch_fingerprint("#include <a.h>\n", options, {"-O3"}); };
  const auto first = now();
  REQUIRE(first);
  CHECK(now() == first);
  put(folder / "b.h", "int c;\n");  // the same size, within the same second
  const auto second = now();
  CHECK(second != first);
  put(folder / "c.h", "");
  CHECK(now() == second);  // nobody includes it
  put(folder / "a.h", "#include MACRO\n");
  CHECK_FALSE(now());
}

TEST_CASE("the fingerprint follows headers in memory, options and the prefix", "[pch]") {
  const CompileOptions one{.headers = {{"a.h", "int a;"}}};
  const CompileOptions other{.headers = {{"a.h", "int b;"}}};
  const auto first = pch_fingerprint("#include <a.h>\n", one, {"-O3"});
  REQUIRE(first);
  CHECK(pch_fingerprint("#include <a.h>\n", other, {"-O3"}) != first);
  CHECK(pch_fingerprint("#include <a.h>\n", one, {"-O2"}) != first);
  CHECK(pch_fingerprint("#include <a.h>\n\n", one, {"-O3"}) != first);
}

TEST_CASE("options that include a file or manage precompiled headers are left alone", "[pch]") {
  for (const auto* option : {"-include=x.h", "--pre-include=x.h", "-pch", "--use-pch=x", "-create-pch=x"})
    CHECK_FALSE(pch_fingerprint("#include <a.h>\n", {}, {option}));
  CHECK(pch_fingerprint("#include <a.h>\n", {}, {"-include-path=x", "-I", "y"}));
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

TEST_CASE("warnings in headers are in the log of every compile", "[pch][nvrtc]") {
  NEEDS_NVRTC();
  const std::string source = "#include \"w.h\"\n__global__ void f(int* x) { *x = 1; }\n";
  const CompileOptions options{.headers = {{"w.h", "static __device__ int g() { int unused; return 1; }\n"}}};
  const auto plain = compile_it(source, options, Pch::off);
  for (int i = 0; i < 3; ++i) CHECK(compile_it(source, options, Pch::automatic).log == plain.log);
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
