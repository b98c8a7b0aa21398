"""Columns of a definition: takes the list of a dataset, gives its Columns, and notes what doesn't fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from ladle.sources.source import Column, ColumnType, Reference, Resource
from ladle.sources.toml import Table, written

TYPES = ("text", "integer", "number", "boolean", "date", "timestamp")
REST = "*"
"""The column that stands for all fields that no other takes."""
_SIGNS = "aAbBcdfGHIjmMpSuUVwWxXyYzZ"
_DATE = re.compile(rf"(?:[^%]|%%)*(?:%[{_SIGNS}](?:[^%]|%%)*)+")
"""A strftime format with at least one part of a date or time."""
_ONE_WAY = "A column is read in one way: leave one of them out."


def read_columns(table: Table, resource: Resource | None, resources: Mapping[str, Resource]) -> tuple[Column, ...]:
    """The columns of `columns = ["name", "*", { name = …, … }]`."""
    inside = table.inside("columns", {})
    columns: list[Column] = []
    seen: set[str] = set()
    for number, entry in enumerate(table.entries("columns"), 1):
        column = _column(inside, str(number), entry, resource, resources)
        if column is None:
            continue
        if column.name in seen and inside.sound(str(number)):
            inside.refuse(str(number), f'is "{column.name}" a second time', hint="Every column has a name of its own.")
        columns.append(column)
        seen.add(column.name)
    return tuple(columns)


def _column(
    table: Table, key: str, entry: Any, resource: Resource | None, resources: Mapping[str, Resource]
) -> Column | None:
    """`"name"`, or a table that says more."""
    if isinstance(entry, str) and entry.strip():
        return Column(name=entry, path=entry)
    if not isinstance(entry, dict):
        hint = 'A column is a name or a table like { name = "a", path = "b.c" }.'
        table.refuse(key, "is empty" if isinstance(entry, str) else "is neither text nor a table", hint=hint)
        return None
    inner = table.inside(key, entry)
    name, item, kind = inner.text("name"), inner.maybe("item"), inner.maybe("type", choices=TYPES)
    path = inner.text("path", "" if item or "value" in inner else name)
    column = Column(
        name=name,
        path=path or None,
        item=item,
        date=inner.maybe("date"),
        unix=_unix(inner),
        written=inner.maybe("written"),
        join=inner.text("join", "") if "join" in inner else cast(None, inner.raw("join")),
        constant=_constant(inner),
        type=cast("ColumnType | None", kind),
        reference=_reference(inner, resources),
    )
    inner.done()
    _check(inner, column, resource)
    return column


def _unix(table: Table) -> Literal["s", "ms"] | None:
    """`true` or `"s"` for seconds, `"ms"` for milliseconds."""
    value = table.raw("unix")
    if value is None or value is False:
        return None
    if value is True or value in ("s", "ms"):
        return "ms" if value == "ms" else "s"
    table.refuse("unix", f"is {written(value)}", hint='It must be true or false, "s" or "ms".')
    return None


def _constant(table: Table) -> str | int | float | bool | None:
    value = table.raw("value")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and -(2.0**63) <= value < 2.0**63:  # so neither nan nor inf
        return value
    table.refuse("value", f"is {written(value)}", hint="It must be a text, a number of at most 64 bits, true or false.")
    return None


def _check(table: Table, column: Column, resource: Resource | None) -> None:
    """What a column says must fit together."""
    if column.name == REST and table.sound("name"):
        table.refuse("name", 'is "*"', hint='All other fields are the text "*" alone.')
    if column.item and resource is not None:
        _check_item(table, column, resource)
    for key, form in (("date", column.date), ("written", column.written)):
        if form is not None and not _DATE.fullmatch(form):
            table.refuse(key, f'is "{form}"', hint='Write a format like "%Y-%m-%d".')
    if column.written is not None and table.sound("written") and not _can_be_read(column.written):
        table.refuse("written", f'is "{column.written}"', hint="Name each part of a date or time once.")
    if column.written is not None and column.type not in (None, "date", "timestamp") and table.sound("type"):
        table.refuse("written", f'goes with type = "{column.type}"', hint="It is for dates and times.")
    for ways in _ways(table):
        if len(ways) > 1 and table.sound(*ways):
            table.refuse(ways[1], f'goes with "{ways[0]}"', hint=_ONE_WAY)


def _can_be_read(form: str) -> bool:
    """Whether texts can be read by it: a part that it names twice can't."""
    try:
        datetime.strptime("", form)  # noqa: DTZ007 - whatever it reads is not used
    except ValueError:  # nothing has that form; that the form itself is wrong is another error
        return True
    except re.error:
        return False
    return True


def _ways(table: Table) -> list[list[str]]:
    """Groups of which a column says one: how it is read, how it is read without a type, where it comes from."""
    groups = (
        ("date", "unix", "type"),
        ("unix", "written"),
        ("join", "date"),
        ("join", "unix"),
        ("join", "written"),
        ("join", "type"),
        ("join", "reference"),
        *(("value", other) for other in ("path", "item", "date", "unix", "written", "join", "reference")),
    )
    return [[key for key in group if key in table and table.raw(key) is not False] for group in groups]


def _check_item(table: Table, column: Column, resource: Resource) -> None:
    each = resource.each
    if each is not None and (each.parent is not None or not each.items):
        return  # any path into a parent's record; of a list with mistakes any column
    if each is None or (column.item not in each.items[0] and column.path is None):
        hint = "It must be a column of the resource's list, or come with a path."
        table.refuse("item", f'is "{column.item}"', hint=hint)


def _reference(table: Table, resources: Mapping[str, Resource]) -> Reference | None:
    """`planets.name`: the resource referred to, and the field that stands for the record."""
    text = table.maybe("reference")
    if text is None:
        return None
    name, _, value = text.partition(".")
    if name not in resources or not value:
        hint = f'Write it as "resource.field"; resources: {", ".join(resources)}.'
        table.refuse("reference", f'is "{text}"', hint=hint)
        return None
    if resources[name].key is None:
        table.refuse("reference", f'is "{text}"', hint=f'The resource "{name}" needs a "key" to be referred to.')
    return Reference(resource=name, value=value)
