"""Rules for errors inside answers: takes a table of a definition, gives the ErrorRules of its key `error`."""

from __future__ import annotations

from typing import cast, get_args

from ladle.sources.source import ErrorRule, Meaning
from ladle.sources.toml import Table


def read_rules(table: Table) -> tuple[ErrorRule, ...]:
    """The rules of `error = { … }` or `error = [{ … }, { … }]`, in order; raises DefinitionError."""
    return tuple(_rule(each) for each in table.tables("error"))


def _rule(table: Table) -> ErrorRule:
    """`{ path = "ok", is = false, reason = "error" }`, `{ path = "cod", not = 200 }` or `{ path = "error" }`."""
    path, reason = table.text("path"), table.maybe("reason")
    equal, other = table.values("is"), table.values("not")
    means = table.maybe("means", choices=get_args(Meaning))
    table.done()
    if equal is not None and other is not None:
        table.refuse("not", 'goes with "is"', hint="A rule says what a value is or what it is not: leave one out.")
    values = other if equal is None else equal
    return ErrorRule(
        path=path, values=values, other=other is not None, reason=reason, means=cast("Meaning | None", means)
    )
