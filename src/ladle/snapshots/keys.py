"""Records that come again: takes chunks of records, gives which keys repeat, and chunks without the repeats.

Keys are counted by their hashes (`collect.distinct`); only keys whose hash repeats are ever remembered themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ladle.collect.distinct import Distinct
from ladle.snapshots.columns import at_path
from ladle.snapshots.gather import Chunk
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.types import as_json
from ladle.sources.paging import Record
from ladle.sources.source import Column, Dataset, Source


class Keys:
    """What tells the records of one resource apart; `path` is that of its key, None where it has none."""

    def __init__(self, path: str | None) -> None:
        self.duplicates = 0
        """Records left out so far."""
        self._gather = None if path is None else at_path(path)
        self._counted = Distinct()
        self._repeated: set[int] = set()
        self._seen: set[Any] = set()

    def count(self, chunk: Chunk) -> None:
        """Note the keys of a chunk."""
        if self._gather is not None:
            for records, _ in chunk.runs:
                keys = self._keys(records)
                self._counted.add(map(hash, [key for key in keys if key is not None] if None in keys else keys))

    def decide(self) -> bool:
        """Every record was counted: from here on `once` leaves repeats out. Gives whether there can be any."""
        self._repeated = self._counted.repeated()
        self._counted.close()
        return bool(self._repeated)

    def once(self, chunk: Chunk) -> Chunk:
        """The chunk without records whose key was there before. A record without a key is always new."""
        if not self._repeated:
            return chunk
        runs = [
            ([record for record, key in zip(records, self._keys(records), strict=True) if self._is_new(key)], item)
            for records, item in chunk.runs
        ]
        kept = Chunk(runs, sum(len(records) for records, _ in runs), chunk.size)
        self.duplicates += chunk.rows - kept.rows
        return kept

    def close(self) -> None:
        """Let go of memory and files."""
        self._counted.close()

    def _is_new(self, key: Any) -> bool:
        if key is None or hash(key) not in self._repeated:
            return True
        new = key not in self._seen
        self._seen.add(key)
        return new

    def _keys(self, records: list[Record]) -> list[Any]:
        """Hashable; None where a record has none."""
        keys = [] if self._gather is None else self._gather(records, {})
        return keys if {dict, list}.isdisjoint(map(type, keys)) else list(map(_hashable, keys))


def _hashable(key: Any) -> Any:
    return as_json(key) if isinstance(key, (dict, list)) else key


def key_column(source: Source, dataset: Dataset, columns: Sequence[TableColumn]) -> str | None:
    """The column that holds the key of the dataset's resource as the API gave it; None where there is none."""
    resource = source.resources[dataset.resource]
    if resource.key is None or dataset.sql is not None:
        return None
    listed = None if resource.each is None else resource.each.key
    holding = [each.name for each in dataset.columns if each.path == resource.key and _is_plain(each, listed=listed)]
    found = [] if resource.key in {each.name for each in dataset.columns} else [resource.key]
    kept = {column.name for column in columns}
    return next((name for name in (*holding, *found) if name in kept), None)


def _is_plain(column: Column, *, listed: str | None) -> bool:
    """Whether its values are those of the record, or of the list's own key: neither looked up nor written otherwise."""
    changed = (column.date, column.unix, column.written, column.join, column.constant, column.reference)
    return column.item in (None, listed) and all(each is None for each in changed)
