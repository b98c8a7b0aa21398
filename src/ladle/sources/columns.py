"""Datasets of a definition: takes the table of one and the resources, gives the Dataset with its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ladle.sources.source import Column, ColumnType, Dataset, Reference, Resource
from ladle.sources.toml import Table

TYPES = ("text", "integer", "number", "boolean", "date", "timestamp")
_DATE = re.compile(r"(?:[^%]|%%)*(?:%[aAbBcdfGHIjmMpSuUVwWxXyYzZ](?:[^%]|%%)*)+")
"""A strftime format with at least one part of a date or time."""


def read_dataset(name: str, table: Table, resources: Mapping[str, Resource]) -> Dataset:
    """The dataset that `[datasets.name]` describes; raises DefinitionError."""
    resource = table.text("resource", choices=resources)
    entries, title = table.entries("columns"), table.text("title", name)
    table.done()
    inside = table.inside("columns", {})
    owner = resources[resource]
    columns = [_column(inside, f"{number}", entry, owner, resources) for number, entry in enumerate(entries, 1)]
    for number, column in enumerate(columns, 1):
        if column.name in [each.name for each in columns[: number - 1]]:
            inside.refuse(str(number), f'is "{column.name}" a second time', hint="Every column has a name of its own.")
    return Dataset(name=name, title=title, resource=resource, columns=tuple(columns))


def _column(table: Table, key: str, entry: Any, resource: Resource, resources: Mapping[str, Resource]) -> Column:
    """`"name"`, or a table that says more."""
    if isinstance(entry, str) and entry.strip():
        return Column(name=entry, path=entry)
    if not isinstance(entry, dict):
        hint = 'A column is a name or a table like { name = "a", path = "b.c" }.'
        table.refuse(key, "is empty" if isinstance(entry, str) else "is neither text nor a table", hint=hint)
    inner = table.inside(key, entry)
    name, item, kind = inner.text("name"), inner.maybe("item"), inner.maybe("type", choices=TYPES)
    column = Column(
        name=name,
        path=inner.text("path", "" if item else name) or None,
        item=item,
        date=inner.maybe("date"),
        unix="s" if inner.flag("unix") else None,
        type=cast("ColumnType | None", kind),
        reference=_reference(inner, resources),
    )
    inner.done()
    _check(inner, column, resource)
    return column


def _check(table: Table, column: Column, resource: Resource) -> None:
    """What a column says must fit together."""
    item = column.item
    if item and (resource.each is None or (item not in resource.each.items[0] and column.path is None)):
        table.refuse("item", f'is "{item}"', hint="It must be a column of the resource's list, or come with a path.")
    if column.date is not None and not _DATE.fullmatch(column.date):
        table.refuse("date", f'is "{column.date}"', hint='Write a format like "%Y-%m-%d".')
    ways = [name for name, said in (("date", column.date), ("unix", column.unix), ("type", column.type)) if said]
    if len(ways) > 1:
        table.refuse(ways[1], f'goes with "{ways[0]}"', hint="A column is read in one way: leave one of them out.")


def _reference(table: Table, resources: Mapping[str, Resource]) -> Reference | None:
    """`planets.name`: the resource referred to, and the field that stands for the record."""
    written = table.maybe("reference")
    if written is None:
        return None
    name, _, value = written.partition(".")
    if name not in resources or not value:
        hint = f'Write it as "resource.field"; resources: {", ".join(resources)}.'
        table.refuse("reference", f'is "{written}"', hint=hint)
    if resources[name].key is None:
        table.refuse("reference", f'is "{written}"', hint=f'The resource "{name}" needs a "key" to be referred to.')
    return Reference(resource=name, value=value)
