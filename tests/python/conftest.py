# SPDX-License-Identifier: MIT
"""A kernel cache of its own for the whole session, and tests that need a device skipped where there is none."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

Runner = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_device: skipped where there is no CUDA device")
    config.addinivalue_line("markers", "needs_fake_driver: skipped unless the driver is tests/support/fake_driver.cpp")
    # Before the first test module imports cujitsu, and inherited by every process that a test starts.
    config.stash[cache_folder] = tempfile.mkdtemp(prefix="cujitsu-test-cache-")
    os.environ["CUJITSU_CACHE_DIR"] = config.stash[cache_folder]
    for name in ("CUJITSU_CACHE_DISABLE", "CUJITSU_LOG"):
        os.environ.pop(name, None)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[cache_folder], ignore_errors=True)


cache_folder = pytest.StashKey[str]()


def literal(words: str) -> str:
    """A pattern of literal pieces, with anything where `.*` stands between them."""
    return "(?s)" + ".*".join(re.escape(piece) for piece in words.split(".*"))


@functools.cache
def no_device() -> str:
    """Why there is no device to launch on; empty where there is one."""
    import cujitsu

    report = cujitsu.driver_report()
    if report.usable:
        return ""
    reasons = "; ".join(f"{candidate.path}: {candidate.reason}" for candidate in report.candidates)
    return f"no CUDA device ({reasons})"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_device") and (reason := no_device()):
        pytest.skip(reason)
    if item.get_closest_marker("needs_fake_driver"):
        import fake_driver

        if not fake_driver.in_use():
            pytest.skip("run by test_with_fake_driver.py")


@pytest.fixture
def run_python(tmp_path: Path) -> Runner:
    """Runs Python code, or a file, in a process of its own; the environment is changed by keywords."""

    def run(code: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        arguments = [str(code)] if isinstance(code, Path) else ["-c", code]
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def fake_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Has the workers be a script: see worker_processes.write_worker."""
    from worker_processes import write_worker

    def make(script: str, *, greets: bool = True) -> Path:
        file = write_worker(tmp_path / "worker.py", script, greets=greets)
        monkeypatch.setenv("CUJITSU_WORKER", str(file))
        return file

    return make


@pytest.fixture
def empty_cache(tmp_path: Path) -> Iterator[object]:
    """A kernel cache with nothing in it."""
    import cujitsu

    yield cujitsu.KernelCache(tmp_path / "kernel cache")


@pytest.fixture
def softgpu_library() -> Path:
    """softgpu, for a test that wants it whatever driver is in use; skips where it is not built."""
    import cujitsu  # not before the session has its cache

    library = Path(cujitsu.__file__).parent / "libcujitsu_softgpu.so"
    if not library.exists():
        pytest.skip("softgpu is not built")
    return library
