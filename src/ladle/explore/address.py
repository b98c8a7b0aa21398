"""A view in an address: takes the keys and values of a query, gives the View, and back; pure.

`column=value` and `column__op=value` are filters, `_sort=-mass,name`, `_search=sky` and `_col=name` what they say, and
`_number=mass` reads a text column as numbers. What stands behind the last `__` is an operator if what stands before it
is a column; so every column can be asked for, whatever it is called: `a__gt__exact=5` means the column `a__gt`,
`_sort__exact=5` the column `_sort`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ladle.errors import BadInput, unknown
from ladle.explore.filters import OPERATORS, condition
from ladle.explore.named import quoted, read_sort, write_sort
from ladle.explore.view import WHOLE, Filter, Sort, View, chosen, sorted_by
from ladle.snapshots.manifest import TableColumn

SORT, SEARCH, COLUMN, NUMBER = "_sort", "_search", "_col", "_number"
KEYS = (SORT, SEARCH, COLUMN, NUMBER)


def read_view(
    pairs: Iterable[tuple[str, str]], columns: Sequence[TableColumn], *, reserved: Collection[str] = ()
) -> View:
    """The view that keys and values ask for; `reserved` keys mean something else where they stand and are passed over.

    Raises BadInput for an unknown key, column or operator, a value of another type, and a search given twice.
    """
    filters: list[Filter] = []
    sorts: list[Sort] = []
    names: dict[str, list[str]] = {COLUMN: [], NUMBER: []}
    searches: list[str] = []
    known = {column.name for column in columns}
    for key, value in pairs:
        if key in reserved:
            continue
        if key == SORT:
            sorts += read_sort(value)
        elif key == SEARCH:
            searches.append(value)
        elif key in names:
            names[key].append(value)
        else:
            column, op = _filtered(key, known, reserved=reserved)
            filters.append(Filter(column, op, value))
    if len(searches) > 1:
        raise BadInput(f'The query key "{SEARCH}" is given {len(searches)} times.', hint="Give it once.")
    shown, numbers = tuple(names[COLUMN]), tuple(names[NUMBER])
    return checked(View(shown, tuple(filters), "".join(searches), tuple(sorts), numbers), columns)


def checked(view: View, columns: Sequence[TableColumn]) -> View:
    """The view, when everything in it can be asked; raises BadInput for what can't."""
    if view != WHOLE:
        chosen(view, columns)
        sorted_by(view, columns)
        condition(view, columns)
    return view


def write_view(view: View) -> list[tuple[str, str]]:
    """Keys and values that `read_view` reads so."""
    pairs = [(_key(each), _told(each.value)) for each in view.filters]
    pairs += [(SEARCH, view.search)] if view.search.strip() else []
    pairs += [(SORT, write_sort(view.sort))] if view.sort else []
    return pairs + [(COLUMN, name) for name in view.columns] + [(NUMBER, name) for name in view.numbers]


def read_where(text: str, columns: Sequence[TableColumn]) -> tuple[str, str]:
    """Key and value of `column__op=value`; the column's name may have a `=` itself. Raises BadInput without one."""
    known = {column.name for column in columns}
    cuts = [at for at, sign in enumerate(text) if sign == "="]
    for at in cuts:
        if _resolved(text[:at], known):
            return text[:at], text[at + 1 :]
    if not cuts:
        raise BadInput(f'"{text}" is no filter.', hint="Write column__op=value, such as height__gte=150.")
    return text[: cuts[0]], text[cuts[0] + 1 :]


def _filtered(key: str, known: Collection[str], *, reserved: Collection[str]) -> tuple[str, str]:
    """The column and the operator of a key."""
    if (found := _resolved(key, known)) and found[1] in OPERATORS:
        return found
    if found:
        raise BadInput(unknown("operator", found[1], OPERATORS))
    raise BadInput(unknown("query key", key, [*sorted({*KEYS, *reserved}), *sorted(known)]))


def _resolved(key: str, known: Collection[str]) -> tuple[str, str] | None:
    """Column and operator of a key, the operator maybe a wrong one; None where there is no such column."""
    column, apart, op = key.rpartition("__")
    if apart and column in known and op in OPERATORS:
        return column, op
    if key in known and key not in KEYS:
        return key, "exact"
    return (column, op) if apart and column in known else None


def _key(wanted: Filter) -> str:
    """Without the operator only where that can't be read otherwise."""
    plain = wanted.op == "exact" and "__" not in wanted.column and not wanted.column.startswith("_")
    return wanted.column if plain and wanted.column else f"{wanted.column}__{wanted.op}"


def _told(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(quoted(str(each)) for each in value)
    return value if isinstance(value, str) else str(value)
