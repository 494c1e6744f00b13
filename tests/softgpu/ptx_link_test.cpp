// SPDX-License-Identifier: MIT
// Linking: what driver 580.159.04 answered on an H200 to the same units.
#include "softgpu/engine/launch.hpp"
#include "softgpu/engine/link.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <string>
#include <vector>

using namespace cujitsu::softgpu;

namespace {

const std::string head = ".version 8.0\n.target sm_80\n.address_size 64\n";

/// A function that returns a number.
std::string function(const std::string& name, int number, const std::string& linkage = ".visible") {
  return linkage + " .func (.param .b32 o) " + name + "() { .reg .b32 r; mov.u32 r, " + std::to_string(number) +
         "; st.param.b32 [o], r; ret; }\n";
}
std::string declaration(const std::string& name) { return ".extern .func (.param .b32 o) " + name + "();\n"; }
/// A kernel that stores what `code` puts into r.
std::string kernel(const std::string& name, const std::string& code) {
  return ".visible .entry " + name + "(.param .u64 p) { .reg .b32 r; .reg .b64 a; ld.param.u64 a, [p]; " + code +
         " st.global.u32 [a], r; ret; }\n";
}
std::string call(const std::string& name) {
  return "{ .param .b32 q; call.uni (q), " + name + ", (); ld.param.b32 r, [q]; }";
}

struct Answer {
  std::vector<int> added;
  int completed = 0;
  std::string log;  ///< of the last failure
  std::string image;
};

Answer link(const std::vector<std::string>& units) {
  Answer answer;
  const auto link = Link::make();
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto error = link->add("unit" + std::to_string(i) + ".ptx", units[i]);
    answer.added.push_back(error.code);
    if (error.code != 0) answer.log = error.log;
  }
  const auto error = link->finish(answer.image);
  answer.completed = error.code;
  if (error.code != 0) answer.log = error.log;
  return answer;
}

struct Machine {
  AddressSpace memory{64 << 20};
  std::uint64_t out = memory.allocate(64, Allocation::Kind::device);
  ~Machine() { memory.release(out); }

  /// The number that the kernel stores; -1: it has not run, and `message` says why.
  int run(const std::string& image, const char* name) {
    LoadedModule::Error error;
    const auto module = LoadedModule::load(image, memory, error);
    message = error.log;
    if (module == nullptr || module->kernel(name) == nullptr) return -1;
    std::memset(reinterpret_cast<void*>(out), 0, 64);
    LaunchRequest request;
    request.module = module;
    request.kernel = module->kernel(name)->name;
    request.parameters.resize(8);
    std::memcpy(request.parameters.data(), &out, 8);
    const auto outcome = cujitsu::softgpu::run(memory, request, [](std::string_view) {});
    message = outcome.message;
    if (outcome.code != 0) return -1;
    int number = 0;
    std::memcpy(&number, reinterpret_cast<const void*>(out), 4);
    return number;
  }
  std::string message;
};

int run_linked(const std::vector<std::string>& units, const char* name) {
  const auto answer = link(units);
  INFO(answer.log);
  REQUIRE(answer.completed == 0);
  Machine machine;
  const int number = machine.run(answer.image, name);
  INFO(machine.message);
  return number;
}

}  // namespace

TEST_CASE("a kernel calls a function and reads a variable of another unit", "[softgpu][link]") {
  CHECK(run_linked({head + declaration("f") + kernel("k", call("f")), head + function("f", 7)}, "k") == 7);
  CHECK(run_linked({head + ".visible .global .u32 v = 41;\n",
                    head + ".extern .global .u32 v;\n" + kernel("k", "ld.global.u32 r, [v];")},
                   "k") == 41);
  CHECK(run_linked({head + ".common .global .u32 v;\n",
                    head + ".common .global .u32 v[4];\n" + kernel("k", "ld.global.u32 r, [v+12];")},
                   "k") == 0);
}

TEST_CASE("a strong definition goes before a weak one, else the first counts", "[softgpu][link]") {
  const auto weak = head + function("f", 1, ".weak") + kernel("k", call("f"));
  CHECK(run_linked({weak, head + function("f", 2)}, "k") == 2);
  CHECK(run_linked({head + function("f", 2), weak}, "k") == 2);
  CHECK(run_linked({weak, head + function("f", 2, ".weak")}, "k") == 1);
}

TEST_CASE("units have functions and variables of the same name for themselves", "[softgpu][link]") {
  const std::vector<std::string> units = {
      head + ".global .u32 v = 10;\n" + function("f", 1, "") +
          kernel("k", call("f") + ".reg .b32 s; ld.global.u32 s, [v]; add.u32 r, r, s;"),
      head + ".global .u32 v = 20;\n.global .u64 at = v;\n" + function("f", 2, "") +
          kernel("k2", call("f") + ".reg .b32 s; .reg .b64 b; ld.global.u64 b, [at]; ld.u32 s, [b]; add.u32 r, r, s;")};
  CHECK(run_linked(units, "k") == 11);
  CHECK(run_linked(units, "k2") == 22);
}

