"""Two columns against each other: takes a view's rows, gives the places of both and the rows of each pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ladle.errors import BadInput
from ladle.explore.charting.asked import Asked
from ladle.explore.charting.bars import bars, epoch
from ladle.explore.charting.slots import Slot, number_slot, time_slot
from ladle.explore.charting.steps import round_steps
from ladle.explore.charting.times import begins, spans, unit_for

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """`cells[i][j]` rows are both in `down[i]` and in `across[j]`; with `rest` they add up to `total`.

    Columns of few values stand by their most frequent ones, null as one; others of numbers and times by round bins.
    """

    columns: tuple[str, str]
    total: int
    down: tuple[Slot, ...]
    across: tuple[Slot, ...]
    cells: tuple[tuple[int, ...], ...]

    @property
    def rest(self) -> int:
        """Rows that are in none of the cells."""
        return self.total - sum(map(sum, self.cells))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Its slots, the SQL that gives a row's key on it, and the key of each slot."""

    slots: tuple[Slot, ...]
    sql: str
    keys: tuple[Any, ...]


def heat(asked: Asked, down: str, across: str, *, most: int = MOST) -> Heat:
    """At most `most` places each way. Raises BadInput for a column against itself."""
    if down == across:
        raise BadInput(f'The column "{down}" is named twice.', hint="Take two columns.")
    total = asked.ask(f"SELECT count(*) FROM ({asked.rows(x='1')})")[0][0]  # noqa: S608 - as in Asked.rows
    axes = (_axis(asked, down, most=most), _axis(asked, across, most=most))
    return Heat(
        columns=(down, across),
        total=total,
        down=axes[0].slots,
        across=axes[1].slots,
        cells=_cells(asked, *axes),
    )


def _cells(asked: Asked, down: _Axis, across: _Axis) -> tuple[tuple[int, ...], ...]:
    """The counts. All pairs are counted, those of shown places alone are taken out of DuckDB."""
    cells = [[0] * len(across.keys) for _ in down.keys]
    places = [{key: place for place, key in enumerate(axis.keys)} for axis in (down, across)]
    grouped = f"SELECT a, b, count(*) AS n FROM ({asked.rows(a=down.sql, b=across.sql)}) GROUP BY a, b"  # noqa: S608 - as in Asked.rows
    shown = " AND ".join(_among(name, axis) for name, axis in (("a", down), ("b", across)))
    lists = {f"shown_{name}": _present(axis) for name, axis in (("a", down), ("b", across)) if _present(axis)}
    for a, b, count in asked.ask(f"SELECT a, b, n FROM ({grouped}) WHERE {shown}", **lists):  # noqa: S608 - as above
        cells[places[0][a]][places[1][b]] = count
    return tuple(tuple(row) for row in cells)


def _present(axis: _Axis) -> list[Any]:
    return [key for key in axis.keys if key is not None]


def _among(name: str, axis: _Axis) -> str:
    """A condition for a key that has a place on an axis."""
    parts = [f"list_contains($shown_{name}, {name})"] if _present(axis) else []
    return "(" + " OR ".join([*parts, *([f"{name} IS NULL"] if None in axis.keys else [])] or ["false"]) + ")"


def _axis(asked: Asked, column: str, *, most: int) -> _Axis:
    found = bars(asked, column, most=most)
    kind = asked.kind(column)
    if kind == "words" or found.distinct <= most:
        keys = tuple(epoch(bar.slot.low) for bar in found.bars)
        return _Axis(tuple(bar.slot for bar in found.bars), asked.value(column), keys)
    return _numbers(asked, column, most=most) if kind == "numbers" else _times(asked, column, most=most)


def _numbers(asked: Asked, column: str, *, most: int) -> _Axis:
    (x, ends), whole = asked.numbers(column, for_what="binned"), asked.whole(column)
    steps = round_steps(ends.low, ends.high, most=most, whole=whole)
    edges = [(steps.edge(place), steps.edge(place + 1)) for place in range(steps.count)]
    slots = tuple(number_slot(column, low, high, whole=whole) for low, high in edges)
    return _Axis(slots, steps.sql(f"({x})"), tuple(range(steps.count)))


def _times(asked: Asked, column: str, *, most: int) -> _Axis:
    x = asked.seconds(column)
    ends = asked.ends(x)
    unit = unit_for(ends.low, ends.high, most=most, days=asked.column(column).type == "date")
    found = list(spans(ends.low, ends.high, unit=unit))
    slots = tuple(time_slot(column, span, unit=unit) for span in found)
    return _Axis(slots, begins(x, unit=unit), tuple(epoch(span.low) for span in found))
