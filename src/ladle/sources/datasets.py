"""Datasets of a definition: takes the table of one and the resources, gives the Dataset; without any, one for each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ladle.errors import BadInput
from ladle.sources.columns import REST, read_columns
from ladle.sources.keep import Keep, parse_keep
from ladle.sources.source import Column, Dataset, Resource
from ladle.sources.toml import Table, written

_SELECT = re.compile(
    r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*\(*\s*(?:select|with|from)\b", re.IGNORECASE | re.DOTALL
)
"""A comment ends in one place alone: were there several ways to read a row of them, trying them all would not end."""


def default_datasets(resources: Mapping[str, Resource]) -> dict[str, Dataset]:
    """Each resource that is no other's parent is a dataset of its own name, with all fields."""
    parents = {each.each.parent for each in resources.values() if each.each}
    return {name: Dataset(name=name, title=name, resource=name) for name in resources if name not in parents}


def read_dataset(name: str, table: Table, resources: Mapping[str, Resource]) -> Dataset:
    """The dataset that `[datasets.name]` describes."""
    resource, title = table.text("resource", choices=resources), table.text("title", name)
    columns = read_columns(table, resources.get(resource), resources)
    sql, tables = table.maybe("sql"), table.listed("tables")
    drop, flatten, keep = table.listed("drop"), table.flag("flatten"), _read_keep(table)
    table.done()
    _check_rest(table, columns)
    _check_sql(table, resource, tables, resources)
    return Dataset(
        name=name,
        title=title,
        resource=resource,
        columns=columns,
        drop=drop,
        flatten=flatten,
        sql=sql,
        tables=(tables or (resource,)) if sql is not None else (),
        keep=keep,
    )


def _read_keep(table: Table) -> Keep | None:
    """A number of snapshots, or a text; None where it says nothing."""
    value = table.raw("keep")
    if "keep" not in table:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise BadInput("", hint='It must be a whole number, or a text like "90 days".')
        return parse_keep(str(value))
    except BadInput as error:
        table.refuse("keep", f"is {written(value)}", hint=error.hint)
        return None


def _check_rest(table: Table, columns: tuple[Column, ...]) -> None:
    """`drop` and `flatten` are about fields found, not about columns named."""
    if not columns or REST in [column.name for column in columns] or not table.sound("columns"):
        return
    hint = 'The columns say what stays: write "*" among them for all other fields, or leave this out.'
    if "drop" in table:
        table.refuse("drop", "goes with columns", hint=hint)
    if "flatten" in table and table.raw("flatten") is True:
        table.refuse("flatten", "goes with columns", hint=hint)


def _check_sql(table: Table, resource: str, tables: tuple[str, ...], resources: Mapping[str, Resource]) -> None:
    """Its tables are resources, the dataset's own among them."""
    inside = table.inside("tables", {})
    if "tables" in table and "sql" not in table:
        table.refuse("tables", "goes without sql", hint="They are what a SELECT reads: write sql, or leave them out.")
        return
    sql = table.raw("sql")
    if not isinstance(sql, str):
        return
    if not _SELECT.match(sql) and table.sound("sql"):
        table.refuse("sql", "is no SELECT", hint="One SELECT, which may begin with WITH, gives the table.")
    for number, name in enumerate(tables, 1):
        if name not in resources:
            hint = f"Tables are named as resources; there are: {', '.join(resources)}."
            inside.refuse(str(number), f'is "{name}"', hint=hint)
        elif not _reads(sql, name):
            inside.refuse(str(number), f'is "{name}"', hint="The SELECT does not read it: leave it out.")
    if not tables and resource in resources and not _reads(sql, resource) and table.sound("sql"):
        hint = f'Read its own resource, "{resource}", or name what it reads as "tables".'
        table.refuse("sql", "reads none of its tables", hint=hint)
    if tables and resource in resources and resource not in tables and table.sound("tables", "resource"):
        table.refuse("tables", f'lacks "{resource}"', hint="The dataset's own resource is one of them.")


def _reads(sql: str, name: str) -> bool:
    """The name is a word of the text; whether it is a table there, the build will see."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.IGNORECASE) is not None
