# SPDX-License-Identifier: MIT
"""Every row of the table in docs/arguments.md, through kernels that give back each byte they were given."""

from __future__ import annotations

import ctypes
import enum
import gc
import re
import weakref
from fractions import Fraction
from types import ModuleType

import cujitsu as cj
import device_arrays
import numpy as np
import pytest
from argument_table import AFTER, BEFORE, FORMS, PAGE, ROOM, Case, Kernels, cases, code_blocks, type_of
from conftest import literal
from device_arrays import DeviceArray, DeviceTensor
from toolkit_headers import missing_headers

pytestmark = pytest.mark.needs_device

HEADERS = ["cuda_fp16.h", "cuda_bf16.h", "cuComplex.h"]
LIBCUDACXX = "cuda/std/complex"
TRANSFERS = (cj.In, cj.Out, cj.InOut)
# Where PTX alone is enough to convert what can be converted.
KNOWN_TO_PTX = (
    "Integers",
    "What gives an integer",
    "Enumerations",
    "bool",
    "float and double",
    "Structs, unions and arrays",
    "Bytes",
    "Pointers",
    "What a pointer may point at",
)


def forms(case: Case) -> list[str]:
    if case.is_list:
        return ["plain"]
    if case.is_ptx_alone:
        return ["ptx"]
    return ["plain", "extern", "template", *(["ptx"] if case.section in KNOWN_TO_PTX and not case.error else [])]


def optional(name: str) -> ModuleType | None:
    try:
        return __import__(name)
    except ImportError:
        return None


ml_dtypes, torch = optional("ml_dtypes"), optional("torch")


def needs_libcudacxx(case: Case) -> bool:
    return "cuda::std" in case.parameter


class Bench:
    """The kernels, what the rows' expressions may name, and the launch of one row."""

    def __init__(self, chosen: list[Case], headers: list[str], **keywords):
        self.kernels = Kernels(chosen)
        self.module = cj.SourceModule(
            self.kernels.source(headers),
            options=["--device-int128", "-std=c++20"],
            name_expressions=self.kernels.name_expressions,
            # Hundreds of kernels: softgpu has no use for machine code, which takes most of the time.
            arch="compute_80" if cj.driver_report().is_software else None,
            **keywords,
        )
        self.count = self.module.get_global("arrived_count")
        self.arrived = self.module.get_global("arrived")
        self.names = {
            "np": np,
            "cj": cj,
            "ctypes": ctypes,
            "enum": enum,
            "Fraction": Fraction,
            "ml_dtypes": ml_dtypes,
            "torch": torch,
            "array": DeviceArray,
            "tensor": DeviceTensor,
            "given": lambda *values, **keywords: (values, keywords),
        }
        exec(compile(code_blocks("python"), str(PAGE), "exec"), self.names)

    def evaluate(self, case: Case):
        """The arguments and keywords of the row's call."""
        return eval(f"given({case.given})", self.names)

    def expected(self, case: Case, values) -> list[object]:
        """A value for each parameter."""
        if case.expected == "its address":
            (value,) = values
            return [np.uint64(value.data_ptr() if hasattr(value, "data_ptr") else value.address)]
        result = eval(case.expected, self.names, {"it": values[0]} if len(values) == 1 else {})
        return list(result) if isinstance(result, tuple) else [result]

    def kernel(self, case: Case, form: str):
        return self.module.get_function(self.kernels.name(case, form))

    def received(self, launch) -> bytes:
        """What arrived in the kernel that `launch` launches."""
        cj.memcpy_htod(self.count, np.zeros(1, np.uint32))
        launch()
        cj.synchronize()
        count, arrived = np.zeros(1, np.uint32), np.zeros(ROOM, np.uint8)
        cj.memcpy_dtoh(count, self.count)
        cj.memcpy_dtoh(arrived, self.arrived)
        return arrived[: int(count[0])].tobytes()


@pytest.fixture(scope="module")
def plain_bench() -> Bench:
    return Bench([case for case in cases() if not needs_libcudacxx(case)], HEADERS)


