"""Takes a snapshot's profile, gives what the pages say about each column: figures, bars, most frequent values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ladle
from ladle.words import plural
from ladle_server.pages.charts import Bar, histogram, widths
from ladle_server.pages.words import figure, share

NUMERIC = frozenset({"integer", "number"})
_SUGGESTED = 200
"""Columns with more distinct values than that make long lists of counts; they can be chosen, but are not suggested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """One of a column's most frequent values; `width` is its bar in percent of the most frequent."""

    value: object
    count: int
    percent: str
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A column and what is in it."""

    name: str
    type: str
    rows: int
    distinct: int
    missing: int
    distinct_words: str
    range: str
    bars: tuple[Bar, ...]
    tops: tuple[Top, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def numeric(self) -> bool:
        """Whether the values align right."""
        return self.type in NUMERIC

    @property
    def repeats(self) -> bool:
        """Whether any value comes twice: else the most frequent values say nothing."""
        return self.distinct < self.rows - self.missing

    @property
    def countable(self) -> bool:
        """Whether counts by this column are worth suggesting."""
        return self.repeats and 1 < self.distinct <= _SUGGESTED


@dataclass(frozen=True, slots=True)
class Head:
    """A column of rows that are no snapshot yet."""

    name: str
    type: str

    @property
    def numeric(self) -> bool:
        """Whether the values align right."""
        return self.type in NUMERIC


def heads(columns: Sequence[ladle.TableColumn]) -> list[Head]:
    """The heads of a table's columns."""
    return [Head(column.name, column.type) for column in columns]


def described(snapshot: ladle.Snapshot) -> list[Described]:
    """Every column of a snapshot, in the table's order."""
    profile = snapshot.profile()
    return [describe(column, rows=profile["rows"], exact=profile["distinct_exact"]) for column in profile["columns"]]


def describe(column: Mapping[str, Any], *, rows: int, exact: bool) -> Described:
    """One entry of `profile.json` in words and pictures."""
    bins: Sequence[Mapping[str, Any]] = column.get("histogram", [])
    present = rows - column["missing"]
    return Described(
        name=column["name"],
        type=column["type"],
        rows=rows,
        distinct=column["distinct"],
        missing=column["missing"],
        distinct_words=_distinct(column["distinct"], present, exact=exact),
        range=f"{_told(column['min'])} to {_told(column['max'])}" if column.get("min") is not None else "",
        bars=tuple(histogram([b["count"] for b in bins], labels=[_bin(b) for b in bins])) if len(bins) > 1 else (),
        tops=_tops(column["top"], rows=rows, times=column["type"] == "timestamp"),
        facts=tuple(_facts(column, rows=rows)),
    )


def _distinct(distinct: int, present: int, *, exact: bool) -> str:
    """
    >>> _distinct(82, 82, exact=True), _distinct(49, 82, exact=True), _distinct(1, 82, exact=True)
    ('82 unique', '49 distinct', '1 distinct')
    """
    if not exact:
        return f"about {distinct:,} distinct"
    return f"{distinct:,} unique" if distinct == present > 1 else f"{distinct:,} distinct"


def _tops(top: Sequence[Mapping[str, Any]], *, rows: int, times: bool) -> tuple[Top, ...]:
    bars = widths([each["count"] for each in top], largest=top[0]["count"] if top else 0)
    return tuple(
        Top(
            value=each["value"].replace("T", " ") if times else each["value"],
            count=each["count"],
            percent=f"{each['count'] / rows:.0%}",
            width=width,
        )
        for each, width in zip(top, bars, strict=True)
    )


def _facts(column: Mapping[str, Any], *, rows: int) -> list[tuple[str, str]]:
    facts = [("distinct", f"{column['distinct']:,}"), ("null", _part(column["missing"], rows))]
    if column.get("blank"):
        facts.append(("blank text", _part(column["blank"], rows)))
    if column.get("min") is not None:
        facts += [("smallest", _told(column["min"])), ("largest", _told(column["max"]))]
    if column.get("mean") is not None:
        facts.append(("mean", figure(column["mean"])))
    length = column.get("length", {})
    if length.get("max") is not None:
        facts.append(("length", _lengths(length["min"], length["max"])))
    return facts


def _lengths(least: int, most: int) -> str:
    return plural(most, "character") if least == most else f"{least:,} to {plural(most, 'character')}"


def _part(count: int, rows: int) -> str:
    return f"{count:,} ({share(count / rows)})" if count else "none"


def _bin(each: Mapping[str, Any]) -> str:
    return f"{_told(each['from'])} to {_told(each['to'])}: {each['count']:,}"


def _told(value: object) -> str:
    return figure(value) if isinstance(value, int | float) else str(value).replace("T", " ").removesuffix("Z")
