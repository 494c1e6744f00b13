# SPDX-License-Identifier: MIT
"""For programs that came from PyCUDA: `import cujitsu.autoinit` has nothing left to do.

The driver is initialised and the primary context retained on first use. `autoinit.device` is the current device.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cujitsu._core import Device

    device: Device


def __getattr__(name: str) -> Device:
    if name == "device":
        from cujitsu._core import Device

        return Device.current()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
