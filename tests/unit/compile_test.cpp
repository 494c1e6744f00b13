// SPDX-License-Identifier: MIT
// compile() with the real NVRTC; no device is needed.
#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

using namespace cujitsu;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Whether there is a compiler; where there is none, each test says so and is skipped.
bool has_nvrtc() {
  static const bool usable = nvrtc_report().usable;
  return usable;
}

#define NEEDS_NVRTC() \
  if (!has_nvrtc()) CUJITSU_SKIP("there is no NVRTC")

struct TemporaryCache {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cujitsu-compile-test-" + std::to_string(::getpid()));
  KernelCache cache{folder};
  ~TemporaryCache() { std::filesystem::remove_all(folder); }
};

CompileError compile_error(std::string_view source, const CompileOptions& options = {}) {
  try {
    static_cast<void>(compile(source, options, nullptr));
  } catch (const CompileError& error) {
    return error;
  }
  return {"nothing was thrown", {}};
}

constexpr const char* scale =
    "__global__ void scale(float* x, float a, int n) { if (threadIdx.x < n) x[threadIdx.x] *= a; }";

}  // namespace

TEST_CASE("one compile for a real architecture gives PTX and machine code, with everything known of the kernel") {
  NEEDS_NVRTC();
  const auto code = compile(scale, {.arch = "sm_80"}, nullptr);
  CHECK(contains(code.ptx, ".target sm_80"));
  CHECK(
      code.cubin.starts_with("\x7f"
                             "ELF"));
  CHECK(code.arch == "sm_80");
  REQUIRE(code.kernels.size() == 1);
  CHECK(code.kernels[0].name == "scale");
  CHECK(code.kernels[0].lowered_name == "_Z5scalePffi");
  CHECK(contains(code.kernels[0].signature.to_string(), "scale(float* "));
  CHECK(code.kernels[0].resources.registers > 0);
  CHECK(code.options.at(0) == "--gpu-architecture=sm_80");
  CHECK(code.seconds > 0);
  CHECK(code.cache_status == CacheStatus::bypass);
  CHECK(code.cache_reason == "the caller asked for no cache");
}

TEST_CASE("a virtual architecture gives PTX alone") {
  NEEDS_NVRTC();
  const auto code = compile(scale, {.arch = "compute_80"}, nullptr);
  CHECK(code.cubin.empty());
  CHECK(contains(code.ptx, ".target sm_80"));
}

TEST_CASE("without a device the architecture is sm_80") {
  NEEDS_NVRTC();
  ::setenv("CUJITSU_DRIVER", "cuda", 1);
  ::setenv("CUJITSU_LIBCUDA", "/nowhere/libcuda.so.1", 1);
  if (driver_report().usable) CUJITSU_SKIP("another test of this process has opened a driver");
  CHECK(compile(scale, {}, nullptr).arch == "sm_80");
}

TEST_CASE("resources are read out of the machine code") {
  NEEDS_NVRTC();
  const auto code = compile(R"(
__global__ void busy(float* x, int n) {
  __shared__ float shared[128];
  float local[64];
  for (int i = 0; i < 64; ++i) local[i] = i;
  for (int i = 0; i < 64; ++i) local[(i * n) & 63] += x[i];
  shared[threadIdx.x & 127] = local[n & 63];
  __syncthreads();
  x[threadIdx.x] = shared[n & 127] + local[(n * 7) & 63];
}
)",
                            {.arch = "sm_80"}, nullptr);
  REQUIRE(code.kernels.size() == 1);
  CHECK(code.kernels[0].resources.shared_bytes == 512);
  CHECK(code.kernels[0].resources.local_bytes == 256);
  CHECK(code.kernels[0].resources.constant_bytes > 12);
}

TEST_CASE("errors carry line, column, source line and caret of the user's string") {
  NEEDS_NVRTC();
  const auto error = compile_error("__global__ void f(int* x) {\n\tx[0] = undefined_name;\n}\n", {.name = "mine.cu"});
  REQUIRE(error.diagnostics().size() == 1);
  const auto& diagnostic = error.diagnostics()[0];
  CHECK(diagnostic.file == "mine.cu");
  CHECK(diagnostic.line == 2);
  CHECK(diagnostic.severity == "error");
  CHECK(contains(diagnostic.source, "x[0] = undefined_name;"));
  if (diagnostic.column != 0) {  // NVRTC before 12.4 gives none
    CHECK(diagnostic.column == 9);
    CHECK(contains(error.what(), "mine.cu:2:9: error: identifier \"undefined_name\" is undefined"));
    CHECK(contains(error.what(), "    | \t       ^"));
  }
  CHECK(contains(error.log(), "undefined_name"));
  CHECK_FALSE(error.options().empty());
  CHECK(error.name() == "mine.cu");
}

