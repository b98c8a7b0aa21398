"""Where a snapshot came from and what it holds: takes and gives the JSON of `manifest.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

import orjson

from ladle.collect.settling import Settled
from ladle.errors import Damaged
from ladle.snapshots.remembered import remembered
from ladle.sources.source import ColumnType
from ladle.storage.mirror import mirror_of

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Gap:
    """A request that never got a usable answer, and why, in words."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What only the run knows about itself; the rest of a manifest follows from the journal."""

    started: datetime
    """Aware."""
    finished: datetime
    """Aware."""
    requests: int
    """Calls on the wire, failed ones included."""
    base_url: str
    gaps: tuple[Gap, ...] = ()
    quotas: tuple[str, ...] = ()
    """As people write them: `60 per minute`."""
    unchanged: int = 0
    """Answers that the API said are still those of an earlier run."""
    settled: Settled = field(default_factory=Settled)
    """What the readings of the dataset's own pages came to."""
    others: Mapping[str, Settled] = field(default_factory=dict)
    """The same of every other resource that was read whole, a parent too, by name."""
    continues: str | None = None
    """The run whose answers this one began with, to fetch only what that one lacked."""

    @property
    def all_settled(self) -> tuple[Settled, ...]:
        """What the readings of every resource's pages came to."""
        return (self.settled, *self.others.values())

    def settled_of(self, resource: str) -> Settled:
        """What the readings of a resource's pages came to."""
        return self.others.get(resource, self.settled)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as it was kept."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Size in bytes and checksum of one of the snapshot's files."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A file that was made elsewhere: its name, size in bytes and checksum, and how it was read, in words."""

    file: str
    size: int
    sha256: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that is known of a snapshot beside its data. `complete` is never true when `reasons` has an entry."""

    id: str
    source: str
    dataset: str
    """Within the source: `people` of `swapi/people`."""
    title: str
    run: str
    definition_sha256: str
    base_url: str
    license: str
    quotas: tuple[str, ...]
    requests: int
    started: datetime
    finished: datetime
    rows: int
    duplicates: int
    """Records that came again under a key that was there already; they are in the table once."""
    claimed: int | None
    """The API's own number of records, as last told; None when it tells none."""
    found: int
    """Distinct records."""
    complete: bool
    reasons: tuple[str, ...]
    """Why not complete, in words."""
    gaps: tuple[Gap, ...]
    columns: tuple[TableColumn, ...]
    files: Mapping[str, KeptFile]
    """By file name; the manifest itself is not among them."""
    made_by: str
    unchanged: int = 0
    """Answers that the API said are still those of an earlier run; none in manifests of the first Ladle."""
    format: int = FORMAT
    readings: int = 1
    """How often the page that was read most often was read."""
    reread: int = 0
    """Requests for pages that had been read before, since the collection moved while it was read."""
    notes: tuple[str, ...] = ()
    """What could not be held against anything, in words."""
    continues: str | None = None
    """The run whose gaps this one filled."""
    filtered: int = 0
    """Distinct records that the definition's `where` leaves out of the table."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The source's parameters as they were set for the run; of a list its file's name."""
    definition_version: int | None = None
    """Which version of a source of one's own it was; None for a built-in."""
    key: str | None = None
    """The column that holds the key of the dataset's resource; None where none does, and in older manifests."""
    imported: Imported | None = None
    """The file that it was made from, where no run has collected it."""

    @property
    def name(self) -> str:
        """The dataset with its source: `swapi/people`."""
        return f"{self.source}/{self.dataset}"

    def to_json(self) -> dict[str, Any]:
        """A document of plain JSON values; times in ISO 8601, UTC."""
        document = asdict(self)
        document |= {"started": _told(self.started), "finished": _told(self.finished)}
        document |= {name: list(document[name]) for name in ("quotas", "reasons", "gaps", "columns", "notes")}
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Manifest:
        """The manifest of a document that `to_json` gave; raises Damaged for anything else."""
        try:
            if document["format"] != FORMAT:
                raise Damaged(f"The manifest has format {document['format']}.", hint="Open it with a newer Ladle.")
            return cls(**{**document, **_typed(document)})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Damaged(f"The manifest is not one that Ladle wrote: {error!r}.") from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the snapshot in a folder; raises Damaged when it can't be read."""
    path = folder / NAME
    try:
        if (mirror := mirror_of(path)) is not None:
            mirror.small(path)
        return remembered(path, _read)
    except (OSError, orjson.JSONDecodeError) as error:
        raise Damaged(f'"{path}" can\'t be read: {error}.', hint="Collect the dataset again.") from error


def _read(path: Path) -> Manifest:
    return Manifest.from_json(orjson.loads(path.read_bytes()))


def manifest_bytes(manifest: Manifest) -> bytes:
    """The bytes of `manifest.json`."""
    return orjson.dumps(manifest.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _told(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _typed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a document that are more than plain JSON values."""
    return {
        "quotas": tuple(document["quotas"]),
        "reasons": tuple(document["reasons"]),
        "notes": tuple(document.get("notes", ())),
        "gaps": tuple(Gap(**gap) for gap in document["gaps"]),
        "columns": tuple(TableColumn(column["name"], _column_type(column["type"])) for column in document["columns"]),
        "files": {name: KeptFile(**file) for name, file in document["files"].items()},
        "imported": Imported(**document["imported"]) if document.get("imported") else None,
        "started": datetime.fromisoformat(document["started"]),
        "finished": datetime.fromisoformat(document["finished"]),
    }


def _column_type(name: str) -> ColumnType:
    if name not in get_args(ColumnType):
        raise ValueError(f"no column type {name!r}")
    return cast(ColumnType, name)
