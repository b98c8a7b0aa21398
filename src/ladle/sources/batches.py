"""Batches of a definition: takes a resource's table, gives the Batch, and exact words for what does not fit it."""

from __future__ import annotations

from ladle.sources.places import places, places_of
from ladle.sources.source import Batch, Resource, Source
from ladle.sources.toml import Table

MOST = 10_000
"""Ids in one request: beyond it a definition is more likely a slip than a wish."""


def read_batch(table: Table) -> Batch | None:
    """`batch = { param = "ids", size = 50, join = "," }`; with `each`, the list's places stand for `param`."""
    if table.raw("batch") is None:
        return None
    inner = table.table("batch")
    if not table.sound("batch"):
        return None
    size = inner.whole("size", least=1, most=MOST)
    param, join = inner.maybe("param"), inner.text("join", ",")
    inner.done()
    if "size" not in inner:
        inner.refuse("size", "is missing", hint="Say how many ids one request takes at most.", missing=True)
    return Batch(param=param or "", size=size or 1, join=join)


def taken(resource: Resource) -> tuple[str, ...]:
    """Parameters that Ladle puts in itself."""
    paging = resource.paging
    numbered = (paging.param,) if paging.style in ("page", "offset", "cursor") else ()
    return (*numbered, *((paging.size_param,) if paging.size_param else ()))


def check_batch(table: Table, resource: Resource, source: Source) -> None:
    """A batch needs a key to match records by, and one place for the ids."""
    batch, inner = resource.batch, table.inside("batch", {})
    if batch is None:
        return
    if not table.sound("batch"):
        return
    if resource.key is None and table.sound("key"):
        hint = 'Name the "key" of a record: the answer to a batch is matched by it.'
        table.refuse("batch", "needs a key", hint=hint)
    if resource.each is not None:
        _check_items(table, inner, resource, batch)
    elif resource.method == "POST":
        table.refuse("batch", "goes with POST", hint="Ids of references are asked for by GET: leave one of them out.")
    elif not batch.param:
        inner.refuse("param", "is missing", hint="Name the parameter that takes the ids.")
    elif batch.param in (*resource.params, *taken(resource)):
        inner.refuse("param", f'is "{batch.param}"', hint="That parameter is taken: name the one for the ids.")
    elif source.auth and source.auth.place == "query" and batch.param == source.auth.name:
        inner.refuse("param", f'is "{batch.param}"', hint="The key goes there: name the parameter for the ids.")


def _check_items(table: Table, inner: Table, resource: Resource, batch: Batch) -> None:
    """Of a list, ids alone can be joined."""
    each = resource.each
    assert each is not None  # noqa: S101 - the caller looked
    if each.parent is not None:
        hint = "Ids of a list can be joined; of another resource's records each takes a request of its own."
        table.refuse("batch", "goes with each.resource", hint=hint)
        return
    if batch.param:
        hint = f'Leave it out: the ids go where "{{{each.key}}}" stands in "path" or "params".'
        inner.refuse("param", f'is "{batch.param}"', hint=hint)
    found = places_of(resource.body).union(*map(places, (resource.path, *resource.params.values())))
    others = sorted(found - {each.key})
    if others:
        hint = f'One request takes several items: only "{{{each.key}}}" can be joined.'
        table.refuse("batch", f'goes with "{{{others[0]}}}"', hint=hint)
