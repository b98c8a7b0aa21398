"""Is it complete? Takes what was collected and the run's gaps, gives the reasons why not, in words, and all gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ladle.collect.settling import Settled
from ladle.snapshots.manifest import Gap
from ladle.snapshots.table import Collected

NAMED = 3
"""So many keys are named in a reason; the gaps name more."""
MOST_MISSING = 1000
"""So many missing references of a resource are listed as gaps; the reason tells how many there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Complete is what has no reason against it."""

    reasons: tuple[str, ...]
    gaps: tuple[Gap, ...]

    def and_of(self, resource: str, other: Outcome) -> Outcome:
        """Both, what is against the other with its resource's name: of a table that another is made of too."""
        reasons = tuple(f"{resource}: {reason}" for reason in other.reasons)
        gaps = {gap.key: gap for gap in (*other.gaps, *self.gaps)}
        return Outcome((*self.reasons, *reasons), tuple(gaps.values()))


def judge(collected: Collected, *, rows: int, gaps: Sequence[Gap], settled: Settled | None = None) -> Outcome:
    """Hold a table that was read to its end against the API's own count, its references and the run's gaps.

    `settled` says whether its pages fit together.
    """
    restless = (settled.reason,) if settled and settled.reason else ()
    known = {gap.key: gap for gap in gaps}
    for gap in (*collected.unread.values(), *_missing(collected)):
        known.setdefault(gap.key, gap)
    requests = [*gaps, *(gap for key, gap in collected.unread.items() if key not in {each.key for each in gaps})]
    given = rows if settled is None or settled.found is None else settled.found
    counted = _miscounted(collected, rows=given, gaps=requests)
    reasons = (*restless, *_unanswered(requests), *counted, *_unresolved(collected))
    return Outcome(reasons, tuple(known.values()))


def _unanswered(gaps: Sequence[Gap]) -> Iterator[str]:
    if gaps:
        more = f" and {len(gaps) - NAMED:,} more" if len(gaps) > NAMED else ""
        named = ", ".join(f"{gap.key} ({gap.reason.rstrip('.')})" for gap in gaps[:NAMED])
        yield f"{_number(len(gaps), 'request')} got no usable answer: {named}{more}."


def _miscounted(collected: Collected, *, rows: int, gaps: Sequence[Gap]) -> Iterator[str]:
    if collected.claimed is not None and collected.claimed != rows:
        yield f"The API says that there are {collected.claimed:,} records; {rows:,} were found."
    each = collected.resource.each
    if each is not None and not gaps and collected.answers < len(each.items):
        yield f"The list has {len(each.items):,} items; {collected.answers:,} were asked for."


def _unresolved(collected: Collected) -> Iterator[str]:
    for reference, names in collected.names.items():
        if names.missing:
            named = ", ".join(list(names.missing)[:NAMED])
            more = f" and {len(names.missing) - NAMED:,} more" if len(names.missing) > NAMED else ""
            count = _number(len(names.missing), "reference")
            yield f"No record came for {count} to {reference.resource}: {named}{more}."


def _missing(collected: Collected) -> Iterator[Gap]:
    for reference, names in collected.names.items():
        for name in list(names.missing)[:MOST_MISSING]:
            yield Gap(name, f"No record of {reference.resource} goes by it; the cells that name it are empty.")


def _number(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"
