"""What is asked of a table, as data: takes columns, filters, a search and an order, gives one View; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ladle.errors import BadInput, unknown
from ladle.snapshots.manifest import TableColumn

MOST_FILTERS = 100
MOST_SORTS = 20


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows whose `column` compares so with `value`: `Filter("height", "gte", 150)`.

    `op` is one of `ladle.explore.filters.OPERATORS`, `value` a text as people type it or a value of the column's type;
    `in` and `notin` take several, in a list or apart by commas. It is left out where the operator needs none.
    """

    column: str
    op: str = "exact"
    value: Any = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """By a column's values, rows without one last either way."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Which rows and columns of a table, in which order. An empty one is the whole table as it was collected.

    All filters must hold, and every word of `search` must be somewhere in the texts of a row. Later sorts decide where
    earlier ones find no difference, and the table's own order where none of them does. No columns are all of them.
    Filters and sorts read the text columns of `numbers` as numbers (`1,358`), and what is none as a missing value.
    """

    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    search: str = ""
    sort: tuple[Sort, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it has every row of the table in the table's order."""
        return not (self.narrowed or self.sort)

    @property
    def narrowed(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.filters or self.search.strip())


WHOLE = View()


def chosen(view: View, columns: Sequence[TableColumn]) -> list[int]:
    """Where the view's columns stand in the table, in the view's order; raises BadInput for a name that can't be."""
    if not view.columns:
        return list(range(len(columns)))
    numbers = [number_of(name, columns) for name in view.columns]
    named_once(view.columns)
    return numbers


def sorted_by(view: View, columns: Sequence[TableColumn]) -> list[tuple[int, bool]]:
    """Where each column that is sorted by stands, and whether descending; raises BadInput as `chosen` does."""
    if len(view.sort) > MOST_SORTS:
        raise BadInput(f"{len(view.sort)} columns are sorted by.", hint=f"Take {MOST_SORTS} at most.")
    found = [(number_of(sort.column, columns), bool(sort.descending)) for sort in view.sort]
    named_once([sort.column for sort in view.sort])
    return found


def number_of(name: str, columns: Sequence[TableColumn]) -> int:
    """Where a column stands in the table, from 0; raises BadInput for a name that none has."""
    names = [column.name for column in columns]
    if name not in names:
        raise BadInput(unknown("column", name, names))
    return names.index(name)


def named_once(names: Sequence[str]) -> None:
    """Raises BadInput for a name that comes twice."""
    seen = set()
    for name in names:
        if name in seen:
            raise BadInput(f'The column "{name}" is named twice.', hint="Name each column once.")
        seen.add(name)
