// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "equality.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/diagnostic.hpp>
#include <cujitsu/errors.hpp>

#include <tuple>

namespace cujitsu::python {
namespace {

using State = Annotated<"tuple[typing.Any, ...]">;

auto fields(const Diagnostic& diagnostic) {
  return std::tie(diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.severity, diagnostic.code,
                  diagnostic.text, diagnostic.source);
}

State state(const Diagnostic& self) {
  return py::make_tuple(text(self.file), self.line, self.column, text(self.severity), text(self.code), text(self.text),
                        text(self.source));
}

Diagnostic from_state(const State& given) {
  const auto state = py::cast<py::tuple>(given);
  if (state.size() != 7) throw ArgumentError("not the state of a Diagnostic");
  return {state[0].cast<std::string>(), state[1].cast<int>(),         state[2].cast<int>(),
          state[3].cast<std::string>(), state[4].cast<std::string>(), state[5].cast<std::string>(),
          state[6].cast<std::string>()};
}

}  // namespace

void register_diagnostic(py::module_& module) {
  py::class_<Diagnostic> diagnostic(module, "Diagnostic",
                                    R"(One message of the compiler, as data. Read only, comparable, picklable.

Lines and columns count from 1, in the user's own string; 0 means not given.)");
  define_equality(diagnostic, [](const Diagnostic& a, const Diagnostic& b) { return fields(a) == fields(b); });
  diagnostic.def_property_readonly("file", text_member(&Diagnostic::file), "The program's name, or the header's.")
      .def_readonly("line", &Diagnostic::line, "Honours #line; 0 when not given.")
      .def_readonly("column", &Diagnostic::column, "From the caret; a tab counts as one column; 0 when not given.")
      .def_property_readonly("severity", text_member(&Diagnostic::severity),
                             "'error', 'warning', 'remark', 'note' or 'catastrophic error'.")
      .def_property_readonly("code", text_member(&Diagnostic::code), "NVRTC's number such as '177-D', or ''.")
      .def_property_readonly("text", text_member(&Diagnostic::text), "The message, without position and severity.")
      .def_property_readonly("source", text_member(&Diagnostic::source), "The source line it points at, or ''.")
      .def("__hash__", [](const Diagnostic& self) { return py::hash(state(self)); })
      .def(
          "__repr__",
          [](py::handle self) { return attributes_repr(self, {"file", "line", "column", "severity", "code", "text"}); })
      .def(py::pickle(&state, &from_state));
}

}  // namespace cujitsu::python
