"""From a TOML text to a Source: takes a definition, gives the frozen model, and exact words for every mistake."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from ladle.errors import BadInput
from ladle.sources.lists import read_list
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import (
    Auth,
    Column,
    ColumnType,
    Dataset,
    Each,
    Pace,
    Paging,
    PagingStyle,
    Quota,
    Reference,
    Resource,
    Source,
)
from ladle.sources.toml import Table

VERSION = 1
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
TYPES = ("text", "integer", "number", "boolean", "date", "timestamp")

ListReader = Callable[[str, str, str | None], tuple[str, str]]
"""From resource, file name and setting to (where it was read, its text)."""


def parse(text: str, *, where: str, lists: ListReader) -> Source:
    """The source that a definition describes. `where` names it in errors; `lists` gives the text of a CSV it names."""
    top = Table.read(text, where=where)
    version = top.whole("ladle", least=1)
    if version != VERSION:
        top.refuse(
            "ladle",
            f"is {version}",
            hint=f"This Ladle reads definitions of version {VERSION}: write ladle = {VERSION}.",
        )
    resources = {name: _resource(name, table, lists) for name, table in _named(top, "resources")}
    source = Source(
        name=_name(top, "name"),
        title=top.text("title"),
        homepage=top.text("homepage", ""),
        license=top.text("license", ""),
        base_url=_base_url(top),
        quotas=_quotas(top),
        pace=cast(Pace, top.text("pace", "safe", choices=("safe", "fast"))),
        concurrency=top.whole("concurrency", 8, least=1) or 8,
        auth=_auth(top.table("auth")),
        resources=resources,
        datasets={name: _dataset(name, table, resources) for name, table in _named(top, "datasets")},
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    top.done()
    return source


def check_base_url(value: str) -> str:
    """An absolute http or https address without a query, ending in a slash; raises BadInput."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        hint = 'Give an address like "https://api.example.org/v1/", without a query and without a password.'
        raise BadInput(f'The base URL "{_without_password(value)}" can\'t be used.', hint=hint)
    return value if value.endswith("/") else value + "/"


