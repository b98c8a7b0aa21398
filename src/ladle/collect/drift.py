"""Did a collection move while it was read? Takes every answer's page, gives which pages must be read again.

An API cuts its list into pages anew for each request: what is inserted or deleted between two answers shifts all
records behind it, past the reader or into what was read. Signs of it, each with a time before which it happened:

    an answer tells another count than the one that was sent last   → what was sent before it had come is stale
    a key came on two pages, though the count stood still           → what was sent before both had come is stale
    a page in the middle is short, and just so many are missing     → that page is stale

What is stale is read again, twice at most. Pages that come back with the very same records stood still in between:
then nothing is won by a third reading, and they hold for every moment from the first reading to the second.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ladle.collect.distinct import Distinct
from ladle.collect.hashes import HashStore

READINGS = 3
"""The first, and two more at most."""
TIMED = 100_000
"""So many repeats are looked at one by one; more are no sign of a moment but of a key that isn't one."""
SET_BACK = 1.0
"""Seconds: answers come in order, so a clock that goes back further was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One answered page. Times are seconds since 1970."""

    position: int
    """From 1."""
    count: int | None
    """The number of records that the API claimed with it."""
    length: int
    hashes: array[int]
    """Of the records' keys, in order; of whole records where the resource has no key."""
    started: float
    ended: float
    reading: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`settled`: the pages fit together. `moved`: read `stale` again. `unsettled`: they don't fit, and reading on is no
    use; `reason` says why in words.
    """

    state: Literal["settled", "moved", "unsettled"]
    stale: tuple[int, ...] = ()
    reason: str = ""
    claimed: int | None = None
    """The count that the pages were held against."""


class Drift:
    """What is known of one collection's pages: 50 bytes a page and 8 a record, of which few are in memory."""

    def __init__(self, *, keyed: bool, verify: bool = False) -> None:
        self._keyed, self._verify = keyed, verify
        self._reading = array("B")
        """Of the latest answer of each position; 0 where none came."""
        self._same = array("B")
        """Whether the latest answer had the same records as the one before."""
        self._count, self._length = array("q"), array("q")
        self._digest, self._offset = array("q"), array("q")
        self._started, self._ended = array("d"), array("d")
        self._since = array("d")
        """When the first of the readings had come since which the page has had these records."""
        self._hashes = HashStore()
        self._last, self._set_back = 0.0, 0.0
        self._counts: dict[int, float] = {}
        """Every count that was told, of readings that are superseded too, and when its last answer had come."""
        self.total = 0
        """Records of the latest answers of all positions."""

    @property
    def readings(self) -> int:
        """How often the page that was read most often was read."""
        return max(self._reading, default=0)

    @property
    def now(self) -> float:
        """When the last answer had come, by the clock as it is."""
        return self._last - self._set_back

    def reading_of(self, position: int) -> int:
        """How often the page was read."""
        return self._reading[position - 1] if position <= len(self._reading) else 0

    def positions(self) -> list[int]:
        """All pages that were answered."""
        return [place + 1 for place, reading in enumerate(self._reading) if reading]

    def note(self, seen: Observation) -> None:
        """Take an answer; it counts instead of an earlier reading's."""
        self._make_room(seen.position)
        place = seen.position - 1
        if seen.reading <= self._reading[place]:
            return
        digest = hash((seen.length, seen.hashes.tobytes()))
        self._same[place] = self._reading[place] > 0 and digest == self._digest[place]
        self.total += seen.length - self._length[place]
        self._reading[place], self._digest[place] = min(seen.reading, 255), digest
        self._count[place] = -1 if seen.count is None else seen.count
        self._length[place], self._offset[place] = seen.length, self._hashes.put(seen.hashes)
        self._started[place], self._ended[place] = self._in_order(seen)
        self._since[place] = self._since[place] if self._same[place] else self._ended[place]
        if seen.count is not None:
            self._counts[seen.count] = self._ended[place]

    def forget_beyond(self, position: int, *, reading: int) -> list[int]:
        """A later reading ended there: the pages that it lacks hold nothing any more. Gives their positions."""
        gone = [place + 1 for place in range(position, len(self._reading)) if 0 < self._reading[place] < reading]
        for each in gone:
            self.note(
                Observation(
                    position=each,
                    count=None,
                    length=0,
                    hashes=array("q"),
                    started=self.now,
                    ended=self.now,
                    reading=reading,
                )
            )
        return gone

    def judge(self) -> Judgement:
        """Whether the latest readings of all pages fit together. To be asked when every page that is known has come."""
        known = self.positions()
        claimed = self._claimed(known)
        moved = self._told_otherwise(known, claimed)
        stale = moved or self._odd(known, claimed)
        # One page is one moment.
        if len(known) < 2 or (not stale and not self._verify):
            return Judgement(state="settled", claimed=claimed)
        stale = known if self._verify else stale
        if self._stood_still(known, stale):
            return self._at_rest(known, claimed, stale if moved else [])
        if any(self._reading[each - 1] >= READINGS for each in stale):
            return Judgement(state="unsettled", reason=self._restless(stale), claimed=claimed)
        return Judgement(state="moved", stale=tuple(stale), claimed=claimed)

    def close(self) -> None:
        """Let go of the hashes; nothing can be judged afterwards."""
        self._hashes.close()

    def _claimed(self, known: list[int]) -> int | None:
        """What the answer told that was sent last."""
        told = [(self._started[each - 1], self._count[each - 1]) for each in known if self._count[each - 1] >= 0]
        return max(told)[1] if told else None

    def _told_otherwise(self, known: list[int], claimed: int | None) -> list[int]:
        """What was sent before the last answer with another count had come."""
        other = [came for count, came in self._counts.items() if count != claimed]
        return self._sent_before(known, max(other)) if other else []

    def _odd(self, known: list[int], claimed: int | None) -> list[int]:
        """What is stale though the count stood still."""
        if self._keyed:
            distinct, repeated = self._compare(known)
            if distinct < self.total and not self._explained(known, claimed, distinct):
                return self._sent_before(known, self._sign(known, repeated))
        return self._short(known, claimed)

    def _sent_before(self, known: list[int], moment: float) -> list[int]:
        return [each for each in known if self._started[each - 1] < moment]

    def _compare(self, known: list[int]) -> tuple[int, set[int]]:
        """How many records are distinct, and the hashes of those that came more than once, unless they are too many."""
        with Distinct() as keys:
            for each in known:
                keys.add(self._of(each))
            distinct = keys.distinct
            return distinct, keys.repeated() if 0 < keys.total - distinct <= TIMED else set()

    def _of(self, position: int) -> array[int]:
        return self._hashes.get(self._offset[position - 1], self._length[position - 1])

    def _explained(self, known: list[int], claimed: int | None, distinct: int) -> bool:
        """Some APIs give a page again for a page beyond the end; that hides nothing where all else adds up."""
        full = max(self._length, default=0)
        if claimed is None or distinct != claimed or not full:
            return False
        inside = [each for each in known if each <= -(-claimed // full)]
        digests = {self._digest[each - 1] for each in inside}
        return sum(self._length[each - 1] for each in inside) == claimed and all(
            not self._length[each - 1] or self._digest[each - 1] in digests for each in known[len(inside) :]
        )

    def _sign(self, known: list[int], repeated: set[int]) -> float:
        """When the last page had come that holds a repeated record."""
        if not repeated:
            return max(self._ended) + 1.0
        return max(self._ended[each - 1] for each in known if not repeated.isdisjoint(self._of(each)))

    def _short(self, known: list[int], claimed: int | None) -> list[int]:
        """Pages in the middle that are short where records are missing; where none is, the count itself is wrong.

        An API that cuts a list of N into pages gives N records however it moves: other sums are its own slip.
        """
        if claimed is None or self.total >= claimed:
            return []
        full = max(self._length)
        return [each for each in known[:-1] if self._length[each - 1] < full and each <= claimed // full]

    def _stood_still(self, known: list[int], stale: list[int]) -> bool:
        """Whether all that is stale was read again, had not changed, and all pages so hold for one moment.

        A page that had the same records twice had them in between; the others are at one with each other at the
        moment when the last of them had come.
        """
        if not all(self._same[each - 1] for each in stale):
            return False
        again = set(stale)
        earliest = max(self._since[each - 1] for each in stale)
        latest = min(self._started[each - 1] for each in stale)
        moment = max((self._ended[each - 1] for each in known if each not in again), default=earliest)
        return earliest <= moment <= latest

    def _at_rest(self, known: list[int], claimed: int | None, moved: list[int]) -> Judgement:
        """Pages that stood still are one moment's: they are held against the count that was told then."""
        if not moved:
            return Judgement(state="settled", claimed=claimed)
        again = set(moved)
        told = {self._count[each - 1] for each in known if each not in again} - {-1}
        found = self._compare(known)[0] if self._keyed else self.total
        if told == {found} or (not told and found in self._counts):
            return Judgement(state="settled", claimed=found)
        reason = f"The API's count kept changing (it told {_numbers(self._counts)}) while its pages stayed the same."
        return Judgement(state="unsettled", reason=reason, claimed=claimed)

    def _restless(self, stale: list[int]) -> str:
        counts = f", its count between {min(self._counts):,} and {max(self._counts):,}" if len(self._counts) > 1 else ""
        return (
            f"The collection kept moving while it was read{counts}: "
            f"{_pages(len(stale))} still did not fit the others after {READINGS} readings."
        )

    def _make_room(self, position: int) -> None:
        lacking = position - len(self._reading)
        if lacking > 0:
            for each in (self._reading, self._same, self._length, self._digest, self._offset):
                each.extend([0] * lacking)
            self._count.extend([-1] * lacking)
            for moments in (self._started, self._ended, self._since):
                moments.extend([0.0] * lacking)

    def _in_order(self, seen: Observation) -> tuple[float, float]:
        """Its times, as if the clock had never been set back."""
        if seen.ended + self._set_back < self._last - SET_BACK:
            self._set_back = self._last - seen.ended
        self._last = max(self._last, seen.ended + self._set_back)
        return seen.started + self._set_back, seen.ended + self._set_back


def _numbers(counts: Iterable[int]) -> str:
    return ", ".join(f"{count:,}" for count in sorted(counts)[:5])


def _pages(number: int) -> str:
    return "1 page" if number == 1 else f"{number:,} pages"
