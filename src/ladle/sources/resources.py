"""Resources of a definition: takes the table of one, gives the Resource, and notes what doesn't fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ladle.sources.addresses import stays
from ladle.sources.batches import check_batch, read_batch, taken
from ladle.sources.filters import read_filters
from ladle.sources.lists import Lists, read_each
from ladle.sources.pages import USUAL, Usual, read_function, read_paging, read_style
from ladle.sources.paths import dig
from ladle.sources.places import ROOM, Columns, Filler, letters, places, places_of
from ladle.sources.rules import read_rules
from ladle.sources.source import Each, Resource, Source
from ladle.sources.toml import Table, written

_FROM_HEADERS = ("count", "pages", "next", "more", "cursor")
"""Paths that may begin with `header:`."""
_PATHS = (*_FROM_HEADERS, "records", "record", "key", "last")
_HEADER = re.compile(r"header:[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a resource is read with: its source so far, the lists, the parameters."""

    source: Source
    """Without resources and datasets."""
    address_known: bool
    """The source's base URL is sound."""
    lists: Lists
    fill: Filler


def read_resource(name: str, table: Table, around: Around) -> Resource:
    """The resource that `[resources.name]` describes."""
    fill = around.fill
    style = read_style(table)
    usual = USUAL.get(style, Usual())
    each = read_each(name, table, around.lists, fill)
    columns = _columns(table, each)
    method, body = _body(table, fill, columns)
    resource = Resource(
        name=name,
        path=fill.text(table, "path", table.text("path").lstrip("/"), columns=columns, as_part=True),
        params=_params(table, fill, columns),
        method=method,
        body=body,
        records=table.text("records", usual.records),
        record=table.text("record", ""),
        columnar=table.flag("columnar"),
        transform=read_function(table, "transform", trusted=around.source.trusted),
        where=read_filters(table),
        count=table.maybe("count") or usual.count,
        pages=table.maybe("pages"),
        next=table.maybe("next") or usual.next,
        one=_one(table, fill, usual),
        key=table.maybe("key") or usual.key,
        paging=read_paging(table, style, trusted=around.source.trusted),
        page_size=table.whole("page_size", least=1),
        expected=table.whole("expected", least=0),
        verify=table.flag("verify"),
        each=each,
        batch=read_batch(table),
        errors=read_rules(table),
    )
    table.done()
    _check(table, resource, around)
    return resource


def _columns(table: Table, each: Each | None) -> Columns | None:
    if "each" not in table:
        return None
    if each is None or (each.parent is None and not each.items):
        return Columns(None)  # a mistake is noted there already: any place may be right
    return Columns(None if each.parent is not None else tuple(each.items[0]))


def _params(table: Table, fill: Filler, columns: Columns | None) -> dict[str, str]:
    inside = table.inside("params", {})
    return {name: fill.text(inside, name, text, columns=columns) for name, text in table.texts("params").items()}


def _body(
    table: Table, fill: Filler, columns: Columns | None
) -> tuple[Literal["GET", "POST"], Mapping[str, Any] | None]:
    """By GET without a body; by POST with one, which may be empty."""
    table.raw("body")
    has_body = "body" in table
    method = table.text("method", "POST" if has_body else "GET", choices=("GET", "POST"))
    values = table.raw("body") if has_body else {}
    if has_body and not isinstance(values, dict):
        table.refuse("body", f"is {written(values)}", hint="It must be a table, the JSON object to be sent.")
        values = {}
    if has_body and method == "GET" and table.sound("method"):
        table.refuse("method", 'is "GET"', hint="A body is sent by POST: leave one of them out.")
    if method == "GET":
        return "GET", None
    return "POST", fill.body(table, "body", values, columns=columns)


def _one(table: Table, fill: Filler, usual: Usual) -> str | None:
    """A path with the place `{key}`, and parameters; no template but for that."""
    text = table.maybe("one")
    if text is None:
        return None
    path = fill.text(table, "one", text.lstrip("/"), columns=Columns(("key",)), as_part=True)
    if table.sound("one") and "{key}" not in path:
        table.refuse("one", f'is "{text}"', hint='Write "{key}" where the key of a record goes.')
    if "key" not in table and usual.key is None and table.sound("one"):
        table.refuse("one", "goes without key", hint='Name the "key" of a record, by which others refer to it.')
    return path


