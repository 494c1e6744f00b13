# SPDX-License-Identifier: MIT
"""What importing cujitsu does, and does not do."""

from pathlib import Path

import cujitsu


def test_import_loads_neither_driver_nor_nvrtc(run_python):
    result = run_python(
        "import cujitsu, cujitsu.driver, cujitsu.compiler, cujitsu.autoinit\n"
        "maps = open('/proc/self/maps').read()\n"
        "assert 'cujitsu' in maps\n"
        "assert 'libcuda' not in maps and 'libnvrtc' not in maps and 'libnvidia' not in maps, maps\n"
    )
    assert result.returncode == 0, result.stderr


def test_import_and_cache_path_create_nothing(run_python, tmp_path):
    folder = tmp_path / "cache"
    result = run_python(
        "import cujitsu\n"
        "print(cujitsu.cache.path)\n"
        "assert cujitsu.cache.list() == []\n"
        "assert cujitsu.cache.stats().entries == 0\n",
        CUJITSU_CACHE_DIR=str(folder),
    )
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).is_relative_to(folder)
    assert not folder.exists()


def test_import_imports_no_numpy(run_python):
    # what the environment's own start-up files have imported before does not count
    result = run_python(
        "import sys\n"
        "before = set(sys.modules)\n"
        "import cujitsu\n"
        "assert not {'numpy', 'typing'} & (set(sys.modules) - before)\n"
    )
    assert result.returncode == 0, result.stderr


def test_cache_folder_is_read_on_first_use(run_python, tmp_path):
    result = run_python(
        "import os, cujitsu\n"
        f"os.environ['CUJITSU_CACHE_DIR'] = {str(tmp_path / 'later')!r}\n"
        "print(cujitsu.cache.path)\n"
        "assert cujitsu.cache is cujitsu.cache\n"
    )
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).is_relative_to(tmp_path / "later")


def test_every_public_name_exists():
    for name in cujitsu.__all__:
        assert getattr(cujitsu, name) is not None, name
    assert len(set(cujitsu.__all__)) == len(cujitsu.__all__)


def test_pycuda_names_are_the_same_objects():
    import cujitsu.autoinit
    import cujitsu.compiler
    import cujitsu.driver as cuda

    assert cujitsu.compiler.SourceModule is cujitsu.SourceModule
    for name in ("mem_alloc", "memcpy_htod", "memcpy_dtoh", "memset_d8", "In", "Out", "InOut", "Stream", "Event"):
        assert getattr(cuda, name) is getattr(cujitsu, name), name
    assert cuda.DeviceAllocation is cujitsu.DeviceBuffer
    assert cuda.Error is cujitsu.Error
    assert cuda.MemoryError is cujitsu.OutOfMemoryError
    assert cuda.Context.synchronize is cujitsu.synchronize


def test_unknown_attribute_is_named():
    for module in (cujitsu, __import__("cujitsu.autoinit").autoinit):
        try:
            module.no_such_name  # noqa: B018
        except AttributeError as error:
            assert "no_such_name" in str(error)
        else:
            raise AssertionError(module)


def test_version_is_a_version():
    major, minor, patch = cujitsu.__version__.split(".")
    assert (int(major), int(minor), int(patch)) >= (0, 1, 0)


def test_exit_is_quiet_with_objects_still_alive(run_python):
    result = run_python(
        "import threading, cujitsu\n"
        "module = cujitsu.SourceModule('__global__ void f() {}', cache=False)\n"
        "def compile_for_ever():\n"
        "    while True: cujitsu.compile('__global__ void g() {}', cache=False)\n"
        "threading.Thread(target=compile_for_ever, daemon=True).start()\n"
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
