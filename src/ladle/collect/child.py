"""The request for the child of one record: takes the record, gives the Request, or says why there can be none.

`{places}` in path, parameters and body are paths into the parent's record. A path that is one place alone is an address
as the API wrote it; one that leads to another site is not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urljoin, urlsplit, urlunsplit

from ladle.collect.journal import Entry
from ladle.collect.request import AS_IT_IS, Request, body_of
from ladle.sources.leads import headers_read
from ladle.sources.paging import AnswerError, Record, canonical, dig, join, same_origin
from ladle.sources.sift import holds
from ladle.sources.source import Resource, Source
from ladle.sources.spelling import without_key

GENERATION = 24
"""A child's position is its parent's page, shifted by so many bits, and its parent's place in that page."""
LONGEST = 1 << 18
"""Letters of a record that a request holds at most: hardly a server takes as much."""


class Child(NamedTuple):
    """A child's request; `barred` says in words why it can't be made, and is empty where it can."""

    request: Request
    barred: str


class Maker:
    """Makes the children of one resource, whose `each` names a parent."""

    def __init__(self, source: Source, resource: Resource) -> None:
        assert resource.each is not None  # noqa: S101 - the caller looked
        self._source, self._resource, self._key = source, resource, resource.each.key
        self._places = Counter(_places([resource.path, *resource.params.values(), *_texts(resource.body)]))
        """How often each stands there."""
        only = list(_places([resource.path]))
        self._address = only[0] if only and resource.path == f"{{{only[0]}}}" else None
        self._own = {name: text for name, text in resource.params.items() if "{" in text}
        self._in_params = f"{{{self._key}}}" in resource.params.values()
        self._where = source.resources[resource.each.parent].where if resource.each.parent else ()
        self._told_by = headers_read(resource)
        self._others = [place for place in self._places if place != self._key]

    def children(self, records: Iterable[Record], *, page: str, position: int) -> Iterator[tuple[Child, Record]]:
        """The children of an answer's records, each with its parent; `page` and `position` are the answer's.

        What the parent's `where` leaves out has none.
        """
        for place, record in enumerate(records):
            if all(holds(rule, record) for rule in self._where):
                yield self._child(record, page=page, position=position, place=place), record

    def _child(self, record: Record, *, page: str, position: int, place: int) -> Child:
        at = (position << GENERATION) + place
        try:
            values = {name: self._value(record, name) for name in self._places}
            telling = self._value(record, self._key)
            return Child(self._request(values, telling, at), "")
        except AnswerError as error:
            known = without_key(_text(dig(record, self._key)) or "", self._source.key_param)
            name = self._resource.name
            key = f"{name}/{known}" if known else f"{name} of record {place + 1} in {page}"
            return Child(Request(key=key, url="", resource=name, role="item", position=at), error.message)

    def _request(self, values: Mapping[str, str], telling: str, at: int) -> Request:
        resource = self._resource
        if (size := sum(len(values[place]) * times for place, times in self._places.items())) > LONGEST:
            raise AnswerError(f"Its request would hold {size:,} letters of the record of {self._parent}.")
        params = {name: fill(text, values) for name, text in resource.params.items()}
        if self._address is not None:
            key, url = self._as_written(values[self._address], params)
        else:
            path = fill(resource.path, {name: quote(value, safe="") for name, value in values.items()})
            url = urljoin(self._source.base_url, path) + (f"?{urlencode(params)}" if params else "")
            key = self._named(values, telling, params)
        body = body_of(_filled(resource.body or {}, values)) if resource.method == "POST" else None
        return Request(
            key=key, url=url, resource=resource.name, role="item", position=at, body=body, told_by=self._told_by
        )

    def _named(self, values: Mapping[str, str], telling: str, params: Mapping[str, str]) -> str:
        """A name that tells all that the address holds of the parent's record."""
        name, telling = self._resource.name, without_key(telling, self._source.key_param)
        if self._in_params:
            return f"{name}?{urlencode({own: params[own] for own in self._own})}"
        others = urlencode({other: values[other] for other in self._others})
        return f"{name}/{telling}?{others}" if others else f"{name}/{telling}"

    def _as_written(self, address: str, params: Mapping[str, str]) -> tuple[str, str]:
        """Name and address of a record whose address its parent tells, at the base URL's scheme and host."""
        source, name = self._source, self._resource.name
        address = without_key(address.strip(), source.key_param)
        absolute = join(source.base_url, address)
        if absolute is None:
            raise AnswerError(f'It is said to be at "{address[:100]}", which is no address.')
        if not same_origin(absolute, source.base_url):
            raise AnswerError(f"It is said to be on another site, {urlsplit(absolute).netloc}.")
        base, parts = urlsplit(source.base_url), urlsplit(absolute)
        path, query = quote(parts.path, safe=AS_IT_IS), quote(parts.query, safe=AS_IT_IS).strip("&")
        key = canonical(urlunsplit(("", "", path, query, "")), source.base_url)
        own = urlencode({own: params[own] for own in self._own})
        key += f"{'&' if '?' in key else '?'}{own}" if own else ""
        query = "&".join(part for part in (query, urlencode(params)) if part)
        url = urlunsplit((base.scheme, base.netloc, path, query, ""))
        return key if key.partition("/")[0] == name else f"{name}/{key}", url

    def _value(self, record: Record, place: str) -> str:
        text = _text(dig(record, place))
        if text is None:
            raise AnswerError(f'The record of {self._parent} says nothing at "{place}" that could be asked for.')
        return text

    @property
    def _parent(self) -> str:
        return (self._resource.each and self._resource.each.parent) or "its parent"


def barred_entry(request: Request, *, reason: str, at: float) -> Entry:
    """What the journal keeps of a child that can't be asked for: a gap without an attempt. `at`: seconds since 1970."""
    return Entry(
        kind="gap",
        key=request.key,
        resource=request.resource,
        role=request.role,
        position=request.position,
        started=at,
        attempt=0,
        reason=reason,
    )


def fill(template: str, values: Mapping[str, str]) -> str:
    """A template with its places filled; the name of a place may hold dots.

    >>> fill("repos/{owner.login}/issues", {"owner.login": "ada"})
    'repos/ada/issues'
    """
    parts = Formatter().parse(template)
    return "".join(literal + (values[place] if place is not None else "") for literal, place, _, _ in parts)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """The same for the texts in a JSON value."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {name: _filled(inner, values) for name, inner in value.items()}
    return [_filled(inner, values) for inner in value] if isinstance(value, (list, tuple)) else value


def _texts(value: Any) -> list[str]:
    """All texts in a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for inner in value for text in _texts(inner)] if isinstance(value, (list, tuple)) else []


def _places(templates: list[str]) -> list[str]:
    return [place for text in templates for _, place, _, _ in Formatter().parse(text) if place]


def _text(value: Any) -> str | None:
    """What stands in an address for a value; None for what can't stand there."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None
