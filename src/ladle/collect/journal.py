"""The run's durable log: takes every answer as it comes, gives them back in order after any kind of end.

A journal is a folder of segments, `<fence>-<n>.seg`. A segment is a row of frames, each length, checksum and a
zstd-compressed payload: one line of JSON that tells about the answer, then its body. A process that is killed
leaves at most one torn frame at the end of its segment; the next one opens a segment of its own, so nothing is
ever written behind a tear. Bodies are kept raw: a better transform needs no new requests.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
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
LZ4 = pa.Codec("lz4_raw")
"""Written since it takes a sixth of zstd's time on a page of ten records; zstd, of earlier versions, is still read."""
IN_LZ4 = 1 << 31
"""Added to the second length of a frame in LZ4."""

KEPT = ("etag", "last-modified", "date", "content-type", "retry-after")
"""The headers that matter after the call; besides them those that its answer is read by (`Request.told_by`)."""

ASTRAY = "What follows it is not known: "
"""How the reason begins of an answer that is kept for its records, though what it says of the next page is no use."""

TURN, FULL = 2.0, 8 << 20
"""Seconds and bytes after which a segment that others wait for is finished."""

Kind = Literal["answer", "trouble", "gap"]
Role = Literal["page", "item", "lookup", "items", "lookups"]
"""`items` and `lookups` are batches: several of a list, or several references, in one request."""


@dataclass(slots=True, kw_only=True)  # not frozen: there is one for each page, and a frozen one takes thrice the time
class Entry:
    """One line of the journal: an answer that is kept, a failed attempt (trouble), or a request given up (gap)."""

    kind: Kind
    key: str
    """The request's name, `people?page=2`: the same in every run, and never with a secret."""
    resource: str
    role: Role
    position: int
    """Page number or number of the item (of a batch, its first): the order in the table."""
    reading: int = 1
    """Which reading of its collection it belongs to: pages that shift while they are read are read again."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Only those of KEPT, and those that the answer is read by."""
    body: bytes = b""
    started: float = 0.0
    """Seconds since 1970."""
    took: float = 0.0
    """Seconds."""
    attempt: int = 1
    records: int = 0
    reason: str = ""
    """In words, for trouble and gap, and for an answer that holds nothing or leads astray."""
    again_at: float | None = None

    @property
    def leads_astray(self) -> bool:
        """An answer that is kept for its records alone: the request has another chance when the run is taken up."""
        return self.kind == "answer" and self.reason.startswith(ASTRAY)


class Journal:
    """The writing end: one process appends to segments of its own.

    With `took` a segment is handed there when it is full or TURN seconds old, to be synced and closed, and the next one
    is begun; without, there is one.
    """

    def __init__(self, folder: Path, *, fence: int, took: Callable[[IO[bytes]], None] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._fence, self._took, self._closed = folder, fence, took, False
        self._number = sum(1 for _ in folder.glob(f"{fence:06d}-*.seg"))
        self._begin()

    def _begin(self) -> None:
        number, self._number = self._number, self._number + 1
        # A row of segments has many, and is put in order by name.
        name = f"{number:04d}" if self._took is None else f"{number:06d}"
        self.path = self._folder / f"{self._fence:06d}-{name}.seg"
        self._file = self.path.open("xb", buffering=0)
        self._size, self._since = 0, time.monotonic()

    def turn(self, *, age: float = 0.0) -> None:
        """Hand the segment on, if it is so many seconds old and holds anything."""
        if self._took is not None and self._size and time.monotonic() - self._since >= age:
            before = self._file
            self._begin()
            self._took(before)

    def append(self, entry: Entry) -> None:
        """Put the entry behind the others. When this returns, a killed process loses it no more."""
        payload = orjson.dumps(_told(entry)) + b"\n" + entry.body
        packed: bytes = LZ4.compress(payload, asbytes=True)
        size = len(payload) | IN_LZ4
        frame = FRAME.pack(len(packed), size, _checksum(packed, size)) + packed
        written = self._file.write(frame)
        while written < len(frame):
            # A raw file may take less than it was given (a disk that is nearly full).
            written += self._file.write(frame[written:])
        self._size += written
        if self._size >= FULL:
            self.turn()

    @property
    def is_closed(self) -> bool:
        """Nothing can be appended any more."""
        return self._closed

    def sync(self) -> None:
        """Make it survive a loss of power too."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close; the segment is never opened for writing again."""
        if self._closed:
            return
        self._closed = True
        if self._took is not None and self._size:
            self._took(self._file)
            return
        self.sync()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _told(entry: Entry) -> dict[str, object]:
    """All but the body. Written out, since that takes half the time of asking the class for its fields."""
    return {
        "kind": entry.kind,
        "key": entry.key,
        "resource": entry.resource,
        "role": entry.role,
        "position": entry.position,
        "reading": entry.reading,
        "status": entry.status,
        "headers": entry.headers,
        "started": entry.started,
        "took": entry.took,
        "attempt": entry.attempt,
        "records": entry.records,
        "reason": entry.reason,
        "again_at": entry.again_at,
    }


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

    Of two answers to one request in one reading the first counts that doesn't lead astray.
    """
    for entry, _ in places(folder):
        yield entry


def places(folder: Path) -> Iterator[tuple[Entry, Place]]:
    """As `replay`, each with its place."""
    answered: set[tuple[str, int]] = set()
    for entry, place in frames(folder):
        if entry.kind == "answer" and not entry.leads_astray:
            if (entry.key, entry.reading) in answered:
                continue
            answered.add((entry.key, entry.reading))
        yield entry, place


def frames(folder: Path) -> Iterator[tuple[Entry, Place]]:
    """Every whole frame with its place, repeated answers too: nothing is kept of those that were given."""
    for segment in segments(folder):
        with segment.open("rb") as file:
            while (read := _read(file)) is not None:
                entry, offset = read
                yield entry, Place(segment, offset)


def frames_from(segment: Path, *, start: int = 0) -> Iterator[tuple[Entry, int, int]]:
    """A segment's entries from an offset on, each with where its frame begins and ends."""
    with segment.open("rb") as file:
        file.seek(start)
        while (read := _read(file)) is not None:
            yield *read, file.tell()


def peek(place: Place) -> Entry | None:
    """As `read_place`, of a journal that others may remove: None where the frame is damaged or gone."""
    try:
        with place.segment.open("rb") as file:
            file.seek(place.offset)
            read = _read(file)
    except OSError:
        return None
    return read[0] if read is not None else None


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
    packed_size, marked, checksum = FRAME.unpack(head)
    size = marked & ~IN_LZ4
    if packed_size > LARGEST or size > LARGEST:
        return None
    packed = file.read(packed_size)
    if len(packed) < packed_size or _checksum(packed, marked) != checksum:
        return None
    codec = LZ4 if marked & IN_LZ4 else ZSTD
    payload: bytes = codec.decompress(packed, decompressed_size=size, asbytes=True)
    told, _, body = payload.partition(b"\n")
    return Entry(body=body, **orjson.loads(told)), offset
