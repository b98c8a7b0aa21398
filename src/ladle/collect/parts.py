"""What does a run cost? Takes its collections and references as far as they are known, gives requests by resource."""

from __future__ import annotations

from dataclasses import dataclass

from ladle.collect.batch import cost, lookup_batch
from ladle.collect.children import Children
from ladle.collect.target import Target
from ladle.collect.whole import Whole
from ladle.sources.source import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """One resource's share of a plan; `exact` when the number can't change any more."""

    resource: str
    requests: int
    exact: bool
    why: str
    told: bool = True
    """False: nobody has said how many there are, and `requests` are those of which it is sure that they come."""


def part_of(member: Whole | Children, *, over: bool) -> PlanPart:
    """A resource that is collected whole; `over`: none of its records will come any more."""
    return _children_part(member, over=over) if isinstance(member, Children) else _whole_part(member, over=over)


def _children_part(children: Children, *, over: bool) -> PlanPart:
    """As many as the parent says that it has records, until all of them are known."""
    resource, parent = children.resource, children.parent
    known = over or parent.finished
    counts = (parent.claimed, resource.expected, parent.resource.expected)
    told = next((each for each in counts if each is not None), None)
    number = children.asked if known else max(children.asked, 1 if told is None else told)
    why = f"one request for each record of {parent.resource.name}"
    return PlanPart(resource=resource.name, requests=number, exact=known, why=why, told=known or told is not None)


def _whole_part(whole: Whole, *, over: bool) -> PlanPart:
    collection, again = whole.collection, whole.settling.reread
    resource, pages = whole.resource, collection.pages()
    name, each, batch = resource.name, resource.each, resource.batch
    if each:
        why = f"one request for each {f'{batch.size:,} items' if batch else 'item'} of its list"
        requests = max(cost(len(each.items), batch), collection.asked)
        return PlanPart(resource=name, requests=requests, exact=True, why=why)
    if resource.paging.style == "none":
        return PlanPart(resource=name, requests=1, exact=True, why="one request")
    if pages is None:
        return PlanPart(resource=name, requests=collection.known, exact=False, why=_uncounted(resource), told=False)
    if not again and resource.verify and pages > 1:
        return PlanPart(resource=name, requests=pages * 2, exact=False, why="pages, each read twice")
    if not again:
        return PlanPart(resource=name, requests=pages, exact=collection.ended, why="pages")
    number = "1 page" if again == 1 else f"{again:,} pages"
    why = f"pages, and reading again {number} that moved"
    requests = collection.walked + pages if collection.walked else pages + again
    return PlanPart(resource=name, requests=requests, exact=over, why=why)


def _uncounted(resource: Resource) -> str:
    """How the number of pages comes to be known that was not told yet."""
    if resource.count is not None or resource.pages is not None:
        return "pages, their number is told by the first"
    if resource.paging.style in ("page", "offset"):
        return "pages, until one is empty"
    return "pages, each of which tells whether there is another"


def target_part(target: Target, *, own: bool, over: bool) -> PlanPart:
    """A resource that records refer to. `own`: it is the dataset's own; `over`: no further reference will come."""
    collection, pages = target.collection, target.collection.pages()
    name, asked = collection.resource.name, collection.asked + len(target.lookups)
    if own:
        why = f"{_each(collection.resource)} that its own pages don't hold"
        return PlanPart(resource=name, requests=asked, exact=over, why=why)
    if over and collection.open == 0:
        why = "pages, cheaper than each reference" if collection.begun else _each(collection.resource)
        return PlanPart(resource=name, requests=asked, exact=True, why=why)
    if collection.begun:
        exact = over and collection.ended and collection.asked == collection.known
        why = "pages, cheaper than each reference"
        return PlanPart(resource=name, requests=max(pages or 1, asked), exact=exact, why=why)
    why = f"its pages, or {_each(collection.resource)} where that is cheaper"
    return PlanPart(resource=name, requests=pages or 1, exact=False, why=why, told=pages is not None)


def _each(resource: Resource) -> str:
    """What references to a resource cost."""
    batch = lookup_batch(resource)
    return f"one request for each {batch.size:,} references" if batch else "one request for each reference"
