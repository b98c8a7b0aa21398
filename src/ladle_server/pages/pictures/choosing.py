"""What to draw: takes a snapshot's profile, gives the columns that fit each kind of chart and a good guess; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ladle
from ladle_server.pages.viewing import names_of

KINDS = {"histogram": "Histogram", "bars": "Bars", "heatmap": "Heatmap", "line": "Line over time"}
_NUMBERS = frozenset({"integer", "number"})
_TIMES = frozenset({"date", "timestamp"})
_FEW = 20
_LAT = re.compile(r"(?:(.*)[_ .])?lat(?:itude)?", re.I)
_LON = re.compile(r"(?:(.*)[_ .])?(?:lon|lng|long|longitude)", re.I)
_KEY = re.compile(r"(?:.*[_ ])?(?:id|key|code|number|no|year|lat|latitude|lon|lng|long|longitude)", re.I)


@dataclass(frozen=True, slots=True)
class Fitting:
    """The columns of a snapshot by what can be drawn of them, the best first in each list."""

    numbers: tuple[str, ...]
    values: tuple[str, ...]
    times: tuple[str, ...]
    texts: frozenset[str] = frozenset()
    """Those of `numbers` that are texts in the file."""
    scattered: frozenset[str] = frozenset()
    """Those of `texts` with so many values that bins show more than the most frequent ones."""

    def read(self, names: Iterable[str], *, kind: str) -> list[str]:
        """Which columns a chart reads as numbers though they are texts."""
        return [name for name in names if name in (self.scattered if kind == "heatmap" else self.texts)]

    def of(self, kind: str) -> tuple[str, ...]:
        """The columns that a kind of chart takes."""
        return {"histogram": self.numbers, "line": self.times}.get(kind, self.values)

    def kind(self) -> str:
        """The kind that shows most: numbers spread, else a value's share, else a time's course."""
        if self.numbers and not _KEY.fullmatch(self.numbers[0]):
            return "histogram"
        return "bars" if self.values or not self.times else "line"


def fitting(profile: Mapping[str, Any], *, read: Sequence[str] = ()) -> Fitting:
    """Of `profile.json`; `read` are texts that a view has as numbers."""
    columns: Sequence[Mapping[str, Any]] = profile["columns"]
    rows = profile["rows"]
    numbers = [column for column in columns if _numeric(column, read)]
    texts = [column for column in numbers if column["type"] == "text"]
    return Fitting(
        numbers=_names(sorted(numbers, key=lambda column: _dull(column, rows))),
        values=_names(sorted(columns, key=lambda column: _scattered(column, rows))),
        times=_names(column for column in columns if column["type"] in _TIMES),
        texts=frozenset(_names(texts)),
        scattered=frozenset(_names(column for column in texts if column["distinct"] > _FEW)),
    )


def places(profile: Mapping[str, Any]) -> tuple[str, str] | None:
    """The columns of latitude and longitude, known by name, type and bounds; None without them."""
    lats = _degrees(profile, _LAT, 90)
    lons = _degrees(profile, _LON, 180)
    pairs = [(lats[prefix], lons[prefix]) for prefix in lats if prefix in lons]
    return pairs[0] if pairs else None


def mapped(snapshot: ladle.Snapshot) -> bool:
    """Whether the rows can be shown on a map; the profile is read only where two columns are called so."""
    names = names_of(snapshot)
    called = any(map(_LAT.fullmatch, names)) and any(map(_LON.fullmatch, names))
    return called and places(snapshot.profile()) is not None


def _degrees(profile: Mapping[str, Any], called: re.Pattern[str], bound: float) -> dict[str, str]:
    """Columns of degrees by what stands before that word in their names."""
    found: dict[str, str] = {}
    for column in profile["columns"]:
        match = called.fullmatch(column["name"])
        told = column if column["type"] in _NUMBERS else column.get("numbers") or {}
        low, high = told.get("min"), told.get("max")
        if match and low is not None and high is not None and -bound <= low <= high <= bound:
            found.setdefault((match[1] or "").lower(), column["name"])
    return found


def _numeric(column: Mapping[str, Any], read: Sequence[str]) -> bool:
    """Whether its values are numbers, or texts that are read so, or would mostly be."""
    return column["type"] in _NUMBERS or bool(column.get("numbers")) or column["name"] in read


def _dull(column: Mapping[str, Any], rows: int) -> tuple[bool, bool]:
    """Numbers that count things off say little when they are spread; those of one value nothing."""
    unique = column["type"] == "integer" and column["distinct"] == rows - column["missing"]
    return column["distinct"] < 2, bool(_KEY.fullmatch(column["name"])) or unique


def _scattered(column: Mapping[str, Any], rows: int) -> tuple[bool, bool, bool]:
    """Values that hardly ever come twice make bars of 1."""
    distinct = column["distinct"]
    return distinct > rows / 2, distinct < 2, not 1 < distinct <= _FEW


def _names(columns: Any) -> tuple[str, ...]:
    return tuple(column["name"] for column in columns)
