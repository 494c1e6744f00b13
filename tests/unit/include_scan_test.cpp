// SPDX-License-Identifier: MIT
#include "compile/include_scan.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>

using namespace cujitsu;
using namespace cujitsu::compiler;

namespace {

std::vector<std::string> names(std::string_view source) {
  std::vector<std::string> result;
  for (const auto& include : scan_includes(source)) result.push_back(include.name);
  return result;
}

}  // namespace

TEST_CASE("directives are found in every spelling") {
  CHECK(names("#include <a.h>\n") == std::vector<std::string>{"a.h"});
  CHECK(names("  #  include \"b.h\" // why") == std::vector<std::string>{"b.h"});
  CHECK(names("#inc\\\nlude \\\n <c.h>") == std::vector<std::string>{"c.h"});
  CHECK(names("/* x */ #include <d.h>") == std::vector<std::string>{"d.h"});
  CHECK(names("%:include <e.h>") == std::vector<std::string>{"e.h"});
  CHECK(names("#include_next <f.h>") == std::vector<std::string>{"f.h"});
  CHECK(names("#include /* here */ <g.h>") == std::vector<std::string>{"g.h"});
  CHECK(names("#if __has_include(<h.h>) || __has_include(\"i.h\")\n#endif") == std::vector<std::string>{"h.h", "i.h"});
  CHECK(names("#if 0\r\n#include <j.h>\r\n#endif\r\n") == std::vector<std::string>{"j.h"});
}

TEST_CASE("comments, strings and raw strings hold no directives") {
  CHECK(names("// #include <a.h>\n/*\n#include <b.h>\n*/").empty());
  CHECK(names("const char* s = \"\\\"\\\n#include <a.h>\";").empty());
  CHECK(names("auto r = R\"x(\n#include <a.h>\n)\" \n)x\";\n#include <b.h>") == std::vector<std::string>{"b.h"});
  CHECK(names("int x = 'a'; x #include <a.h>").empty());
}

TEST_CASE("lines are counted through comments, continuations and raw strings") {
  const auto found = scan_includes("/*\n*/ int a; \\\n\nauto r = R\"(\n\n)\";\n#include <a.h>\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 7);
}

TEST_CASE("a header that a macro names has no name") {
  CHECK(names("#include HEADER") == std::vector<std::string>{""});
}