@pytest.fixture(scope="module")
def libcudacxx_bench() -> Bench:
    return Bench([case for case in cases() if needs_libcudacxx(case)], [*HEADERS, LIBCUDACXX])


@pytest.fixture
def bench(request, case) -> Bench:
    text = case.given + case.expected
    if "ml_dtypes" in text and ml_dtypes is None:
        pytest.skip("ml_dtypes is not installed")
    if "torch" in text and torch is None:
        pytest.skip("torch is not installed")
    if "device='cuda'" in text and (cj.driver_report().is_software or not torch.cuda.is_available()):
        pytest.skip("torch has no GPU")
    if needs_libcudacxx(case) and (missing := missing_headers(LIBCUDACXX)):
        pytest.skip(f"there is no <{missing[0]}> beside this NVRTC")
    return request.getfixturevalue("libcudacxx_bench" if needs_libcudacxx(case) else "plain_bench")


def to_bytes(value) -> bytes:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tobytes()
    assert not isinstance(value, int)  # bytes(n) are n zeros
    return bytes(value)


def assert_same(received: bytes, expected: list[object]) -> None:
    """A NaN may be any NaN; everything else is compared byte by byte."""
    at = 0
    for value in expected:
        wanted = to_bytes(value)
        got = received[at : at + len(wanted)]
        at += len(wanted)
        if hasattr(value, "dtype") and value.dtype.kind in "fV" and not value.dtype.names and got != wanted:
            numbers, targets = np.frombuffer(got, value.dtype), np.frombuffer(wanted, value.dtype)
            if value.dtype.kind == "f" or value.dtype.name == "bfloat16":
                nan = np.isnan(targets)
                assert nan.any()
                assert (np.isnan(numbers) == nan).all()
                assert numbers[~nan].tobytes() == targets[~nan].tobytes()
                continue
        assert got.hex() == wanted.hex()
    assert at == len(received)


def shown(value) -> list[str]:
    """What a message says of a value: its type, and the value where that is short and plain."""
    if value is None:
        return ["None"]
    if type(value) in (bool, int, float, complex, str) and len(repr(value)) < 40:
        return [type(value).__name__, repr(value)]
    return [type(value).__name__]


def check_refusal(bench: Bench, case: Case, form: str, launch, values) -> None:
    kernel = bench.kernel(case, form)
    with pytest.raises(cj.ArgumentError) as caught:
        launch()
    message = str(caught.value)
    if case.error != "ArgumentError":
        assert isinstance(caught.value, TypeError if case.error == "TypeError" else ValueError), message
    assert kernel.name in message
    assert re.search(literal(case.words.replace(" … ", ".*")), message), message
    if case.is_list:
        return
    parameter = kernel.signature.parameters[1]
    assert f"argument 2 of 3 ({parameter.c_type}" in message
    assert (parameter.c_type == "") == (form == "ptx")
    for words in shown(values[0]) if case.words == "" else []:
        assert words in message


@pytest.mark.parametrize(
    ("case", "form"), [pytest.param(case, form, id=f"{case} [{form}]") for case in cases() for form in forms(case)]
)
def test_row(bench, case, form):
    values, keywords = bench.evaluate(case)
    kernel = bench.kernel(case, form)
    pointer = "*" in type_of(case)
    transfer = values[0] if values and isinstance(values[0], TRANSFERS) else None
    original = bytes(np.asarray(transfer.array).tobytes()) if transfer and not case.error else b""
    after = len(original) if pointer else AFTER
    arguments = values if case.is_list else (BEFORE, *values, after)

    def launch():
        kernel(*arguments, grid=1, block=1, **keywords)

    def launch_bound():
        kernel.bind(*arguments, grid=1, block=1, **keywords)()

    launches = [launch] if transfer else [launch, launch_bound]
    if case.error:
        for attempt in launches:
            check_refusal(bench, case, form, attempt, values)
        return
    frame = [np.int8(BEFORE)], [np.int16(after)]
    if not transfer:
        expected = bench.expected(case, values)
        for attempt in launches:
            assert_same(bench.received(attempt), expected if case.is_list else [*frame[0], *expected, *frame[1]])
        return

    received = bench.received(launch)
    before, after, seen = received[:1], received[9:11], received[11:]
    assert (before, after) == (to_bytes(frame[0][0]), to_bytes(frame[1][0]))
    assert len(seen) == len(original)
    now = np.asarray(transfer.array).tobytes()
    inverted = bytes(255 - byte for byte in seen)
    if case.expected == "its bytes, copied in":
        assert (seen, now) == (original, original)
    elif case.expected == "its bytes, copied in and out":
        assert (seen, now) == (original, inverted)
    else:
        assert case.expected == "bytes, copied out"
        assert now == inverted


