# SPDX-License-Identifier: MIT
"""Kernel signatures by chance, and the same parameters as members of a C++ struct that a host compiler lays out."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import math
import struct
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class Scalar:
    name: str
    kind: str  # "integer", "bool", "floating", "half" (any two bytes) or "pointer"
    smallest: int = 0
    largest: int = 0
    dtype: str = ""  # numpy's, of a field in a record
    format: tuple[int, int, int] = (0, 0, 0)  # of a floating-point number: digits, least and greatest exponent


@dataclass(frozen=True)
class Vector:
    name: str
    lane: Scalar
    lanes: int
    alignment: int


@dataclass(frozen=True)
class Struct:
    """Members with how many there are of each: 0 for one that is no array."""

    members: tuple[tuple[Scalar | Struct, int], ...]

    @property
    def name(self) -> str:
        return "Struct_" + hashlib.sha256(repr(self.members).encode()).hexdigest()[:12]


Type = Scalar | Vector | Struct


def integer(name: str, size: int, sign: str, dtype: str) -> Scalar:
    smallest = 0 if sign == "unsigned" else -(2 ** (8 * size - 1))
    largest = 2 ** (8 * size - 1) - 1 if sign == "signed" else 2 ** (8 * size) - 1
    return Scalar(name, "integer", smallest, largest, dtype)


INTEGERS = [
    integer("char", 1, "either", "i1"),
    integer("signed char", 1, "signed", "i1"),
    integer("unsigned char", 1, "unsigned", "u1"),
    integer("short", 2, "signed", "i2"),
    integer("unsigned short", 2, "unsigned", "u2"),
    integer("int", 4, "signed", "i4"),
    integer("unsigned int", 4, "unsigned", "u4"),
    integer("long", 8, "signed", "i8"),
    integer("unsigned long", 8, "unsigned", "u8"),
    integer("long long", 8, "signed", "i8"),
    integer("unsigned long long", 8, "unsigned", "u8"),
    integer("Small", 2, "either", "i2"),
]
BOOL = Scalar("bool", "bool", 0, 1, "?")
FLOAT = Scalar("float", "floating", dtype="f4", format=(24, -126, 127))
DOUBLE = Scalar("double", "floating", dtype="f8", format=(53, -1022, 1023))
HALF = Scalar("__half", "half", dtype="u2", format=(11, -14, 15))
BFLOAT16 = Scalar("__nv_bfloat16", "half", dtype="u2", format=(8, -126, 127))
REALS = [FLOAT, DOUBLE, HALF, BFLOAT16]
POINTERS = [
    Scalar(name, "pointer", 0, 2**64 - 1, "u8") for name in ("float*", "const int*", "void*", "Tag*", "double**")
]
SCALARS = [*INTEGERS, BOOL, *REALS, *POINTERS]


def vectors() -> list[Vector]:
    by_name = {scalar.name: scalar for scalar in SCALARS}
    prefixes = {"char": "signed char", "longlong": "long long"}
    found = []
    for prefix in ("char", "short", "int", "long", "longlong", "float", "double"):
        for sign in ("", "u") if prefix not in ("float", "double") else ("",):
            lane_name = f"unsigned {prefixes.get(prefix, prefix)}" if sign else prefixes.get(prefix, prefix)
            lane = by_name[lane_name.replace("unsigned signed", "unsigned")]
            size = np.dtype(lane.dtype).itemsize
            for lanes in (1, 2, 3, 4):
                alignment = min(16, size * lanes) if lanes in (2, 4) else size
                found.append(Vector(f"{sign}{prefix}{lanes}", lane, lanes, alignment))
    return found


VECTORS = vectors()


# --- values -----------------------------------------------------------------------------------------------------------


def nearest(number: int | float, scalar: Scalar) -> float:
    """The number of the scalar's format that is nearest, in a tie the even one; worked out with fractions."""
    digits, least, greatest = scalar.format
    if isinstance(number, float) and (not math.isfinite(number) or number == 0):
        return number
    exact = abs(Fraction(number))
    if exact == 0:
        return 0.0
    exponent = exact.numerator.bit_length() - exact.denominator.bit_length()
    if Fraction(2) ** exponent > exact:
        exponent -= 1
    unit = Fraction(2) ** (max(exponent, least) - digits + 1)
    rounded = round(exact / unit) * unit
    size = math.inf if rounded >= Fraction(2) ** (greatest + 1) else float(rounded)
    return -size if number < 0 else size


def bits(number: int | float, scalar: Scalar) -> int:
    """What memory holds of a half or a bfloat16."""
    value = nearest(number, scalar)
    packed = struct.pack("<e", value) if scalar is HALF else struct.pack("<f", value)[2:]
    return int.from_bytes(packed, "little")


