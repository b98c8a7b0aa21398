"""Counts of combinations: takes terms such as `created:month` and a view, gives every combination and how often it is.

A combination is known by its first row, so its values are read as any row is, from the CSV by its index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from ladle.errors import BadInput, Damaged
from ladle.explore.ends import ends_of, likely_of
from ladle.explore.firsts import MANY
from ladle.explore.grouping import Question, listing, listing_of, question
from ladle.explore.query import ask_batches
from ladle.explore.rows import MOST, read_numbered
from ladle.explore.tally import Tally, tally
from ladle.explore.terms import Term, read_terms
from ladle.explore.values import column_values
from ladle.explore.view import View
from ladle.explore.work import Work
from ladle.snapshots.manifest import Manifest

Order = Literal["count", "first", "value"]
_LISTED = 200_000
"""Combinations whose first rows are handed to DuckDB at once; of more it works out the values while it counts again."""


@dataclass(slots=True)
class CountRow:
    """One combination: its values in the order of the terms, how many rows have it, their share of all rows counted.

    The value of a term with a bin is a `Bin`, or None.
    """

    values: tuple[Any, ...]
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What comes after the combinations shown, summed up."""

    combinations: int
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Combinations of some columns' values. `rows` may be a part; `combinations` is how many there are in all."""

    columns: tuple[str, ...]
    """The terms, as they were asked for."""
    total_rows: int
    """How many rows the view has: all that were counted."""
    combinations: int
    rows: list[CountRow]
    rest: Rest
    largest: int
    """The first combination's count; with `order="count"` no other is larger."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted, checked."""

    folder: Path
    manifest: Manifest
    terms: tuple[Term, ...]
    question: Question


def asked(folder: Path, manifest: Manifest, texts: Sequence[str], *, view: View, order: str) -> Asked:
    """Raises BadInput for a term that is unknown, repeated or not given, a view and an order that can't be."""
    terms = read_terms(texts, view, manifest.columns, ends=partial(ends_of, folder, manifest, view))
    likely = likely_of(folder, manifest, terms) if manifest.rows >= MANY else 0
    return Asked(folder, manifest, terms, question(folder, manifest, terms, view, order=order, likely=likely))


def prepare_counts(wanted: Asked) -> Work[int]:
    """How many combinations there are, when that is known; a part of them then comes at once."""
    return tally(wanted.question).then(lambda found: found.combinations)


def count(wanted: Asked, *, limit: int | None, offset: int) -> Counts:
    """A part of the combinations, all from `offset` on without a limit. Raises BadInput for a part that can't be."""
    check_part(limit=limit, offset=offset)
    found = tally(wanted.question).result()
    try:
        return _part(wanted, found, limit=limit, offset=offset)
    except (Damaged, OSError):  # damage that shows only now is mended by counting again
        return _part(wanted, tally(wanted.question, anew=True).result(), limit=limit, offset=offset)


def every(wanted: Asked) -> Iterator[CountRow]:
    """All combinations, however many, in their order, worked out as they are gone through."""
    found = tally(wanted.question).result()
    if found.combinations <= _LISTED:
        try:
            part = found.part(0, found.combinations)
        except (Damaged, OSError):
            found = tally(wanted.question, anew=True).result()
            part = found.part(0, found.combinations)
        yield from _of_first_rows(wanted, part, total=found.rows)
        return
    for batch in ask_batches(wanted.question.parquet, listing(wanted.question), **wanted.question.values):
        numbers = column_values(pa.chunked_array([batch.column(batch.num_columns - 1)]))
        for values, number in zip(_values(wanted, batch), numbers, strict=True):
            yield CountRow(values, number, number / found.rows)


def _of_first_rows(wanted: Asked, part: Sequence[tuple[int, int]], *, total: int) -> Iterator[CountRow]:
    """Combinations by first row and count, their values read in the Parquet file: nothing is counted again."""
    if not part:
        return
    firsts = [first for first, _ in part]
    sql = listing_of(wanted.question, low=min(firsts), high=max(firsts))
    batches = ask_batches(wanted.question.parquet, sql, firsts=firsts, **wanted.question.values)
    rows = (values for batch in batches for values in _values(wanted, batch))
    for values, (_, number) in zip(rows, part, strict=True):
        yield CountRow(values, number, number / total)


def _values(wanted: Asked, batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """What the terms show of each row of a batch, whose first columns are theirs."""
    columns = [column_values(pa.chunked_array([column])) for column in batch.columns[: len(wanted.terms)]]
    for values in zip(*columns, strict=True):
        yield tuple(term.shown(value) for term, value in zip(wanted.terms, values, strict=True))


def _part(wanted: Asked, found: Tally, *, limit: int | None, offset: int) -> Counts:
    left = max(0, found.combinations - offset)
    size = left if limit is None else min(limit, left)
    total, shown = found.rows, list(_shown(wanted, found, offset=offset, size=size))
    after = total - found.upto(offset + size)
    return Counts(
        columns=tuple(term.text for term in wanted.terms),
        total_rows=total,
        combinations=found.combinations,
        rows=shown,
        rest=Rest(left - size, after, after / total if total else 0.0),
        largest=found.upto(1),
    )


def _shown(wanted: Asked, found: Tally, *, offset: int, size: int) -> Iterable[CountRow]:
    """So many combinations: a page of them from the CSV by its index, more from the Parquet file."""
    if size <= MOST:
        return _read(wanted, found, offset=offset, limit=size)
    if size <= _LISTED:
        return _of_first_rows(wanted, found.part(offset, size), total=found.rows)
    return islice(every(wanted), offset, offset + size)


def _read(wanted: Asked, found: Tally, *, offset: int, limit: int) -> list[CountRow]:
    """The combinations of a page: each one's values are those of its first row."""
    if not limit:
        return []
    total, part = found.rows, found.part(offset, limit)
    columns = sorted({term.number for term in wanted.terms})
    rows = read_numbered(wanted.folder, wanted.manifest, [first for first, _ in part], columns=columns)
    return [
        CountRow(tuple(term.value(row[term.column.name]) for term in wanted.terms), number, number / total)
        for row, (_, number) in zip(rows, part, strict=True)
    ]


def check_part(*, limit: int | None, offset: int) -> None:
    """Raises BadInput for a part of the combinations that can't be."""
    if limit is not None and (type(limit) is not int or limit < 1):
        raise BadInput(f"limit is {limit!r}.", hint="It must be a whole number, 1 or more.")
    if type(offset) is not int or offset < 0:
        raise BadInput(f"offset is {offset!r}.", hint="It must be a whole number, 0 or more.")
