"""Pages, named and addressed: takes a resource and a number, an address or a token, gives the request for the page.

Of a resource that is asked for by POST the number, the offset or the token goes into the body instead of the address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, quote_plus, urlencode, urljoin, urlsplit, urlunsplit

import orjson

from ladle.collect.request import AS_IT_IS, Request, address_of, body_of
from ladle.sources.leads import headers_read
from ladle.sources.page import AnswerError, Page
from ladle.sources.paging import canonical, join, same_origin
from ladle.sources.paths import put
from ladle.sources.source import Paging, Resource, Source
from ladle.sources.spelling import plain_path, without_key

NUMBERED = frozenset({"page", "offset"})
"""Styles whose pages have numbers: any page can be asked for when it is known to exist."""
CHAINED = frozenset({"link", "header", "cursor", "python"})
"""Styles in which only a page tells of the next."""
LONGEST = 200
"""Characters of what an API gives to go on with that are shown in a key; beyond them a sum over all stands for it."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes the requests for one resource's pages; what all have in common is put together once."""

    source: Source
    resource: Resource
    params: Mapping[str, str] = field(init=False)
    """The resource's own, and the size of a page where a parameter takes it."""
    body: Mapping[str, Any] | None = field(init=False)
    told_by: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        resource, paging = self.resource, self.resource.paging
        posted = resource.method == "POST"
        params, body = dict(resource.params), (resource.body or {}) if posted else None
        if paging.size_param and resource.page_size and body is not None:
            body = put(body, paging.size_param, resource.page_size)
        elif paging.size_param and resource.page_size:
            params[paging.size_param] = f"{resource.page_size}"
        for name, value in (("params", params), ("body", body), ("told_by", headers_read(resource))):
            object.__setattr__(self, name, value)

    def first(self) -> Request:
        """The first page of a chain, or the one answer of a collection without pages."""
        name, paging = self.resource.name, self.resource.paging
        key = f"{name}?{paging.param}=1" if paging.style in ("link", "header") else name
        return self._request(key, self._address(), 1, body=self.body)

    def numbered(self, step: int | None) -> Callable[[int], Request]:
        """Makes the request for page 1, 2, …; pages with offsets skip `step` records each, which page 1 taught."""
        paging, key = self.resource.paging, f"{self.resource.name}?{self.resource.paging.param}="
        first, by = value_of(paging, 1, step=step), _each(paging, step)
        body, told_by, name = self.body, self.told_by, self.resource.name
        if body is not None:
            return lambda number: self._posted(f"{key}{first + (number - 1) * by}", first + (number - 1) * by, number)
        # In the place of a parameter of that name, should the definition have one.
        params = list(self.params.items())
        place = next((place for place, (param, _) in enumerate(params) if param == paging.param), len(params))
        before, after = urlencode(params[:place]), urlencode(params[place + 1 :])
        address = address_of(self.source.base_url, self.resource.path, {})
        begin = f"{address}?{before}{'&' if before else ''}{quote_plus(paging.param)}="
        end = f"&{after}" if after else ""

        def request(number: int) -> Request:
            value = first + (number - 1) * by
            return Request(
                key=f"{key}{value}",
                url=f"{begin}{value}{end}",
                resource=name,
                role="page",
                position=number,
                told_by=told_by,
            )

        return request

    def linked(self, address: str, number: int) -> Request:
        """The page behind an address, at the base URL's scheme and host; raises AnswerError for another site.

        The query stays as the API wrote it, since its token may be opaque; only a key in it is taken out.
        """
        source, resource = self.source, self.resource
        address = without_key(address, source.key_param)
        absolute = join(urljoin(source.base_url, resource.path), address)
        if absolute is None:
            raise AnswerError(f'The next page is said to be at "{address[:100]}", which is no address.')
        if not same_origin(absolute, source.base_url):
            raise AnswerError(f"The next page is said to be on another site, {urlsplit(absolute).netloc}.")
        base, parts = urlsplit(source.base_url), urlsplit(absolute)
        query, path = quote(parts.query, safe=AS_IT_IS), quote(parts.path, safe=AS_IT_IS)
        place = canonical(path, source.base_url)
        name = resource.name if place == plain_path(resource.path) else f"{resource.name}/{place}"
        url = urlunsplit((base.scheme, base.netloc, path, query, ""))
        return self._request(f"{name}?{query}", url, number, body=self.body)

    def after(self, token: str | int, number: int) -> Request:
        """The page that a token leads to."""
        param = self.resource.paging.param
        key = f"{self.resource.name}?{urlencode({param: _shown(f'{token}')})}"
        if self.body is not None:
            return self._posted(key, token, number)
        return self._request(key, self._address({param: f"{token}"}), number)

    def told(self, told: Mapping[str, Any], number: int) -> Request:
        """The page that a paginator tells of: `url`, or `params` and `body` in the place of the resource's own.

        A parameter of None takes one of the resource's own away.
        """
        if "url" in told:
            return self.linked(told["url"], number)
        params = {f"{name}": value for name, value in told.get("params", {}).items() if name != self.source.key_param}
        body: Mapping[str, Any] | None = told.get("body", self.body)
        changed = {name: value for name, value in params.items() if value != self.params.get(name)}
        if body is not None:
            changed |= {name: value for name, value in body.items() if (self.body or {}).get(name) != value}
        what = _shown(urlencode({name: _text(value) for name, value in changed.items()}))
        key = f"{self.resource.name}?{what}" if what else self.resource.name
        return self._request(key, self._address(params), number, body=body)

    def _address(self, more: Mapping[str, Any] | None = None) -> str:
        params = {**self.params, **(more or {})}
        texts = {name: _text(value) for name, value in params.items() if value is not None}
        return address_of(self.source.base_url, self.resource.path, texts)

    def _posted(self, key: str, value: object, number: int) -> Request:
        body = put(self.body or {}, self.resource.paging.param, value)
        return self._request(key, self._address(), number, body=body)

    def _request(self, key: str, url: str, number: int, *, body: Mapping[str, Any] | None = None) -> Request:
        return Request(
            key=key,
            url=url,
            resource=self.resource.name,
            role="page",
            position=number,
            body=body_of(body),
            told_by=self.told_by,
        )


