// SPDX-License-Identifier: MIT
// What compile() and SourceModule take from Python, checked and converted.
#pragma once

#include <cujitsu/compile_many.hpp>

#include <pybind11/pybind11.h>

#include <string>

namespace cujitsu::python {

namespace py = pybind11;

/// Its cache is the standard one, or kept alive by the caller's keywords; nullptr for cache=False. Throws ArgumentError for an unknown keyword and for a value of the wrong type, such as a bare string for a list.
[[nodiscard]] CompileRequest compile_request(const std::string& function, py::handle source,
                                             const py::kwargs& keywords);

/// The keywords of both, for the signatures that docstrings and stubs show.
#define CUJITSU_COMPILE_KEYWORDS                                                           \
  "*, options: collections.abc.Sequence[str] | None = (), "                                \
  "include_dirs: collections.abc.Sequence[str | os.PathLike[str]] | None = (), "           \
  "headers: collections.abc.Mapping[str, str | bytes] | None = None, "                     \
  "name_expressions: collections.abc.Sequence[str] | None = (), arch: str | None = None, " \
  "name: str | None = None, hermetic: bool | None = False, pch: str | None = 'off', "      \
  "cache: bool | cujitsu._core.KernelCache = True"

}  // namespace cujitsu::python