TEST_CASE("a #line directive is honoured and warnings stay in the log of a good compile") {
  NEEDS_NVRTC();
  CHECK(compile_error("#line 100 \"other.cu\"\nint* p = q;").diagnostics().at(0).line == 100);
  const auto code = compile("__global__ void f() { int unused = 3; }", {}, nullptr);
  REQUIRE(code.diagnostics().size() == 1);
  CHECK(code.diagnostics()[0].severity == "warning");
}

TEST_CASE("a missing header says where it was looked for") {
  NEEDS_NVRTC();
  const auto error = compile_error("#include \"missing.h\"\n", {.include_dirs = {"/tmp"}});
  CHECK(contains(error.what(), "missing.h"));
  CHECK(contains(error.hint(), "in /tmp"));
}

TEST_CASE("an unknown option is named, an unknown architecture is refused with those there are") {
  NEEDS_NVRTC();
  CHECK(contains(compile_error(scale, {.options = {"--bogus"}}).what(), "unrecognized option --bogus"));
  try {
    static_cast<void>(compile(scale, {.arch = "sm_20"}, nullptr));
    FAIL("nothing was thrown");
  } catch (const ArgumentError& error) {
    CHECK(contains(error.what(), "does not compile for 'sm_20'; it knows sm_"));
  }
}

TEST_CASE("headers in memory, include folders and the toolkit's headers are found") {
  NEEDS_NVRTC();
  const auto folder = std::filesystem::temp_directory_path() / ("cujitsu-headers-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "folder.h") << "#define FROM_FOLDER 2\n";
  const auto code = compile(
      "#include \"memory.h\"\n#include \"folder.h\"\n__global__ void f(int* x) { *x = FROM_MEMORY + FROM_FOLDER; }",
      {.include_dirs = {folder}, .headers = {{"memory.h", "#define FROM_MEMORY 1\n"}}}, nullptr);
  CHECK(code.kernels.size() == 1);
  std::filesystem::remove_all(folder);
  if (nvrtc_report().include_dirs.empty()) CUJITSU_SKIP("this NVRTC has no headers");
  CHECK(compile("#include <cuda_fp16.h>\n__global__ void f(half* x) { *x = __float2half(1.0f); }", {}, nullptr)
            .kernels.at(0)
            .signature.to_string() == "f(__half* x)");
}

TEST_CASE("templates are instantiated by name expressions, and a wrong one is an error") {
  NEEDS_NVRTC();
  constexpr const char* source = "template <class T> __global__ void scale(T* x) { *x *= 2; }";
  const auto code = compile(source, {.name_expressions = {"scale<float>", "scale<double>"}}, nullptr);
  CHECK(code.kernels.size() == 2);
  REQUIRE(code.lowered_names.size() == 2);
  CHECK(code.lowered_names[1] == std::pair<std::string, std::string>("scale<double>", "_Z5scaleIdEvPT_"));
  CHECK(contains(compile_error(source, {.name_expressions = {"skale<float>"}}).what(), "skale"));
}

TEST_CASE("the second compile of the same is a hit with the same content, any change is a miss") {
  NEEDS_NVRTC();
  TemporaryCache it;
  const auto first = compile(scale, {}, &it.cache);
  CHECK(first.cache_status == CacheStatus::miss);
  const auto second = compile(scale, {}, &it.cache);
  CHECK(second.cache_status == CacheStatus::hit);
  CHECK(second.cache_key == first.cache_key);
  CHECK(second.ptx == first.ptx);
  CHECK(second.cubin == first.cubin);
  CHECK(second.kernels == first.kernels);
  CHECK(second.options == first.options);
  CHECK(compile(scale, {.options = {"-DX"}}, &it.cache).cache_status == CacheStatus::miss);
  CHECK(compile(scale, {.arch = "sm_75"}, &it.cache).cache_status == CacheStatus::miss);
  CHECK(compile(scale, {.name = "b.cu"}, &it.cache).cache_status == CacheStatus::miss);
  CHECK(compile(scale, {.headers = {{"a.h", ""}}}, &it.cache).cache_status == CacheStatus::miss);
  CHECK(it.cache.stats().hits == 1);
  CHECK(it.cache.stats().misses == 5);
  CHECK(it.cache.list().size() == 5);
}

TEST_CASE("a header outside the toolkit is part of the key") {
  NEEDS_NVRTC();
  TemporaryCache it;
  const auto folder = it.folder.string() + "-include";
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* text) { std::ofstream(std::filesystem::path(folder) / "mine.h") << text; };
  const CompileOptions options{.include_dirs = {folder}};
  const auto compiled = [&] {
    return compile("#include \"mine.h\"\n__global__ void f(int* x) { *x = N; }", options, &it.cache);
  };
  write("#define N 1\n");
  const auto first = compiled();
  CHECK(first.cache_status == CacheStatus::miss);
  CHECK(compiled().cache_status == CacheStatus::hit);
  write("#define N 2\n");
  const auto second = compiled();
  CHECK(second.cache_status == CacheStatus::miss);
  CHECK(second.cache_changes == std::vector<std::string>{"header " + folder + "/mine.h line 1 changed"});
  CHECK(second.ptx != first.ptx);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a failed compile stores nothing and fails again with the same error") {
  NEEDS_NVRTC();
  TemporaryCache it;
  for (int i = 0; i < 2; ++i) CHECK_THROWS_AS(compile("__global__ void f() { x; }", {}, &it.cache), CompileError);
  CHECK(it.cache.list().empty());
}

