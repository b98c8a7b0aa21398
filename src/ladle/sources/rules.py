"""Errors and what follows from them: takes a table of a definition, gives the rules of its keys `error` and `retry`."""

from __future__ import annotations

from typing import cast, get_args

from ladle.sources.source import ErrorRule, Meaning, Retry
from ladle.sources.toml import Table, one_of, written

MOST_ATTEMPTS = 100
"""Attempts at one request: beyond it a definition is more likely a slip than a wish."""


def read_retry(top: Table) -> Retry:
    """`retry = { attempts = 5, status = { 420 = "limit", 404 = "again" } }`."""
    table = top.table("retry")
    attempts, statuses = table.whole("attempts", least=1, most=MOST_ATTEMPTS), table.table("status")
    table.done()
    found: dict[int, Meaning] = {}
    for status in statuses.names():
        meaning = statuses.raw(status)
        if not (status.isascii() and status.isdigit() and 201 <= int(status[:4]) <= 599):
            statuses.refuse(status, "is no status", hint="It is a number from 201 to 599.")
        elif meaning not in get_args(Meaning):
            statuses.refuse(status, f"is {written(meaning)}", hint=f"It can be {one_of(get_args(Meaning))}.")
        else:
            found[int(status)] = cast("Meaning", meaning)
    return Retry(attempts=attempts, statuses=found)


def read_rules(table: Table) -> tuple[ErrorRule, ...]:
    """The rules of `error = { … }` or `error = [{ … }, { … }]`, in order."""
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