def test_the_page_has_every_kind_of_row():
    assert {case.error for case in cases()} == {None, "ArgumentError", "TypeError", "ValueError"}
    assert {form for case in cases() for form in forms(case)} == set(FORMS)
    assert len(cases()) > 800
    assert len({(case.parameter, case.given) for case in cases()}) == len(cases())  # nothing is said twice


CHECKED = """
__global__ void of_floats(float* values) {}
__global__ void of_int(int value) {}
"""


def refuses_doubles(launch, **keywords) -> None:
    with pytest.raises(cj.ArgumentError, match="an array of") as caught:
        launch(DeviceArray(np.float64), block=1, **keywords)
    assert isinstance(caught.value, TypeError)


def test_a_module_may_switch_the_check_off():
    checked = cj.SourceModule(CHECKED).get_function("of_floats")
    unchecked = cj.SourceModule(CHECKED, check=False).get_function("of_floats")
    for launch in (checked, checked.bind):
        refuses_doubles(launch)
    for launch in (unchecked, unchecked.bind):
        launch(DeviceArray(np.float64), block=1)
    unchecked[1, 1](DeviceArray(np.float64))
    for launch in (unchecked, unchecked.bind):
        refuses_doubles(launch, check=True)
    with pytest.raises(cj.ArgumentError, match="float 2.5"):
        cj.SourceModule(CHECKED, check=False).get_function("of_int")(2.5, block=1)


def test_a_bound_launch_keeps_its_check():
    kernel = cj.SourceModule(CHECKED).get_function("of_floats")
    kernel.bind(None, block=1, check=False).replace(0, DeviceArray(np.float64))
    launch = kernel.bind(None, block=1)
    with pytest.raises(cj.ArgumentError, match="an array of"):
        launch.replace(0, DeviceArray(np.float64))


def test_check_is_true_or_false():
    kernel = cj.SourceModule(CHECKED).get_function("of_floats")
    for call in (kernel, kernel.bind):
        with pytest.raises(cj.ArgumentError, match=r"check.*'no'") as caught:
            call(None, block=1, check="no")
        assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("versioned", [False, True])
def test_dlpack_memory_is_given_back(versioned):
    kernel = cj.SourceModule(CHECKED).get_function("of_floats")
    assert not device_arrays.exported
    tensor = DeviceTensor(np.float32, versioned=versioned)
    for _ in range(3):
        kernel(tensor, block=1)
    assert len(tensor.streams) == 3
    with pytest.raises(cj.ArgumentError):
        kernel(DeviceTensor(np.float64, versioned=versioned), block=1)
    cj.synchronize()
    gc.collect()
    assert not device_arrays.exported


def test_a_bound_launch_keeps_dlpack_memory():
    kernel = cj.SourceModule(CHECKED).get_function("of_floats")
    tensor = DeviceTensor(np.float32)
    kept = weakref.ref(tensor.memory)
    launch = kernel.bind(tensor, block=1)
    del tensor
    gc.collect()
    assert kept() is not None
    launch()
    cj.synchronize()
    del launch
    gc.collect()
    assert kept() is None