TEST_CASE("threads compile and hit side by side", "[threads]") {
  NEEDS_NVRTC();
  TemporaryCache it;
  std::vector<std::thread> threads;
  std::array<CompiledCode, 6> codes;
  for (std::size_t i = 0; i < codes.size(); ++i)
    threads.emplace_back(
        [&, i] { codes[i] = compile(std::string(scale) + "// " + std::to_string(i % 3), {}, &it.cache); });
  for (auto& thread : threads) thread.join();
  for (const auto& code : codes) CHECK(code.kernels.size() == 1);
  CHECK(it.cache.list().size() == 3);
}

TEST_CASE("a header finds what it includes beside itself, and the current folder is not searched") {
  NEEDS_NVRTC();
  namespace fs = std::filesystem;
  const auto folder = fs::temp_directory_path() / ("cujitsu-include-test-" + std::to_string(::getpid()));
  fs::create_directories(folder / "sub");
  std::ofstream(folder / "sub" / "outer.h") << "#include \"inner.h\"\n";
  std::ofstream(folder / "sub" / "inner.h") << "__device__ int inner() { return 1; }\n";
  std::ofstream(folder / "beside.h") << "\n";
  const auto before = fs::current_path();
  fs::current_path(folder);
  CHECK_NOTHROW(compile("#include \"sub/outer.h\"\n__global__ void k(int* p) { *p = inner(); }",
                        {.include_dirs = {folder.string()}, .arch = "sm_80"}, nullptr));
  CHECK_THROWS_AS(compile("#include \"beside.h\"\n__global__ void k() {}", {.arch = "sm_80"}, nullptr), CompileError);
  CHECK_THROWS_AS(compile("#include \"beside.h\"\n__global__ void k() {}",
                          {.arch = "sm_80", .name = (folder / "k.cu").string()}, nullptr),
                  CompileError);
  fs::current_path(before);
  fs::remove_all(folder);
}

TEST_CASE("a name with quotes compiles with whatever options are added") {
  NEEDS_NVRTC();
  CHECK_NOTHROW(compile(scale, {.arch = "sm_80", .name = "a \"quoted\" \\ name.cu"}, nullptr));
}

TEST_CASE("the program's name is what the user gave it, in __FILE__ and in messages") {
  NEEDS_NVRTC();
  const auto code = compile("__global__ void k(const char** p) { *p = __FILE__; }",
                            {.arch = "sm_80", .name = "some folder/my.cu"}, nullptr);
  CHECK(code.ptx.find(".b8 $str[18]") != std::string::npos);
  try {
    static_cast<void>(compile("int x = y;", {.arch = "sm_80", .name = "a/b.cu"}, nullptr));
    FAIL("it compiled");
  } catch (const CompileError& error) {
    CHECK(std::string(error.what()).starts_with("a/b.cu does not compile"));
    CHECK(error.log().find("nowhere") == std::string::npos);
    CHECK(error.diagnostics().front().file == "a/b.cu");
  }
}

TEST_CASE("get_function names the nearest kernel before it asks for a driver") {
  NEEDS_NVRTC();
  const SourceModule module(scale, {}, nullptr);
  try {
    static_cast<void>(module.get_function("scal"));
    FAIL("nothing was thrown");
  } catch (const ArgumentError& error) {
    CHECK(contains(error.what(), "did you mean 'scale'?"));
  }
  if (driver_report().usable) return;
  CHECK_THROWS_AS(module.get_function("scale"), LoadError);
  CHECK_THROWS_AS(mem_alloc(16), LoadError);
}
