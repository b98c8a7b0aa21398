"""How a view reads columns: takes the table's columns, gives them with the types that filters and sorts see; pure.

A text column that is named in `View.numbers` is read as numbers; rows show its texts all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ladle.errors import BadInput
from ladle.explore.view import View, named_once, number_of
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.numeric import sql_of

NUMERIC = ("integer", "number")


def read(view: View, columns: Sequence[TableColumn]) -> tuple[TableColumn, ...]:
    """The columns as the view reads them, those of `numbers` with the type "number".

    Raises BadInput for a name that is unknown or repeated, and for a column that is neither text nor numbers.
    """
    if not view.numbers:
        return tuple(columns)
    named_once(view.numbers)
    wanted = {number_of(name, columns) for name in view.numbers}
    return tuple(_as_number(column) if number in wanted else column for number, column in enumerate(columns))


def expression(number: int, view: View, columns: Sequence[TableColumn]) -> str:
    """A column's values in SQL, as the view reads them: `c3`, or the number in that text."""
    column = columns[number]
    name = f"c{number}"
    return sql_of(name) if column.type == "text" and column.name in view.numbers else name


def _as_number(column: TableColumn) -> TableColumn:
    if column.type not in ("text", *NUMERIC):
        what = f'"{column.name}" can\'t be read as numbers: its type is {column.type}.'
        raise BadInput(what, hint="Only text columns can.")
    return column if column.type in NUMERIC else replace(column, type="number")
