"""One line of the journal: takes an answer and what is told about it, gives a frame of bytes; takes bytes, gives it.

A frame is length, checksum and a compressed payload: one line of JSON that tells about the answer, then its body.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Literal

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

Kind = Literal["answer", "trouble", "gap", "taken"]
"""`taken`: here the driver took up a stretch of what a helper wrote (`taken_entry`); who reads a journal sees that."""
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
    why: Literal["", "gone", "tired"] = ""
    """Of a gap: the API said in a good answer that there is no such thing, or the attempts were used up."""
    given: float = 0.0
    taken_up: float = 0.0
    """Of what a helper wrote: when it was given the request at the earliest, and when its driver knew of the answer, in
    seconds since 1970 by the driver's clock. Not written: the journal's reader has them from the driver's segment."""

    @property
    def moments(self) -> tuple[float, float]:
        """Not later than the request was sent, not earlier than it was answered; by the driver's clock."""
        ended = self.started + self.took
        if not self.taken_up:
            return self.started, ended
        fast = max(0.0, ended - self.taken_up)  # so much, at least, another machine's clock is fast
        return max(self.given, self.started - fast), self.taken_up

    @property
    def leads_astray(self) -> bool:
        """An answer that is kept for its records alone: the request has another chance when the run is taken up."""
        return self.kind == "answer" and self.reason.startswith(ASTRAY)


def frame_of(entry: Entry) -> bytes:
    """The entry as it is written."""
    payload = orjson.dumps(_told(entry)) + b"\n" + entry.body
    packed: bytes = LZ4.compress(payload, asbytes=True)
    size = len(payload) | IN_LZ4
    return FRAME.pack(len(packed), size, _checksum(packed, size)) + packed


def _told(entry: Entry) -> dict[str, object]:
    """All but the body. Written out, since that takes half the time of asking the class for its fields."""
    told: dict[str, object] = {
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
    if entry.why:
        told["why"] = entry.why
    return told


def taken_entry(segment: str, *, start: int, end: int, given: float, at: float) -> Entry:
    """What the driver's journal says of a helper's segment: these bytes of it were taken up at that time."""
    return Entry(
        kind="taken", key=segment, resource="", role="page", position=end, records=start, attempt=0, started=given,
        took=at - given,
    )  # fmt: skip


def _checksum(packed: bytes, size: int) -> int:
    """Over the lengths too: a tail of zeros, as a loss of power leaves it, is then no frame."""
    return zlib.crc32(packed, zlib.crc32(LENGTHS.pack(len(packed), size)))


def next_frame(file: IO[bytes]) -> tuple[Entry, int] | None:
    """The next entry of a segment and where its frame begins; None at the end and at a tear."""
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
