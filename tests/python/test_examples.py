# SPDX-License-Identifier: MIT
"""Every example runs, with a device and without, and checks itself."""

import pytest
from conftest import REPOSITORY, no_device

EXAMPLES = sorted((REPOSITORY / "examples" / "python").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_succeeds(example, run_python):
    pytest.importorskip("numpy")
    result = run_python(example)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert ("no CUDA device" in result.stdout) == bool(no_device())


def test_there_are_examples():
    names = {path.stem for path in EXAMPLES}
    assert {"demo", "vector_add", "templates", "structs", "constant_memory", "streams", "graph"} <= names


def test_second_demo_is_a_cache_hit(run_python, tmp_path):
    demo = REPOSITORY / "examples" / "python" / "demo.py"
    statuses = []
    for _ in range(2):
        result = run_python(demo, CUJITSU_CACHE_DIR=str(tmp_path / "cache"))
        assert result.returncode == 0, result.stderr
        statuses.append(next(line for line in result.stdout.splitlines() if line.startswith("status")))
        assert "add_them" in result.stdout.splitlines()[-1]
    assert "miss" in statuses[0] and "hit" in statuses[1]
