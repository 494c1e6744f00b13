// SPDX-License-Identifier: MIT
// Programs with the bytes of all their headers: NVRTC makes the same of them, and reads nothing.
#include "compile/hermetic.hpp"
#include "nvrtc/toolkit.hpp"
#include "support/catch.hpp"
#include "support/compile_jobs.hpp"
#include "support/header_tree.hpp"

#include <filesystem>
#include <random>

using namespace cujitsu;
using namespace cujitsu::compiler;
using namespace cujitsu::test;
using Texts = std::vector<std::string>;

namespace {

CompilerVersion version() {
  const auto toolkit = nvrtc::find_toolkit(0).toolkit;
  return {toolkit->major, toolkit->minor};
}

HermeticProgram hermetic(const std::string& source, const CompileOptions& options) {
  return make_hermetic(source, {options, compiler_options(options, "compute_80", version(), LineInfo::unwanted, {}),
                                nvrtc::find_toolkit(0).toolkit->include_dirs(), version()});
}

#define NEEDS_NVRTC() \
  if (nvrtc::find_toolkit(0).toolkit == nullptr) CUJITSU_SKIP("there is no NVRTC")

/// The job of the same compile from memory alone.
CompileJob job_of(const HermeticProgram& program, CompileOptions options) {
  options.headers = program.headers;
  options.include_dirs.clear();
  std::erase_if(options.options, [](const std::string& option) { return option.starts_with("-I"); });
  return {"/", program.source, std::move(options), true};
}

Texts headers_opened(const CompileOutcome& outcome) {
  Texts result;
  for (const auto& path : outcome.opened)
    if (path.find(".so") == std::string::npos && !path.starts_with("/proc/") && !path.starts_with("/sys/") &&
        !path.starts_with("/dev/") && !path.starts_with("/etc/"))
      result.push_back(path);
  return result;
}

}  // namespace

TEST_CASE("a hermetic program compiles after its headers were changed or removed, to the same code") {
  NEEDS_NVRTC();
  const HeaderFolder folder{
      {"inc/lib/top.h",
       "#pragma once\n#include \"detail/deep.h\"\n#include <lib/other.h>\n"
       "__device__ const char top_file[] = __FILE__;\n"},
      {"inc/lib/detail/deep.h",
       "#ifndef DEEP\n#define DEEP\n#include \"../other.h\"\n__device__ int deep = __LINE__;\n#endif\n"},
      {"inc/lib/other.h", "#pragma once\n#define NAME <lib/named.h>\n__device__ int other = 1;\n"},
      {"inc/lib/named.h", "__device__ int named = 3;\n"},
      {"first/lib/next.h",
       "__device__ int next_first = 4;\n#if __has_include_next(<lib/next.h>)\n#include_next <lib/next.h>\n#endif\n"},
      {"inc/lib/next.h", "__device__ int next_second = 5;\n"}};
  const std::string has = version() >= CompilerVersion{12, 4} ? "HAS" : "__has_include";
  const std::string source =
      "#include <lib/top.h>\n#include NAME\n#include <lib/next.h>\n#define HAS(x) __has_include(x)\n"
      "#if " +
      has +
      "(<lib/named.h>) && !HAS(<lib/nowhere.h>) && \\\n !__has_include(\"lib/absent.h\")\n"
      "#include \"mine.h\"\n#endif\n__device__ int line = __LINE__;\n"
      "#include <cuda_fp16.h>\n__global__ void f(__half* x) { x[0] = __hadd(x[1], x[2]); }\n";
  CompileOptions options;
  options.include_dirs = {folder.path + "/first", folder.path + "/inc"};
  options.headers = {{"mine.h", "#include <lib/other.h>\n__device__ int mine = 6;\n"}};
  const auto program = hermetic(source, options);
  REQUIRE(program.refusal == "");
  const auto before = compile_traced({{"/", source, options}}).at(0);
  CAPTURE(before.ptx);
  REQUIRE(before.compiled);
  folder.write("inc/lib/top.h", "#error changed\n");
  folder.write("inc/lib/nowhere.h", "#error new\n");
  folder.write("inc/lib/absent.h", "#error new\n");
  folder.remove("inc/lib/detail/deep.h");
  folder.remove("inc/lib/other.h");
  const auto after = compile_traced({job_of(program, options)}).at(0);
  CHECK(after.compiled);
  CHECK(after.ptx == before.ptx);
  CHECK(headers_opened(after) == Texts());
}

