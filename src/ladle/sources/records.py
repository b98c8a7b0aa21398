"""Records that do not lie in one list: takes what was found at a resource's path, gives them one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ladle.sources.page import AnswerError, Record
from ladle.sources.paths import dig, has_all
from ladle.sources.source import Resource


def gathered(resource: Resource, found: Any) -> Any:
    """The records, in the order of the answer; what can't hold any is given back as it is."""
    if has_all(resource.records) and isinstance(found, list):
        found = [each for inner in found if inner is not None for each in (inner if type(inner) is list else [inner])]
    if not resource.columnar:
        return found
    tables = found if isinstance(found, list) else [found]
    if not all(isinstance(table, Mapping) for table in tables):
        return found
    return [record for table in tables for record in _rows(table)]


def tells_apart(resource: Resource, records: list[Record]) -> list[Record]:
    """For each record its key alone, since a transform may change it; the whole as a text where it has none."""
    key = resource.key
    if key is not None and any(dig(record, key) is not None for record in records):
        return [{key: dig(record, key)} for record in records]
    return [{key or "": repr(record)} for record in records]


def _rows(columns: Mapping[str, Any]) -> Iterator[Record]:
    """An object of lists of one length, row by row."""
    for name, values in columns.items():
        if not isinstance(values, list):
            raise AnswerError(f"The answer's columns can't be read: \"{name}\" is no list.", means="gone")
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f'"{name}" has {length:,}' for name, length in list(lengths.items())[:4])
        raise AnswerError(f"The answer's columns are not of one length: {told}.")
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
