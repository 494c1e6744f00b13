// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/compile_policy.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <string>

namespace cujitsu::python {
namespace {

using Policy = Annotated<"typing.Literal['allow', 'forbid']">;

}  // namespace

void register_compile_policy(py::module_& module) {
  module.def(
      "compile_policy", [] { return Policy(text(to_string(compile_policy()))); },
      "'allow' or 'forbid': what set_compile_policy has set, else CUJITSU_COMPILE.");
  module.def(
      "set_compile_policy",
      [](const Policy& policy) {
        for (const auto each : {CompilePolicy::allow, CompilePolicy::forbid})
          if (PyUnicode_Check(policy.ptr()) && py::cast<std::string>(policy) == to_string(each))
            return set_compile_policy(each);
        throw ArgumentError(
            fmt::format("set_compile_policy(): policy must be 'allow' or 'forbid', not {}", describe(policy)));
      },
      py::arg("policy"),
      "For the whole process. 'forbid': a program that is not in the kernel cache is a CompileForbiddenError.");
}

}  // namespace cujitsu::python
