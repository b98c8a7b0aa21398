"""Did a collection move while it was read? Takes what each page was observed to hold, gives those to be read again.

An API cuts its list into pages anew for each request: what is inserted or deleted between two answers shifts all
records behind it, past the reader or into what was read. Signs of it, each with a time before which it happened:

    an answer tells another count than the one that was sent last   → what was sent before it had come is stale
    a key came on two pages, though the count stood still           → what was sent before both had come is stale
    a page in the middle is short, and just so many are missing     → that page is stale

What is stale is read again, twice at most. Pages that come back with the very same records stood still in between:
then nothing is won by a third reading, and they hold for every moment from the first reading to the second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ladle.collect.distinct import Distinct
from ladle.collect.observed import Observed
from ladle.words import plural

READINGS = 3
"""The first, and two more at most."""
TIMED = 100_000
"""So many repeats are looked at one by one; more are no sign of a moment but of a key that isn't one."""


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
    """Judges one collection's pages. `keyed`: its records have a key; `verify`: each page is to be read twice."""

    def __init__(self, seen: Observed, *, keyed: bool, verify: bool = False) -> None:
        self._seen, self._keyed, self._verify = seen, keyed, verify

    def judge(self) -> Judgement:
        """Whether the latest readings of all pages fit together. To be asked when every page that is known has come."""
        known = self._seen.positions()
        claimed = self._claimed(known)
        moved = self._told_otherwise(known, claimed)
        stale = moved or self._odd(known, claimed)
        # One page is one moment.
        if len(known) < 2 or (not stale and not self._verify):
            return Judgement(state="settled", claimed=claimed)
        stale = known if self._verify else stale
        if self._stood_still(known, stale):
            return self._at_rest(known, claimed, stale if moved else [])
        if any(self._seen.reading[each] >= READINGS for each in stale):
            return Judgement(state="unsettled", reason=self._restless(stale), claimed=claimed)
        return Judgement(state="moved", stale=tuple(stale), claimed=claimed)

    def distinct(self) -> int:
        """How many records there are, each once; where they have no key, all that came."""
        return self._compare(self._seen.positions())[0] if self._keyed else self._seen.total

    def _claimed(self, known: list[int]) -> int | None:
        """What the answer told that was sent last."""
        count, started = self._seen.count, self._seen.started
        told = [(started[each], count[each]) for each in known if count[each] >= 0]
        return max(told)[1] if told else None

    def _told_otherwise(self, known: list[int], claimed: int | None) -> list[int]:
        """What was sent before the last answer with another count had come."""
        other = [came for count, came in self._seen.counts.items() if count != claimed]
        return self._sent_before(known, max(other)) if other else []

    def _odd(self, known: list[int], claimed: int | None) -> list[int]:
        """What is stale though the count stood still."""
        if self._keyed:
            distinct, repeated = self._compare(known)
            if distinct < self._seen.total and not self._explained(known, claimed, distinct):
                return self._sent_before(known, self._sign(known, repeated))
        return self._short(known, claimed)

    def _sent_before(self, known: list[int], moment: float) -> list[int]:
        return [each for each in known if self._seen.started[each] < moment]

    def _compare(self, known: list[int]) -> tuple[int, set[int]]:
        """How many records are distinct, and the hashes of those that came more than once, unless they are too many."""
        with Distinct() as keys:
            for hashes in self._seen.hashes(known):
                keys.add(hashes)
            distinct = keys.distinct
            return distinct, keys.repeated() if 0 < keys.total - distinct <= TIMED else set()

    def _explained(self, known: list[int], claimed: int | None, distinct: int) -> bool:
        """Some APIs give a page again for a page beyond the end; that hides nothing where all else adds up."""
        full = max(self._seen.length)
        if claimed is None or distinct != claimed or not full:
            return False
        inside = [each for each in known if each <= -(-claimed // full)]
        digests = {self._seen.digest[each] for each in inside}
        return sum(self._seen.length[each] for each in inside) == claimed and all(
            not self._seen.length[each] or self._seen.digest[each] in digests for each in known[len(inside) :]
        )

    def _sign(self, known: list[int], repeated: set[int]) -> float:
        """When the last page had come that holds a repeated record."""
        if not repeated:
            return max(self._seen.ended) + 1.0
        return max(self._seen.ended[each] for each in known if not repeated.isdisjoint(self._seen.hashes_of(each)))

    def _short(self, known: list[int], claimed: int | None) -> list[int]:
        """Pages in the middle that are short where records are missing; where none is, the count itself is wrong.

        An API that cuts a list of N into pages gives N records however it moves: other sums are its own slip.
        """
        if claimed is None or self._seen.total >= claimed:
            return []
        full = max(self._seen.length)
        return [each for each in known[:-1] if self._seen.length[each] < full and each <= claimed // full]

    def _stood_still(self, known: list[int], stale: list[int]) -> bool:
        """Whether all that is stale was read again, had not changed, and all pages so hold for one moment.

        A page that had the same records twice had them in between; the others are at one with each other at the
        moment when the last of them had come.
        """
        if not all(self._seen.same[each] for each in stale):
            return False
        again = set(stale)
        earliest = max(self._seen.since[each] for each in stale)
        latest = min(self._seen.started[each] for each in stale)
        moment = max((self._seen.ended[each] for each in known if each not in again), default=earliest)
        return earliest <= moment <= latest

    def _at_rest(self, known: list[int], claimed: int | None, moved: list[int]) -> Judgement:
        """Pages that stood still are one moment's: they are held against the count that was told then."""
        if not moved:
            return Judgement(state="settled", claimed=claimed)
        again = set(moved)
        others = [each for each in known if each not in again]
        # Where all was read again, a count that changed meanwhile shows that pages came back as they had been.
        told = {self._seen.count[each] for each in others or known} - {-1}
        found = self._compare(known)[0] if self._keyed else self._seen.total
        if told == {found}:
            return Judgement(state="settled", claimed=found)
        told_so = _numbers(self._seen.counts)
        reason = f"The API's count kept changing (it told {told_so}) while its pages stayed the same."
        return Judgement(state="unsettled", reason=reason, claimed=claimed)

    def _restless(self, stale: list[int]) -> str:
        counts = self._seen.counts
        between = f", its count between {min(counts):,} and {max(counts):,}" if len(counts) > 1 else ""
        return (
            f"The collection kept moving while it was read{between}: "
            f"{plural(len(stale), 'page')} still did not fit the others after {READINGS} readings."
        )


def _numbers(counts: Iterable[int]) -> str:
    return ", ".join(f"{count:,}" for count in sorted(counts)[:5])
