"""One call, named and addressed: takes a resource and a page, item or reference, gives the Request, later its Entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode, urljoin

import orjson

from ladle.collect.journal import KEPT, Entry, Kind, Role
from ladle.collect.retry import Answer, Failure
from ladle.sources.paging import Page, read_answer
from ladle.sources.source import Item, Paging, Resource, Source

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
    told_by: tuple[str, ...] = ()
    """Headers, in small letters, that the answer is read by: the journal keeps them with it."""


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
    body = filled(resource.body or {}, item) if resource.method == "POST" else None
    # Only the list's key is known to tell all items apart; other columns may repeat.
    telling = each is not None and f"{{{each.key}}}" in resource.params.values()
    key = f"{resource.name}?{urlencode(own)}" if telling or each is None else f"{resource.name}/{item[each.key]}"
    url = address_of(source.base_url, resource.path.format_map(quoted), params)
    return Request(key=key, url=url, resource=resource.name, role="item", position=number, body=body_of(body))


def filled(value: Any, item: Item) -> Any:
    """A body with an item's values in the places of its texts."""
    if isinstance(value, str):
        return value.format_map(item)
    if isinstance(value, Mapping):
        return {name: filled(each, item) for name, each in value.items()}
    return [filled(each, item) for each in value] if isinstance(value, list) else value


def body_of(body: Mapping[str, Any] | None) -> bytes | None:
    """A body as it is sent; None where there is none, so that the request is a GET."""
    return None if body is None else orjson.dumps(body)


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
    if (entry.status or 200) >= 400 or entry.reason == PAST_END:
        return Page([], None, None)
    return read_answer(shape_of(resource, entry.role), entry.body, entry.headers)


def shape_of(resource: Resource, role: Role) -> Resource:
    """How an answer is read: a lookup's is one bare record, whatever the collection's pages look like."""
    if role != "lookup":
        return resource
    alone = Paging(style="none")
    return replace(resource, records=resource.record, columnar=False, count=None, pages=None, next=None, paging=alone)


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
    kept = (*KEPT, *request.told_by) if request.told_by else KEPT
    return Entry(
        kind=kind,
        key=request.key,
        resource=request.resource,
        role=request.role,
        position=request.position,
        reading=request.reading,
        status=outcome.status,
        headers={name: outcome.headers[name] for name in kept if name in outcome.headers},
        body=outcome.body if kind == "answer" and isinstance(outcome, Answer) else b"",
        started=outcome.started,
        took=outcome.took,
        attempt=attempt,
        records=records,
        reason=reason,
        again_at=again_at,
    )


def address_of(base_url: str, path: str, params: Mapping[str, str]) -> str:
    """The address of a path under the base URL, with its query."""
    url = urljoin(base_url, path)
    return f"{url}?{urlencode(params)}" if params else url
