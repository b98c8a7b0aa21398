"""From a TOML text to a Source: takes a definition, gives the frozen model, and exact words for every mistake."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast
from urllib.parse import urljoin, urlsplit

from ladle.errors import BadInput
from ladle.sources.batches import check_batch, read_batch
from ladle.sources.columns import read_dataset
from ladle.sources.lists import read_list
from ladle.sources.quotas import parse_quotas
from ladle.sources.rules import read_rules
from ladle.sources.source import (
    Auth,
    Each,
    Pace,
    Paging,
    PagingStyle,
    Quota,
    Resource,
    Source,
)
from ladle.sources.toml import Table

VERSION = 1
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MOST_CONCURRENT = 256
"""Calls at once: beyond it a definition is more likely a slip than a wish."""

ListReader = Callable[[str, str, str | None], tuple[str, str]]
"""From resource, file name and setting to (where it was read, its text)."""


def parse(text: str, *, where: str, lists: ListReader, values: Mapping[str, str] = MappingProxyType({})) -> Source:
    """The source that a definition describes. `where` names it in errors; `lists` gives the text of a CSV it names."""
    top = Table.read(text, where=where)
    _check_version(top)
    resources, datasets = _named(top, "resources"), _named(top, "datasets")
    rules = read_rules(top)
    source = Source(
        name=_name(top, "name"),
        title=top.text("title"),
        homepage=top.text("homepage", ""),
        license=top.text("license", ""),
        base_url=_base_url(top),
        quotas=_quotas(top),
        pace=cast(Pace, top.text("pace", "safe", choices=("safe", "fast"))),
        concurrency=top.whole("concurrency", 8, least=1, most=MOST_CONCURRENT) or 8,
        auth=_auth(top),
        resources={},
        datasets={},
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    top.done()
    known = {name: _resource(name, table, lists, source) for name, table in resources}
    known = {name: replace(each, errors=(*each.errors, *rules)) for name, each in known.items()}
    tables = {name: read_dataset(name, table, known) for name, table in datasets}
    return replace(source, resources=known, datasets=tables, values=dict(values))


def _check_version(top: Table) -> None:
    version = top.whole("ladle", least=1)
    if version != VERSION:
        what = "is missing" if version is None else f"is {version}"
        top.refuse("ladle", what, hint=f"This Ladle reads definitions of version {VERSION}: write ladle = {VERSION}.")


def check_base_url(value: str) -> str:
    """An absolute http or https address without a query, ending in a slash; raises BadInput."""
    if not _can_be_called(value):
        hint = 'Give an address like "https://api.example.org/v1/", without a query and without a password.'
        raise BadInput(f'The base URL "{_without_password(value)}" can\'t be used.', hint=hint)
    return value if value.endswith("/") else value + "/"


def _can_be_called(address: str) -> bool:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket without its other half
        return False
    return bool(usable and not parts.query and not parts.fragment and not parts.username) and not re.search(
        r"[\s{}<>\\]", address
    )


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
    value = top.text("base_url")
    try:
        return check_base_url(value)
    except BadInput as error:
        top.refuse("base_url", f'is "{_without_password(value)}"', hint=error.hint)


def _quotas(top: Table) -> tuple[Quota, ...]:
    text = top.text("quota", "none")
    try:
        return parse_quotas(text)
    except BadInput as error:
        top.refuse("quota", f'is "{text}"', hint=error.hint)


def _auth(top: Table) -> Auth | None:
    """`{ query = "appid", env = "KEY" }`, `{ header = "X-Key", env = … }` or `{ bearer = true, env = … }`."""
    table = top.table("auth")
    if not table.names():
        return None
    query, header, bearer = table.maybe("query"), table.maybe("header"), table.flag("bearer")
    env = table.text("env")
    table.done()
    places = sum((query is not None, header is not None, bearer))
    if places != 1:
        top.refuse(
            "auth",
            "says no place for the key" if not places else "says several places for the key",
            hint="Say one of query, header or bearer.",
        )
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", env):
        # What is written may be the key itself: it is not shown.
        table.refuse("env", "is no name of an environment variable", hint="Name one; never write the key itself here.")
    if header and not re.fullmatch(r"[A-Za-z0-9-]+", header):
        table.refuse("header", f'is "{header}"', hint="A header's name is letters, digits and -.")
    if query:
        return Auth(place="query", name=query, env=env)
    return Auth(place="header" if header else "bearer", name=header or "Authorization", env=env)


def _resource(name: str, table: Table, lists: ListReader, source: Source) -> Resource:
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
        verify=table.flag("verify"),
        each=_each(name, table, lists),
        batch=read_batch(table),
        errors=read_rules(table),
    )
    table.done()
    if style == "link" and resource.next is None:
        table.refuse("next", "is missing", hint="Paging by link needs the path of the next page's address.")
    if style == "page" and resource.count is None and resource.next is None:
        table.refuse(
            "paging",
            'is "page"',
            hint='Say where the answer tells "count" or "next", else the last page can\'t be known.',
        )
    if resource.verify and style == "none":
        table.refuse("verify", "is true", hint="One answer is one moment; only pages can move between two.")
    if resource.each:
        _check_each(table, resource, resource.each)
    _check_address(table, resource, source)
    _check_params(table, resource, source)
    check_batch(table, resource, source)
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


def _check_each(table: Table, resource: Resource, each: Each) -> None:
    """Items are called for one by one, each in a call of its own."""
    if resource.paging.style != "none":
        table.refuse("each", "goes with paging", hint="A resource has pages, or one call for each item.")
    if not any("{" in template for template in (resource.path, *resource.params.values())):
        table.refuse("each", "is used nowhere", hint=f'Write "{{{each.key}}}" into "path" or "params".')


def _check_address(table: Table, resource: Resource, source: Source) -> None:
    """The path leads to a place at the base URL's site, and holds no query."""
    _check_places(table, "path", resource.path, resource.each)
    if "?" in resource.path or "#" in resource.path:
        table.refuse("path", f'is "{resource.path}"', hint='Write what follows the question mark as "params".')
    if not urljoin(source.base_url, resource.path).startswith(urljoin(source.base_url, "/")):
        table.refuse("path", f'is "{resource.path}"', hint="It is a path under the base URL, without a host.")


def _check_params(table: Table, resource: Resource, source: Source) -> None:
    """Neither the page's number nor the key is a parameter like others, since Ladle puts them in."""
    params = table.inside("params", {})
    for name, value in resource.params.items():
        _check_places(params, name, value, resource.each)
        if resource.paging.style == "page" and name == resource.paging.param:
            params.refuse(name, f'is "{value}"', hint="Leave it out: the number of the page goes there.")
        if source.auth and source.auth.place == "query" and name == source.auth.name:
            hint = f"Leave it out: the key goes there, from the environment variable {source.auth.env}."
            params.refuse(name, "is written down", hint=hint)


def _check_places(table: Table, key: str, template: str, each: Each | None) -> None:
    """`{column}` in a path or parameter must be a column of the list."""
    known = ", ".join(sorted(each.items[0])) if each else 'none, since there is no "each"'
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        table.refuse(key, f'is "{template}"', hint="Write { and } in pairs, around the name of a column of the list.")
    for _, field, form, conversion in parts:
        if field is not None and (form or conversion or not each or field not in each.items[0]):
            written = field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            table.refuse(key, f'has "{{{written}}}"', hint=f"The list's columns are: {known}.")
