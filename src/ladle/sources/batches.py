"""Batches of a definition: takes a resource's table, gives the Batch, and exact words for what does not fit it."""

from __future__ import annotations

from string import Formatter

from ladle.sources.source import Batch, Resource, Source
from ladle.sources.toml import Table

MOST = 10_000
"""Ids in one request: beyond it a definition is more likely a slip than a wish."""


def read_batch(table: Table) -> Batch | None:
    """`batch = { param = "ids", size = 50, join = "," }`; with `each`, the list's places stand for `param`."""
    if "batch" not in table:
        table.maybe("batch")
        return None
    inner = table.table("batch")
    size = inner.whole("size", least=1, most=MOST)
    param, join = inner.maybe("param"), inner.text("join", ",")
    inner.done()
    if size is None:
        inner.refuse("size", "is missing", hint="Say how many ids one request takes at most.")
    return Batch(param=param or "", size=size, join=join)


def check_batch(table: Table, resource: Resource, source: Source) -> None:
    """A batch needs a key to match records by, and one place for the ids."""
    batch, inner = resource.batch, table.inside("batch", {})
    if batch is None:
        return
    if resource.key is None:
        hint = 'Name the "key" of a record: the answer to a batch is matched by it.'
        table.refuse("batch", "needs a key", hint=hint)
    if resource.each is not None:
        _check_items(table, inner, resource, batch)
    elif not batch.param:
        inner.refuse("param", "is missing", hint="Name the parameter that takes the ids.")
    elif batch.param in resource.params or (resource.paging.style == "page" and batch.param == resource.paging.param):
        inner.refuse("param", f'is "{batch.param}"', hint="That parameter is taken: name the one for the ids.")
    elif source.auth and source.auth.place == "query" and batch.param == source.auth.name:
        inner.refuse("param", f'is "{batch.param}"', hint="The key goes there: name the parameter for the ids.")


def _check_items(table: Table, inner: Table, resource: Resource, batch: Batch) -> None:
    """Of a list, ids alone can be joined."""
    each = resource.each
    assert each is not None  # noqa: S101 - the caller looked
    if batch.param:
        hint = f'Leave it out: the ids go where "{{{each.key}}}" stands in "path" or "params".'
        inner.refuse("param", f'is "{batch.param}"', hint=hint)
    templates = (resource.path, *resource.params.values())
    others = sorted({place for text in templates for _, place, _, _ in Formatter().parse(text) if place} - {each.key})
    if others:
        hint = f'One request takes several items: only "{{{each.key}}}" can be joined.'
        table.refuse("batch", f'goes with "{{{others[0]}}}"', hint=hint)