TEST_CASE("a file with pragma once that is reached by two paths is one header") {
  NEEDS_NVRTC();
  const HeaderFolder folder{{"a.h", "#pragma once\n__device__ int a = 1;\n"}};
  folder.link("b.h", "a.h");
  const std::string source = "#include <a.h>\n#include <b.h>\n__global__ void f() {}\n";
  const CompileOptions options{.include_dirs = {folder.path}};
  const auto program = hermetic(source, options);
  REQUIRE(program.refusal == "");
  folder.remove("a.h");
  folder.remove("b.h");
  const auto outcome = compile_traced({job_of(program, options)}).at(0);
  CAPTURE(outcome.ptx);
  CHECK(outcome.compiled);
  CHECK(program.headers.size() == 1);
}

TEST_CASE("what can not be made hermetic is refused with the reason") {
  NEEDS_NVRTC();
  const HeaderFolder folder{
      {"a/x.h", ""},
      {"b/x.h", "int x;"},
      {"a/y.h", "#ifdef Y\n#define X <x.h>\n#else\n#define Y\n#define X \"x.h\"\n#endif\n#include X\n"},
      {"a/z.h", "#include \"y.h\"\n"}};
  const CompileOptions options{.include_dirs = {folder.path + "/b", folder.path + "/a"}};
  const auto program = hermetic("#include <z.h>\n#undef X\n#include <y.h>\n", options);
  CHECK(program.refusal == "x.h is another header in one place than in another, and macros name it");
  CHECK_FALSE(hermetic("#include __X\n", options).refusal.empty());
}

TEST_CASE("a question by a macro about a header is refused for an NVRTC that would not find it in memory") {
  const HeaderFolder folder{{"x.h", "int x;\n"}};
  CompileOptions options;
  options.include_dirs = {folder.path};
  const std::vector<std::string> nvrtc_options{"--gpu-architecture=sm_80", "-I" + folder.path};
  const auto refusal = [&](std::string_view source, CompilerVersion of) {
    return make_hermetic(source, {options, nvrtc_options, {}, of}).refusal;
  };
  constexpr std::string_view by_macro = "#define HAS(x) __has_include(x)\n#if HAS(<x.h>)\n#include <x.h>\n#endif\n";
  constexpr std::string_view absent = "#define HAS(x) __has_include(x)\n#if HAS(<y.h>)\n#endif\n";
  constexpr std::string_view literal = "#if __has_include(<x.h>)\n#include <x.h>\n#endif\n";
  CHECK(refusal(by_macro, {12, 4}) == "");
  CHECK(refusal(by_macro, {12, 3}) ==
        "a macro names x.h in __has_include, which before NVRTC 12.4 does not see headers in memory");
  CHECK(refusal(absent, {12, 3}) == "");
  CHECK(refusal(literal, {12, 3}) == "");
}

TEST_CASE("random trees of headers compile hermetically to the same code") {
  NEEDS_NVRTC();
  const char* given = std::getenv("CUJITSU_TEST_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  int same = 0;
  for (std::uint64_t i = 0; i < 10; ++i) {
    CAPTURE(first, i);
    const HeaderTree tree(first + i, true);
    std::vector<CompileJob> jobs;
    std::vector<std::string> refusals;
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(tree.path());
    for (const auto& program : tree.programs()) {
      jobs.push_back({tree.path(), program.source, program.options});
      const auto made = hermetic(program.source, program.options);
      refusals.push_back(made.refusal);
      jobs.push_back(job_of(made, program.options));
    }
    std::filesystem::current_path(here);
    const auto outcomes = compile_traced(jobs);
    for (std::size_t j = 0; j < refusals.size(); ++j) {
      const auto& [plain, closed] = std::tie(outcomes[2 * j], outcomes[2 * j + 1]);
      CAPTURE(jobs[2 * j].source, jobs[2 * j].options.options, jobs[2 * j + 1].source, refusals[j], closed.ptx);
      if (!refusals[j].empty() || !plain.compiled) continue;
      ++same;
      CHECK(closed.compiled);
      CHECK(closed.ptx == plain.ptx);
      CHECK(headers_opened(closed) == Texts());
    }
  }
  CHECK(same > 10);
}

TEST_CASE("CUB compiles from memory alone") {
  NEEDS_NVRTC();
  if (nvrtc::find_toolkit(0).toolkit->include_dirs().size() < 2) CUJITSU_SKIP("there is no CCCL");
  const std::string source =
      "#include <cub/block/block_reduce.cuh>\n__global__ void f(int* x) {\n  using Reduce = cub::BlockReduce<int, "
      "32>;\n"
      "  __shared__ Reduce::TempStorage storage;\n  x[0] = Reduce(storage).Sum(x[threadIdx.x]);\n}\n";
  const auto program = hermetic(source, {});
  REQUIRE(program.refusal == "");
  const auto outcomes = compile_traced({{"/", source, {}}, job_of(program, {})});
  CAPTURE(outcomes[1].ptx.substr(0, 2000));
  CHECK(outcomes[1].compiled);
  CHECK(outcomes[1].ptx == outcomes[0].ptx);
  CHECK(headers_opened(outcomes[1]) == Texts());
}
