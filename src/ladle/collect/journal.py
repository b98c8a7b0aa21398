"""The run's durable log: takes every answer as it comes, gives them back in order after any kind of end.

A journal is a folder of segments, `<fence>-<n>.seg`. A segment is a row of frames, each length, checksum and a
zstd-compressed payload: one line of JSON that tells about the answer, then its body. A process that is killed
leaves at most one torn frame at the end of its segment; the next one opens a segment of its own, so nothing is
ever written behind a tear. Bodies are kept raw: a better transform needs no new requests.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, Self

import orjson
import pyarrow as pa

FRAME = struct.Struct("<III")
"""Length of the compressed payload, length of the payload, checksum of both lengths and the compressed payload."""
LENGTHS = struct.Struct("<II")
LARGEST = 1 << 30
"""No frame is larger; a length beyond it is a tear."""
ZSTD = pa.Codec("zstd", compression_level=1)

KEPT = ("etag", "last-modified", "date", "content-type", "retry-after")
"""The headers that matter after the call."""

Kind = Literal["answer", "trouble", "gap"]
Role = Literal["page", "item", "lookup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal: an answer that is kept, a failed attempt (trouble), or a request given up (gap)."""

    kind: Kind
    key: str
    """The request's name, `people?page=2`: the same in every run, and never with a secret."""
    resource: str
    role: Role
    position: int
    """Page number or number of the item: the order in the table."""
    reading: int = 1
    """Which reading of its collection it belongs to: pages that shift while they are read are read again."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Only those of KEPT."""
    body: bytes = b""
    started: float = 0.0
    """Seconds since 1970."""
    took: float = 0.0
    """Seconds."""
    attempt: int = 1
    records: int = 0
    reason: str = ""
    """In words, for trouble and gap."""
    again_at: float | None = None


class Journal:
    """The writing end: one process appends to one segment of its own."""

    def __init__(self, folder: Path, *, fence: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in folder.glob(f"{fence:06d}-*.seg"))
        self.path = folder / f"{fence:06d}-{number:04d}.seg"
        self._file = self.path.open("xb", buffering=0)

    def append(self, entry: Entry) -> None:
        """Put the entry behind the others. When this returns, a killed process loses it no more."""
        told = {name: getattr(entry, name) for name in _TOLD}
        payload = orjson.dumps(told) + b"\n" + entry.body
        packed = bytes(ZSTD.compress(payload, asbytes=True))
        frame = FRAME.pack(len(packed), len(payload), _checksum(packed, len(payload))) + packed
        written = self._file.write(frame)
        while written < len(frame):
            # A raw file may take less than it was given (a disk that is nearly full).
            written += self._file.write(frame[written:])

    def sync(self) -> None:
        """Make it survive a loss of power too."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close; the segment is never opened for writing again."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_TOLD = tuple(name for name in Entry.__dataclass_fields__ if name != "body")


def segments(folder: Path) -> list[Path]:
    """The journal's segments in the order they were begun."""
    return sorted(folder.glob("*.seg"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame lies, so that its body can be read later without keeping it in memory."""

    segment: Path
    offset: int


def replay(folder: Path) -> Iterator[Entry]:
    """Every entry in the order written; a torn tail is cut off.

    Of two answers to one request in one reading the first counts.
    """
    for entry, _ in places(folder):
        yield entry


def places(folder: Path) -> Iterator[tuple[Entry, Place]]:
    """As `replay`, each with its place."""
    answered: set[tuple[str, int]] = set()
    for entry, place in frames(folder):
        if entry.kind == "answer":
            if (entry.key, entry.reading) in answered:
                continue
            answered.add((entry.key, entry.reading))
        yield entry, place


def frames(folder: Path) -> Iterator[tuple[Entry, Place]]:
    """Every entry with its place in the order written, an answer that came twice among them both times."""
    for segment in segments(folder):
        with segment.open("rb") as file:
            while (read := _read(file)) is not None:
                entry, offset = read
                yield entry, Place(segment, offset)


def read_place(place: Place) -> Entry:
    """The entry at a place that `places` gave."""
    with place.segment.open("rb") as file:
        return read_frame(file, place.offset)


def read_frame(file: IO[bytes], offset: int) -> Entry:
    """The entry at an offset of an open segment that `frames` gave."""
    file.seek(offset)
    read = _read(file)
    assert read is not None, f"{file.name} at {offset} was read before"  # noqa: S101 - a frame that was whole stays whole
    return read[0]


def _checksum(packed: bytes, size: int) -> int:
    """Over the lengths too: a tail of zeros, as a loss of power leaves it, is then no frame."""
    return zlib.crc32(packed, zlib.crc32(LENGTHS.pack(len(packed), size)))


def _read(file: IO[bytes]) -> tuple[Entry, int] | None:
    """The next frame, or None at the end and at a tear."""
    offset = file.tell()
    head = file.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    packed_size, size, checksum = FRAME.unpack(head)
    if packed_size > LARGEST or size > LARGEST:
        return None
    packed = file.read(packed_size)
    if len(packed) < packed_size or _checksum(packed, size) != checksum:
        return None
    payload = bytes(ZSTD.decompress(packed, decompressed_size=size, asbytes=True))
    told, _, body = payload.partition(b"\n")
    return Entry(body=body, **orjson.loads(told)), offset
