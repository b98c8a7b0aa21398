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

from ladle.collect.request import Request
from ladle.sources.paging import Record, canonical, dig
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


def id_of(name: str) -> str:
    """The id in a canonical reference, or in a record's key: the last part of its path, or all of what is no path.

    >>> id_of("planets/7"), id_of("7")
    ('7', '7')
    """
    return name.partition("?")[0].rpartition("/")[2] or name


def ids_of(resource: Resource, records: Iterable[Record], base_url: str) -> Iterator[str]:
    """The ids that records go by."""
    for record in records:
        key = dig(record, resource.key or "")
        if key is not None:
            yield id_of(canonical(str(key), base_url))


def lookups(source: Source, resource: Resource, names: Iterable[str], first: int) -> list[Request]:
    """Requests for the records behind canonical names; the same names give the same batches in any order.

    Positions go on from `first`.
    """
    batch = resource.batch
    assert batch is not None  # noqa: S101 - the planner asks before
    ids = sorted({id_of(name) for name in names}, key=_order)
    return [
        Request(
            key=_key(resource.name, batch.param, part, batch.join),
            url=_address(source, resource.path, {**resource.params, batch.param: batch.join.join(part)}, batch),
            resource=resource.name,
            role="lookups",
            position=first + number,
        )
        for number, part in enumerate(ids[at : at + batch.size] for at in range(0, len(ids), batch.size))
    ]


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
