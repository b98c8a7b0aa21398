"""A profile in the terminal: takes its document, gives a table of the columns and what is known of numbers in texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ladle.cli.face import err, plain, say_table

_HEADS = ("column", "type", "missing", "distinct", "min", "5 %", "median", "95 %", "max", "mean", "most frequent")
_FIGURES = ("missing", "distinct", "mean")
_SHOWN = 3


def say_profile(document: Mapping[str, Any]) -> None:
    """A row for each column; older profiles know no quantiles, and the numbers in texts neither."""
    columns: Sequence[Mapping[str, Any]] = document["columns"]
    say_table(_HEADS, [_row(column) for column in columns], right=_FIGURES)
    for line in _in_texts(columns, rows=document["rows"]):
        err.print(line, markup=False)
    if not document.get("quantiles_exact", True):
        err.print("Distinct values are estimated; quantiles are those of a million rows, evenly drawn.")


def _row(column: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of a text that is numbers, the range and quantiles are those of the numbers."""
    figures = column.get("numbers", column)
    quantiles = figures.get("quantiles", {})
    low, median, high = (_figure(quantiles.get(share), column) for share in ("0.05", "0.5", "0.95"))
    ends = [_figure(figures.get(end), column) for end in ("min", "max")]
    named = (column["name"], column["type"], column["missing"], column["distinct"])
    return (*named, ends[0], low, median, high, ends[1], _rounded(figures.get("mean")), _top(column.get("top", ())))


def _in_texts(columns: Sequence[Mapping[str, Any]], *, rows: int) -> Iterator[str]:
    """`mass: numbers written as text, 59 of 82; others: unknown 22`."""
    for column in columns:
        if numbers := column.get("numbers"):
            rest = ", ".join(f"{plain(each['value'])} {each['count']:,}" for each in numbers["others"][:_SHOWN])
            more = ", …" if sum(each["count"] for each in numbers["others"][:_SHOWN]) < numbers["other_count"] else ""
            others = f"; others: {rest}{more}" if rest else ""
            yield f"{column['name']}: numbers written as text, {numbers['count']:,} of {rows:,}{others}"


def _top(top: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{plain(each['value'])} ({each['count']:,})" for each in top[:_SHOWN])


def _figure(value: Any, column: Mapping[str, Any]) -> str | None:
    """A value as it is in the file; numbers out of texts are whole where they can be."""
    in_text = column["type"] == "text" and isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return "" if value is None else plain(int(value) if in_text else value)


def _rounded(mean: float | None) -> str:
    return "" if mean is None else f"{mean:.6g}"
