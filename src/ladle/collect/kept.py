"""What the API answered before: takes an earlier run's journal, gives for a request what to ask and what to reuse.

    answer(key)                → the earlier answer, read from the journal when the request is made
    condition(earlier)         → headers by which the API may say 304 instead of sending the same body again
    renewed(outcome, earlier)  → what came; a 304 with the earlier body and validators, as if it had been sent

Of each answer 16 bytes are kept in memory: a hash of its key and its place. The key itself is compared when the frame
is read, so two keys with one hash cost a plain request and no more.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ladle.collect.journal import KEPT, Entry, Place, frames, peek
from ladle.collect.retry import Answer, Failure

VALIDATORS = _TAG, _DATE = "etag", "last-modified"
"""The headers by which a later request can ask whether anything has changed."""
NO_CONDITION: Mapping[str, str] = MappingProxyType({})
_OFFSET = 48
"""Bits of a spot that tell the offset; those above it tell the segment."""
_HASH = (1 << 64) - 1
_UNASKED = "The API answered 304 (nothing has changed) to a request that did not ask for changes."


@dataclass(frozen=True, slots=True)
class Kept:
    """An index of the answers that have a validator."""

    segments: tuple[Path, ...] = ()
    hashes: array[int] = field(default_factory=lambda: array("Q"))
    """Sorted."""
    spots: array[int] = field(default_factory=lambda: array("Q"))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The index of a journal. Of several answers to one request the last one counts."""
        segments: dict[Path, int] = {}
        hashes, spots = array("Q"), array("Q")
        for entry, place in frames(folder):
            if entry.kind == "answer" and is_validated(entry.headers):
                hashes.append(hash(entry.key) & _HASH)
                spots.append(segments.setdefault(place.segment, len(segments)) << _OFFSET | place.offset)
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        return cls(tuple(segments), array("Q", (hashes[n] for n in order)), array("Q", (spots[n] for n in order)))

    def __len__(self) -> int:
        return len(self.hashes)

    def answer(self, key: str) -> Entry | None:
        """The earlier answer to a request, with its body; None where there is none, or where it can't be read now."""
        if not self.hashes:
            return None
        hashed = hash(key) & _HASH
        at = bisect_right(self.hashes, hashed) - 1
        if at < 0 or self.hashes[at] != hashed:
            return None
        spot = self.spots[at]
        found = peek(Place(self.segments[spot >> _OFFSET], spot & (1 << _OFFSET) - 1))
        return found if found is not None and found.key == key and found.body else None


NOTHING = Kept()


def is_validated(headers: Mapping[str, str]) -> bool:
    """Whether an answer came with something to ask about later."""
    return _usable(headers.get(_TAG, "")) or _usable(headers.get(_DATE, ""))


def _usable(value: str) -> bool:
    """A header may have come with any bytes; what is no plain text can't be sent back as it was."""
    return bool(value) and value.isascii() and value.isprintable()


def condition(earlier: Entry | None) -> Mapping[str, str]:
    """The request's headers: the ETag as it was given, weak or not; the date only where there is no ETag."""
    if earlier is None:
        return NO_CONDITION
    tag = earlier.headers.get(_TAG, "")
    return {"If-None-Match": tag} if _usable(tag) else {"If-Modified-Since": earlier.headers.get(_DATE, "")}


def renewed(outcome: Answer | Failure, earlier: Entry | None) -> Answer | Failure:
    """What came; a 304 gets the earlier body, and is none where the request had set no condition."""
    if isinstance(outcome, Failure) or outcome.status != 304:
        return outcome
    if earlier is None:
        return Failure(
            trouble="unreadable",
            reason=_UNASKED,
            started=outcome.started,
            took=outcome.took,
            status=outcome.status,
            headers=outcome.headers,
        )
    known = {name: earlier.headers[name] for name in (*VALIDATORS, "content-type") if name in earlier.headers}
    # What else was kept is what the answer is read by: where the next page is, how many records there are.
    told = {name: value for name, value in earlier.headers.items() if name not in KEPT}
    return replace(outcome, headers={**told, **outcome.headers, **known}, body=earlier.body)
