"""Several ids in one request: takes items or references, gives requests for batches, later who of them was answered.

A batch of references is asked for as a collection is, with the ids joined in one parameter (`planets/?ids=1,2,3`). A
batch of items is a slice of the list, its ids joined where the definition names the list's key. Either way the
answer's records are matched by the resource's `key`, whatever their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from urllib.parse import quote, urlencode, urljoin

from ladle.collect.naming import Naming
from ladle.collect.request import Request
from ladle.sources.paging import Record, dig
from ladle.sources.source import Batch, Item, Resource, Source

LONGEST = 200
"""Characters of a key; beyond them it names the first and the last id and a sum over all."""
_SHOWN = 40
"""Characters that are shown of the first and the last id then."""
_JOINS = ",;:|"
"""What stands between ids stays as it is in an address where it may."""


def lookup_batch(resource: Resource) -> Batch | None:
    """How several references to a resource are asked for at once; None where each takes a request of its own."""
    return resource.batch if resource.each is None else None


def cost(number: int, batch: Batch | None) -> int:
    """The requests that so many references or items take."""
    return ceil(number / batch.size) if batch else number


def ids_of(resource: Resource, records: Iterable[Record], naming: Naming) -> Iterator[str]:
    """The ids that records go by."""
    for record in records:
        key = dig(record, resource.key or "")
        if key is not None:
            yield naming.id_of(naming.name(str(key)))


def lookups(source: Source, resource: Resource, ids: Iterable[str], first: int) -> list[tuple[Request, Sequence[str]]]:
    """Requests for the records with these ids, each with its own; the same ids give the same batches in any order.

    Positions go on from `first`.
    """
    batch = resource.batch
    assert batch is not None  # noqa: S101 - the planner asks before
    in_order = sorted(set(ids), key=_order)
    return [
        (_lookup(source, resource, batch, part, first + number), part)
        for number, part in enumerate(_slices(in_order, batch))
    ]


def _lookup(source: Source, resource: Resource, batch: Batch, ids: Sequence[str], position: int) -> Request:
    params = {**resource.params, batch.param: batch.join.join(ids)}
    return Request(
        key=_key(resource.name, batch.param, ids, batch.join),
        url=_address(source, resource.path, params, batch),
        resource=resource.name,
        role="lookups",
        position=position,
    )


def _slices(ids: Sequence[str], batch: Batch) -> Iterator[Sequence[str]]:
    """The ids of each request."""
    return (ids[at : at + batch.size] for at in range(0, len(ids), batch.size))


def items_requests(source: Source, resource: Resource) -> Iterator[Request]:
    """One request for each slice of the resource's list; the position is that of its first item."""
    each, batch = resource.each, resource.batch
    assert each is not None  # noqa: S101 - as above
    assert batch is not None  # noqa: S101
    for at in range(0, len(each.items), batch.size):
        ids = [item[each.key] for item in each.items[at : at + batch.size]]
        joined = {each.key: batch.join.join(ids)}
        params = {name: template.format_map(joined) for name, template in resource.params.items()}
        path = resource.path.format_map({each.key: quote(joined[each.key], safe=_JOINS)})
        param = next((name for name, template in resource.params.items() if "{" in template), each.key)
        yield Request(
            key=_key(resource.name, param, ids, batch.join),
            url=_address(source, path, params, batch),
            resource=resource.name,
            role="items",
            position=at,
        )


def matched(resource: Resource, position: int, records: Iterable[Record]) -> list[tuple[Item, list[Record]]]:
    """The items of the batch at `position`, in the list's order, each with the records that go by its key.

    Records that nobody asked for are left out.
    """
    each, batch = resource.each, resource.batch
    if each is None or batch is None:
        return []
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(str(dig(record, resource.key or "")), []).append(record)
    return [(item, found.get(item[each.key], [])) for item in each.items[position : position + batch.size]]


def _order(id_: str) -> tuple[bool, int, str]:
    """Numbers as numbers, then texts: one order, in whatever order the references were met."""
    number = id_.isascii() and id_.isdigit() and len(id_) < LONGEST
    return (not number, int(id_) if number else 0, id_)


def _key(name: str, param: str, ids: Sequence[str], join: str) -> str:
    key = f"{name}?{param}={join.join(ids)}"
    if len(key) <= LONGEST:
        return key
    total = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name}?{param}={ids[0][:_SHOWN]}…{ids[-1][:_SHOWN]} ({len(ids)}, {total})"


def _address(source: Source, path: str, params: dict[str, str], batch: Batch) -> str:
    """The address; what joins the ids is not put in %XX where it may stand as it is."""
    url = urljoin(source.base_url, path)
    safe = "".join(sign for sign in batch.join if sign in _JOINS)
    return f"{url}?{urlencode(params, safe=safe)}" if params else url
