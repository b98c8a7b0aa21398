"""One call, named and addressed: takes a resource and a page, item or reference, gives the Request, later its Entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

from ladle.collect.journal import KEPT, Entry, Kind, Role
from ladle.collect.retry import Answer, Failure
from ladle.sources.paging import AnswerError, Page, canonical, join, read_answer, same_origin
from ladle.sources.source import Item, Resource, Source
from ladle.sources.spelling import plain_path

PAST_END = "Past the end."
AS_IT_IS = "%/:?@!$&'()*+,;=~"
"""What may stand in the address of a link; the rest (a space, a bracket, an accent) is put in %XX."""


@dataclass(slots=True, kw_only=True)  # not frozen: there is one for each page, and a frozen one takes thrice the time
class Request:
    """A call still to be made or made already. Neither key nor URL ever holds a credential."""

    key: str
    """Its name, the same in every run: `people?page=2`, `weather?id=3439525`, `planets/1`."""
    url: str
    resource: str
    role: Role
    position: int
    """Page number, number of the item, or of the lookup: the order in the table."""
    reading: int = 1
    """Pages that shift while they are read are asked for again, in readings 2 and 3."""
    body: bytes | None = None
    """JSON, of a request by POST; None: a GET."""


def page_request(source: Source, resource: Resource, number: int) -> Request:
    """Page `number` (from 1) of a collection whose pages have numbers; a collection without pages has one."""
    return page_requests(source, resource)(number)


def page_requests(source: Source, resource: Resource) -> Callable[[int], Request]:
    """`page_request` for any number: what the addresses have in common is put together once, for there can be many."""
    name, paging, params = resource.name, resource.paging, list(resource.params.items())
    if paging.style != "page":
        key = name if paging.style == "none" else f"{name}?{paging.param}="
        url = _address(source.base_url, resource.path, resource.params)
        return lambda number: _page(key if key == name else f"{key}{number}", url, name, number)
    # In the place of a parameter of that name, should the definition have one.
    place = next((place for place, (param, _) in enumerate(params) if param == paging.param), len(params))
    before, after = urlencode(params[:place]), urlencode(params[place + 1 :])
    begin = f"{urljoin(source.base_url, resource.path)}?{before}{'&' if before else ''}{quote_plus(paging.param)}="
    end, key = f"&{after}" if after else "", f"{name}?{paging.param}="
    return lambda number: _page(f"{key}{number}", f"{begin}{number}{end}", name, number)


def _page(key: str, url: str, resource: str, number: int) -> Request:
    return Request(key=key, url=url, resource=resource, role="page", position=number)


def link_request(source: Source, resource: Resource, address: str, number: int) -> Request:
    """The page behind a `next` link, at the base URL's scheme and host; raises AnswerError for another site.

    The query stays as the API wrote it, since its token may be opaque; only a key in it is taken out.
    """
    absolute = join(urljoin(source.base_url, resource.path), address)
    if absolute is None:
        raise AnswerError(f'The next page is said to be at "{address[:100]}", which is no address.')
    if not same_origin(absolute, source.base_url):
        raise AnswerError(f"The next page is said to be on another site, {urlsplit(absolute).netloc}.")
    base, parts = urlsplit(source.base_url), urlsplit(absolute)
    secret = source.auth.name if source.auth and source.auth.place == "query" else None
    kept = [part for part in parts.query.split("&") if unquote_plus(part.partition("=")[0]) != secret]
    query, path = quote("&".join(kept), safe=AS_IT_IS), quote(parts.path, safe=AS_IT_IS)
    place = canonical(path, source.base_url)
    name = resource.name if place == plain_path(resource.path) else f"{resource.name}/{place}"
    url = urlunsplit((base.scheme, base.netloc, path, query, ""))
    return Request(key=f"{name}?{query}", url=url, resource=resource.name, role="page", position=number)


def leftover_request(resource: Resource, position: int, *, reading: int) -> Request:
    """No call: it stands for a page that an earlier reading had and a later, shorter one has not."""
    return Request(
        key=f"{resource.name}#{position}",
        url="",
        resource=resource.name,
        role="page",
        position=position,
        reading=reading,
    )


def is_leftover(request: Request) -> bool:
    """Whether it is one that `leftover_request` made; the address of no page has the sign #."""
    return request.role == "page" and "#" in request.key


def item_request(source: Source, resource: Resource, item: Item, number: int) -> Request:
    """The call for one item of the resource's list."""
    quoted = {name: quote(value, safe="") for name, value in item.items()}
    params = {name: template.format_map(item) for name, template in resource.params.items()}
    each = resource.each
    own = {name: params[name] for name, template in resource.params.items() if "{" in template}
    # Only the list's key is known to tell all items apart; other columns may repeat.
    telling = each is not None and f"{{{each.key}}}" in resource.params.values()
    key = f"{resource.name}?{urlencode(own)}" if telling or each is None else f"{resource.name}/{item[each.key]}"
    url = _address(source.base_url, resource.path.format_map(quoted), params)
    return Request(key=key, url=url, resource=resource.name, role="item", position=number)


def request_of(entry: Entry) -> Request:
    """The request that an entry of the journal answered; its address isn't needed any more."""
    return Request(
        key=entry.key,
        url="",
        resource=entry.resource,
        role=entry.role,
        position=entry.position,
        reading=entry.reading,
    )


def past_end_entry(request: Request, *, at: float) -> Entry:
    """A page that turned out to lie past the end, without another call: an answer that holds nothing.

    `at` is when that was known, in seconds since 1970.
    """
    return Entry(
        kind="answer",
        key=request.key,
        resource=request.resource,
        role=request.role,
        position=request.position,
        reading=request.reading,
        status=404,
        started=at,
        attempt=0,
        reason=PAST_END,
    )


def page_of(resource: Resource, entry: Entry) -> Page:
    """The page that an entry holds; one past the end is empty. Raises AnswerError where it can't be read."""
    if (entry.status or 200) >= 400:
        return Page([], None, None)
    return read_answer(shape_of(resource, entry.role), entry.body, entry.headers)


def shape_of(resource: Resource, role: Role) -> Resource:
    """How an answer is read: a lookup's is one bare record, whatever the collection's pages look like."""
    return replace(resource, records=resource.record, count=None, next=None) if role == "lookup" else resource


def entry_of(
    request: Request,
    outcome: Answer | Failure,
    *,
    kind: Kind,
    attempt: int,
    records: int = 0,
    reason: str = "",
    again_at: float | None = None,
) -> Entry:
    """What the journal keeps of a call that came back; the body only of an answer."""
    return Entry(
        kind=kind,
        key=request.key,
        resource=request.resource,
        role=request.role,
        position=request.position,
        reading=request.reading,
        status=outcome.status,
        headers={name: outcome.headers[name] for name in KEPT if name in outcome.headers},
        body=outcome.body if kind == "answer" and isinstance(outcome, Answer) else b"",
        started=outcome.started,
        took=outcome.took,
        attempt=attempt,
        records=records,
        reason=reason,
        again_at=again_at,
    )


def _address(base_url: str, path: str, params: Mapping[str, str]) -> str:
    url = urljoin(base_url, path)
    return f"{url}?{urlencode(params)}" if params else url
