"""Room for files of a home on S3: takes the files that are here and the bytes to come, gives those that must go; pure.

Those that were used longest ago go first. A file that was used lately may be in use and stays, and then a table is
read where it lies: the limit holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

IN_USE = 600.0
"""Seconds since its last use in which a file may be in use: twice as long as a SELECT may take."""


@dataclass(frozen=True, slots=True)
class Here:
    """A file on this machine: its size in bytes, and when it was used last, in seconds since 1970."""

    path: Path
    size: int
    used: float


def going(files: Iterable[Here], *, coming: int, most: int, now: float) -> list[Path] | None:
    """The files to remove before `coming` bytes are fetched; None where that makes no room for them."""
    kept = sorted(files, key=lambda file: file.used)
    excess = sum(file.size for file in kept) + coming - most
    gone = []
    for file in kept:
        if excess <= 0 or now - file.used < IN_USE:
            break
        gone.append(file.path)
        excess -= file.size
    return gone if excess <= 0 else None
