"""Tables and views to be held against an oracle: takes Hypothesis, gives rows in Python and a snapshot of them.

A table comes in by one of three doors: a CSV file, a Parquet file, or the answers of an API. What its rows are is known
before Ladle has seen them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from ladle.explore.filters import OPERATORS, fitting
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, Sort, View
from ladle.importing import import_file
from ladle.snapshots.types import ARROW
from tests.explore.plain import Row
from tests.servers.stack import home_of
from tests.snapshots.kit import ODD_NAMES, field, from_records

DOORS = ("csv", "parquet", "journal")
NAMES = [name for name in ODD_NAMES if name] + ["count", "a,b", "_sort", "height__gte", "-a", "a=b&c", "#", "%41", "+"]
SPECIAL = ["", " ", "é", "É", "ss", "ß", "Σας", "σΑΣ", "İ", "e\u0301", "🦆", "\U0010ffff", "a\nb", "a\r\nb", "\r", '"']
WRITTEN = ["-x", "'", "a,b", "a%b", "a_b", "%", "10", "9", "1,358", "007", "-3e4", "unknown", "NULL", "null", "NaN"]
TEXTS = [*SPECIAL, *WRITTEN, "=1+1", "true", "2014-12-20", "<b>&amp;", "\\", "x" * 300]
INTEGERS = [-(2**63), -(2**53) - 1, -1, 0, 1, 2, 9, 10, 2**53, 2**53 + 1, 10**18, 10**18 + 1, 2**63 - 1]
NUMBERS = [-1.7e308, -1.5, -5e-324, -0.0, 0.0, 0.1, 0.5, 2.0, 77.0, 1e16, 1.7e308]
DATES = [date(1, 1, 1), date(1969, 7, 20), date(1970, 1, 1), date(2014, 12, 20), date(2016, 2, 29), date(9999, 12, 31)]
MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2014, 12, 20, 23, 59, 59, tzinfo=UTC),
    datetime(2014, 12, 20, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]
POOLS: Mapping[str, list[Any]] = {
    "text": TEXTS,
    "integer": INTEGERS,
    "number": NUMBERS,
    "boolean": [True, False],
    "date": DATES,
    "timestamp": MOMENTS,
}
SURE: Mapping[str, Any] = {"text": "plain word", "number": 0.25}
"""Without one such value a CSV column would be of a narrower type."""
PATTERNS = ["%", "_", "", "%a%", "a%b", "a_b", "A%", "%\n%", "*", "?", "[a-z]*", "[^a]*", "[", "*é", "a.b", "\\", "%%%"]
SEARCHES = ["", "", " ", "a", "É", "σας", "b a", "%", "10", "null", "\n", '"', "ß"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table, and by which door it comes in."""

    kinds: dict[str, str]
    """The type of each column, by its name."""
    rows: list[Row]
    door: str

    def kept(self, folder: Path) -> Snapshot:
        """The snapshot of it, in a home of its own."""
        if self.door == "journal":
            return from_records(
                folder,
                [_told(row) for row in self.rows],
                *(field(name, type=kind) for name, kind in self.kinds.items()),
            )
        path = folder / f"table.{self.door}"
        if self.door == "csv":
            lines = [self.kinds, *(row.values() for row in self.rows)]
            path.write_text("".join(",".join(map(_cell, line)) + "\n" for line in lines), newline="")
            return import_file(
                path, home=home_of(folder / "home"), header=True, delimiter=",", quote='"', encoding="utf-8"
            )
        columns = {name: pa.array([row[name] for row in self.rows], ARROW[kind]) for name, kind in self.kinds.items()}
        pq.write_table(pa.table(columns), path)
        return import_file(path, home=home_of(folder / "home"))


@st.composite
def tables(draw: st.DrawFn, *, most: int = 40) -> Drawn:
    """Tables of one to six columns, of every type, with nulls, blanks, extremes and repeated rows."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    kinds = {name: draw(st.sampled_from(list(POOLS))) for name in names}
    # A handful of values for each column, so that they repeat.
    pools = {
        name: [None, *draw(st.lists(st.sampled_from(POOLS[kind]), min_size=1, max_size=6))]
        for name, kind in kinds.items()
    }
    row = st.tuples(*(st.sampled_from(pool) for pool in pools.values()))
    rows = draw(st.lists(row, min_size=1, max_size=most)) * draw(st.sampled_from([1, 1, 3]))
    first = {name: SURE.get(kind, pools[name][1]) for name, kind in kinds.items()}
    return Drawn(kinds, [first, *(dict(zip(kinds, row, strict=True)) for row in rows)], draw(st.sampled_from(DOORS)))


@st.composite
def views(draw: st.DrawFn, kinds: Mapping[str, str]) -> View:
    """Anything that can be asked of such a table."""
    names = st.sampled_from(list(kinds))
    texts = [name for name, kind in kinds.items() if kind == "text"]
    numbers = draw(st.lists(st.sampled_from(texts), max_size=1)) if texts else []
    kinds = {**kinds, **dict.fromkeys(numbers, "number")}
    return View(
        columns=tuple(draw(st.lists(names, max_size=3, unique=True))),
        filters=tuple(draw(filters(name, kinds[name])) for name in draw(st.lists(names, max_size=2))),
        search=draw(st.sampled_from(SEARCHES)),
        sort=tuple(Sort(name, draw(st.booleans())) for name in draw(st.lists(names, max_size=3, unique=True))),
        numbers=tuple(numbers),
    )


@st.composite
def filters(draw: st.DrawFn, name: str, kind: str) -> Filter:
    """A filter that fits a column of that type."""
    op = draw(st.sampled_from(fitting(kind)))  # type: ignore[arg-type]
    takes = OPERATORS[op].takes
    if takes == "nothing":
        return Filter(name, op, draw(st.sampled_from(["", "1"])))
    if takes in ("like", "glob"):
        return Filter(name, op, draw(st.sampled_from(PATTERNS)))
    if takes == "day":
        return Filter(name, op, draw(st.sampled_from(DATES)).isoformat())
    values = st.sampled_from([*map(typed, POOLS[kind]), *_AS_WELL.get(kind, [])])
    return Filter(name, op, draw(st.lists(values, max_size=3)) if takes == "list" else draw(values))


_AS_WELL = {
    "integer": ["0.5", "1e18", "9007199254740993.0", "-1e300", "+0", "9" * 30],
    "number": ["9007199254740993", ".5", "1e-400", "1358", "-30000", "7"],
}


def typed(value: Any) -> Any:
    """A value as people type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else repr(value)


def _cell(value: Any) -> str:
    """A value in a CSV file: texts quoted, so that null and the empty text stay apart."""
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else typed(value)


def _told(row: Row) -> Row:
    """A row as an API tells it in JSON."""
    return {name: typed(value) if isinstance(value, date) else value for name, value in row.items()}
