"""What is known of one collection's pages: takes every answer, gives of each page what its latest reading held.

It takes 50 bytes a page and 8 a record, of which few are in memory. Times are seconds since 1970, as if the clock had
never been set back.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from ladle.collect.hashes import HashStore

SET_BACK = 1.0
"""Seconds: answers come in order, so a clock that goes back further was set back."""
_ROOM = 256
"""Pages for which room is made at once."""


class Observed:
    """The arrays are by position, from 1, and may have room for pages that have not come."""

    def __init__(self) -> None:
        self.reading = array("B", [0])
        """Of the latest answer; 0 where none came."""
        self.same = array("B", [0])
        """Whether the latest answer had the same records as the one before."""
        self.count, self.length = array("q", [-1]), array("q", [0])
        """What the API claimed with it, -1 for nothing; how many records it held."""
        self.digest = array("q", [0])
        """Equal for two pages that hold the same records."""
        self.started, self.ended = array("d", [0.0]), array("d", [0.0])
        """When it was sent, and had come."""
        self.since = array("d", [0.0])
        """When the first of the readings had come since which the page has had these records."""
        self.counts: dict[int, float] = {}
        """Every count that was told, of readings that are superseded too, and when its last answer had come."""
        self.total = 0
        """Records of the latest answers of all pages."""
        self._offset, self._hashes = array("q", [0]), HashStore()
        self._last, self._set_back = 0.0, 0.0

    @property
    def readings(self) -> int:
        """How often the page that was read most often was read."""
        return max(self.reading)

    @property
    def now(self) -> float:
        """When the last answer had come, by the clock as it is."""
        return self._last - self._set_back

    def reading_of(self, position: int) -> int:
        """How often the page was read."""
        return self.reading[position] if position < len(self.reading) else 0

    def positions(self) -> list[int]:
        """All pages that were answered."""
        return [position for position, reading in enumerate(self.reading) if reading]

    def note(
        self, position: int, *, reading: int, hashes: array[int], count: int | None, started: float, ended: float
    ) -> None:
        """Take an answer, with the hashes of its records' keys; it counts instead of an earlier reading's."""
        if position >= len(self.reading):
            self._make_room(position)
        if reading <= self.reading[position]:
            return
        digest, length = hash(hashes.tobytes()), len(hashes)
        started, ended = self._in_order(started, ended)
        same = self.reading[position] > 0 and digest == self.digest[position]
        self.total += length - self.length[position]
        self.reading[position], self.same[position], self.digest[position] = min(reading, 255), same, digest
        self.length[position], self._offset[position] = length, self._hashes.put(hashes)
        self.started[position], self.ended[position] = started, ended
        if not same:
            self.since[position] = ended
        self.count[position] = -1 if count is None else count
        if count is not None:
            self.counts[count] = ended

    def forget_beyond(self, position: int, *, reading: int) -> list[int]:
        """A later reading ended there: the pages that it lacks hold nothing any more. Gives their positions."""
        gone = [each for each in range(position + 1, len(self.reading)) if 0 < self.reading[each] < reading]
        for each in gone:
            self.note(each, reading=reading, hashes=array("q"), count=None, started=self.now, ended=self.now)
        return gone

    def empty(self, position: int) -> None:
        """A page that was the one before it again: it holds nothing of its own."""
        self.total -= self.length[position]
        self.length[position], self.digest[position] = 0, hash(b"")

    def hashes_of(self, position: int) -> array[int]:
        """Of the keys of a page's records."""
        return self._hashes.get(self._offset[position], self.length[position])

    def hashes(self, positions: Sequence[int]) -> Iterator[array[int]]:
        """Of all pages' records; `positions` are the pages that were answered."""
        if self._hashes.total == self.total:  # nothing is superseded: all that is kept, in whatever order
            return self._hashes.all()
        return map(self.hashes_of, positions)

    def close(self) -> None:
        """Let go of the hashes."""
        self._hashes.close()

    def _make_room(self, position: int) -> None:
        more = position - len(self.reading) + _ROOM
        for each in (self.reading, self.same, self.length, self.digest, self._offset):
            each.extend([0] * more)
        self.count.extend([-1] * more)
        for moments in (self.started, self.ended, self.since):
            moments.extend([0.0] * more)

    def _in_order(self, started: float, ended: float) -> tuple[float, float]:
        """Times, as if the clock had never been set back."""
        if ended + self._set_back < self._last - SET_BACK:
            self._set_back = self._last - ended
        self._last = max(self._last, ended + self._set_back)
        return started + self._set_back, ended + self._set_back
