"""An API as data: takes nothing, gives the frozen types that every other room reads, its resources' among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ladle.sources.keep import Keep as Keep
from ladle.sources.resource import Batch as Batch
from ladle.sources.resource import Each as Each
from ladle.sources.resource import ErrorRule as ErrorRule
from ladle.sources.resource import Item as Item
from ladle.sources.resource import Meaning as Meaning
from ladle.sources.resource import Paging as Paging
from ladle.sources.resource import PagingStyle as PagingStyle
from ladle.sources.resource import Resource as Resource
from ladle.sources.resource import Retry as Retry
from ladle.sources.resource import Rule as Rule
from ladle.sources.resource import Scalar as Scalar

Pace = Literal["safe", "fast"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]


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

    @property
    def settings(self) -> tuple[str, ...]:
        """The environment variables that must be set: the credential's, and of oauth2 the client's id."""
        return (self.env, self.id_env) if self.id_env else (self.env,)

    def lacking(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Those of them that are not set."""
        return tuple(name for name in self.settings if not env.get(name, "").strip())

    def to_name(self, env: Mapping[str, str]) -> str:
        """The one to speak of: the first that is not set, else the credential's."""
        return next(iter(self.lacking(env)), self.env)


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
    keep: Keep | None = None
    """How many of its snapshots are kept; None: as many as is set for all datasets."""


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
    retry: Retry = field(default_factory=Retry)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    """Every parameter as it is set here; of a list its file's name."""
    trusted: bool = True
    """False: the definition came from a browser or the API, so it reaches public addresses alone, and names only such
    environment variables as the operator has listed."""
    workers: int = 1
    """So many workers may collect one run at once, where there are several; each makes `concurrency` requests."""
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
    def key_param(self) -> str | None:
        """The parameter that carries the key: it is put in when a request leaves, and stands in no name and address."""
        return self.auth.name if self.auth is not None and self.auth.place == "query" else None

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
