// SPDX-License-Identifier: MIT
// PTX that is wrong, or so large that it is meant to be: refused with a reason, never a crash. What the fuzzer finds
// comes here; whole files of it into data/fuzz.
#include "exercise.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

using cujitsu::softgpu::test::exercise;
using cujitsu::softgpu::test::Exercised;

namespace {

constexpr int out_of_memory = 2;
constexpr int invalid_ptx = 218;

const std::string header = ".version 9.0\n.target sm_80\n.address_size 64\n";  // 3 lines

std::string kernel(const std::string& body, const std::string& parameters = "") {
  return ".visible .entry k(" + parameters + ")\n{\n" + body + "\nret;\n}\n";
}

/// A kernel with registers of every kind, and one line: the ninth.
Exercised exercise_line(const std::string& line) {
  const std::string registers =
      ".reg .pred %p<4>; .reg .b16 %rs<4>; .reg .b32 %r<4>; .reg .b64 %rd<4>; .reg .f32 %f<4>; .reg .f64 %fd<4>;";
  return exercise(header + kernel(".shared .align 16 .b8 shared[64];\n.local .align 16 .b8 local[64];\n" + registers +
                                  "\n" + line));
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string repeated(const std::string& text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::filesystem::directory_iterator files_in(const std::string& folder) {
  return std::filesystem::directory_iterator(std::filesystem::path(CUJITSU_SOFTGPU_TEST_DATA_DIR) / folder);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("an operand of a width that its instruction does not have is refused by name and line",
          "[softgpu][hostile]") {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"add.u64 %r1, %rd1, %rd2;", "add.u64"},
      {"activemask.b32 %p1;", "activemask.b32"},
      {"alloca.u64 %r1, 16;", "alloca.u64"},
      {"stacksave.u64 %r1;", "stacksave.u64"},
      {"shfl.sync.idx.b32 %rs1|%p1, %p1, 0, 31, -1;", "shfl.sync.idx.b32"},
      {"match.any.sync.b64 %r1, %r2, -1;", "match.any.sync.b64"},
      {"elect.sync %r1|%r2, -1;", "elect.sync"},
      {"vote.sync.ballot.b32 %r1, %r2, -1;", "vote.sync.ballot.b32"},
      {"bar.red.and.pred %r1, 0, %p1;", "bar.red.and.pred"},
      {"mov.u64 %rd1, %r1;", "mov.u64"},
      {"createpolicy.fractional.L2::evict_last.b64 %r1, 1.0;", "createpolicy.fractional.L2::evict_last.b64"},
  };
  for (const auto& [line, name] : lines) {
    INFO(line);
    const auto result = exercise_line(line);
    CHECK(result.code == 0);
    CHECK(result.refused == 1);
    CHECK(contains(result.why, "PTX line 9 (" + name + ")"));
  }
}

TEST_CASE("an operand that is none of what its instruction takes is refused by name and line", "[softgpu][hostile]") {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"add.f32 %f1, [%rd1], %f2;", "add.f32"},
      {"st.global.u64 [%rd1], [%rd2];", "st.global.u64"},
      {"ld.shared.u32 [shared], %r1;", "ld.shared.u32"},
      {"cvta.to.global.u64 %rd1, [%rd2];", "cvta.to.global.u64"},
      {"ld.global.u32 %r1, [%rd1, {%r2}];", "ld.global.u32"},
      {"add.f32 5, %f1, %f2;", "add.f32"},
      {"sqrt.rn.f32 %f1|%p1, %f2;", "sqrt.rn.f32"},
      {"add.f32 %f1, !%f2, %f3;", "add.f32"},
      {"sin.approx.f32 %f1, _;", "sin.approx.f32"},
      {"membar.gl 5;", "membar.gl"},
      {"alloca.u64 %rd1, 16, %r1;", "alloca.u64"},
      {"mov.u32 %tid.x, 1;", "mov.u32"},
  };
  for (const auto& [line, name] : lines) {
    INFO(line);
    const auto result = exercise_line(line);
    CHECK(result.code == 0);
    CHECK(result.refused == 1);
    CHECK(contains(result.why, "PTX line 9 (" + name + ")"));
  }
}

TEST_CASE("a call by a register that holds no address is refused", "[softgpu][hostile]") {
  const auto result = exercise_line("p: .callprototype _ (); call %r1, (), p;");
  CHECK(result.refused == 1);
  CHECK(contains(result.why, "PTX line 9 (call)"));
}

TEST_CASE("a kernel with nothing else on its stack can use alloca", "[softgpu][hostile]") {
  const auto result = exercise(header + kernel(".reg .b64 %rd<3>; .reg .b32 %r;\nalloca.u64 %rd1, 64;\n"
                                               "st.local.u32 [%rd1], 7;\nld.local.u32 %r, [%rd1];"));
  CHECK(result.why == "");
  CHECK(result.run == 1);
  CHECK(result.fault == "");
}