TEST_CASE("what does not fit is refused with the linker's words", "[softgpu][link]") {
  const auto refused = [](const std::vector<std::string>& units, std::vector<int> added, int completed,
                          const std::string& log) {
    const auto answer = link(units);
    CHECK(answer.added == added);
    CHECK(answer.completed == completed);
    CHECK(answer.log == log);
  };
  refused({head + declaration("f") + kernel("k", call("f"))}, {0}, 300,
          "error   : Undefined reference to 'f' in 'unit0.ptx'");
  refused({head + ".extern .global .u32 v;\n" + kernel("k", "ld.global.u32 r, [v];")}, {0}, 300,
          "error   : Undefined reference to 'v' in 'unit0.ptx'");
  refused({head + function("f", 1), head + function("f", 2)}, {0, 300}, 300,
          "error   : Multiple definition of 'f' in 'unit1.ptx', first defined in 'unit0.ptx'");
  refused({head + ".visible .global .u32 v = 4;\n", head + ".visible .global .u32 v = 5;\n"}, {0, 300}, 300,
          "error   : Multiple definition of 'v' in 'unit1.ptx', first defined in 'unit0.ptx'");
  refused({head + kernel("k", "mov.u32 r, 1;"), head + kernel("k", "mov.u32 r, 1;")}, {0, 300}, 300,
          "error   : Multiple definition of 'k' in 'unit1.ptx', first defined in 'unit0.ptx'");
  refused({head + function("f", 1, ""), head + declaration("f") + kernel("k", call("f"))}, {0, 0}, 300,
          "error   : Undefined reference to 'f' in 'unit1.ptx'");
  refused({head + ".visible .global .u64 v = 41;\n",
           head + ".extern .global .u32 v;\n" + kernel("k", "ld.global.u32 r, [v];")},
          {0, 300}, 300, "error   : Size doesn't match for 'v' in 'unit1.ptx', first specified in 'unit0.ptx'");
  refused({head + ".extern .func (.param .b64 o) f();\n", head + function("f", 1)}, {0, 999}, 999,
          "error   : Prototype doesn't match for 'f' in 'unit1.ptx', first defined in 'unit0.ptx'");
  refused({head + ".visible .const .b8 a[40000];\n", head + ".visible .const .b8 b[40000];\n"}, {0, 0}, 999,
          "error   : File uses too much global constant data (0x13880 bytes, 0x10000 max)");
}

TEST_CASE("a text that is no PTX is left out of a link, and the rest goes on", "[softgpu][link]") {
  const auto answer = link({head + "this is wrong", "hello", head + kernel("k", "mov.u32 r, 3;")});
  CHECK(answer.added == std::vector{218, 200, 0});
  REQUIRE(answer.completed == 0);
  CHECK(Machine().run(answer.image, "k") == 3);
}

TEST_CASE("an image of no units loads, and one of several is a unit of the next link", "[softgpu][link]") {
  Machine machine;
  LoadedModule::Error error;
  const auto empty = LoadedModule::load(link({}).image, machine.memory, error);
  REQUIRE(empty != nullptr);
  CHECK(empty->kernel_names().empty());
  const auto first = link({head + declaration("g") + function("f", 5), head + function("g", 6)});
  CHECK(run_linked({first.image, head + declaration("f") + kernel("k", call("f"))}, "k") == 5);
}

TEST_CASE("each unit's lines name its own files", "[softgpu][link]") {
  const auto at = [](const std::string& file, const std::string& name) {
    return head + kernel(name, ".loc 1 12 3\n mov.u64 a, 8; mov.u32 r, 1;") + ".file 1 \"" + file + "\"\n";
  };
  const auto answer = link({at("/none/one.cu", "k1"), at("/none/two.cu", "k2")});
  REQUIRE(answer.completed == 0);
  Machine machine;
  CHECK(machine.run(answer.image, "k1") == -1);
  CHECK_THAT(machine.message, Catch::Matchers::ContainsSubstring("one.cu:12"));
  CHECK(machine.run(answer.image, "k2") == -1);
  CHECK_THAT(machine.message, Catch::Matchers::ContainsSubstring("two.cu:12"));
}

TEST_CASE("a function that is declared but never used need not be defined", "[softgpu][link]") {
  Machine machine;
  CHECK(machine.run(head + declaration("f") + kernel("k", "mov.u32 r, 9;"), "k") == 9);  // as ptxas has it
}
