"""What must be answered, in plain Python: takes rows and a view or columns, gives the view's rows, or counts.

Written for reading, not for speed. Nothing of it is shared with what it is held against.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from ladle.explore.view import Filter, View

Row = dict[str, Any]


def folded(text: str) -> str:
    """Without notice of case, sign by sign: a final sigma stays a sigma, and no sign becomes two."""
    return "".join(sign.lower()[0] for sign in text)


def counted(rows: Sequence[Row], *columns: str, order: str = "count") -> list[tuple[tuple[Any, ...], int]]:
    """Combinations and how often they occur: a Counter keeps the order of appearance, and sorting is stable."""
    found = Counter(tuple(row[column] for column in columns) for row in rows).items()
    return sorted(found, key=lambda each: -each[1]) if order == "count" else list(found)


def python_value(value: Any, kind: str) -> Any:
    """What was typed, as Python has it."""
    read: dict[str, Callable[[str], Any]] = {
        "text": str,
        "integer": lambda text: int(exact) if (exact := Fraction(text)).denominator == 1 else float(text),
        "number": float,
        "boolean": lambda text: text.lower() in ("true", "1"),
        "date": date.fromisoformat,
        "timestamp": lambda text: (then := datetime.fromisoformat(text)).replace(tzinfo=then.tzinfo or UTC),
    }
    return read[kind](str(value))


def like(pattern: str, text: str) -> bool:
    """Whether a text is like that, without notice of case."""
    written = "".join(".*" if sign == "%" else "." if sign == "_" else re.escape(sign) for sign in pattern)
    return bool(re.fullmatch(written, text, re.IGNORECASE | re.DOTALL))


def glob(pattern: str, text: str) -> bool:
    """Whether a text matches; the shell writes ! for what is ^ here."""
    return fnmatch.fnmatchcase(text, pattern.replace("[^", "[!"))


def holds(row: Row, wanted: Filter, kind: str) -> bool:
    """Whether a row satisfies a filter, in plain Python."""
    value, op = row[wanted.column], wanted.op
    if op in ("isnull", "notnull"):
        return (value is None) == (op == "isnull")
    if op in ("isblank", "notblank"):
        return (value in (None, "")) == (op == "isblank")
    if value is None:
        return False
    if op in ("in", "notin"):
        return (value in [python_value(each, kind) for each in wanted.value]) == (op == "in")
    if op in ("like", "notlike"):
        return like(wanted.value, value) == (op == "like")
    if op == "glob":
        return glob(wanted.value, value)
    if op == "date":
        return bool((value.date() if isinstance(value, datetime) else value) == python_value(wanted.value, "date"))
    typed = python_value(wanted.value, kind)
    texts = (folded(value), folded(typed)) if isinstance(value, str) else ("", "")
    return bool(
        {
            "exact": lambda: value == typed,
            "not": lambda: value != typed,
            "gt": lambda: value > typed,
            "gte": lambda: value >= typed,
            "lt": lambda: value < typed,
            "lte": lambda: value <= typed,
            "contains": lambda: texts[1] in texts[0],
            "notcontains": lambda: texts[1] not in texts[0],
            "startswith": lambda: texts[0].startswith(texts[1]),
            "endswith": lambda: texts[0].endswith(texts[1]),
        }[op]()
    )


def found(row: Row, search: str) -> bool:
    """Whether every word is in one of the row's texts."""
    texts = [folded(value) for value in row.values() if isinstance(value, str)]
    return all(any(folded(word) in text for text in texts) for word in search.split())


def seen(rows: list[Row], view: View, kinds: dict[str, str]) -> list[Row]:
    """The view in plain Python: sorting keeps the order of equals, reversed too, so the last sort goes first."""
    kept = [row for row in rows if all(holds(row, each, kinds[each.column]) for each in view.filters)]
    kept = [row for row in kept if found(row, view.search)]
    for sort in reversed(view.sort):
        there = [row for row in kept if row[sort.column] is not None]
        there.sort(key=lambda row, name=sort.column: row[name], reverse=sort.descending)  # type: ignore[misc]
        kept = there + [row for row in kept if row[sort.column] is None]
    names = view.columns or tuple(rows[0])
    return [{name: row[name] for name in names} for row in kept]