TEST_CASE("more parameters or shared memory than a GPU has are invalid PTX", "[softgpu][hostile]") {
  const auto parameters = exercise(header + kernel("", ".param .b8 p[4294967300]"));
  CHECK(parameters.code == invalid_ptx);
  CHECK(contains(parameters.log, "line 4; error   : Entry function 'k' uses too much parameter space"));
  CHECK(exercise(header + kernel("", ".param .b8 p[32764]")).code == 0);

  const auto old = exercise(".version 8.0\n.target sm_80\n" + kernel("", ".param .b8 p[4353]"));
  CHECK(contains(old.log, "uses too much parameter space (0x1101 bytes, 0x1100 max)"));

  const auto shared = exercise(header + kernel(".shared .b8 a[4294967297];\n.shared .b8 b[16];\n.reg .b32 %r;\n"
                                               "ld.shared.u32 %r, [a];\nld.shared.u32 %r, [b];"));
  CHECK(shared.code == invalid_ptx);
  CHECK(contains(shared.log, "Entry function 'k' uses too much shared data"));
  CHECK(exercise(header + ".shared .b8 unused[60000];\n" + kernel("")).code == 0);
}

TEST_CASE("more local memory than a thread has keeps a kernel from running", "[softgpu][hostile]") {
  for (const char* bytes : {"600000", "4294967300", "70368744177664"}) {
    const auto result = exercise(header + kernel(std::string(".local .b8 a[") + bytes + "];"));
    CHECK(result.code == 0);
    CHECK(result.refused == 1);
    CHECK(contains(result.why, bytes));
  }
}

TEST_CASE("a variable larger than the device's memory is out of memory", "[softgpu][hostile]") {
  CHECK(exercise(header + ".global .b8 a[70368744177664];\n" + kernel("")).code == out_of_memory);
}

TEST_CASE("nesting as deep as the text is long is refused", "[softgpu][hostile]") {
  constexpr std::size_t deep = 200000;
  for (const std::string& text : {
           kernel(repeated("{", deep)),
           kernel(".reg .b32 %r; mov.b32 %r, " + repeated("(", deep) + "1;"),
           kernel(".reg .b32 %r; mov.b32 %r, " + repeated("-", deep) + "1;"),
           kernel(".reg .b32 %r; mov.b32 %r, " + repeated("1?", deep) + "1;"),
           kernel(".reg .b32 %r; mov.b32 " + repeated("{", deep) + "%r;"),
           kernel(".reg .b32 %r; mov.b32 %r, " + repeated("[", deep) + "%r;"),
           kernel(".reg .b32 %r; mov.b32 " + repeated("%r|", deep) + "%r, 1;"),
           ".global .b32 a" + repeated("[1]", deep) + " = " + repeated("{", deep) + "1;",
       }) {
    INFO(text.substr(0, 80));
    CHECK(exercise(header + text).code == invalid_ptx);
  }
}

TEST_CASE("a chain of calls as long as the text is followed to its end", "[softgpu][hostile]") {
  constexpr int links = 50000;
  std::string text = header + ".func f0() { ret; }\n";
  for (int i = 1; i < links; ++i)
    text += ".func f" + std::to_string(i) + "() { call f" + std::to_string(i - 1) + "; ret; }\n";
  const auto result = exercise(text + kernel("call f" + std::to_string(links - 1) + ";"));
  CHECK(result.kernels == 1);
  CHECK(result.refused == 0);
}

TEST_CASE("printf's widths and precisions are bounded", "[softgpu][hostile]") {
  const std::string format = repeated("%2000000000d%.2000000000f%*d", 100);
  std::string bytes;
  for (const char c : format) bytes += std::to_string(static_cast<int>(c)) + ", ";
  const auto result = exercise(
      header + ".extern .func (.param .b32 r) vprintf(.param .b64 a, .param .b64 b);\n.global .b8 format[" +
      std::to_string(format.size() + 1) + "] = {" + bytes + "0};\n.global .b32 arguments[1000] = {2000000000};\n" +
      kernel(".param .b32 r; .param .b64 a; .param .b64 b; .reg .b64 %rd;\nmov.u64 %rd, format;\n"
             "st.param.b64 [a], %rd;\nmov.u64 %rd, arguments;\nst.param.b64 [b], %rd;\ncall (r), vprintf, (a, b);"));
  CHECK(result.code == 0);
  CHECK(result.why == "");
  CHECK(result.run == 1);
  CHECK(result.fault == "");
}

TEST_CASE("a kernel without parameters is launched without a buffer of them", "[softgpu][hostile]") {
  const auto result = exercise(header + kernel(""));
  CHECK(result.run == 1);
  CHECK(result.fault == "");
}

TEST_CASE("what the fuzzer found is refused or runs", "[softgpu][hostile]") {
  std::size_t count = 0;
  for (const auto& entry : files_in("fuzz")) {
    const auto path = entry.path();
    INFO(path.string());
    CHECK_NOTHROW(exercise(text_of(path)));
    ++count;
  }
  CHECK(count > 0);
}

TEST_CASE("what NVRTC makes of kernels that softgpu executes is refused nowhere", "[softgpu][hostile]") {
  std::size_t kernels = 0;
  for (const auto& entry : files_in("ptx")) {
    const auto path = entry.path();
    INFO(path.string());
    const auto result = exercise(text_of(path));
    CHECK(result.code == 0);
    CHECK((result.refused != 0) == path.filename().string().starts_with("refused"));
    kernels += result.kernels;
  }
  CHECK(kernels >= 10);
}
