# SPDX-License-Identifier: MIT
"""What numpy says about the simplest integer instructions: enough to tell that the harness stores what it should."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from variant import Variant

Operation = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def _shift_left(value: np.ndarray, count: np.ndarray, bits: int) -> np.ndarray:
    return np.where(count < bits, value << np.minimum(count, np.uint64(63)), np.uint64(0))


def _shift_right(value: np.ndarray, count: np.ndarray, bits: int) -> np.ndarray:
    return np.where(count < bits, value >> np.minimum(count, np.uint64(63)), np.uint64(0))


OPERATIONS: dict[str, Operation] = {
    **{f"add.{kind}{bits}": lambda a, b, _: a + b for kind in "us" for bits in (16, 32, 64)},
    **{f"sub.{kind}{bits}": lambda a, b, _: a - b for kind in "us" for bits in (16, 32, 64)},
    **{f"mul.lo.{kind}{bits}": lambda a, b, _: a * b for kind in "us" for bits in (16, 32, 64)},
    **{f"and.b{bits}": lambda a, b, _: a & b for bits in (16, 32, 64)},
    **{f"or.b{bits}": lambda a, b, _: a | b for bits in (16, 32, 64)},
    **{f"xor.b{bits}": lambda a, b, _: a ^ b for bits in (16, 32, 64)},
    **{f"min.u{bits}": lambda a, b, _: np.minimum(a, b) for bits in (16, 32, 64)},
    **{f"max.u{bits}": lambda a, b, _: np.maximum(a, b) for bits in (16, 32, 64)},
    **{f"shl.b{bits}": _shift_left for bits in (16, 32, 64)},
    **{f"shr.u{bits}": _shift_right for bits in (16, 32, 64)},
}


def expected(variant: Variant) -> np.ndarray | None:
    """The single result, or None for an instruction that is not known here."""
    operation = OPERATIONS.get(variant.name)
    if operation is None:
        return None
    bits = variant.results[0]
    with np.errstate(over="ignore"):
        return operation(*variant.inputs, bits) & np.uint64(2**bits - 1)
