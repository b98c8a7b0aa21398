"""One record through time: takes all snapshots of a dataset and a key's value, gives the record in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ladle.errors import BadInput
from ladle.explore.kept import check_size
from ladle.explore.keys import Side
from ladle.explore.query import ROW, ask, table
from ladle.explore.rows import read_rows
from ladle.explore.same import comparable, same, written
from ladle.snapshots.manifest import Manifest

Fate = Literal["first", "added", "same", "changed", "removed", "absent", "unknown"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A record in one snapshot: what became of it since the one before, and as it was; `row` is None where it lacks."""

    snapshot: Manifest
    fate: Fate
    """`first`: in the oldest that can tell; `unknown`: it has no such column or several rows; `note` says."""
    row: Row | None = None
    changed: tuple[str, ...] = ()
    """Columns of both snapshots whose cell is another one."""
    before: Row | None = None
    """As it was in the snapshot before, where something has changed."""
    note: str = ""


def history(sides: Sequence[Side], *, by: Sequence[str], value: Sequence[Any]) -> list[Moment]:
    """The record whose columns `by` have these values, in each snapshot; oldest first, as `sides` are.

    Raises BadInput unless there is a value for each of the columns.
    """
    if len(by) != len(value):
        told = f"{len(value)} {'value is' if len(value) == 1 else 'values are'} given for the key {', '.join(by)}."
        raise BadInput(told, hint="Give one value for each column of the key, in their order.")
    moments: list[Moment] = []
    last: Moment | None = None
    for side in sides:
        moment = _moment(side, by, [written(each) for each in value], last)
        moments.append(moment)
        last = moment if moment.fate != "unknown" else last
    return moments


def _moment(side: Side, by: Sequence[str], value: Sequence[str], last: Moment | None) -> Moment:
    lacking = [name for name in by if name not in side.types]
    if lacking:
        return Moment(snapshot=side.manifest, fate="unknown", note=f'It has no column "{lacking[0]}".')
    rows = _find(side, by, value)
    if len(rows) > 1:
        return Moment(snapshot=side.manifest, fate="unknown", note="Several rows of it have this key.")
    was = last.row if last is not None else None
    if not rows:
        return Moment(snapshot=side.manifest, fate="absent" if was is None else "removed")
    row = read_rows(side.folder, side.manifest, offset=rows[0], limit=1)[0]
    if last is None or was is None:
        return Moment(snapshot=side.manifest, fate="first" if last is None else "added", row=row)
    changed = _changed(was, row)
    fate: Fate = "changed" if changed else "same"
    return Moment(snapshot=side.manifest, fate=fate, row=row, changed=changed, before=was if changed else None)


def _find(side: Side, by: Sequence[str], value: Sequence[str]) -> list[int]:
    """Numbers of the rows with that key, two at most."""
    check_size(side.parquet, side.manifest)
    pairs = [
        comparable(side.types[name], "text", left=f"c{side.numbers[name]}", right=f"$value{number}")
        for number, name in enumerate(by)
    ]
    where = " AND ".join(f"{left} = {right}" for left, right in pairs)
    sql = f"SELECT {ROW} FROM {table(len(side.types))} WHERE {where} ORDER BY {ROW} LIMIT 2"  # noqa: S608 - our own words
    bound: dict[str, Any] = {f"value{number}": each for number, each in enumerate(value)}
    return [row for (row,) in ask(side.parquet, sql, **bound)]


def _changed(was: Row, row: Row) -> tuple[str, ...]:
    """The columns of both whose cell is another one."""
    return tuple(name for name, value in row.items() if name in was and not same(was[name], value))