def _check(table: Table, resource: Resource, around: Around) -> None:
    if resource.paging.style == "link" and resource.next is None and table.sound("paging", "next"):
        table.refuse(
            "next", "is missing", hint="Paging by link needs the path of the next page's address.", missing=True
        )
    for key in _PATHS:
        _check_path(table, key)
    if resource.each:
        _check_each(table, resource, resource.each)
    _check_address(table, "path", resource.path, around)
    if resource.one is not None:
        _check_address(table, "one", resource.one, around)
    _check_params(table, resource, around.source)
    _check_body(table, resource)
    check_batch(table, resource, around.source)


def _check_path(table: Table, key: str) -> None:
    path = table.raw(key)
    if not isinstance(path, str) or not path.startswith("header:") or not table.sound(key):
        return
    if key not in _FROM_HEADERS:
        table.refuse(key, f'is "{path}"', hint="It lies in the body of an answer: give a path of keys joined by dots.")
    elif not _HEADER.fullmatch(path):
        table.refuse(key, f'is "{path}"', hint='Write it like "header:X-Total-Count".')


def _check_each(table: Table, resource: Resource, each: Each) -> None:
    """Items are asked for one by one, each in a request of its own."""
    if resource.paging.style != "none":
        table.refuse("each", "goes with paging", hint="A resource has pages, or one request for each item.")
    if not places_of(resource.body).union(*map(places, (resource.path, *resource.params.values()))) and table.sound(
        "path", "params", "body", "each"
    ):
        table.refuse("each", "is used nowhere", hint=f'Write "{{{each.key}}}" into "path" or "params".')
    longest = {name: max((item[name] for item in each.items), key=len) for name in each.items[0]} if each.items else {}
    if letters([resource.path, resource.params, resource.body], longest) > ROOM:
        table.refuse("each", "makes requests beyond all measure", hint="Shorten its values, or put them in less often.")


def _check_address(table: Table, key: str, path: str, around: Around) -> None:
    """The path leads to a place at the base URL's site, and holds no query."""
    if not table.sound(key):
        return
    if "?" in path or "#" in path:
        table.refuse(key, f'is "{path}"', hint='Write what follows the question mark as "params".')
    elif re.search(r"[\x00-\x1f\x7f\\]", path):
        table.refuse(key, "holds a control character or a backslash", hint="Give a path like people/ or v1/people.")
    elif around.address_known and not stays(around.source.base_url, path):
        table.refuse(key, f'is "{path}"', hint="It is a path under the base URL, without a host.")


def _check_params(table: Table, resource: Resource, source: Source) -> None:
    """Neither what tells the page nor the key is a parameter like others, since Ladle puts them in."""
    params, own = table.inside("params", {}), taken(resource) if resource.method == "GET" else ()
    for name, value in resource.params.items():
        if name in own:
            told = "number of the page" if resource.paging.style == "page" and name == own[0] else "value"
            params.refuse(name, f'is "{value}"', hint=f"Leave it out: the {told} goes there.")
        if source.auth and source.auth.place == "query" and name == source.auth.name:
            hint = f"Leave it out: the key goes there, from the environment variable {source.auth.env}."
            params.refuse(name, "is written down", hint=hint)
    if source.auth and source.auth.place == "query" and resource.method == "GET" and source.auth.name in own:
        table.refuse(
            "paging", f'takes the parameter "{source.auth.name}"', hint="The key goes there: name another one."
        )


def _check_body(table: Table, resource: Resource) -> None:
    """What tells the page is put into the body by Ladle."""
    if resource.method == "POST":
        for name in taken(resource):
            if dig(resource.body, name) is not None:
                hint = f'Leave "{name}" out: Ladle puts the value in.'
                table.refuse("body", f'holds "{name}"', hint=hint)


def check_parents(tables: Mapping[str, Table], resources: Mapping[str, Resource]) -> None:
    """A parent is a resource that has no parent itself, and is not its own."""
    for name, resource in resources.items():
        parent = resource.each.parent if resource.each else None
        inner = tables[name].inside("each", {})
        if parent is None or not inner.sound("resource"):
            continue
        if parent not in resources or parent == name:
            others = ", ".join(other for other in resources if other != name) or "none"
            hint = f"Name another resource; there are: {others}."
            inner.refuse("resource", f'is "{parent}"', hint=hint)
        elif (above := resources[parent].each) and above.parent is not None:
            hint = f'"{parent}" is asked for by the records of "{above.parent}" itself: one such step is possible.'
            inner.refuse("resource", f'is "{parent}"', hint=hint)
