# SPDX-License-Identifier: MIT
"""The table in docs/arguments.md: its rows, the definitions they use, and the kernels that give back what they get."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "arguments.md"
PTX_ALONE = "PTX: "
FORMS = ("plain", "extern", "template", "ptx")

BEFORE, AFTER = -77, -12345  # the arguments around a row's own, so that its place in the kernel's parameters shows
ROOM = 8192

# The bytes of each parameter one after another; through a pointer, `count` bytes, each of which is inverted. They are
# functions of their own so that the many kernels stay small. EXTERN hides a kernel from who reads without a compiler.
HELPERS = f"""
__device__ unsigned char arrived[{ROOM}];
__device__ unsigned int arrived_count;
__device__ __noinline__ void dump_bytes(const unsigned char* bytes, unsigned size) {{
  for (unsigned i = 0; i < size; ++i) arrived[arrived_count++] = bytes[i];
}}
__device__ __noinline__ void invert_bytes(unsigned char* bytes, short count) {{
  dump_bytes(bytes, count);
  for (short i = 0; i < count; ++i) bytes[i] = ~bytes[i];
}}
template <class T> __device__ void dump(const T& value) {{ dump_bytes((const unsigned char*)&value, sizeof(T)); }}
template <class T> __device__ void invert(const T&, short) {{}}
template <class T> __device__ void invert(T* const& pointer, short count) {{
  invert_bytes((unsigned char*)pointer, count);
}}
template <class T> __device__ void give_back(const char& before, const T& value, const short& after) {{
  dump(before);
  dump(value);
  dump(after);
  invert(value, after);
}}
template <class T> __global__ void template_values(char before, T value, short after) {{
  give_back(before, value, after);
}}
template <class T> __global__ void template_structs(char before, const __grid_constant__ T value, short after) {{
  give_back(before, value, after);
}}
#define EXTERN extern "C" __global__
"""


@dataclass(frozen=True)
class Case:
    """One value for one parameter, or the arguments for a whole list of parameters."""

    line: int
    section: str
    parameter: str
    given: str
    expected: str

    @property
    def is_ptx_alone(self) -> bool:
        return self.parameter.startswith(PTX_ALONE)

    @property
    def is_list(self) -> bool:
        return self.parameter.startswith("(")

    @property
    def error(self) -> str | None:
        match = re.match(r"(ArgumentError|TypeError|ValueError)(: |$)", self.expected)
        return match and match.group(1)

    @property
    def words(self) -> str:
        return self.expected.partition(": ")[2]

    def __str__(self) -> str:
        return f"{self.line}: {self.parameter} <- {self.given}"


@functools.cache
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def code_blocks(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", page(), re.MULTILINE | re.DOTALL))


@functools.cache
def cases() -> list[Case]:
    """Several parameters or several values in a row mean each with each."""
    found, section = [], ""
    for line, text in enumerate(page().splitlines(), 1):
        if text.startswith("#"):
            section = text.strip("# ")
        if not text.startswith("| ") or text.startswith(("| ---", "| parameter |")):
            continue
        cells = [re.findall(r"`([^`]+)`", cell) for cell in text.strip("| ").split(" | ")]
        if len(cells) != 3 or not all(cells) or len(cells[2]) != 1:
            raise ValueError(f"{PAGE.name}:{line}: no row of three cells with code: {text}")
        parameters, values, (expected,) = cells
        found += [Case(line, section, parameter, given, expected) for parameter in parameters for given in values]
    return found


def type_of(case: Case) -> str:
    return case.parameter.removeprefix(PTX_ALONE)


def list_types(parameter: str) -> list[str]:
    return [name.strip() for name in parameter.strip("()").split(",") if name.strip()]


def structs() -> set[str]:
    return set(re.findall(r"^(?:struct|union) (\w+)", code_blocks("cpp"), re.MULTILINE))


class Kernels:
    """The source with kernels for every parameter of `chosen`, one in each form, and the kernels' names."""

    def __init__(self, chosen: list[Case]):
        self.types = {name: i for i, name in enumerate(sorted({type_of(case) for case in chosen if not case.is_list}))}
        self.lists = {name: i for i, name in enumerate(sorted({case.parameter for case in chosen if case.is_list}))}
        self.name_expressions = [self.template(name) for name in self.types]

    def template(self, type_name: str) -> str:
        family = "structs" if type_name in structs() else "values"
        return f"template_{family}<T{self.types[type_name]}>"

    def source(self, headers: list[str]) -> str:
        lines = [*(f"#include <{header}>" for header in headers), code_blocks("cpp"), HELPERS]
        for name, i in self.types.items():
            # Of a struct that is copied, the compiler leaves the padding as it finds it.
            value = f"const __grid_constant__ T{i} value" if name in structs() else f"T{i} value"
            kernel = f"(char before, {value}, short after) {{ give_back(before, value, after); }}"
            lines += [
                f"using T{i} = {name};",
                f"__global__ void plain_{i}{kernel}",
                f'extern "C" __global__ void extern_{i}{kernel}',
                f"EXTERN void ptx_{i}{kernel}",
            ]
        for name, i in self.lists.items():
            types = list_types(name)
            lines += [f"using S{i}_{n} = {type_name};" for n, type_name in enumerate(types)]
            parameters = ", ".join(f"S{i}_{n} p{n}" for n in range(len(types)))
            dumps = " ".join(f"dump(p{n});" for n in range(len(types)))
            lines.append(f"__global__ void plain_list_{i}({parameters}) {{ {dumps} }}")
        return "\n".join(lines)

    def name(self, case: Case, form: str) -> str:
        if case.is_list:
            return f"plain_list_{self.lists[case.parameter]}"
        name = type_of(case)
        return self.template(name) if form == "template" else f"{form}_{self.types[name]}"
