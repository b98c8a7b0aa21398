"""Takes a column's entry in a profile, gives its figures in words, each with the query of its rows; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ladle.words import plural
from ladle_server.pages.words import figure, share

_PARTS = (("middle half", "0.25", "0.75"), ("middle 90%", "0.05", "0.95"))


class Fact(NamedTuple):
    """One figure in words; `asks` is the query of the rows that it counts, where it counts rows."""

    name: str
    words: str
    asks: str = ""


def facts(column: Mapping[str, Any], *, rows: int, exact: bool, sure: bool, missing: str) -> list[Fact]:
    """A column's figures. `exact`: its distinct values were counted; `sure`: its quantiles are no estimates."""
    distinct = f"{column['distinct']:,}" if exact else f"about {column['distinct']:,} (estimated)"
    found = [Fact("distinct", distinct), Fact("missing", _part(column["missing"], rows), missing)]
    if column.get("blank"):
        found.append(Fact("blank text", _part(column["blank"], rows)))
    found += _spread(column, sure=sure)
    length = column.get("length", {})
    if length.get("max") is not None:
        found.append(Fact("length", _lengths(length)))
    return [fact if fact.words != "none" else fact._replace(asks="") for fact in found]


def number_facts(numbers: Mapping[str, Any], *, rows: int, sure: bool) -> list[Fact]:
    """The figures of the numbers that a text column holds."""
    found = [Fact("numbers", _part(numbers["count"], rows)), *_spread(numbers, sure=sure)]
    return [*found, Fact("other texts", _part(numbers.get("other_count", 0), rows))]


def _spread(spread: Mapping[str, Any], *, sure: bool) -> list[Fact]:
    found = []
    if spread.get("min") is not None:
        least, most = ("earliest", "latest") if isinstance(spread["min"], str) else ("smallest", "largest")
        found += [Fact(least, told(spread["min"])), Fact(most, told(spread["max"]))]
    if spread.get("mean") is not None:
        found.append(Fact("mean", figure(spread["mean"])))
    quantiles = spread.get("quantiles") or {}
    about = "" if sure else "about "
    if quantiles.get("0.5") is not None and spread["min"] != spread["max"]:
        found.append(Fact("median", f"{about}{told(quantiles['0.5'])}"))
        found += [Fact(name, f"{about}{told(quantiles[low])} to {told(quantiles[high])}") for name, low, high in _PARTS]
    return found


def told(value: object) -> str:
    """A figure, or a day or time as people read it.

    >>> told(1358.0), told("2014-12-20T21:17:50Z"), told("2014-12-20")
    ('1,358', '2014-12-20 21:17:50', '2014-12-20')
    """
    return figure(value) if isinstance(value, int | float) else str(value).replace("T", " ").removesuffix("Z")


def bin_words(each: Mapping[str, Any]) -> str:
    """A bar of a histogram.

    >>> bin_words({"from": 66, "to": 76, "count": 1})
    '66 to 76: 1 row'
    """
    return f"{told(each['from'])} to {told(each['to'])}: {plural(each['count'], 'row')}"


def _lengths(length: Mapping[str, Any]) -> str:
    least, most = length["min"], length["max"]
    if least == most:
        return plural(most, "character")
    return f"{least:,} to {plural(most, 'character')}, mean {figure(round(length['mean'], 1))}"


def _part(count: int, rows: int) -> str:
    return f"{count:,} ({share(count / rows)})" if count else "none"
