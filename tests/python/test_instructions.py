# SPDX-License-Identifier: MIT
"""The two lists in docs/softgpu.md, what it executes and what it refuses, are true and complete."""

from __future__ import annotations

import re
import sys

import cujitsu as cj
import pytest
from conftest import REPOSITORY
from instruction_cases import DECLARATIONS, EXECUTED, FAULTS, REFUSED

np = pytest.importorskip("numpy")

WARP = 32
OUTPUT_BYTES = 2048
NOT_SUPPORTED = 801


@pytest.fixture(autouse=True)
def _only_on_softgpu():
    if not cj.driver_report().is_software:
        pytest.skip("softgpu is not in use")


def documented(title: str) -> list[str]:
    """The instructions in the table of a section."""
    text = (REPOSITORY / "docs" / "softgpu.md").read_text(encoding="utf-8")
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return re.findall(r"`([^`]+)`", "\n".join(rows))


def kernel_name(instruction: str) -> str:
    return "k_" + re.sub(r"\W", "_", instruction)


def source(cases: dict[str, str]) -> str:
    """One kernel for each case, in one module, and one that is like any other."""
    texts = [
        "__device__ __noinline__ int doubled(int x) { return 2 * x; }",
        'extern "C" __global__ void works(int* out) { out[threadIdx.x] = 42 + doubled(out[threadIdx.x]); }',
    ]
    for name, statements in cases.items():
        body = "\\n".join(["{", DECLARATIONS, "mov.b32 r8, 0; mov.b32 r9, 0; mov.u32 r10, %%tid.x;"])
        body += f"\\nmov.b64 d0, %0; mov.b64 d4, %1;\\n{statements}\\nst.global.u32 [d4], r0;\\n}}"
        texts.append(
            f'extern "C" __global__ void {kernel_name(name)}(int* out) {{ asm volatile("{body}"'
            ' :: "l"(out), "l"(out + threadIdx.x) : "memory"); }'
        )
    return "\n".join(texts)


def launch(module: cj.SourceModule, kernel: str) -> list[int]:
    out = np.zeros(OUTPUT_BYTES // 4, np.uint32)
    module.get_function(kernel)(cj.InOut(out), grid=1, block=WARP)
    return out[:WARP].tolist()


@pytest.fixture(scope="module")
def refused_module() -> cj.SourceModule:
    return cj.SourceModule(source(REFUSED), arch="compute_80")


def test_the_documented_refusals_are_those_with_a_case():
    assert sorted(documented("What it refuses")) == sorted(REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_has_the_instruction_that_it_is_named_after(name):
    words = iter(re.split(r"[.\s;]", REFUSED[name]))
    assert all(part in words for part in name.split("."))  # in this order


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named_with_its_modifiers_and_line(refused_module, name):
    instruction = REFUSED[name]
    lines = [number for number, line in enumerate(refused_module.ptx.splitlines(), 1) if instruction in line]
    assert len(lines) == 1
    with pytest.raises(cj.DriverError) as caught:
        launch(refused_module, kernel_name(name))
    assert caught.value.code == NOT_SUPPORTED
    assert f"PTX line {lines[0]} ({instruction.split()[0].rstrip(';')}" in str(caught.value)


def test_other_kernels_of_a_module_with_refused_ones_run(refused_module):
    assert launch(refused_module, "works") == [42] * WARP


def families_of_numbers() -> set[str]:
    sys.path.append(str(REPOSITORY / "tests" / "numbers"))
    import generator

    return {re.split(r"[.\s]", variant.name)[0] for variant in generator.all_variants()} | {
        family for family in generator.families() if family.isalnum()
    }


def test_the_documented_instructions_are_those_with_a_variant_or_a_case():
    tested = families_of_numbers() | set(EXECUTED) | set(FAULTS)
    assert sorted(documented("What it executes")) == sorted(tested)


@pytest.fixture(scope="module")
def executed_module() -> cj.SourceModule:
    cases = {name: statements for name, (statements, _) in EXECUTED.items()}
    return cj.SourceModule(source(cases), arch="compute_80")


@pytest.mark.parametrize("name", EXECUTED)
def test_what_has_no_numbers_recorded_is_executed(executed_module, name):
    statements, expected = EXECUTED[name]
    assert re.search(rf"\b{name}\b", statements)
    assert launch(executed_module, kernel_name(name)) == [expected(i) for i in range(WARP)]


@pytest.mark.parametrize("name", FAULTS)
def test_instructions_that_end_a_kernel_do(run_python, name):
    statements, code = FAULTS[name]
    program = f"""
import cujitsu as cj
buffer = cj.mem_alloc(4)
try:
    cj.SourceModule('__global__ void k(int* p) {{ asm volatile("{statements}"); *p = 1; }}').get_function("k")(
        buffer, grid=1, block=1)
    cj.Device.current().synchronize()
except cj.DriverError as error:
    print(error.code)
"""
    assert run_python(program).stdout.split() == [str(code)]
