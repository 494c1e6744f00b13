# SPDX-License-Identifier: MIT
"""The driver that cujitsu uses, called by ctypes: for what the package has no function of its own."""

from __future__ import annotations

import ctypes
from typing import Any

import cujitsu as cj


class Driver:
    """`driver.cuLinkCreate_v2(…)` calls it and raises DriverCallError unless it succeeds."""

    def __init__(self) -> None:
        path = next(candidate.path for candidate in cj.driver_report().candidates if candidate.chosen)
        self._library = ctypes.CDLL(path)
        cj.Device.current().make_current()

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._library, name)

        def call(*arguments: Any) -> None:
            code = function(*arguments)
            if code != 0:
                raise DriverCallError(name, code)

        return call


class DriverCallError(Exception):
    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name}: {code}")
        self.code = code


def parameters(*values: Any) -> ctypes.Array:
    """ctypes values as what cuLaunchKernel takes; they live as long as the array."""
    array = (ctypes.c_void_p * len(values))(*(ctypes.cast(ctypes.pointer(value), ctypes.c_void_p) for value in values))
    array.values = values
    return array
