"""All combinations of some columns' values: takes the question, gives each one's first row and count, and keeps them.

DuckDB works them out in their order; two numbers of each are kept, the number of the first row that has it and how many
rows have it or one before it. So any page of ten million combinations is a few numbers, and its values are those rows'.
Few combinations are kept in memory, many in the cache of orders.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from ladle.errors import Damaged
from ladle.explore import cache
from ladle.explore.desk import Desk
from ladle.explore.firsts import Quick, are_mixed, reach
from ladle.explore.grouping import Question
from ladle.explore.numbers import Numbers, of_bytes, of_file, pieces
from ladle.explore.query import Steps, ask_batches, steps
from ladle.explore.recent import Recent
from ladle.explore.work import Meter, Work, answered
from ladle.home import write_whole

DESK = Desk("counts", most=2)
_AT_ONCE = 100_000
"""Rows of a table that is counted in milliseconds: who asks need not wait behind a large one."""
_FEW = 50_000
_COUNTED = 0.9
"""How far it is when all rows are counted and first rows may still be looked for."""
_recent = Recent(most=32 << 20)


@dataclass(frozen=True, slots=True)
class Tally:
    """All combinations in their order."""

    numbers: Numbers

    @property
    def combinations(self) -> int:
        """How many there are."""
        return self.numbers.count // 2

    @property
    def rows(self) -> int:
        """How many rows they have together."""
        return self.upto(self.combinations)

    def upto(self, combinations: int) -> int:
        """How many rows the first so many of them have together."""
        place = min(combinations, self.combinations)
        return self.numbers.part(2 * place - 1, 1)[0] if place else 0

    def part(self, offset: int, limit: int) -> list[tuple[int, int]]:
        """First row and count of the combinations from `offset` on."""
        found = self.numbers.part(2 * offset, 2 * limit)
        totals = [self.upto(offset), *found[1::2]]
        return [(first, after - before) for first, before, after in zip(found[::2], totals, totals[1:], strict=False)]


def tally(wanted: Question, *, anew: bool = False) -> Work[Tally]:
    """All combinations: kept, or worked out in another thread once for all who ask; `anew` whatever is kept."""
    path = cache.place(wanted.parquet.parent, wanted.name)
    kept = None if anew else _kept(path, wanted)
    if kept is not None:
        return answered(Tally(kept))
    if wanted.rows <= _AT_ONCE:
        return answered(Tally(_build(path, wanted, Meter())))
    return DESK.ask(f"{wanted.parquet}/{wanted.name}", lambda meter: Tally(_build(path, wanted, meter)))


def _kept(path: Path | None, wanted: Question) -> Numbers | None:
    """The numbers, if they are kept and whole."""
    try:
        if (raw := _recent.get(wanted.name)) is not None:
            return of_bytes(raw, name=wanted.name, rows=wanted.rows + 1)
        if path is None:
            return None
        found = of_file(path, name=wanted.name, rows=wanted.rows + 1)
        cache.used(path)
        return found
    except (OSError, Damaged):
        return None


def _build(path: Path | None, wanted: Question, meter: Meter) -> Numbers:
    """Work the numbers out and keep them; where a file can't be written, for those who wait now alone."""
    raw = pieces(_asked(wanted, meter), name=wanted.name, rows=wanted.rows + 1)
    first = list(_until(raw, 8 * _FEW))
    if sum(map(len, first)) < 8 * _FEW:
        whole = b"".join(first)
        _recent.put(wanted.name, whole)
        return of_bytes(whole, name=wanted.name, rows=wanted.rows + 1)
    return _written(path, chain(first, raw), wanted)


def _written(path: Path | None, raw: Iterable[bytes], wanted: Question) -> Numbers:
    if path is None or not cache.has_room(path):
        return of_bytes(b"".join(raw), name=wanted.name, rows=wanted.rows + 1)
    try:
        write_whole(path, raw, durable=False)
        return of_file(path, name=wanted.name, rows=wanted.rows + 1)
    except OSError:  # a full disk: what was asked for is answered all the same
        again = pieces(_pairs(wanted, Meter()), name=wanted.name, rows=wanted.rows + 1)
        return of_bytes(b"".join(again), name=wanted.name, rows=wanted.rows + 1)


def _until(raw: Iterator[bytes], size: int) -> Iterator[bytes]:
    """So many bytes of the beginning, or all."""
    for piece in raw:
        yield piece
        size -= len(piece)
        if size <= 0:
            return


def _asked(wanted: Question, meter: Meter) -> Iterator[pa.Array[Any]]:
    """The numbers, in whichever way takes less time."""
    if wanted.quick is not None:
        with steps(wanted.parquet) as begun:
            near = _near(wanted, wanted.quick, begun)
            if near is not None:
                _count(wanted, wanted.quick, begun, meter, near=near)
                yield from _interleaved(begun.batches(wanted.quick.answer))
                return
    yield from _pairs(wanted, meter)


def _near(wanted: Question, quick: Quick, begun: Steps) -> int | None:
    """How many combinations come near the beginning; None where not most do, as far as the end of the table tells."""
    begun.ask(quick.near, **wanted.values)
    ((found, new, of),) = begun.told(quick.mixed)
    return found if are_mixed(found, new=new, of=of) else None


def _count(wanted: Question, quick: Quick, begun: Steps, meter: Meter, *, near: int) -> None:
    """Count all rows, and look for the first rows of combinations that are not among the `near` ones."""
    ((combinations,),) = begun.ask(quick.counted, watch=partial(meter.watch, to=_COUNTED), **wanted.values)
    start = quick.begin
    while near < combinations and start < quick.rows:
        ((lacking, fewest),) = begun.told(quick.lacking)
        upto = reach(start, rows=quick.rows, lacking=lacking, fewest=fewest)
        ((added,),) = begun.ask(quick.later(start, upto), watch=meter.watch_next, **wanted.values)
        near, start = near + added, upto


def _pairs(wanted: Question, meter: Meter) -> Iterator[pa.Array[Any]]:
    return _interleaved(ask_batches(wanted.parquet, wanted.sql, watch=meter.watch, **wanted.values))


def _interleaved(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Array[Any]]:
    """First row, rows up to this one, first row, …: as numbers that a file of orders holds."""
    before = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        # In Python: Arrow's own functions load pandas, which takes longer than a million sums.
        totals = array("q", accumulate(_values(batch.column(1)), initial=before))
        before = totals[-1]
        both = array("q", bytes(16 * batch.num_rows))
        both[::2], both[1::2] = _values(batch.column(0)), totals[1:]
        yield pa.Array.from_buffers(pa.int64(), 2 * batch.num_rows, [None, pa.py_buffer(both)])


def _values(numbers: pa.Array[Any]) -> array[int]:
    """Those of an Arrow array of 64 bits without nulls."""
    buffer = numbers.buffers()[1]
    raw = b"" if buffer is None else memoryview(buffer)[8 * numbers.offset : 8 * (numbers.offset + len(numbers))]
    return array("q", bytes(raw))
