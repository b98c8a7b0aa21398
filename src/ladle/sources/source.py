"""An API as data: takes nothing, gives the frozen types that every other room reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Pace = Literal["safe", "fast"]
PagingStyle = Literal["page", "offset", "link", "header", "cursor", "python", "none"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
Item = Mapping[str, str]
Scalar = str | int | float | bool
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

    place: Literal["query", "header", "bearer", "basic", "oauth2"]
    name: str
    """The query parameter's or header's name (`Authorization` for bearer, basic and oauth2)."""
    env: str
    """The environment variable that holds the credential: a key, a token, a password, a client's secret."""
    user: str = ""
    """Of basic: the user's name; empty where the variable holds `user:password`, or a key that stands for the user."""
    id_env: str = ""
    """Of oauth2: the environment variable that holds the client's id."""
    token_url: str = ""
    """Of oauth2 (client credentials): the address that gives tokens, the only other site a credential goes to."""
    scope: str = ""
    """Of oauth2: what is asked for; may be empty."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A column that names a record of another resource by its URL or key; the value shown is that record's `value`."""

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
    unix: Literal["s", "ms"] | None = None
    """The value is a time in seconds, or milliseconds, since 1970 (UTC)."""
    written: str | None = None
    """strptime format in which the API writes the date or time, where that is not ISO 8601."""
    join: str | None = None
    """What stands between the values of a list, which becomes one text."""
    constant: Scalar | None = None
    """The same value in every row."""
    type: ColumnType | None = None
    """None: decided over all records when the snapshot is built."""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A named table of a source: records of one resource as rows of the columns.

    No columns: every top-level field, as found. A column named `*` stands for all fields that no other column takes.
    """

    name: str
    title: str
    resource: str
    columns: tuple[Column, ...] = ()
    drop: tuple[str, ...] = ()
    """Fields that `*`, or a table without columns, leaves out."""
    flatten: bool = False
    """Of fields found, the fields of objects become columns of their own, named by their paths."""
    sql: str | None = None
    """One SELECT over tables named as resources, its result the table; `columns` are those of `resource`'s table."""
    tables: tuple[str, ...] = ()
    """The resources that the SELECT reads, `resource` among them; all are collected whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something that is set for a run, with what it is otherwise: units, a place, a list."""

    name: str
    default: str
    title: str = ""
    choices: tuple[str, ...] = ()
    """What it can be; empty: anything."""
    file: bool = False
    """It names the CSV list of a resource's `each`."""


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
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request; no credential among them."""
    retry: Retry = Retry()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    """Every parameter as it is set here; of a list its file's name."""
    trusted: bool = True
    """False: the definition came from a browser or the API, so it reaches public addresses alone, and names only such
    environment variables as the operator has listed."""
    version: int | None = None
    """Which version of a source of one's own it is, from 1."""
    folder: str | None = None
    """Where its own Python functions lie, beside its definition; None: it may have none."""
    text: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        """Tell the resources with functions where those lie: answers are read without their source at hand."""
        folder = self.folder if self.trusted else None
        if any(each.folder != folder for each in self.resources.values() if each.transform or each.paging.function):
            told = {name: replace(each, folder=folder) for name, each in self.resources.items()}
            object.__setattr__(self, "resources", told)

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
