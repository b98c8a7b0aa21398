"""A journal's segments: takes their folder, gives them in order, their frames, and what they are called.

    <fence>-<n>.seg            of the driver with that fence
    <fence>.<stint>-<n>.seg    of a helper, which works for that driver; `stint` is the number of its first share

What a helper wrote is part of the journal from where the driver's segments say that it was taken up (`tail.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ladle.collect.entry import Entry, next_frame


class Name(NamedTuple):
    """What a segment's name says."""

    fence: int
    stint: int | None
    """None: the driver's own."""
    number: int

    @property
    def row(self) -> str:
        """Which row of segments it belongs to: `3`, of a helper `3.17`."""
        return f"{self.fence}" if self.stint is None else f"{self.fence}.{self.stint}"


def name_of(row: str, number: int) -> str:
    """What a segment of a row is called; a row of many has six digits."""
    fence, _, stint = row.partition(".")
    return f"{int(fence):06d}{f'.{int(stint):06d}' if stint else ''}-{number:06d}.seg"


def named(segment: Path | str) -> Name:
    """What a segment's name says."""
    row, _, number = Path(segment).name.removesuffix(".seg").partition("-")
    fence, _, stint = row.partition(".")
    return Name(int(fence), int(stint) if stint else None, int(number))


def segments(folder: Path) -> list[Path]:
    """All segments in the order they were begun, a driver's before those of its helpers."""
    return sorted(folder.glob("*.seg"))


def of_drivers(folder: Path) -> list[Path]:
    """Those of the drivers alone."""
    return [segment for segment in segments(folder) if "." not in segment.stem]


def of_helpers(folder: Path, *, fence: int | None = None) -> list[Path]:
    """Those of helpers alone, or of one driver's."""
    return sorted(folder.glob("*.*-*.seg" if fence is None else f"{fence:06d}.*-*.seg"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame lies, so that its body can be read later without keeping it in memory."""

    segment: Path
    offset: int


def frames_from(segment: Path, *, start: int = 0) -> Iterator[tuple[Entry, int, int]]:
    """A segment's entries from an offset on, each with where its frame begins and ends."""
    with segment.open("rb") as file:
        file.seek(start)
        while (read := next_frame(file)) is not None:
            yield *read, file.tell()
