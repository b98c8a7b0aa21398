"""Is it complete? Takes what was collected and the run's gaps, gives the reasons why not, in words, and all gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ladle.collect.settling import Settled
from ladle.snapshots.manifest import Gap
from ladle.snapshots.table import Collected
from ladle.words import plural

NAMED = 3
"""So many keys are named in a reason; the gaps name more."""
MOST_MISSING = 1000
"""So many missing references of a resource are listed as gaps; the reason tells how many there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Complete is what has no reason against it."""

    reasons: tuple[str, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that was read to its end: `rows` are its distinct records, `filtered` those that were left out."""

    collected: Collected
    rows: int
    filtered: int = 0
    settled: Settled | None = None
    """Whether its pages fit together."""

    @property
    def found(self) -> int:
        """Distinct records that came, as the API counts them: before any transform."""
        settled = self.settled
        return self.rows + self.filtered if settled is None or settled.found is None else settled.found


def judge_all(tables: Sequence[Table], *, gaps: Sequence[Gap]) -> Outcome:
    """Hold tables that were read to their ends against the API's own counts, their references and the run's gaps.

    Several are those that a SELECT reads: each has to be complete, and its reasons begin with its name.
    """
    known = {gap.key: gap for gap in gaps}
    requests = dict(known)
    for table in tables:
        for gap in table.collected.unread.values():
            requests.setdefault(gap.key, gap)
        for gap in (*table.collected.unread.values(), *_missing(table.collected)):
            known.setdefault(gap.key, gap)
    of_each = [(table, [*_restless(table)], [*_against(table, requests)]) for table in tables]
    several = len(tables) > 1
    reasons = [
        *(_told(table, reason, several) for table, restless, _ in of_each for reason in restless),
        *_unanswered(list(requests.values())),
        *(_told(table, reason, several) for table, _, against in of_each for reason in against),
    ]
    return Outcome(tuple(dict.fromkeys(reasons)), tuple(known.values()))


def _told(table: Table, reason: str, several: bool) -> str:
    return f"{table.collected.resource.name}: {reason}" if several else reason


def _restless(table: Table) -> Iterator[str]:
    if table.settled and table.settled.reason:
        yield table.settled.reason


def _against(table: Table, requests: dict[str, Gap]) -> Iterator[str]:
    """What speaks against one table, beside requests that were not answered."""
    collected = table.collected
    if collected.parents is not None:
        yield from _childless(collected, requests)
    else:
        yield from _miscounted(table, unanswered=bool(requests))
    yield from _cut(collected)
    yield from _unresolved(collected)


def _unanswered(gaps: Sequence[Gap]) -> Iterator[str]:
    if gaps:
        more = f" and {len(gaps) - NAMED:,} more" if len(gaps) > NAMED else ""
        named = ", ".join(f"{gap.key} ({gap.reason.rstrip('.')})" for gap in gaps[:NAMED])
        yield f"{plural(len(gaps), 'request')} got no usable answer: {named}{more}."


def _miscounted(table: Table, *, unanswered: bool) -> Iterator[str]:
    collected, found = table.collected, table.found
    if collected.claimed is not None and collected.claimed != found:
        yield f"The API says that there are {collected.claimed:,} records; {found:,} were found."
    each = collected.resource.each
    if each is not None and not unanswered and collected.answers < len(each.items):
        yield f"The list has {len(each.items):,} items; {collected.answers:,} were asked for."


def _childless(collected: Collected, requests: dict[str, Gap]) -> Iterator[str]:
    """Parents that are not as many as the API says, or have no child though nothing went wrong with it."""
    parents = collected.parents
    if parents is None:
        return
    if parents.claimed is not None and parents.claimed != parents.distinct:
        told = f"The API says that there are {parents.claimed:,} records of {parents.resource.name}"
        yield f"{told}; {parents.distinct:,} were found."
    lost = [key for key in parents.without if key not in requests]
    if lost:
        named = ", ".join(lost[:NAMED]) + (f" and {len(lost) - NAMED:,} more" if len(lost) > NAMED else "")
        yield f"{plural(len(lost), 'record')} of {parents.resource.name} were not asked for: {named}."


def _cut(collected: Collected) -> Iterator[str]:
    """Answers for one item each that hold less, or more, than they say that there is."""
    if collected.cut:
        key, (told, held) = next(iter(collected.cut.items()))
        more = f" So it is with {plural(len(collected.cut) - 1, 'other answer')}." if len(collected.cut) > 1 else ""
        yield f"The answer to {key} says that there are {told:,} records; it holds {held:,}.{more}"


def _unresolved(collected: Collected) -> Iterator[str]:
    for reference, names in collected.names.items():
        if names.missing:
            named = ", ".join(list(names.missing)[:NAMED])
            more = f" and {len(names.missing) - NAMED:,} more" if len(names.missing) > NAMED else ""
            count = plural(len(names.missing), "reference")
            yield f"No record came for {count} to {reference.resource}: {named}{more}."


def _missing(collected: Collected) -> Iterator[Gap]:
    for reference, names in collected.names.items():
        for name in list(names.missing)[:MOST_MISSING]:
            yield Gap(name, f"No record of {reference.resource} goes by it; the cells that name it are empty.")
