// SPDX-License-Identifier: MIT
// Python objects that say in a signature what they may be; the function that takes one checks it itself.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cujitsu::python {

namespace py = pybind11;

template <std::size_t N>
struct TypeText {
  char value[N];
  // Implicit, so that a string literal can be a template argument.
  consteval TypeText(const char (&literal)[N]) { std::copy_n(literal, N, value); }
};

/// pybind11 would answer a wrong type with its own TypeError, which lists overloads and prints every argument. Taking
/// any object and checking it by hand gives an ArgumentError that says what was expected; this type keeps the stubs exact.
template <TypeText Text>
class Annotated : public py::object {
 public:
  Annotated(py::handle value, borrowed_t tag) : object(value, tag) {}
  Annotated(py::handle value, stolen_t tag) : object(value, tag) {}
  Annotated(py::object other) : object(std::move(other)) {}
  Annotated() : object(py::none()) {}

  static bool check_(py::handle value) { return value.ptr() != nullptr; }
};

using SourceText = Annotated<"str | bytes | cujitsu._core.CompiledCode">;
using Dimensions = Annotated<"cujitsu.typing.Dimensions">;
using StreamLike = Annotated<"cujitsu.typing.StreamLike">;
using DeviceMemory = Annotated<"cujitsu.typing.DeviceMemory">;
using HostMemory = Annotated<"cujitsu.typing.HostMemory">;
using Integer = Annotated<"typing.SupportsIndex">;
using OptionalInteger = Annotated<"typing.SupportsIndex | None">;
using Argument = Annotated<"typing.Any">;
using IntegerTuple = Annotated<"tuple[int, int]">;
using DimensionTuple = Annotated<"tuple[int, int, int]">;
using StringList = Annotated<"list[str]">;
using StringMap = Annotated<"dict[str, str]">;
using AsyncModule = Annotated<"cujitsu.batch.CompileFuture">;
using OptionalInt = Annotated<"int | None">;

}  // namespace cujitsu::python

namespace pybind11::detail {

template <cujitsu::python::TypeText Text>
struct handle_type_name<cujitsu::python::Annotated<Text>> {
  static constexpr auto name = const_name(Text.value);
};

}  // namespace pybind11::detail
