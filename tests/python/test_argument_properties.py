# SPDX-License-Identifier: MIT
"""Signatures and values by chance: a kernel receives what a C++ host would have packed."""

from __future__ import annotations

import math
import shutil

import cujitsu as cj
import numpy as np
import pytest

hypothesis = pytest.importorskip("hypothesis")

from argument_signatures import (  # noqa: E402
    DOUBLE,
    HALF,
    INTEGERS,
    REALS,
    Host,
    Scalar,
    Struct,
    Vector,
    bits,
    ctypes_structure,
    definitions,
    is_nan,
    leaf,
    leaves,
    nearest,
    numbers,
    record_type,
    signatures,
    spellings,
)
from argument_table import ROOM  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

pytestmark = pytest.mark.needs_device

BATCH = 60
HEADERS = "#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n"
DUMP = f"""
__device__ unsigned char arrived[{ROOM}];
__device__ __noinline__ void dump_bytes(const unsigned char* bytes, unsigned at, unsigned size) {{
  for (unsigned i = 0; i < size; ++i) arrived[at + i] = bytes[i];
}}
template <class T> __device__ void dump(const T& value, unsigned at) {{
  dump_bytes((const unsigned char*)&value, at, sizeof(T));
}}
"""
# The same examples in every run, and none kept on disk.
repeatable = settings(
    derandomize=True,
    phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)


def make_batch() -> list[tuple]:
    batch = []

    @settings(repeatable, max_examples=BATCH, phases=[hypothesis.Phase.generate])
    @given(signatures)
    def collect(signature):
        batch.append(signature)

    collect()
    return batch


class Kernels:
    """Kernels that write each parameter to where the host has it, and the host."""

    def __init__(self, compiler: str, folder):
        self.batch = make_batch()
        self.host = Host(compiler, self.batch, folder)
        lines = [HEADERS, definitions(self.batch), DUMP]
        for i, signature in enumerate(self.batch):
            # Of a struct that is copied, the compiler leaves the padding as it finds it.
            kinds = [
                f"{'const __grid_constant__ ' if isinstance(kind, Struct) else ''}{kind.name}" for kind in signature
            ]
            parameters = ", ".join(f"{kind} p{n}" for n, kind in enumerate(kinds))
            dumps = " ".join(f"dump(p{n}, {offset});" for n, (offset, _) in enumerate(self.host.layout(i)))
            lines.append(f"__global__ void random_{i}({parameters}) {{ {dumps} }}")
        for scalar in [*INTEGERS, *REALS]:
            name = scalar.name.replace(" ", "_")
            lines.append(f"__global__ void of_{name}({scalar.name} value) {{ dump(value, 0); }}")
        # softgpu has no use for machine code, which takes most of the time.
        arch = "compute_80" if cj.driver_report().is_software else None
        self.module = cj.SourceModule("\n".join(lines), arch=arch)
        self.arrived = self.module.get_global("arrived")
        self.buffer = cj.mem_alloc(64)

    def kernel(self, index: int):
        return self.module.get_function(f"random_{index}")

    def of(self, scalar: Scalar):
        return self.module.get_function("of_" + scalar.name.replace(" ", "_"))

    def received(self, kernel, arguments, size: int) -> bytes:
        cj.memcpy_htod(self.arrived, np.zeros(ROOM, np.uint8))
        kernel(*arguments, grid=1, block=1)
        result = np.zeros(ROOM, np.uint8)
        cj.memcpy_dtoh(result, self.arrived)
        return result[:size].tobytes()


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no C++ compiler (c++) for the host's side")
    return Kernels(compiler, tmp_path_factory.mktemp("host"))


def draw_scalar(data, scalar: Scalar, kernels: Kernels):
    """A Python value, and the number in it."""
    number = data.draw(numbers(scalar))
    if scalar.kind != "pointer":
        return data.draw(st.sampled_from(spellings(number, ml_dtypes))), [number]
    choices = [(number, number), (np.uint64(number), number), (None, 0), (kernels.buffer, kernels.buffer.address)]
    value, address = data.draw(st.sampled_from(choices))
    return value, [address]


def draw_vector(data, vector: Vector, kernels: Kernels):
    lanes = [draw_scalar(data, vector.lane, kernels) for _ in range(vector.lanes)]
    values, found = [value for value, _ in lanes], [number for _, (number,) in lanes]
    if vector.name in ("float2", "double2") and data.draw(st.booleans()):
        parts = [float(number) for number in found]
        return complex(*parts), parts
    return data.draw(st.sampled_from([tuple, list]))(values), found


def draw_struct(data, kind: Struct):
    """A record, a structure or bytes. A half is in them as its bits."""
    record = np.zeros((), record_type(kind))
    found = []

    def fill(target, kind):
        for n, (member, count) in enumerate(kind.members):
            for i in range(count or 1):
                if isinstance(member, Struct):
                    fill(target[f"m{n}"][i] if count else target[f"m{n}"], member)
                    continue
                number = data.draw(numbers(member))
                found.append(number)
                held = bits(number, member) if member.kind == "half" else number
                if member.kind == "integer" and held > np.iinfo(member.dtype).max:  # char and enumerations
                    held -= 2 ** (8 * np.dtype(member.dtype).itemsize)
                with np.errstate(over="ignore"):
                    if count:
                        target[f"m{n}"][i] = held
                    else:
                        target[f"m{n}"] = held

    fill(record, kind)
    data_bytes = record.tobytes()
    structure = ctypes_structure(kind).from_buffer_copy(data_bytes)
    return data.draw(st.sampled_from([record, record[()], structure, data_bytes, bytearray(data_bytes)])), found