def is_nan(data: bytes, scalar: Scalar) -> bool:
    if not scalar.format[0]:
        return False
    if scalar is BFLOAT16:
        data = b"\0\0" + data
    code = {"f4": "<f", "f8": "<d"}.get(scalar.dtype, "<e" if scalar is HALF else "<f")
    return math.isnan(struct.unpack(code, data)[0])


def numbers(scalar: Scalar) -> st.SearchStrategy:
    """Plain numbers that the scalar can take."""
    if scalar.kind in ("integer", "bool", "pointer"):
        return st.integers(scalar.smallest, scalar.largest)
    return st.one_of(
        st.floats(),
        st.floats(width=32),
        st.floats(width=16),
        st.integers(-(2**63), 2**64 - 1),
        st.integers(-3000, 3000),
    )


def spellings(number: int | float, ml_dtypes) -> list[object]:
    """The same number as every Python object that holds it exactly."""
    if isinstance(number, int):
        found = [number, Level(number)]
        if number in (0, 1):
            found += [bool(number), np.bool_(number), np.array(bool(number)), ctypes.c_bool(number)]
        for code in "bBhHiIqQ":
            dtype = np.dtype(code)
            if np.iinfo(dtype).min <= number <= np.iinfo(dtype).max:
                found += [dtype.type(number), np.array(number, dtype), np.ctypeslib.as_ctypes_type(dtype)(number)]
        return found
    found = [number, np.float64(number), np.array(number), np.longdouble(number), ctypes.c_double(number)]
    for scalar, types in (
        (FLOAT, [np.float32, ctypes.c_float]),
        (HALF, [np.float16]),
        (BFLOAT16, [ml_dtypes.bfloat16] if ml_dtypes else []),
    ):
        if nearest(number, scalar) == number or math.isnan(number):
            found += [make(number) for make in types]
    return found


class Level(int):
    """As an IntEnum's member is: an int of another class."""


class Leaf(ctypes.Structure):
    """A number for the host library, by the kind that holds it exactly."""

    _fields_ = (
        ("kind", ctypes.c_int),
        ("signed", ctypes.c_longlong),
        ("unsigned", ctypes.c_ulonglong),
        ("floating", ctypes.c_double),
    )


def leaf(number: int | float, scalar: Scalar) -> Leaf:
    if scalar.kind == "half":
        return Leaf(kind=1, unsigned=bits(number, scalar))
    if isinstance(number, float):
        return Leaf(kind=2, floating=number)
    return Leaf(kind=0, signed=number) if number < 2**63 else Leaf(kind=1, unsigned=number)


# --- types ------------------------------------------------------------------------------------------------------------

members = st.tuples(st.sampled_from([*INTEGERS, BOOL, *REALS, *POINTERS]), st.sampled_from([0, 0, 0, 1, 3]))
plain_structs = st.builds(Struct, st.lists(members, min_size=1, max_size=4).map(tuple))
nesting_structs = st.builds(
    lambda inner, rest, first: Struct((*first, inner, *rest)),
    st.tuples(plain_structs, st.sampled_from([0, 2])),
    st.lists(members, max_size=2),
    st.lists(members, max_size=2),
)
families = [
    st.sampled_from(SCALARS),
    st.sampled_from(SCALARS),
    st.sampled_from(VECTORS),
    plain_structs,
    nesting_structs,
]
types = st.integers(0, len(families) - 1).flatmap(lambda n: families[n])
signatures = st.integers(1, 12).flatmap(lambda n: st.tuples(*[types] * n))


def leaves(kind: Type, path: str = "") -> list[tuple[str, Scalar]]:
    """The numbers in a type, with how C++ gets at them."""
    if isinstance(kind, Scalar):
        return [(path, kind)]
    if isinstance(kind, Vector):
        return [(f"{path}.{lane}", kind.lane) for lane in "xyzw"[: kind.lanes]]
    found = []
    for n, (member, count) in enumerate(kind.members):
        for place in [""] if count == 0 else [f"[{i}]" for i in range(count)]:
            found += leaves(member, f"{path}.m{n}{place}")
    return found


def record_type(kind: Struct) -> np.dtype:
    fields = []
    for n, (member, count) in enumerate(kind.members):
        inner = record_type(member) if isinstance(member, Struct) else np.dtype(member.dtype)
        fields.append((f"m{n}", inner, count) if count else (f"m{n}", inner))
    return np.dtype(fields, align=True)


@functools.cache
def ctypes_structure(kind: Struct) -> type[ctypes.Structure]:
    fields = []
    for n, (member, count) in enumerate(kind.members):
        inner = (
            ctypes_structure(member)
            if isinstance(member, Struct)
            else np.ctypeslib.as_ctypes_type(np.dtype(member.dtype))
        )
        fields.append((f"m{n}", inner * count if count else inner))
    return type(kind.name, (ctypes.Structure,), {"_fields_": fields})


