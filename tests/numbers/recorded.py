# SPDX-License-Identifier: MIT
"""The recorded results as files: a manifest that can be read, and one compressed stream of all result bits."""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from runner import UNSIGNED, Outcome, Results
from variant import Variant

FOLDER = Path(__file__).resolve().parent / "data"
MANIFEST, STREAM = "manifest.json", "results.xz"
# Words of 4 and 8 bytes prevail.
FILTERS = [
    {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 1, "lp": 2, "pb": 2, "dict_size": 1 << 24}
]


@dataclass(frozen=True)
class Recording:
    """What a device answered. `origin` says which, `left_out` which variants it refused and with which log."""

    origin: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    bits: Mapping[str, bytes] = field(default_factory=dict)

    def results(self, variant: Variant) -> Results:
        """KeyError for a variant that was never recorded, ValueError for one that has changed since."""
        if self.checksums[variant.name] != variant.checksum():
            raise ValueError(f"{variant.name} has changed since it was recorded: run record.py again")
        found, data = [], self.bits[variant.name]
        for size in variant.result_bytes:
            found.append(np.frombuffer(data[: size * variant.count], dtype=UNSIGNED[size]))
            data = data[size * variant.count :]
        return tuple(found)


def revision(variants: Iterable[Variant]) -> str:
    """Of the whole generator: changes with any variant."""
    return hashlib.sha256("".join(variant.checksum() for variant in variants).encode()).hexdigest()[:12]


def write(folder: Path, origin: Mapping[str, str], outcomes: Iterable[Outcome]) -> tuple[int, int]:
    """The sizes of both files."""
    recorded: dict[str, list[object]] = {}
    left_out: dict[str, str] = {}
    stream = bytearray()
    for outcome in outcomes:
        variant = outcome.variant
        if outcome.results is None:
            left_out[variant.name] = outcome.refusal
            continue
        data = b"".join(column.tobytes() for column in outcome.results)
        recorded[variant.name] = [variant.checksum(), len(data)]
        stream += data
    folder.mkdir(parents=True, exist_ok=True)
    packed = lzma.compress(bytes(stream), format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, filters=FILTERS)
    (folder / STREAM).write_bytes(packed)
    text = _manifest_text({**origin, "left_out": left_out}, recorded)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return len(packed), len(text)


def _manifest_text(head: Mapping[str, object], recorded: Mapping[str, list[object]]) -> str:
    """One line for each variant, in the order of the stream: checksum and bytes of results."""
    lines = json.dumps(head, indent=2, ensure_ascii=False)[:-2]
    rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in recorded.items())
    return f'{lines},\n  "variants": {{\n{rows}\n  }}\n}}\n'


def read(folder: Path = FOLDER) -> Recording:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    stream = lzma.decompress((folder / STREAM).read_bytes())
    variants, left_out = manifest.pop("variants"), manifest.pop("left_out")
    bits, start = {}, 0
    for name, (_, size) in variants.items():
        bits[name] = stream[start : start + size]
        start += size
    if start != len(stream):
        raise ValueError(f"{folder}: the manifest speaks of {start} bytes, the stream has {len(stream)}")
    return Recording(manifest, left_out, {name: checksum for name, (checksum, _) in variants.items()}, bits)