def draw_arguments(data, signature, kernels: Kernels):
    arguments, found = [], []
    for kind in signature:
        if isinstance(kind, Struct):
            value, inside = draw_struct(data, kind)
        elif isinstance(kind, Vector):
            value, inside = draw_vector(data, kind, kernels)
        else:
            value, inside = draw_scalar(data, kind, kernels)
        arguments.append(value)
        found += [leaf(number, scalar) for number, (_, scalar) in zip(inside, leaves(kind))]
    return arguments, found


def without_nans(data: bytes, index: int, kernels: Kernels) -> bytes:
    """Every NaN made the same one."""
    result = bytearray(data)
    scalars = [scalar for kind in kernels.batch[index] for _, scalar in leaves(kind)]
    for scalar, offset in zip(scalars, kernels.host.leaf_offsets(index)):
        if scalar.format[0]:
            end = offset + np.dtype(scalar.dtype).itemsize
            if is_nan(bytes(result[offset:end]), scalar):
                result[offset:end] = b"\xff" * (end - offset)
    return bytes(result)


def test_the_batch_has_every_kind_of_parameter(kernels):
    kinds = {type(kind) for signature in kernels.batch for kind in signature}
    assert kinds == {Scalar, Vector, Struct}
    lengths = [len(signature) for signature in kernels.batch]
    assert (min(lengths), max(lengths)) == (1, 12)


def test_parameters_are_where_a_host_compiler_has_them(kernels):
    for index in range(len(kernels.batch)):
        parameters = kernels.kernel(index).signature.parameters
        assert [(parameter.offset, parameter.size) for parameter in parameters] == kernels.host.layout(index)


@settings(repeatable, max_examples=300)
@given(data=st.data())
def test_a_kernel_receives_what_a_host_packs(kernels, data):
    index = data.draw(st.integers(0, len(kernels.batch) - 1))
    arguments, found = draw_arguments(data, kernels.batch[index], kernels)
    expected = kernels.host.pack(index, found)
    received = kernels.received(kernels.kernel(index), arguments, len(expected))
    assert without_nans(received, index, kernels).hex() == without_nans(expected, index, kernels).hex()


@settings(repeatable, max_examples=100)
@given(data=st.data())
def test_a_wrong_argument_is_named(kernels, data):
    index = data.draw(st.integers(0, len(kernels.batch) - 1))
    arguments, _ = draw_arguments(data, kernels.batch[index], kernels)
    wrong = data.draw(st.integers(0, len(arguments) - 1))
    arguments[wrong] = data.draw(st.sampled_from([object(), "text", {}, Ellipsis]))
    kernel = kernels.kernel(index)
    with pytest.raises(cj.ArgumentError) as caught:
        kernel(*arguments, grid=1, block=1)
    message = str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert message.startswith(kernel.name)
    assert f"argument {wrong + 1} of {len(arguments)} ({kernel.signature.parameters[wrong].c_type}" in message
    assert type(arguments[wrong]).__name__ in message


@settings(repeatable, max_examples=300)
@given(data=st.data(), scalar=st.sampled_from(INTEGERS))
def test_an_integer_is_taken_or_refused_by_its_range(kernels, data, scalar):
    near = st.sampled_from([scalar.smallest, scalar.largest]).flatmap(lambda n: st.integers(n - 3, n + 3))
    number = data.draw(st.one_of(near, st.integers(), st.integers(-(2**70), 2**70)))
    value = data.draw(st.sampled_from(spellings(number, ml_dtypes)))
    kernel, size = kernels.of(scalar), np.dtype(scalar.dtype).itemsize
    if scalar.smallest <= number <= scalar.largest:
        assert kernels.received(kernel, [value], size) == (number % 2 ** (8 * size)).to_bytes(size, "little")
        return
    with pytest.raises(cj.ArgumentError, match="out of range") as caught:
        kernel(value, grid=1, block=1)
    assert isinstance(caught.value, ValueError)


@settings(repeatable, max_examples=400)
@given(data=st.data(), scalar=st.sampled_from(REALS))
def test_a_real_number_is_rounded_once(kernels, data, scalar):
    digits = scalar.format[0]
    # Ties, and what is next to them.
    ties = st.builds(
        lambda n, shift, near: (2 * n + 1) * 2**shift + near,
        st.integers(2 ** (digits - 1), 2**digits - 1),
        st.integers(2, 60),
        st.sampled_from([-1, 0, 1]),
    )
    number = data.draw(st.one_of(numbers(scalar), ties, ties.map(lambda n: -n), st.integers(-(2**1100), 2**1100)))
    value = data.draw(st.sampled_from(spellings(number, ml_dtypes)))
    kernel, size = kernels.of(scalar), np.dtype(scalar.dtype).itemsize
    if isinstance(number, int) and math.isinf(nearest(number, DOUBLE)):
        with pytest.raises(cj.ArgumentError, match="out of range"):
            kernel(value, grid=1, block=1)
        return
    expected = nearest(number, scalar)
    received = kernels.received(kernel, [value], size)
    if math.isnan(expected):
        assert is_nan(received, scalar)
    elif scalar.kind == "half":
        assert received == bits(number, scalar).to_bytes(2, "little")
    else:
        assert received == np.array(expected, scalar.dtype).tobytes()


@settings(repeatable, max_examples=200)
@given(number=st.floats())
def test_the_reference_rounds_as_numpy_does(number):
    with np.errstate(over="ignore"):
        for scalar, numpy_type in ((HALF, np.float16), (REALS[0], np.float32)):
            expected = float(numpy_type(number))
            assert nearest(number, scalar) == expected or math.isnan(expected)
