"""What a definition names and an answer lacks: takes a resource's first page, gives sentences about likely slips.

A path that leads nowhere is no mistake of a definition alone, nor an error of a run, since an API may leave out what it
has nothing to say of. To whoever writes the definition it is worth a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ladle.sources.page import Page
from ladle.sources.paths import dig
from ladle.sources.sift import sift
from ladle.sources.source import Column, Resource


def slips(resource: Resource, page: Page, columns: Iterable[Column] = ()) -> Iterator[str]:
    """A sentence for each path of the resource, and of the columns of its table, at which this answer holds nothing.

    `page` is a first page; one without records tells nothing of them.
    """
    name = resource.name
    for key, path, told in (("count", resource.count, page.count), ("pages", resource.pages, page.pages)):
        if path is not None and told is None:
            yield f'{name}: the answer tells no number at "{path}", its {key}.'
    path = resource.next or resource.paging.cursor
    if path is not None and not page.leads_on:
        yield f'{name}: the answer has nothing at "{path}", so its first page is taken for the last.'
    if not page.records:
        return
    if resource.key is not None and not resource.transform and _nowhere(resource.key, page):
        yield f'{name}: no record of the first page has "{resource.key}", its key.'
    wanted = sift(resource.where)
    if wanted is not None and not wanted(page.records):
        yield f"{name}: none of the records of the first page are those that its where asks for."
    for column in columns:
        if column.path and column.path != "*" and column.item is None and _nowhere(column.path, page):
            yield f'{column.name}: no record of the first page has "{column.path}".'


def _nowhere(path: str, page: Page) -> bool:
    """Whether not even the beginning of the path is a field of any record, null or not."""
    first = path.partition(".")[0]
    return all(first not in record and dig(record, path) is None for record in page.records)