def _without_password(value: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", value)


def _named(top: Table, key: str) -> list[tuple[str, Table]]:
    """The tables `[key.name]`, at least one, each with a usable name."""
    group = top.table(key, needed=True)
    if not group.names():
        top.refuse(key, "is empty", hint=f"Describe at least one, as [{key}.name].")
    for name in group.names():
        if not NAME.fullmatch(name):
            group.refuse(name, "is no name", hint="Names are small letters, digits, - and _, and begin with a letter.")
    return [(name, group.table(name)) for name in group.names()]


def _name(top: Table, key: str) -> str:
    name = top.text(key)
    if not NAME.fullmatch(name):
        top.refuse(key, f'is "{name}"', hint="Names are small letters, digits, - and _, and begin with a letter.")
    return name


def _base_url(top: Table) -> str:
    try:
        return check_base_url(top.text("base_url"))
    except BadInput as error:
        if type(error) is not BadInput:
            raise
        top.refuse("base_url", f'is "{_without_password(top.text("base_url"))}"', hint=error.hint)


def _quotas(top: Table) -> tuple[Quota, ...]:
    text = top.text("quota", "none")
    try:
        return parse_quotas(text)
    except BadInput as error:
        top.refuse("quota", f'is "{text}"', hint=error.hint)


def _auth(table: Table) -> Auth | None:
    """`{ query = "appid", env = "KEY" }`, `{ header = "X-Key", env = … }` or `{ bearer = true, env = … }`."""
    if not table.names():
        return None
    query, header, bearer = table.maybe("query"), table.maybe("header"), table.flag("bearer")
    env = table.text("env")
    if sum((query is not None, header is not None, bearer)) != 1:
        table.refuse("env", "goes with none or several places", hint="Say one of query, header or bearer.")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", env):
        table.refuse("env", f'is "{env}"', hint="Name an environment variable; never write the key itself here.")
    table.done()
    if query:
        return Auth(place="query", name=query, env=env)
    return Auth(place="header" if header else "bearer", name=header or "Authorization", env=env)


def _resource(name: str, table: Table, lists: ListReader) -> Resource:
    style = cast(PagingStyle, table.text("paging", "none", choices=("page", "link", "none")))
    resource = Resource(
        name=name,
        path=table.text("path").lstrip("/"),
        params=table.texts("params"),
        records=table.text("records", ""),
        count=table.maybe("count"),
        next=table.maybe("next"),
        key=table.maybe("key"),
        paging=Paging(style=style, param=table.text("page_param", "page")),
        page_size=table.whole("page_size", least=1),
        expected=table.whole("expected", least=0),
        each=_each(name, table, lists),
    )
    if style == "link" and resource.next is None:
        table.refuse("next", "is missing", hint="Paging by link needs the path of the next page's address.")
    if style == "page" and resource.count is None and resource.next is None:
        table.refuse(
            "paging",
            'is "page"',
            hint='Say where the answer tells "count" or "next", else the last page can\'t be known.',
        )
    if resource.each and style != "none":
        table.refuse("each", "goes with paging", hint="A resource has pages, or one call for each item.")
    _check_places(table, resource)
    table.done()
    return resource


def _each(resource: str, table: Table, lists: ListReader) -> Each | None:
    if "each" not in table:
        table.maybe("each")
        return None
    inner = table.table("each")
    file, key, setting = inner.text("csv"), inner.text("key"), inner.maybe("setting")
    inner.done()
    where, text = lists(resource, file, setting)
    return Each(csv=file, key=key, env=setting, items=read_list(text, key=key, where=where))


def _check_places(table: Table, resource: Resource) -> None:
    """`{column}` in path and parameters must be a column of the list."""
    columns = set(resource.each.items[0]) if resource.each else set()
    for key, template in [("path", resource.path), *(("params", value) for value in resource.params.values())]:
        for _, field, _, _ in string.Formatter().parse(template):
            if field is not None and field not in columns:
                known = ", ".join(sorted(columns)) or 'none, since there is no "each"'
                table.refuse(key, f'has "{{{field}}}"', hint=f"The list's columns are: {known}.")


def _dataset(name: str, table: Table, resources: Mapping[str, Resource]) -> Dataset:
    resource = table.text("resource", choices=resources)
    columns = tuple(
        _column(table, number, entry, resources[resource], resources)
        for number, entry in enumerate(table.entries("columns"))
    )
    names = [column.name for column in columns]
    for column in names:
        if names.count(column) > 1:
            table.refuse("columns", f'name "{column}" twice', hint="Every column has a name of its own.")
    dataset = Dataset(name=name, title=table.text("title", name), resource=resource, columns=columns)
    table.done()
    return dataset


def _column(table: Table, number: int, entry: Any, resource: Resource, resources: Mapping[str, Resource]) -> Column:
    """`"name"`, or a table that says more."""
    if isinstance(entry, str) and entry:
        return Column(name=entry, path=entry)
    if not isinstance(entry, dict):
        table.refuse(
            "columns", f"has {entry!r}", hint='A column is a name or a table like { name = "a", path = "b.c" }.'
        )
    inner = table.inside("columns", {}).inside(str(number + 1), entry)
    name, item = inner.text("name"), inner.maybe("item")
    if item and (resource.each is None or (item not in resource.each.items[0] and "path" not in inner)):
        inner.refuse("item", f'is "{item}"', hint="It must be a column of the resource's list, or come with a path.")
    kind = inner.text("type", "", choices=("", *TYPES))
    column = Column(
        name=name,
        path=inner.text("path", "" if item else name) or None,
        item=item,
        date=inner.maybe("date"),
        unix=inner.flag("unix"),
        type=cast(ColumnType, kind) if kind else None,
        reference=_reference(inner, resources),
    )
    inner.done()
    return column


def _reference(table: Table, resources: Mapping[str, Resource]) -> Reference | None:
    """`planets.name`: the resource referred to, and the field that stands for the record."""
    written = table.maybe("reference")
    if written is None:
        return None
    name, _, value = written.partition(".")
    if name not in resources or not value:
        table.refuse(
            "reference", f'is "{written}"', hint=f'Write it as "resource.field"; resources: {", ".join(resources)}.'
        )
    if resources[name].key is None:
        table.refuse("reference", f'is "{written}"', hint=f'The resource "{name}" needs a "key" to be referred to.')
    return Reference(resource=name, value=value)
