"""Which rows: takes a view's filters and search, gives a condition in SQL with its values apart; pure.

The operators are Datasette's. A value is read by its column's type, and one that is none is refused by name. A missing
value satisfies `isnull` and `isblank` and nothing else, as in SQL. Texts compare by code point; `contains`,
`startswith`, `endswith`, `like`, their contraries and the search take no notice of case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ladle.errors import BadInput, unknown
from ladle.explore.patterns import from_glob, from_like
from ladle.explore.reading import expression, read
from ladle.explore.typed import LONGEST, LONGEST_PATTERN, as_date, as_list, as_text, as_value
from ladle.explore.view import MOST_FILTERS, Filter, View, number_of
from ladle.snapshots.manifest import TableColumn
from ladle.sources.source import ColumnType

TEXTS: tuple[ColumnType, ...] = ("text",)
ORDERED: tuple[ColumnType, ...] = ("text", "integer", "number", "date", "timestamp")
DATED: tuple[ColumnType, ...] = ("date", "timestamp")
ANY: tuple[ColumnType, ...] = (*ORDERED, "boolean")
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Operator:
    """How a column is compared: the condition, `{c}` the column and `{v}` the value; which types it fits."""

    sql: str
    types: tuple[ColumnType, ...]
    takes: str = "value"
    """`value`, `list`, `day`, `text`, `like`, `glob` or `nothing`."""


OPERATORS: Mapping[str, Operator] = {
    "exact": Operator("{c} = {v}", ANY),
    "not": Operator("{c} <> {v}", ANY),
    "contains": Operator("contains(lower({c}), lower({v}))", TEXTS, "text"),
    "notcontains": Operator("NOT contains(lower({c}), lower({v}))", TEXTS, "text"),
    "startswith": Operator("starts_with(lower({c}), lower({v}))", TEXTS, "text"),
    "endswith": Operator("suffix(lower({c}), lower({v}))", TEXTS, "text"),
    "gt": Operator("{c} > {v}", ORDERED),
    "gte": Operator("{c} >= {v}", ORDERED),
    "lt": Operator("{c} < {v}", ORDERED),
    "lte": Operator("{c} <= {v}", ORDERED),
    "in": Operator("({v})", ANY, "list"),
    "notin": Operator("NOT ({v})", ANY, "list"),
    "like": Operator("regexp_full_match({c}, {v}, 'si')", TEXTS, "like"),
    "notlike": Operator("NOT regexp_full_match({c}, {v}, 'si')", TEXTS, "like"),
    "glob": Operator("regexp_full_match({c}, {v}, 's')", TEXTS, "glob"),
    "isnull": Operator("{c} IS NULL", ANY, "nothing"),
    "notnull": Operator("{c} IS NOT NULL", ANY, "nothing"),
    "isblank": Operator("({c} IS NULL OR {c} = '')", TEXTS, "nothing"),
    "notblank": Operator("({c} IS NOT NULL AND {c} <> '')", TEXTS, "nothing"),
    "date": Operator("", DATED, "day"),
}
"""By the names that addresses and the command line know them by."""


@dataclass(slots=True)
class Bound:
    """Values by the names that the SQL has for them."""

    values: dict[str, Any] = field(default_factory=dict)

    def put(self, value: Any, column: TableColumn) -> str:
        """What stands for a value in the SQL; a time is handed over in seconds, which needs no time zones."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"to_timestamp(CAST(${name} AS DOUBLE))" if column.type == "timestamp" else f"${name}"


def condition(view: View, columns: Sequence[TableColumn]) -> tuple[str, dict[str, Any]]:
    """What follows WHERE, the values by their names; `true` where nothing is asked.

    Raises BadInput for a column or operator that is not there, one that does not fit, and a value of another type.
    """
    if len(view.filters) > MOST_FILTERS:
        raise BadInput(f"There are {len(view.filters)} filters.", hint=f"Take {MOST_FILTERS} at most.")
    read(view, columns)  # refuses numbers that can't be read so, without a filter too
    bound = Bound()
    parts = [_part(each, view, columns, bound=bound) for each in view.filters]
    parts += _searched(view.search, columns, bound)
    return " AND ".join(parts) or "true", bound.values


def fitting(type_: ColumnType) -> list[str]:
    """The operators that a column of that type takes."""
    return [name for name, operator in OPERATORS.items() if type_ in operator.types]


def _part(wanted: Filter, view: View, columns: Sequence[TableColumn], *, bound: Bound) -> str:
    number = number_of(wanted.column, columns)
    column = read(view, columns)[number]
    operator = OPERATORS.get(wanted.op)
    if operator is None:
        raise BadInput(unknown("operator", str(wanted.op), OPERATORS))
    if column.type not in operator.types:
        kind = f"its type is {column.type}" if column is columns[number] else "it is read as a number"
        what = f'"{wanted.op}" can\'t be asked of "{column.name}": {kind}.'
        raise BadInput(what, hint=f"Take one of: {', '.join(fitting(column.type))}.")
    return _filled(operator, expression(number, view, columns), wanted, column=column, bound=bound)


def _filled(operator: Operator, c: str, wanted: Filter, *, column: TableColumn, bound: Bound) -> str:
    """The operator's condition with the column and the value in their places."""
    if operator.takes == "nothing":
        if wanted.value not in ("", "1", 1, None):
            raise BadInput(f'"{wanted.op}" of "{column.name}" is {wanted.value!r}.', hint="It takes no value; write 1.")
        return operator.sql.format(c=c)
    if operator.takes == "list":
        return operator.sql.format(v=_is_one(c, [bound.put(value, column) for value in as_list(wanted, column=column)]))
    if operator.takes == "day":
        return _on_day(c, as_date(wanted, column=column), column=column, bound=bound)
    return operator.sql.format(c=c, v=bound.put(_value(operator, wanted, column), column))


def _is_one(c: str, values: Sequence[str]) -> str:
    """Whether a column is one of several values; of a long expression, which is all doubles, it is written once."""
    if not values:
        return f"{c} <> {c}"
    if not c.isalnum():
        return f"{c} IN ({', '.join(values)})"
    return " OR ".join(f"{c} = {value}" for value in values)


def _value(operator: Operator, wanted: Filter, column: TableColumn) -> Any:
    if operator.takes == "value":
        return as_value(wanted, column=column)
    text = as_text(wanted.value, column=column.name, longest=LONGEST if operator.takes == "text" else LONGEST_PATTERN)
    # As a regular expression of RE2, which takes linear time: LIKE with many % takes for ever on long texts.
    return {"like": from_like, "glob": from_glob}.get(operator.takes, str)(text)


def _on_day(c: str, day: date, *, column: TableColumn, bound: Bound) -> str:
    if column.type == "date":
        return f"{c} = {bound.put(day, column)}"
    begin = (day - date(1970, 1, 1)).days * 86_400
    return f"({c} >= {bound.put(begin, column)} AND {c} < {bound.put(begin + 86_400, column)})"


def _searched(search: str, columns: Sequence[TableColumn], bound: Bound) -> Iterator[str]:
    """A condition for each word: that one of the texts contains it."""
    words = as_text(search, column="search").split()
    texts = [(f"c{number}", column) for number, column in enumerate(columns) if column.type == "text"]
    if len(words) > _MOST_WORDS:
        raise BadInput(f"The search has {len(words)} words.", hint=f"Take {_MOST_WORDS} at most.")
    for word in words:
        if not texts:
            yield "false"
            continue
        name = bound.put(word, texts[0][1])
        yield "(" + " OR ".join(f"coalesce(contains(lower({c}), lower({name})), false)" for c, _ in texts) + ")"
