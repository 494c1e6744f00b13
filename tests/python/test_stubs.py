# SPDX-License-Identifier: MIT
"""The committed stub of the extension module is what pybind11-stubgen makes of it."""

import importlib.metadata
import subprocess
import sys

import pytest
from conftest import REPOSITORY

# Another version writes the same stub in another way.
STUBGEN_VERSION = "3.0.0"


def test_stub_fits_the_extension_module(tmp_path):
    try:
        version = importlib.metadata.version("pybind11-stubgen")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("pybind11-stubgen is not installed")
    if version != STUBGEN_VERSION:
        pytest.skip(f"pybind11-stubgen is {version}, and the stub was made by {STUBGEN_VERSION}")
    subprocess.run(
        [sys.executable, "-m", "pybind11_stubgen", "cujitsu._core", "--output-dir", tmp_path, "--exit-code"],
        check=True,
        timeout=120,
    )
    fresh = (tmp_path / "cujitsu" / "_core.pyi").read_text()
    assert fresh == (REPOSITORY / "bindings" / "cujitsu" / "_core.pyi").read_text(), "run ./dev stubs"
