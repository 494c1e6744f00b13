// SPDX-License-Identifier: MIT
#include "compile/diagnostics.hpp"
#include "compile/hints.hpp"
#include "support/catch.hpp"

using namespace cujitsu;
using namespace cujitsu::compiler;

TEST_CASE("a log of NVRTC 13 is read with line, column, severity, code and source line") {
  const auto found = parse_log(R"(kernel.cu(3): error: identifier "q" is undefined
      if (i < n) a[i] = q;
                        ^

kernel.cu(4): warning #177-D: variable "unused" was declared but never referenced
  	int unused = 3;
  	    ^

Remark: The warnings can be suppressed with "-diag-suppress <warning-number>"

1 error detected in the compilation of "kernel.cu".
)",
                               "kernel.cu", "");
  REQUIRE(found.size() == 2);
  CHECK(found[0].file == "kernel.cu");
  CHECK(found[0].line == 3);
  CHECK(found[0].column == 23);
  CHECK(found[0].severity == "error");
  CHECK(found[0].text == "identifier \"q\" is undefined");
  CHECK(found[0].source == "    if (i < n) a[i] = q;");
  CHECK(is_error(found[0]));
  CHECK(found[1].severity == "warning");
  CHECK(found[1].code == "177-D");
  CHECK(found[1].column == 6);
  CHECK_FALSE(is_error(found[1]));
}

TEST_CASE("a log without source lines, as NVRTC 12.0 writes it, gets them from the program") {
  const auto found = parse_log("kernel.cu(2): error: identifier \"q\" is undefined\n\n1 error detected.\n", "kernel.cu",
                               "first\n  second q\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].source == "  second q");
  CHECK(found[0].column == 0);
}

TEST_CASE("messages without a position and names with parentheses are read") {
  const auto found = parse_log(
      "nvrtc: error: unrecognized option --bogus found\n"
      "a (1).cu(7): catastrophic error: cannot open source file \"x.h\"\n",
      "a (1).cu", "");
  REQUIRE(found.size() == 2);
  CHECK(found[0].file.empty());
  CHECK(found[0].text == "unrecognized option --bogus found");
  CHECK(found[1].file == "a (1).cu");
  CHECK(found[1].line == 7);
  CHECK(found[1].severity == "catastrophic error");
  CHECK(is_error(found[1]));
}

TEST_CASE("a long message keeps its further lines") {
  const auto found = parse_log(
      "k.cu(5): error: no instance of function template \"f\" matches the argument list\n"
      "            argument types are: (int *)\n"
      "    f(p);\n"
      "    ^\n",
      "k.cu", "");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text.find("argument types are: (int *)") != std::string::npos);
  CHECK(found[0].source == "  f(p);");
  CHECK(found[0].column == 3);
}

TEST_CASE("a diagnostic is shown with a caret under its place, tabs kept") {
  const Diagnostic diagnostic{"k.cu", 12, 3, "error", "", "wrong", "\tab"};
  CHECK(format_diagnostic(diagnostic) == "k.cu:12:3: error: wrong\n  12 | \tab\n     | \t ^");
}

TEST_CASE("hints know where a header was looked for and what to use instead") {
  const auto hint = [](const char* text) {
    return hint_for({{"k.cu", 1, 1, "catastrophic error", "", text, ""}}, {"/one", "/two"});
  };
  CHECK(hint("cannot open source file \"vector\"").find("in /one, in /two") != std::string::npos);
  CHECK(hint("cannot open source file \"vector\"").find("as cuda/std/") != std::string::npos);
  CHECK(hint("cannot open source file \"stdint.h\"").find("cuda/std/cstdint") != std::string::npos);
  CHECK(hint("cannot open source file \"cub/cub.cuh\"").find("nvidia-cuda-cccl") != std::string::npos);
  CHECK(hint("could not open source file \"mine.h\" (no directories in search list)").find("include_dirs") !=
        std::string::npos);
  CHECK(hint("identifier \"uint32_t\" is undefined").find("cuda::std::uint32_t") != std::string::npos);
  CHECK(hint("something nobody has met").empty());
}
