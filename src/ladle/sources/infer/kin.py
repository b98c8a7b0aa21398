"""What belongs together: takes records with addresses in them, tells siblings, roots, and lists with details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from ladle.sources.infer.addresses import is_address, under
from ladle.sources.infer.fields import Records

THIN = 5
"""Fields: a record with no more, one of them its own address, is little more than a name."""
_GROUPS = ("links", "_links", "resources", "endpoints", "collections", "data", "result", "results")
_NOT_COLLECTIONS = frozenset(
    "self documentation docs schema home root help license status health login openapi swagger".split()
)


@dataclass(frozen=True, slots=True)
class Sibling:
    """A field whose values are addresses of records in a collection beside this one."""

    field: str
    path: str
    """The collection's, under the base URL, as this API writes them (with or without its last slash)."""


def siblings_of(records: Records, base_url: str, path: str) -> list[Sibling]:
    """Fields with one address each, all of one collection that lies where this one lies.

    >>> siblings_of([{"homeworld": "http://a.org/api/planets/1/"}], "https://a.org/api/", "people/")
    [Sibling(field='homeworld', path='planets/')]
    """
    beside = path.strip("/").rpartition("/")[0]
    found = []
    for name in dict.fromkeys(name for record in records for name in record):
        values = [record[name] for record in records if record.get(name) is not None]
        if "." in name or "*" in name or not values or not all(isinstance(value, str) for value in values):
            continue
        paths = {_collection(value, base_url, beside) for value in values}
        if len(paths) == 1 and (collection := paths.pop()) is not None:
            # A record's own address names the collection that it came from.
            found += [Sibling(name, collection)] if collection.strip("/") != path.strip("/") else []
    return found


def _collection(value: str, base_url: str, beside: str) -> str | None:
    """The collection that a record's address names: everything but its last part; None where it lies elsewhere."""
    if not is_address(value, like=base_url) or "?" in value or (inner := under(value, base_url)) is None:
        return None
    rest = inner.strip("/")
    if beside:
        if not rest.startswith(f"{beside}/"):
            return None
        rest = rest[len(beside) + 1 :]
    collection, _, key = rest.partition("/")
    if not collection or not key or "/" in key:
        return None
    return f"{beside}/{collection}".strip("/") + ("/" if inner.endswith("/") else "")


def collections_of(document: object, url: str) -> dict[str, str]:
    """The collections that an API's root names, as absolute addresses; empty where it is no root.

    >>> collections_of({"people": "https://a.org/api/people/", "films": "/api/films/"}, "https://a.org/api/")
    {'people': 'https://a.org/api/people/', 'films': 'https://a.org/api/films/'}
    """
    if not isinstance(document, Mapping):
        return {}
    if sets := _entity_sets(document, url):
        return sets
    groups = [document, *(document[name] for name in _GROUPS if isinstance(document.get(name), Mapping))]
    for group in groups:
        links = {name: link for name, value in group.items() if (link := _link(value)) and is_address(link, like=url)}
        leading = {name: urljoin(url, link) for name, link in links.items() if _is_below(urljoin(url, link), url)}
        leading = {name: link for name, link in leading.items() if name.lower() not in _NOT_COLLECTIONS}
        if len(leading) >= 2 and len(links) >= 0.8 * len(group):
            return leading
    return {}


def _entity_sets(document: Mapping[str, Any], url: str) -> dict[str, str]:
    """The collections of an OData service, whose root lists them by name: one of them is a root too."""
    listed = document.get("value")
    if not isinstance(document.get("@odata.context"), str) or not isinstance(listed, list):
        return {}
    if not all(
        isinstance(each, Mapping) and {"name", "url"} <= set(each) <= {"name", "title", "kind", "url"}
        for each in listed
    ):
        return {}
    sets = [each for each in listed if each.get("kind", "EntitySet") == "EntitySet" and isinstance(each["url"], str)]
    base = f"{url.partition('?')[0].rstrip('/')}/"
    return {str(each["name"]): urljoin(base, each["url"]) for each in sets}


def _link(value: Any) -> str | None:
    inner = value.get("href", value.get("url")) if isinstance(value, Mapping) and len(value) <= 3 else value
    return inner if isinstance(inner, str) else None


def _is_below(link: str, url: str) -> bool:
    """A collection lies below the root, and is not the root itself."""
    there, here = urlsplit(link), urlsplit(url)
    return there.path.strip("/") != here.path.strip("/") and not there.query


def detail_field(records: Records, url: str) -> str | None:
    """The field with a record's own address, where the records hold little more than that and a name."""
    if not records or max(len(record) for record in records) > THIN:
        return None
    if any(isinstance(value, (dict, list)) for record in records[:50] for value in record.values()):
        return None
    for name in ("url", "href", "self", "link", "uri", "resource_uri", "detail"):
        values = [record.get(name) for record in records]
        if all(is_address(value, like=url) for value in values) and len(set(values)) == len(values):
            return name
    return None
