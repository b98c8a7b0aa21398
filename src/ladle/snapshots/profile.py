"""What a table's columns hold: takes the Parquet file, gives the missing, distinct, top values and range of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ladle.snapshots.bins import told
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.profile_sql import Asker, Series, Top

APART = 8
"""Columns from which on they are asked about in two halves at once: half the time, where a processor is free."""
SHORT = 250_000
"""Up to so many rows: of more, two questions at once would hold more memory than one process of a run should."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found out about one column."""

    figures: Mapping[str, Any]
    top: Top | None
    bins: list[dict[str, Any]] = field(default_factory=list)
    quantiles: dict[str, Any] = field(default_factory=dict)
    others: list[dict[str, Any]] = field(default_factory=list)


def profile(
    parquet: Path,
    *,
    columns: Sequence[TableColumn],
    rows: int,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """A document of plain JSON values: `rows`, `distinct_exact`, `quantiles_exact`, for each of `columns` its figures.

    What does not fit into memory is put beside the file for the time being. `wanted` is called before each question;
    what it raises ends the work.
    """
    exact = rows <= bounds.exact_rows

    def found_of(some: range) -> list[_Found]:
        # Of two halves the first asks for both: what is wanted may be told by a connection that one thread uses.
        with Asker(parquet, columns=columns, some=some, wanted=wanted if some.start == 0 else lambda: None) as ask:
            parts = ask.parts(rows=rows)
            return [
                each for part in parts for each in _found(ask, [columns[n] for n in part], rows=rows, bounds=bounds)
            ]

    found = _of_all(found_of, len(columns), rows=rows)
    told_columns = [_figures_of(column, each, rows=rows) for column, each in zip(columns, found, strict=True)]
    return {"rows": rows, "distinct_exact": exact, "quantiles_exact": exact, "columns": told_columns}


def profile_bytes(document: dict[str, Any]) -> bytes:
    """The bytes of `profile.json`."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _of_all(found_of: Callable[[range], list[_Found]], columns: int, *, rows: int) -> list[_Found]:
    """What is found out about each column, by two threads where that takes half the time."""
    if columns < APART or rows > SHORT:
        return found_of(range(columns))
    halves = range(columns // 2), range(columns // 2, columns)
    with ThreadPoolExecutor(1, thread_name_prefix="ladle-profile") as pool:
        other = pool.submit(found_of, halves[1])
        return found_of(halves[0]) + other.result()


def _found(ask: Asker, columns: Sequence[TableColumn], *, rows: int, bounds: Bounds) -> list[_Found]:
    """The answers to all questions about some columns."""
    exact = rows <= bounds.exact_rows
    figures = ask.figures(exact=exact)
    likely = [n for n, each in figures.items() if 2 * each.get("possible", 0) >= _texts(each, rows=rows) > 0]
    for number, numbers in ask.numbers(likely).items():
        figures[number] |= numbers
    series = {
        number: Series(number, "number" if column.type == "text" else column.type, each["min"], each["max"])
        for column, (number, each) in zip(columns, figures.items(), strict=True)
        if each.get("min") is not None and (column.type != "text" or _is_numeric(each, rows=rows))
    }
    quantiles = ask.quantiles(list(series.values()), rows=rows, most=bounds.exact_rows)
    return [
        _Found(
            each,
            ask.top(number) if exact or each["distinct"] <= bounds.few else None,
            ask.histogram(series[number]) if number in series else [],
            quantiles.get(number, {}),
            ask.no_numbers(number) if number in series and _has_few_others(each, rows=rows, bounds=bounds) else [],
        )
        for number, each in figures.items()
    ]


def _is_numeric(text: Mapping[str, Any], *, rows: int) -> bool:
    """Whether a column's texts are numbers, at least half of those that are neither missing nor blank."""
    return bool(text["numbers"] and text["numbers"] >= _others(text, rows=rows))


def _texts(figures: Mapping[str, Any], *, rows: int) -> int:
    """How many texts of a column are neither missing nor blank; none of a column that is no text."""
    return int(rows - figures["missing"] - figures["blank"]) if "blank" in figures else 0


def _others(text: Mapping[str, Any], *, rows: int) -> int:
    """How many texts are neither missing nor blank nor a number."""
    return _texts(text, rows=rows) - int(text["numbers"])


def _has_few_others(figures: Mapping[str, Any], *, rows: int, bounds: Bounds) -> bool:
    """Whether those texts of a column can be counted one by one."""
    others = _others(figures, rows=rows) if "numbers" in figures else 0
    return 0 < others <= bounds.exact_rows or bool(others and figures.get("distinct", 0) <= bounds.few)


def _figures_of(column: TableColumn, found: _Found, *, rows: int) -> dict[str, Any]:
    """A column's part of the document."""
    figures = found.figures
    values, distinct = found.top or ([], figures.get("distinct", 0))
    of_any = {
        "name": column.name,
        "type": column.type,
        "missing": figures["missing"],
        "distinct": distinct,
        "top": values,
    }
    if column.type == "boolean":
        return of_any
    if column.type == "text":
        return of_any | _of_text(found, rows=rows)
    ends = {name: told(figures[name], column.type) for name in ("min", "max")}
    mean = {"mean": figures["mean"]} if "mean" in figures else {}
    return of_any | ends | {"histogram": found.bins} | mean | {"quantiles": found.quantiles}


def _of_text(found: _Found, *, rows: int) -> dict[str, Any]:
    """What only text has; `numbers` where it was found to be numbers that are written as text."""
    figures = found.figures
    length = {"min": figures["shortest"], "max": figures["longest"], "mean": figures["mean_length"]}
    of_text = {"blank": figures["blank"], "length": length}
    if not found.bins:
        return of_text
    numbers = {
        "count": figures["numbers"],
        **{name: figures[name] for name in ("min", "max", "mean")},
        "quantiles": found.quantiles,
        "histogram": found.bins,
        "others": found.others,
        "other_count": _others(figures, rows=rows),
    }
    return of_text | {"numbers": numbers}
