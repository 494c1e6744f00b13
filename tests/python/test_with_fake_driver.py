# SPDX-License-Identifier: MIT
"""Runs the tests that need a driver, but no execution, over the fake one: they run on machines without a GPU too."""

import os
import subprocess
import sys
from pathlib import Path

import fake_driver
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.skipif(fake_driver.library() is None, reason="the package under test has no build tree with a fake driver")
@pytest.mark.parametrize("file", ["test_arguments.py", "test_memory.py"])
def test_succeeds_over_the_fake_driver(file):
    if fake_driver.in_use():
        pytest.skip("these tests run over the fake driver already")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", FOLDER / file],
        env={**os.environ, "CUJITSU_DRIVER": "cuda", "CUJITSU_LIBCUDA": str(fake_driver.library())},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
