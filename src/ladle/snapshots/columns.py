"""Columns made ready to run: takes a column's definition, gives how its values are gathered, typed and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pyarrow as pa

from ladle.snapshots.arrays import array_of
from ladle.snapshots.readers import Reader, Shower, first_kind, reader, shower
from ladle.snapshots.resolve import Names
from ladle.snapshots.types import Kind, as_text, as_texts, column_type, kind_of
from ladle.sources.paging import Record, dig
from ladle.sources.source import Column, Item, Reference, Scalar

Gather = Callable[[Sequence[Record], Item], list[Any]]
"""From an answer's records, and the list's item that it was called for, the column's raw values."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A column that can be run over any number of records."""

    name: str
    gather: Gather
    read: Reader | None
    show: Shower
    first: Kind

    def typed(self, raw: list[Any]) -> list[Any]:
        """The raw values as its reader reads them."""
        return raw if self.read is None else list(map(self.read, raw))

    def kind(self, typed: list[Any]) -> Kind:
        """The narrowest kind that keeps these values."""
        return "text" if self.first == "text" else kind_of(typed)

    def array(self, raw: list[Any], typed: list[Any], *, kind: Kind) -> pa.Array[Any]:
        """The values as an Arrow array of that kind, which keeps them all; text is shown as it came."""
        kept = column_type(kind)
        if kept != "text":
            return array_of(typed, kept)
        if self.show is not as_text:
            return array_of(list(map(self.show, raw)), "text")
        try:
            return array_of(raw, "text")
        except TypeError:  # not all are texts; looking at each before takes half as long as this
            return array_of(as_texts(raw), "text")


def make_ready(column: Column, *, names: Mapping[Reference, Names]) -> Ready:
    """The column of a definition, made ready."""
    gather = at_path(column.path) if column.path is not None else nothing
    if column.constant is not None:
        gather = _always(column.constant)
    if column.item is not None:
        gather = _from_item(column.item, otherwise=gather)
    if column.reference is not None:
        gather = _resolved(gather, names=names[column.reference])
    if column.join is not None:
        gather = _joined(gather, sign=column.join)
    return Ready(column.name, gather, reader(column), shower(column), first_kind(column))


def found_column(name: str, gather: Gather | None = None) -> Ready:
    """A field of the records as a column, for datasets that do not name it; a top-level one without `gather`."""
    return Ready(name, gather or _from_field(name), None, as_text, "none")


def at_path(path: str) -> Gather:
    """A plain key is taken straight from the record: four times quicker than `dig`, which is needed for dots."""
    if path and "." not in path:
        return _from_field(path)
    return lambda records, item: [dig(record, path) for record in records]


def _from_field(name: str) -> Gather:
    get = itemgetter(name)

    def gather(records: Sequence[Record], item: Item) -> list[Any]:
        try:
            return list(map(get, records))  # half of what the other takes, and nearly all records have all fields
        except KeyError:
            return [record.get(name) for record in records]

    return gather


def nothing(records: Sequence[Record], item: Item) -> list[Any]:
    return [None] * len(records)


def _always(value: Scalar) -> Gather:
    return lambda records, item: [value] * len(records)


def _from_item(name: str, *, otherwise: Gather) -> Gather:
    """The list's own value, or what lies there in the parent's record, where there is one; the record's where not."""

    def gather(records: Sequence[Record], item: Item) -> list[Any]:
        listed = dig(item, name)
        return otherwise(records, item) if listed is None or listed == "" else [listed] * len(records)

    return gather


def _resolved(gather: Gather, *, names: Names) -> Gather:
    return lambda records, item: list(map(names.resolve, gather(records, item)))


def _joined(gather: Gather, *, sign: str) -> Gather:
    """Of a list one text, its nulls left out; what is no list stays as it is."""

    def joined(value: Any) -> Any:
        return (
            sign.join(text for each in value if (text := as_text(each)) is not None) if type(value) is list else value
        )

    return lambda records, item: list(map(joined, gather(records, item)))
