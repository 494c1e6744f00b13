# SPDX-License-Identifier: MIT
"""SourceModule under the name that PyCUDA gives it: `from cujitsu.compiler import SourceModule`."""

from __future__ import annotations

from cujitsu._core import SourceModule

__all__ = ["SourceModule"]
