# SPDX-License-Identifier: MIT
"""The headers of the CUDA toolkit that lie beside the NVRTC in use: an installation may have only some."""

from __future__ import annotations

from pathlib import Path

import cujitsu as cj
import pytest

# What these include in turn, of another package of the toolkit.
NEEDS = {"cooperative_groups.h": ["nv/target"], "curand_kernel.h": ["nv/target"], "mma.h": ["crt/mma.h"]}


def missing_headers(*names: str) -> list[str]:
    folders = [Path(folder) for folder in cj.nvrtc_report().include_dirs]
    wanted = [*names, *(needed for name in names for needed in NEEDS.get(name, []))]
    return [name for name in wanted if not any((folder / name).exists() for folder in folders)]


def needs_header(*names: str) -> None:
    """Skips the test where there are no such headers."""
    if missing := missing_headers(*names):
        pytest.skip(f"there is no <{missing[0]}> beside this NVRTC, in {cj.nvrtc_report().include_dirs}")