def struct_definitions(signature: tuple[Type, ...]) -> dict[str, str]:
    found: dict[str, str] = {}

    def define(kind: Struct) -> None:
        text = []
        for n, (member, count) in enumerate(kind.members):
            if isinstance(member, Struct):
                define(member)
            text.append(f"{member.name} m{n}{f'[{count}]' if count else ''};")
        found[kind.name] = f"struct {kind.name} {{ {' '.join(text)} }};"

    for kind in signature:
        if isinstance(kind, Struct):
            define(kind)
    return found


COMMON = "struct Tag;\nenum Small : short { small_one = 1 };\n"


def definitions(batch: list[tuple[Type, ...]]) -> str:
    merged: dict[str, str] = {}
    for signature in batch:
        merged.update(struct_definitions(signature))
    return COMMON + "\n".join(merged.values())


# --- the host ---------------------------------------------------------------------------------------------------------

HOST = """
#include <cstddef>
#include <cstring>
#include <type_traits>
struct __half { unsigned short bits; };
struct __nv_bfloat16 { unsigned short bits; };
struct Leaf { int kind; long long with_sign; unsigned long long without_sign; double floating; };
template <class T> T as(const Leaf& leaf) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(leaf.kind == 0 ? static_cast<unsigned long long>(leaf.with_sign) : leaf.without_sign);
  } else if constexpr (std::is_class_v<T>) {
    return T{static_cast<unsigned short>(leaf.without_sign)};
  } else {
    if (leaf.kind == 0) return static_cast<T>(leaf.with_sign);
    if (leaf.kind == 1) return static_cast<T>(leaf.without_sign);
    return static_cast<T>(leaf.floating);
  }
}
"""


def host_source(batch: list[tuple[Type, ...]]) -> str:
    lines = [HOST]
    for vector in VECTORS:
        lanes = ", ".join("xyzw"[: vector.lanes])
        lines.append(f"struct alignas({vector.alignment}) {vector.name} {{ {vector.lane.name} {lanes}; }};")
    lines.append(definitions(batch))
    for i, signature in enumerate(batch):
        owner = f"Parameters_{i}"
        parameters = " ".join(f"{kind.name} p{n};" for n, kind in enumerate(signature))
        places = ", ".join(f"offsetof({owner}, p{n}), sizeof({owner}::p{n})" for n in range(len(signature)))
        paths = [entry for n, kind in enumerate(signature) for entry in leaves(kind, f"p{n}")]
        offsets = ", ".join(f"offsetof({owner}, {path})" for path, _ in paths)
        lines += [
            f"struct {owner} {{ {parameters} }};",
            f'extern "C" const std::size_t layout_{i}[] = {{{places}}};',
            f'extern "C" const std::size_t leaves_{i}[] = {{{offsets}}};',
            f'extern "C" const std::size_t size_{i} = sizeof({owner});',
            f'extern "C" void pack_{i}(const Leaf* leaf, void* bytes) {{',
            f"  {owner} packed;",
            "  std::memset(static_cast<void*>(&packed), 0, sizeof packed);",
            *(f"  packed.{path} = as<{scalar.name}>(leaf[{k}]);" for k, (path, scalar) in enumerate(paths)),
            "  std::memcpy(bytes, &packed, sizeof packed);",
            "}",
        ]
    return "\n".join(lines)


class Host:
    """The compiled library: how a C++ program lays the parameters of each signature out, and packs them."""

    def __init__(self, compiler: str, batch: list[tuple[Type, ...]], folder: Path):
        source, library = folder / "host.cpp", folder / "host.so"
        source.write_text(host_source(batch), encoding="utf-8")
        command = [compiler, "-std=c++17", "-O0", "-w", "-shared", "-fPIC", "-o", str(library), str(source)]
        subprocess.run(command, check=True, timeout=300)
        self.library = ctypes.CDLL(str(library))
        self.batch = batch

    def _sizes(self, name: str, count: int) -> list[int]:
        return list((ctypes.c_size_t * count).in_dll(self.library, name))

    def layout(self, index: int) -> list[tuple[int, int]]:
        """Offset and size of each parameter."""
        flat = self._sizes(f"layout_{index}", 2 * len(self.batch[index]))
        return list(zip(flat[::2], flat[1::2]))

    def leaf_offsets(self, index: int) -> list[int]:
        return self._sizes(f"leaves_{index}", sum(len(leaves(kind)) for kind in self.batch[index]))

    def pack(self, index: int, values: list[Leaf]) -> bytes:
        (size,) = self._sizes(f"size_{index}", 1)
        packed = ctypes.create_string_buffer(size)
        self.library[f"pack_{index}"]((Leaf * len(values))(*values), packed)
        return packed.raw
