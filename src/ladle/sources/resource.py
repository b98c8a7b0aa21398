"""One collection of an API as data: takes nothing, gives the frozen types that say how its requests are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PagingStyle = Literal["page", "offset", "link", "header", "cursor", "python", "none"]
Item = Mapping[str, str]
Scalar = str | int | float | bool
Meaning = Literal["again", "limit", "refused", "gone"]
"""What an error inside an answer means: ask again later, the limit is reached, the key is refused, there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a collection's further pages are asked for.

    `page`: numbers in the parameter `param`; the pages after the first are known from count and page size, from a
    number of pages, or only one after the other until one is empty or refused. `offset`: the same with the number of
    records to skip, in steps of what the first page held. `link`: each answer holds the address of the next at the
    resource's `next`; `header`: its `Link` header does. `cursor`: a token of each answer, or the last record's id,
    goes into `param` of the next request. `python`: a function says what is next. `none`: one answer is everything.

    In a resource that is asked for by POST, `param` and `size_param` are dotted paths into its JSON body.
    """

    style: PagingStyle
    param: str = "page"
    first: int = 1
    """The first page's number, or its offset."""
    size_param: str | None = None
    """The parameter that takes the resource's `page_size`."""
    cursor: str | None = None
    """Of cursor: path in the answer to the token; null, absent or empty at the end."""
    last: str | None = None
    """Of cursor, instead of a token: path within the last record to what stands for it."""
    more: str | None = None
    """Path in the answer to what says whether there is more; false ends it. Needed with `last`."""
    end: tuple[int, ...] = (404, 410)
    """Statuses by which the API says that a page lies past the end, where its number was not promised."""
    function: str | None = None
    """Of python: `module:function`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """One call for each row of a CSV list, each of some values, or each record of another resource (its parent).

    Of a parent `{places}` in path and parameters are paths into the parent's record; a path that is one place alone
    (`{url}`) may be an address as the API wrote it.
    """

    csv: str
    """File name beside the definition, or the path that the setting gave; empty where there is no file."""
    key: str
    """The column, or the path in the parent's record, that tells the calls apart."""
    env: str | None
    """The setting that takes another list."""
    items: tuple[Item, ...]
    """The list's rows, in order; values are text. Of a parent: none, they come with its answers."""
    parent: str | None = None
    """The resource for each record of which one call is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Several ids in one request, so that one answer brings all their records."""

    param: str
    """The parameter that takes the ids of references; empty for an `each` list, whose places say where they go."""
    size: int
    """Ids of one request, at most."""
    join: str = ","
    """What stands between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which records count: the value at `path` is, or is not, one of `values`, lies within bounds, is there, lacks."""

    path: str
    values: tuple[Scalar, ...] | None = None
    other: bool = False
    """The value is none of these."""
    missing: bool | None = None
    """True: it must lack or be null; False: it must be there."""
    least: int | float | str | None = None
    most: int | float | str | None = None
    """Bounds, both included: numbers as numbers, texts (dates in ISO 8601) as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a request is tried, and what statuses mean where it is not what they usually mean."""

    attempts: int | None = None
    """None: as Ladle does."""
    statuses: Mapping[int, Meaning] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """How an answer with a good status says that it is an error: the value at `path` is, or is not, one of `values`."""

    path: str
    values: tuple[Scalar, ...] | None = None
    """None: any value that says something, so neither null nor false, 0 or nothing."""
    other: bool = False
    """The value is there and none of these."""
    reason: str | None = None
    """Path to the API's own words."""
    means: Meaning | None = None
    """None: by the HTTP status or the well-known word that the answer holds, else `again`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One collection of a source and how its requests are made.

    Paths into JSON are keys joined by dots (`main.temp`); the empty path is the whole answer, a number is a place in a
    list, `*` all of its places. A path that begins with `header:` leads to one of the answer's headers.
    """

    name: str
    path: str
    """Relative to the base URL; may hold `{column}` of `each`. Parameters of the source are put in already."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Query parameters; values may hold `{column}` of `each`."""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] | None = None
    """The JSON body of a POST; its texts may hold `{column}` of `each`."""
    records: str = ""
    """Path to the list of records, or to the one record."""
    record: str = ""
    """Path to the record in an answer to a lookup, which holds one alone."""
    columnar: bool = False
    """What lies at `records` is an object of lists of one length, a list for each field: its columns."""
    transform: str | None = None
    """`module:function`: from a record as the API gave it, the record, several, or none."""
    where: tuple[Rule, ...] = ()
    """Records for which one of these does not hold are left out of the table, and counted."""
    count: str | None = None
    """Path to the API's own number of records."""
    pages: str | None = None
    """Path to the API's own number of pages."""
    next: str | None = None
    """Path to the next page's address."""
    one: str | None = None
    """Path of one record by its key, with the place `{key}`: for references that are no address."""
    key: str | None = None
    """Path, within a record, of what tells records apart (an id or the record's own URL)."""
    paging: Paging = Paging(style="none")
    page_size: int | None = None
    expected: int | None = None
    """Number of records as last known: only for the plan's estimate before the first call."""
    verify: bool = False
    """All pages are read until two readings agree: twice where nothing moves. For an API that tells no count."""
    each: Each | None = None
    batch: Batch | None = None
    errors: tuple[ErrorRule, ...] = ()
    """Its own rules, then its source's; the first that fits counts."""
    folder: str | None = None
    """Where its Python functions lie: told by its source, None where it may have none."""