def value_of(paging: Paging, number: int, *, step: int | None) -> int:
    """What the parameter is for page `number`: its number counted from the first's, or the records to skip."""
    return paging.first + (number - 1) * _each(paging, step)


def check_forward(address: str, paging: Paging, number: int, *, step: int | None) -> None:
    """A server that ignores the page's number gives the same page with the same next for ever: an AnswerError."""
    value = value_of(paging, number, step=step)
    try:
        numbers = parse_qs(urlsplit(address).query).get(paging.param, [])
    except ValueError:
        return
    if any(each.isascii() and each.isdigit() and int(each) <= value for each in numbers):
        raise AnswerError(f"Page {number} says that the next one is page {numbers[-1]}, which was read before.")


def expected_pages(resource: Resource) -> int | None:
    """How many pages the definition says that there are, before anything is asked; None where it doesn't."""
    if resource.paging.style == "none":
        return 1
    expected, size = resource.expected, resource.page_size
    return max(ceil(expected / size), 1) if expected is not None and size else None


def size_of(resource: Resource, page: Page) -> int:
    """The page size, from a first page: its length, unless it is the only one and may be short.

    Offsets go on from what was there, since an API may hold less in a page than it was asked for.
    """
    held = len(page.held)
    more = page.next is not None or (page.count or 0) > held or resource.paging.style == "offset"
    return held if more else max(held, resource.page_size or 0)


def decoded(request: Request) -> dict[str, Any]:
    """A page's request as a paginator is shown it: its address, its parameters, its body and its number."""
    params = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    body = None if request.body is None else orjson.loads(request.body)
    return {"url": request.url, "params": params, "body": body, "page": request.position}


def _each(paging: Paging, step: int | None) -> int:
    return (step or 0) if paging.style == "offset" else 1


def _text(value: object) -> str:
    """A value in an address: texts as they are, all else as JSON writes it."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _shown(token: str) -> str:
    if len(token) <= LONGEST:
        return token
    total = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{token[:40]}…{token[-40:]} ({len(token)}, {total})"
