"""A question about a view's rows: takes a snapshot's folder and a view, gives columns by kind and DuckDB's answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ladle.errors import BadInput
from ladle.explore.charting.times import FIRST, LAST
from ladle.explore.filters import condition
from ladle.explore.kept import check_size
from ladle.explore.query import ROW, ask, table
from ladle.explore.reading import expression, read
from ladle.explore.view import View, number_of
from ladle.explore.work import Meter
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest, TableColumn

Kind = Literal["numbers", "times", "words"]
MOST = 1e300
"""How far from 0 a chart can go: beyond, the edges and sums of what it shows would be none that a double holds."""
_KINDS: dict[str, Kind] = {"integer": "numbers", "number": "numbers", "date": "times", "timestamp": "times"}


@dataclass(frozen=True, slots=True)
class Ends:
    """Of a view: all rows, those that have a value (a finite number, a time of the years 1 to 9998), and its ends."""

    rows: int
    present: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A view of one snapshot's rows."""

    parquet: Path
    columns: tuple[TableColumn, ...]
    where: str
    values: dict[str, Any]
    expressions: tuple[str, ...]
    meter: Meter | None = None
    """Is told how far DuckDB is."""

    def column(self, name: str) -> TableColumn:
        """By its name; raises BadInput for one that is not there."""
        return self.columns[number_of(name, self.columns)]

    def kind(self, name: str) -> Kind:
        """What can be done with a column's values."""
        return _KINDS.get(self.column(name).type, "words")

    def whole(self, name: str) -> bool:
        """Whether its values are whole numbers."""
        return self.column(name).type == "integer"

    def value(self, name: str) -> str:
        """Its value in SQL; times in seconds since 1970, since DuckDB needs a library to give them."""
        number = number_of(name, self.columns)
        if self.columns[number].type == "timestamp":
            return f"CAST(epoch({self.expressions[number]}) AS BIGINT)"
        return self.expressions[number]

    def double(self, name: str, *, for_what: str) -> str:
        """Its number, or null where that is not finite; raises BadInput for a column that has none."""
        if self.kind(name) != "numbers":
            raise BadInput(
                f'"{name}" can\'t be {for_what}: its type is {self.column(name).type}.',
                hint=f"Take a column of numbers{self._numbers(name)}.",
            )
        x = f"CAST({self.value(name)} AS DOUBLE)"
        return f"CASE WHEN isfinite({x}) THEN {x} END"

    def seconds(self, name: str) -> str:
        """Its time in seconds since 1970, or null beyond the years that can be told."""
        if self.kind(name) != "times":
            hint = f"Take one of: {', '.join(self.named('times'))}." if self.named("times") else "There is none here."
            raise BadInput(f'"{name}" is no time: its type is {self.column(name).type}.', hint=hint)
        x = f"epoch({self.expressions[number_of(name, self.columns)]})"
        return f"CASE WHEN {x} BETWEEN {FIRST} AND {LAST} THEN CAST(floor({x}) AS BIGINT) END"

    def named(self, kind: Kind) -> list[str]:
        """The columns of a kind."""
        return [column.name for column in self.columns if _KINDS.get(column.type, "words") == kind]

    def rows(self, **expressions: str) -> str:
        """A SELECT of expressions over the view's rows, each under its name."""
        shown = ", ".join(f"{sql} AS {name}" for name, sql in expressions.items())
        return f"SELECT {shown}, {ROW} AS f FROM {table(len(self.columns))} WHERE {self.where}"  # noqa: S608 - our own words and numbers alone

    def ask(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The answer to a question made of `rows`, with more values by their names."""
        watch = None if self.meter is None else self.meter.watch_next
        return ask(self.parquet, sql, watch=watch, **self.values, **values)

    def ends(self, x: str) -> Ends:
        """How many rows the view has, how many of them an `x`, and between what."""
        ((rows, present, low, high),) = self.ask(
            f"WITH r AS ({self.rows(x=x)}) SELECT count(*), count(x), min(x), max(x) FROM r"  # noqa: S608 - as above
        )
        return Ends(rows, present, low or 0, high or 0)

    def numbers(self, name: str, *, for_what: str) -> tuple[str, Ends]:
        """A column's number in SQL, and its ends; raises BadInput for one that goes further than a chart can."""
        x = self.double(name, for_what=for_what)
        ends = self.ends(x)
        if (far := max(ends.low, ends.high, key=abs)) and abs(far) > MOST:
            hint = f"Leave that out by a filter: {name}__{'lt' if far > 0 else 'gt'}={math.copysign(MOST, far):.0e}."
            raise BadInput(f'"{name}" can\'t be {for_what}: it goes as far as {far!r}.', hint=hint)
        return x, ends

    def _numbers(self, name: str) -> str:
        known = self.named("numbers")
        told = f": {', '.join(known)}" if known else ""
        return (
            f"{told}, or have its texts read as numbers: _number={name} (--number {name})"
            if self.column(name).type == "text"
            else told
        )


def asked(folder: Path, manifest: Manifest, view: View) -> Asked:
    """The view's rows; raises BadInput for a view that can't be, Damaged for a file that is not the one kept."""
    check_size(folder / PARQUET, manifest)
    where, values = condition(view, manifest.columns)
    columns = manifest.columns
    expressions = tuple(expression(number, view, columns) for number in range(len(columns)))
    return Asked(folder / PARQUET, read(view, columns), where, values, expressions)


def told(x: str) -> str:
    """What is summed up of numbers, in SQL, or null where it is beyond what a chart can show."""
    return f"CASE WHEN abs({x}) <= {MOST!r}::DOUBLE THEN {x} END"
