"""Fields that no column names: takes chunks of records, gives the columns that their fields become, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from ladle.snapshots.columns import Gather, Ready, found_column
from ladle.snapshots.gather import Chunk
from ladle.sources.paging import Record
from ladle.sources.source import Dataset

REST = "*"
"""The column that stands for all fields that no other takes."""
DEEPEST = 20
"""Objects are taken apart down to here; what lies deeper is one text."""
Path = tuple[str, ...]
"""Keys from the record down; of a field that is not taken apart, one alone."""


def position(dataset: Dataset) -> int | None:
    """Where among the columns those that are found stand; None where none is looked for."""
    names = [column.name for column in dataset.columns]
    if not names:
        return 0
    return names.index(REST) if REST in names else None


class Fields:
    """What is known of the records' fields; `name` of each is its column's."""

    def __init__(self, dataset: Dataset) -> None:
        named = [column for column in dataset.columns if column.name != REST]
        self._names = {column.name for column in named}
        self._left_out = {*dataset.drop, *self._names, *(column.path for column in named if column.path)}
        self._flatten = dataset.flatten
        parts = [tuple(column.path.split(".")) for column in named if column.path]
        self._above = {path[:end] for path in parts for end in range(1, len(path))}
        """Objects of which a column takes a part."""
        self._known: dict[Path, str] = {}

    def new(self, chunk: Chunk) -> list[Ready]:
        """Columns for the fields that no earlier record had, in order of appearance."""
        records = [record for records, _ in chunk.runs for record in records]
        paths = _leaves(records, ()) if self._flatten else zip(_names(records))
        return [self._column(path) for path in dict.fromkeys(paths) if path not in self._known and self._wants(path)]

    def hidden(self, empty: set[str]) -> set[str]:
        """Of the columns without a value, those whose field is an object elsewhere, which has columns of its own."""
        if not self._flatten:
            return set()
        objects = self._above | {path[:end] for path in self._known for end in range(1, len(path))}
        return {name for path, name in self._known.items() if name in empty and path in objects}

    def _wants(self, path: Path) -> bool:
        return not any(".".join(path[:end]) in self._left_out for end in range(1, len(path) + 1))

    def _column(self, path: Path) -> Ready:
        """Its name is its path. Two fields may come to the same (`a.b`, and `b` within `a`): each is kept."""
        name = plain = ".".join(path)
        number = 1
        while name in self._names:
            number += 1
            name = f"{plain}_{number}"
        self._names.add(name)
        self._known[path] = name
        return found_column(name, _at(path) if self._flatten else None)


def _names(records: Sequence[Record]) -> dict[str, None]:
    """The records' fields, each once; records of an API nearly all have the same."""
    return dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, records))))


def _leaves(records: Sequence[Record], above: Path) -> Iterator[Path]:
    """Where the records' values lie when objects are taken apart; an empty object is no value."""
    for name in _names(records):
        values = [record.get(name) for record in records]
        inner = [value for value in values if type(value) is dict and value] if len(above) + 1 < DEEPEST else []
        if len(inner) < len(values):
            yield (*above, name)
        yield from _leaves(inner, (*above, name))


def _at(path: Path) -> Gather:
    whole = len(path) == DEEPEST

    def value_of(record: Any) -> Any:
        for key in path:
            if type(record) is not dict:
                return None
            record = record.get(key)
        return None if type(record) is dict and not whole else record

    return lambda records, item: list(map(value_of, records))
