"""Takes a snapshot's profile, gives what the pages say about each column: figures, bars, most frequent values.

Every bar and every value goes with the query of its rows, so that a press on it is a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

import ladle
from ladle_server.pages.charts import Bar, histogram, widths
from ladle_server.pages.facts import Fact, bin_words, facts, number_facts, told
from ladle_server.pages.kept import kept

NUMERIC = frozenset({"integer", "number"})
_SUGGESTED = 200
"""Columns with more distinct values than that make long lists of counts; they can be chosen, but are not suggested."""
_CUT = 200
"""Characters that the profile cuts a value to: what is cut can't be asked for."""
_WEIGHT = 12_000
"""Bytes that a column with its bars and values takes."""
Asks = Callable[..., str]
"""Takes operators and values of one column, `number` where it is read as numbers, gives the query of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """One of a column's most frequent values; `width` is its bar in percent of the most frequent."""

    value: object
    count: int
    percent: str
    width: float
    asks: str
    """The query of its rows; empty where it is cut."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a histogram, and the query of its rows."""

    bar: Bar
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A column and what is in it."""

    name: str
    type: str
    rows: int
    distinct: int
    missing: int
    distinct_words: str
    ends: tuple[str, str] | None
    """The smallest and the largest value in words, of numbers and times."""
    bins: tuple[Bin, ...]
    tops: tuple[Top, ...]
    facts: tuple[Fact, ...]
    number_facts: tuple[Fact, ...]
    """Of a text column that holds numbers: those figures of them."""
    others: tuple[Top, ...]
    """The most frequent of its texts that are no numbers."""

    @property
    def numeric(self) -> bool:
        """Whether the values align right."""
        return self.type in NUMERIC

    @property
    def holds_numbers(self) -> bool:
        """Whether it is text that is for the most part numbers."""
        return bool(self.number_facts)

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


def described(
    snapshot: ladle.Snapshot, *, names: Collection[str] | None = None, profile: Mapping[str, Any] | None = None
) -> list[Described]:
    """A snapshot's columns, or those with these names, in the table's order; `profile` where it is not its own."""
    if profile is not None:
        return _described(snapshot, names, profile)
    wanted = None if names is None else tuple(names)
    weight = _WEIGHT * len(snapshot.columns if wanted is None else wanted)
    return kept(
        snapshot, ("described", wanted), lambda: _described(snapshot, wanted, snapshot.profile()), weight=weight
    )


def _described(snapshot: ladle.Snapshot, names: Collection[str] | None, profile: Mapping[str, Any]) -> list[Described]:
    wanted = None if names is None else frozenset(names)
    return [
        describe(column, profile=profile, asks=_asker(snapshot, column["name"]))
        for column in profile["columns"]
        if wanted is None or column["name"] in wanted
    ]


def holding_numbers(profile: Mapping[str, Any]) -> frozenset[str]:
    """The names of the text columns that hold numbers."""
    return frozenset(column["name"] for column in profile["columns"] if column.get("numbers"))


def describe(column: Mapping[str, Any], *, profile: Mapping[str, Any], asks: Asks) -> Described:
    """One entry of `profile.json` in words and pictures."""
    rows, exact = profile["rows"], profile["distinct_exact"]
    numbers: Mapping[str, Any] = column.get("numbers") or {}
    spread = numbers or column
    present = rows - column["missing"]
    cut = column.get("length", {}).get("max") or 0
    sure = profile.get("quantiles_exact", True)
    return Described(
        name=column["name"],
        type=column["type"],
        rows=rows,
        distinct=column["distinct"],
        missing=column["missing"],
        distinct_words=_distinct(column["distinct"], present, exact=exact),
        ends=(told(spread["min"]), told(spread["max"])) if spread.get("min") is not None else None,
        bins=_bins(spread.get("histogram", []), asks=asks, number=bool(numbers)),
        tops=_tops(column["top"], rows=rows, longest=cut, asks=asks, times=column["type"] == "timestamp"),
        facts=tuple(facts(column, rows=rows, exact=exact, sure=sure, missing=asks(("isnull", "1")))),
        number_facts=tuple(number_facts(numbers, rows=rows, sure=sure)) if numbers else (),
        others=_tops(numbers.get("others", []), rows=rows, longest=cut, asks=asks),
    )


def _asker(snapshot: ladle.Snapshot, name: str) -> Asks:
    def asks(*compared: tuple[str, str], number: bool = False) -> str:
        filters = tuple(ladle.Filter(name, op, value) for op, value in compared)
        return urlencode(snapshot.pairs(ladle.View(filters=filters, numbers=(name,) if number else ())))

    return asks


def _distinct(distinct: int, present: int, *, exact: bool) -> str:
    """
    >>> _distinct(82, 82, exact=True), _distinct(49, 82, exact=True), _distinct(1, 82, exact=True)
    ('82 unique', '49 distinct', '1 distinct')
    """
    if not exact:
        return f"about {distinct:,} distinct"
    return f"{distinct:,} unique" if distinct == present > 1 else f"{distinct:,} distinct"


def _bins(bins: Sequence[Mapping[str, Any]], *, asks: Asks, number: bool) -> tuple[Bin, ...]:
    """The bars; the last bin has its end, the others go up to it."""
    if len(bins) < 2:
        return ()
    bars = histogram([each["count"] for each in bins], labels=[bin_words(each) for each in bins])
    last = len(bins) - 1
    return tuple(
        Bin(
            bar,
            asks(
                ("gte", ladle.text_of(each["from"])),
                ("lte" if at == last else "lt", ladle.text_of(each["to"])),
                number=number,
            ),
        )
        for at, (bar, each) in enumerate(zip(bars, bins, strict=True))
    )


def _tops(
    top: Sequence[Mapping[str, Any]], *, rows: int, longest: int, asks: Asks, times: bool = False
) -> tuple[Top, ...]:
    bars = widths([each["count"] for each in top], largest=top[0]["count"] if top else 0)
    return tuple(
        Top(
            value=told(each["value"]) if times else each["value"],
            count=each["count"],
            percent=f"{each['count'] / rows:.0%}",
            width=width,
            asks="" if longest > _CUT <= len(str(each["value"])) else asks(("exact", ladle.text_of(each["value"]))),
        )
        for each, width in zip(top, bars, strict=True)
    )
