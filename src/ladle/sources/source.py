"""An API as data: takes nothing, gives the frozen types that every other room reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Pace = Literal["safe", "fast"]
PagingStyle = Literal["page", "link", "none"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
Item = Mapping[str, str]
Meaning = Literal["again", "limit", "refused", "gone"]
"""What an error inside an answer means: ask again later, the limit is reached, the key is refused, there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many calls in how long a window."""

    limit: int
    seconds: float
    text: str
    """As people write it: `60 per minute`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Where a credential goes. The credential itself is read from the environment for a run, and kept nowhere."""

    place: Literal["query", "header", "bearer"]
    name: str
    """The query parameter's or header's name (`Authorization` for bearer)."""
    env: str
    """The environment variable that holds the credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a collection's further pages are asked for.

    `page`: numbers from 1 in the query parameter `param`; the pages after the first are known from count and page size.
    `link`: each answer holds the address of the next. `none`: one answer is everything.
    """

    style: PagingStyle
    param: str = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """One call for each row of a CSV list."""

    csv: str
    """File name beside the definition, or the path that the setting gave."""
    key: str
    """The column that tells the rows apart."""
    env: str | None
    """The setting that takes another list."""
    items: tuple[Item, ...]
    """The list's rows, in order; values are text."""


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
class ErrorRule:
    """How an answer with a good status says that it is an error: the value at `path` is, or is not, one of `values`."""

    path: str
    values: tuple[str | int | float | bool, ...] | None = None
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

    Paths into JSON are keys joined by dots (`main.temp`); the empty path is the whole answer.
    """

    name: str
    path: str
    """Relative to the base URL; may hold `{column}` of `each`."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Query parameters; values may hold `{column}` of `each`."""
    records: str = ""
    """Path to the list of records, or to the one record."""
    count: str | None = None
    """Path to the API's own number of records."""
    next: str | None = None
    """Path to the next page's address."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A column that names a record of another resource by its URL; the value shown is that record's `value`."""

    resource: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a dataset: where its value comes from and how it is read."""

    name: str
    path: str | None
    """Path within the record; None when it comes from the list alone."""
    item: str | None = None
    """Column of the resource's `each` list, preferred to `path` where the list has it."""
    date: str | None = None
    """strftime format that a date and time in ISO 8601 is shown in."""
    unix: bool = False
    """The value is a time in seconds since 1970 (UTC)."""
    type: ColumnType | None = None
    """None: decided over all records when the snapshot is built."""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A named table of a source: records of one resource as rows of the columns.

    No columns: every top-level field, as found.
    """

    name: str
    title: str
    resource: str
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An API: where it is, what it allows, what it offers. `text` and `sha256` are its definition as it was read."""

    name: str
    title: str
    base_url: str
    """Absolute, ends in a slash."""
    quotas: tuple[Quota, ...]
    pace: Pace
    concurrency: int
    auth: Auth | None
    resources: Mapping[str, Resource]
    datasets: Mapping[str, Dataset]
    homepage: str = ""
    license: str = ""
    text: str = ""
    sha256: str = ""

    @property
    def base_url_setting(self) -> str:
        """The environment variable that changes the base URL."""
        return f"LADLE_{self.name.upper().replace('-', '_')}_BASE_URL"

    @property
    def quota_setting(self) -> str:
        """The environment variable that changes the quotas."""
        return f"LADLE_{self.name.upper().replace('-', '_')}_QUOTA"

    @property
    def pace_setting(self) -> str:
        """The environment variable that changes the pace."""
        return f"LADLE_{self.name.upper().replace('-', '_')}_PACE"
