# SPDX-License-Identifier: MIT
"""softgpu runs the PTX of every architecture that NVRTC knows, with and without what it adds for debuggers."""

from __future__ import annotations

import functools
from pathlib import Path

import cujitsu as cj
import pytest

np = pytest.importorskip("numpy")

SOURCE = Path(__file__).with_name("broad.cu").read_text(encoding="utf-8")
COUNT = 64
ARCHITECTURES = (75, 80, 86, 89, 90, 100, 120)


@pytest.fixture(autouse=True)
def _only_on_softgpu():
    if not cj.driver_report().is_software:
        pytest.skip("softgpu is not in use")
    if not any((Path(folder) / "cuda_fp16.h").exists() for folder in cj.nvrtc_report().include_dirs):
        pytest.skip("there is no <cuda_fp16.h> beside this NVRTC")


@functools.cache
def expected() -> dict[str, np.ndarray]:
    """What broad.cu computes, thread by thread."""
    out = np.zeros(COUNT, np.int64)
    for i in range(COUNT):
        r = (i + 1) % COUNT + (2 if i % 2 == 0 else 3) * i
        r = [r + 3, r ^ 5, r * 7, r - 11, r << 1, r | 64, r & 1023, ~r, r + 100][i % 9]
        out[i] = r + 2 + i
    lanes = np.arange(COUNT)
    odd = [sum(int(out[w * 32 + n]) & 1 for n in range(32)) for w in range(2)]
    weights = np.array([1, 2, 3, 4])
    total = out + out[lanes ^ 1] + np.array(odd)[lanes // 32] + weights[lanes % 4]
    total += (1 << 40) // (lanes + 1) % 1000
    x = lanes.astype(np.float32) / 4
    return {
        "out": total.astype(np.int32),
        "most": np.int32(out.max()),
        "floats": ((x + 0) * x + 1) * x + 2,
        "halves": (x.astype(np.float16) * np.float16(0.5) + np.float16(1.5)).astype(np.float16),
    }


def check(module: cj.SourceModule, capfd: pytest.CaptureFixture[str]) -> None:
    out, most = np.zeros(COUNT, np.int32), np.full(1, -(1 << 31), np.int32)
    x = np.arange(COUNT, dtype=np.float32) / 4
    floats, halves = x.copy(), x.astype(np.float16)
    bfloats = (x.view(np.uint32) >> 16).astype(np.uint16)
    arguments = (cj.Out(out), cj.InOut(most), cj.InOut(floats), cj.InOut(halves), cj.InOut(bfloats), np.int64(1 << 40))
    module.get_function("broad")(*arguments, grid=1, block=COUNT, shared=COUNT * 4)
    cj.Device.current().synchronize()
    want = expected()
    assert out.tolist() == want["out"].tolist()
    assert most[0] == want["most"]
    assert floats.tolist() == want["floats"].tolist()
    assert halves.tolist() == want["halves"].tolist()
    assert bfloats[:16].tolist() == ((x + 2).view(np.uint32) >> 16)[:16].tolist()  # exact as bfloat16
    assert capfd.readouterr().out == f"thread 5 has {out[5]}, 1.2500 and done\n"


@pytest.mark.parametrize("options", [(), ("--generate-line-info",), ("-G",)], ids=["plain", "lineinfo", "debug"])
@pytest.mark.parametrize("number", ARCHITECTURES)
def test_a_broad_kernel_runs_whatever_it_was_compiled_for(number, options, capfd):
    try:
        module = cj.SourceModule(SOURCE, arch=f"compute_{number}", options=options, name="broad.cu")
    except cj.ArgumentError as error:
        assert f"compute_{number}" in str(error)
        pytest.skip(f"this NVRTC knows no compute_{number}")
    assert f".target sm_{number}" in module.ptx
    check(module, capfd)


def test_code_for_newer_targets_than_the_device_claims_to_be_loads():
    """A GPU of compute capability 8.0 refuses it; here only an instruction that is not there is refused."""
    assert cj.Device.current().compute_capability() == (8, 0)
    module = cj.SourceModule("__global__ void k(int* p) { *p = __CUDA_ARCH__; }", arch="compute_90")
    out = np.zeros(1, np.int32)
    module.get_function("k")(cj.Out(out), grid=1, block=1)
    assert out[0] == 900


def test_without_a_wish_sources_are_compiled_for_what_the_device_claims_to_be():
    module = cj.SourceModule("__global__ void k(int* p) { *p = __CUDA_ARCH__; }")
    out = np.zeros(1, np.int32)
    module.get_function("k")(cj.Out(out), grid=1, block=1)
    assert out[0] == 800 and module.arch == "sm_80"
