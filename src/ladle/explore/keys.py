"""Which columns tell a dataset's rows apart? Takes two snapshots and the names that were chosen, gives the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ladle.errors import BadInput, unknown
from ladle.explore.profile import read_profile
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest
from ladle.sources.source import ColumnType

How = Literal["resource", "chosen", "unique"]
"""Whence a key is: of the dataset's resource, chosen by who asks, or the first column that is unique."""
_TELLING: tuple[tuple[ColumnType, ...], ...] = (("text", "integer"), ("date", "timestamp"))
"""What a key is likely to be; a measurement that never repeats is unique by chance."""
_ABOUT = 0.97
"""Estimated numbers of distinct values are so near to the true ones."""


@dataclass(frozen=True)
class Side:
    """One of the snapshots that are compared."""

    folder: Path
    manifest: Manifest

    @property
    def parquet(self) -> Path:
        """Its table."""
        return self.folder / PARQUET

    @cached_property
    def types(self) -> dict[str, ColumnType]:
        """Its columns, in table order."""
        return {column.name: column.type for column in self.manifest.columns}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Where each column stands in the table."""
        return {name: number for number, name in enumerate(self.types)}

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The figures of its columns."""
        return read_profile(self.folder, self.manifest)

    def is_unique(self, name: str, *, surely: bool = False) -> bool:
        """Whether no value of a column repeats: as far as the profile knows, or `surely`. Null may be there once."""
        told = self.profile["columns"][self.numbers[name]]
        present = self.manifest.rows - told["missing"]
        if not self.profile["distinct_exact"]:
            return not surely and told["missing"] <= 1 and told["distinct"] >= _ABOUT * present
        return bool(told["missing"] <= 1 and told["distinct"] == present)


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that tell the rows apart together, and whence it is known that they do."""

    columns: tuple[str, ...]
    how: How


def key_of(sides: Sequence[Side], *, chosen: Sequence[str] = ()) -> Key:
    """The chosen columns, else the resource's key where it is a column, else the first that is unique in all.

    Raises BadInput for columns that are unknown, repeated or not in all of the snapshots, and where nothing is unique.
    """
    if chosen:
        return Key(_checked(sides, chosen), "chosen")
    named = sides[-1].manifest.key
    unique = unique_columns(sides)
    if named is not None and named in unique:
        return Key((named,), "resource")
    if unique:
        return Key((unique[0],), "unique")
    raise BadInput(
        f"No column of {sides[-1].manifest.name} tells its rows apart in every snapshot that is compared.",
        hint=f"Choose columns that do so together as the key, of: {_listed(shared_columns(sides))}.",
    )


def unique_columns(sides: Sequence[Side]) -> list[str]:
    """The columns that are unique in all snapshots and likely to be keys, the likeliest first."""
    found = [name for name in shared_columns(sides) if all(side.is_unique(name) for side in sides)]
    return [name for types in _TELLING for name in found if sides[-1].types[name] in types]


def shared_columns(sides: Sequence[Side]) -> list[str]:
    """The columns that all of the snapshots have, in the order of the last."""
    return [name for name in sides[-1].types if all(name in side.types for side in sides)]


def advice(sides: Sequence[Side], key: Sequence[str]) -> str:
    """What to do about a key that is not unique, in words."""
    others = [name for name in unique_columns(sides) if tuple(key) != (name,)]
    if others:
        return f"Choose another key, unique in both: {_listed(others)}."
    return "Choose several columns as the key, that tell the rows apart together."


def _checked(sides: Sequence[Side], chosen: Sequence[str]) -> tuple[str, ...]:
    shared = shared_columns(sides)
    for position, name in enumerate(chosen):
        if name in chosen[:position]:
            raise BadInput(f'The column "{name}" is named twice in the key.', hint="Name each column once.")
        lacking = [side.manifest.id for side in sides if name not in side.types]
        if len(lacking) == len(sides):
            raise BadInput(unknown("column", name, shared))
        if lacking:
            raise BadInput(f'The snapshot {lacking[0]} has no column "{name}".', hint=f"Choose of: {_listed(shared)}.")
    return tuple(chosen)


def _listed(names: Iterable[str]) -> str:
    told = list(names)
    return (", ".join(told[:30]) + (", …" if len(told) > 30 else "")) or "none"
