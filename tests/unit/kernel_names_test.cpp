// SPDX-License-Identifier: MIT
#include "compile/kernel_names.hpp"
#include "support/catch.hpp"

#include <cujitsu/errors.hpp>

using namespace cujitsu;
using namespace cujitsu::compiler;

namespace {

CompiledCode code() {
  const auto kernel = [](const char* name, const char* lowered, const char* type) {
    KernelInfo info;
    info.name = name;
    info.lowered_name = lowered;
    info.signature = {name, {{ParameterKind::pointer, 8, 8, 0, type, "", "", false}}};
    return info;
  };
  CompiledCode result;
  result.kernels = {kernel("add", "_Z3addPf", "float*"),
                    kernel("ns::scale<float>", "_ZN2ns5scaleIfEEvPT_", "float*"),
                    kernel("ns::scale<int>", "_ZN2ns5scaleIiEEvPT_", "int*"),
                    kernel("twice", "_Z5twicePf", "float*"),
                    kernel("twice", "_Z5twicePi", "int*"),
                    kernel("ns::alone<7>", "_ZN2ns5aloneILi7EEEvPT_", "int*")};
  result.lowered_names = {{"ns::scale<float>", "_ZN2ns5scaleIfEEvPT_"}};
  result.globals = {{"table", "table"}, {"ns::counter", "_ZN2ns7counterE"}, {"a::x", "_Za"}, {"b::x", "_Zb"}};
  return result;
}

std::string lowered(std::string_view name) { return find_kernel(code(), name).lowered_name; }

std::string refusal(std::string_view name) {
  try {
    static_cast<void>(lowered(name));
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a kernel is found by every one of its names") {
  CHECK(lowered("add") == "_Z3addPf");
  CHECK(lowered("_Z3addPf") == "_Z3addPf");
  CHECK(lowered("add(float *)") == "_Z3addPf");
  CHECK(lowered("ns::scale<float>") == "_ZN2ns5scaleIfEEvPT_");
  CHECK(lowered("scale< int >") == "_ZN2ns5scaleIiEEvPT_");
  CHECK(lowered("alone") == "_ZN2ns5aloneILi7EEEvPT_");
  CHECK(lowered("twice(int*)") == "_Z5twicePi");
}

TEST_CASE("an unknown kernel is refused with the names there are and the nearest") {
  const auto text = refusal("ad");
  CHECK(contains(text, "there is no kernel 'ad'; did you mean 'add'?"));
  CHECK(contains(text, "add(float*)"));
  CHECK(contains(text, "ns::scale<int>(int*)"));
  CHECK_FALSE(contains(refusal("something_else"), "did you mean"));
}

TEST_CASE("an ambiguous name is refused with all it could be") {
  const auto text = refusal("twice");
  CHECK(contains(text, "'twice' is ambiguous"));
  CHECK(contains(text, "twice(float*)    _Z5twicePf"));
  CHECK(contains(text, "twice(int*)    _Z5twicePi"));
  CHECK(contains(refusal("scale"), "ambiguous"));
}

TEST_CASE("code without kernels says what is usually missing") {
  try {
    static_cast<void>(find_kernel(CompiledCode(), "scale"));
    FAIL("nothing was thrown");
  } catch (const ArgumentError& error) {
    CHECK(contains(error.what(), "scale<float>"));
    CHECK(contains(error.what(), "__global__"));
  }
}

TEST_CASE("variables are found by their names, and refused like kernels") {
  CHECK(find_global(code(), "table") == "table");
  CHECK(find_global(code(), "ns::counter") == "_ZN2ns7counterE");
  CHECK(find_global(code(), "counter") == "_ZN2ns7counterE");
  CHECK_THROWS_AS(find_global(code(), "x"), ArgumentError);
  CHECK_THROWS_AS(find_global(code(), "tabel"), ArgumentError);
}
