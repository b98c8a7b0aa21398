"""Record filters of a definition: takes a resource's table, gives the Rules of its key `where`."""

from __future__ import annotations

from typing import Any

from ladle.sources.source import Rule
from ladle.sources.toml import Table, written

_KEYS = ("is", "not", "missing", "least", "most")


def read_filters(table: Table) -> tuple[Rule, ...]:
    """The rules of `where = { … }` or `where = [{ … }, { … }]`, in order: a record must fit all of them."""
    return tuple(_rule(each) for each in table.tables("where"))


def _rule(table: Table) -> Rule:
    """`{ path = "kind", is = ["a", "b"] }`, `{ path = "gone", missing = true }` or `{ path = "size", least = 1 }`."""
    path, equal, other = table.text("path"), table.values("is"), table.values("not")
    missing = table.flag("missing") if "missing" in table else table.raw("missing")
    least, most = _bound(table, "least"), _bound(table, "most")
    table.done()
    said = [key for key in _KEYS if key in table]
    if not said and table.sound(*table.names()):
        table.refuse("is", "is missing", hint="A rule says one of is, not, missing, least or most.", missing=True)
    elif len(said) > 1 and said != ["least", "most"]:
        table.refuse(said[1], f'goes with "{said[0]}"', hint="A rule says one thing: write a list of rules.")
    elif least is not None and most is not None:
        _check_bounds(table, least, most)
    values = other if equal is None else equal
    return Rule(path=path, values=values, other=other is not None, missing=missing, least=least, most=most)


def _bound(table: Table, key: str) -> int | float | str | None:
    value: Any = table.raw(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or value != value:
        hint = "It must be a number, or a text such as a date in ISO 8601."
        table.refuse(key, f"is {written(value)}", hint=hint)
        return None
    return value


def _check_bounds(table: Table, least: int | float | str, most: int | float | str) -> None:
    if isinstance(least, str) != isinstance(most, str):
        table.refuse("most", f"is {written(most)}", hint='"least" and "most" are both numbers or both texts.')
    elif least > most:  # type: ignore[operator]  # both are numbers, or both texts
        table.refuse("most", f"is {written(most)}", hint=f'It must be no less than "least", {written(least)}.')
