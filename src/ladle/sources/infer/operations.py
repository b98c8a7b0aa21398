"""Paging as a document describes it: takes an operation's parameters and its answer, gives the definition's keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ladle.sources.infer.envelope import COUNTS, PAGES, simple
from ladle.sources.infer.findings import Guess
from ladle.sources.infer.following import MORE, NEXT_LINK, TOKEN
from ladle.sources.infer.params import is_cursor, is_offset, is_page, is_size
from ladle.sources.infer.schemas import Listed, Schemas, kind_of

MOST_IN_A_PAGE = 1000
BY = "by the document"


@dataclass(slots=True)
class Pages:
    """Keys of the definition, and the parameters that they put in."""

    keys: dict[str, Guess] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    @property
    def style(self) -> str:
        """As written, `none` where nothing is."""
        return str(self.keys["paging"].value) if "paging" in self.keys else "none"


def paging_of(parameters: list[Mapping[str, Any]], listed: Listed, schemas: Schemas) -> Pages:
    """How further pages are asked for, where parameters or fields of the answer speak of them."""
    query = {str(each["name"]): each for each in parameters if each.get("in") == "query" and "name" in each}
    beside = {path: schema for path, schema in listed.beside.items() if "." not in simple(path)}
    pages, counts = Pages(), _counts(beside)
    key = _key(listed.record, schemas)
    page, offset = _one(query, is_page), _one(query, is_offset)
    cursor = next((name for name in query if is_cursor(name) or simple(name) in ("after", "cursor", "next")), None)
    link, token = _next(beside, cursor)
    if page is not None:
        pages.keys = {**counts, **key, **_numbered("page", page, query[page], schemas)}
    elif offset is not None:
        pages.keys = {**counts, **key, **_numbered("offset", offset, query[offset], schemas)}
    elif link is not None:
        paging = Guess("link", "likely", f'"{link}" {BY}')
        pages.keys = {**_only(counts, "count"), **key, "next": Guess(link, "likely", BY), "paging": paging}
    elif cursor is not None and token is not None:
        pages.keys = {**_only(counts, "count"), **key, **_of_cursor(cursor, token)}
    elif cursor is not None and "key" in key and (more := _more(beside)):
        pages.keys = {**key, **_of_last(cursor, str(key["key"].value), more)}
    else:
        pages.keys = {**_only(counts, "count"), **key}
    taken = page if page is not None else offset if offset is not None else cursor
    if "paging" in pages.keys and pages.style != "link" and taken is not None:
        pages.taken.add(taken)
    _sized(pages, query, schemas)
    return pages


def _one(query: Mapping[str, Mapping[str, Any]], fits: Any) -> str | None:
    """A parameter for a number of that kind; one that must be a text is none."""
    return next((name for name in query if fits(name)), None)


def _numbered(style: str, name: str, parameter: Mapping[str, Any], schemas: Schemas) -> dict[str, Guess]:
    schema = schemas.resolved(parameter.get("schema")) or parameter
    keys = {"paging": Guess(style, "likely", f"it takes the parameter {name}")}
    if name != style:
        keys[f"{style}_param"] = Guess(name, "certain", BY)
    told = schema.get("default", schema.get("minimum"))
    usual = 1 if style == "page" else 0
    if type(told) is int and told in (0, 1) and told != usual:
        keys[f"first_{style}"] = Guess(told, "likely", BY)
    return keys


def _sized(pages: Pages, query: Mapping[str, Mapping[str, Any]], schemas: Schemas) -> None:
    """The page's size, the largest that the document allows."""
    name = next((name for name in query if is_size(name) and name not in pages.taken), None)
    if name is None or pages.style == "none":
        return
    schema = schemas.resolved(query[name].get("schema")) or query[name]
    for word in ("maximum", "default"):
        size = schema.get(word)
        if type(size) is int and 1 <= size <= MOST_IN_A_PAGE:
            pages.keys["page_size"] = Guess(size, "likely", f"the {word} {BY}")
            pages.keys["size_param"] = Guess(name, "certain", BY)
            pages.taken.add(name)
            return


def _counts(beside: Mapping[str, Mapping[str, Any]]) -> dict[str, Guess]:
    found: dict[str, Guess] = {}
    for path, schema in beside.items():
        name = simple(path.rpartition(".")[2])
        whole = kind_of(schema) == "integer"
        # A "count" or "size" is as often that of one answer, which is worse than none.
        if whole and name in COUNTS - {"size", "count", "found"} and "count" not in found:
            found["count"] = Guess(path, "likely", BY)
        if whole and name in PAGES and "pages" not in found:
            found["pages"] = Guess(path, "likely", BY)
    return found


def _next(beside: Mapping[str, Mapping[str, Any]], cursor: str | None) -> tuple[str | None, str | None]:
    """Paths to the next page's address, and to its token."""
    link = token = None
    for path, schema in beside.items():
        name = simple(path.rpartition(".")[2])
        if kind_of(schema) not in ("string", ""):
            continue
        address = schema.get("format") in ("uri", "url", "uri-reference") or "url" in name or "link" in name
        if name in NEXT_LINK and (address or cursor is None) and link is None:
            link = path
        elif name in TOKEN - {"offset"} and token is None:
            token = path
    return link, token


def _of_cursor(param: str, token: str) -> dict[str, Guess]:
    keys = {"paging": Guess("cursor", "likely", f'"{token}" in the answer, {param} in the request')}
    keys["cursor"] = Guess(token, "likely", BY)
    return keys if param == "cursor" else {**keys, "cursor_param": Guess(param, "likely", BY)}


def _of_last(param: str, key: str, more: str) -> dict[str, Guess]:
    return {
        "paging": Guess("cursor", "likely", f'it takes {param}, and "{more}" says whether there is more'),
        "last": Guess(key, "guess", "what stands for the last record"),
        "cursor_param": Guess(param, "likely", BY),
        "more": Guess(more, "likely", BY),
    }


def _more(beside: Mapping[str, Mapping[str, Any]]) -> str | None:
    return next((path for path, each in beside.items() if simple(path.rpartition(".")[2]) in MORE), None)


def _key(record: Mapping[str, Any], schemas: Schemas) -> dict[str, Guess]:
    properties = record.get("properties")
    names = list(properties) if isinstance(properties, Mapping) else []
    for name in ("id", "uid", "uuid", "_id"):
        if name in names:
            kind = kind_of(schemas.resolved(properties[name])) if isinstance(properties, Mapping) else ""
            return {"key": Guess(name, "likely", "its name")} if kind in ("string", "integer", "") else {}
    return {}


def _only(keys: dict[str, Guess], name: str) -> dict[str, Guess]:
    return {key: guess for key, guess in keys.items() if key == name}
