"""What must be answered, in plain Python: takes rows and a view or columns, gives the view's rows, or counts.

Written for reading, not for speed. Nothing of it is shared with what it is held against.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from ladle.explore.view import Filter, View

Row = dict[str, Any]
SPACES = "".join(sign for sign in map(chr, range(0x110000)) if unicodedata.category(sign) == "Zs")
ASCII_SPACES = "\t\n\v\f\r "
PLAIN = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
GROUPED = r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"


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


def python_number(text: str | None) -> float | None:
    """The number in a text, as the documents say it."""
    if text is None:
        return None
    inner = text.strip(SPACES).strip(ASCII_SPACES)
    if not (re.fullmatch(PLAIN, inner) or (re.fullmatch(GROUPED, inner) and len(text) < 300)):
        return None
    number = float(inner.replace(",", ""))
    return number if abs(number) != float("inf") else None


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


def read(rows: Sequence[Row], view: View) -> list[Row]:
    """The rows as the view reads them: some texts as numbers."""
    return [{name: python_number(cell) if name in view.numbers else cell for name, cell in row.items()} for row in rows]


def seen(rows: Sequence[Row], view: View, kinds: Mapping[str, str]) -> list[Row]:
    """The view in plain Python: sorting keeps the order of equals, reversed too, so the last sort goes first."""
    of = {**kinds, **dict.fromkeys(view.numbers, "number")}
    both = [pair for pair in zip(rows, read(rows, view), strict=True) if found(pair[0], view.search)]
    both = [pair for pair in both if all(holds(pair[1], each, of[each.column]) for each in view.filters)]
    for sort in reversed(view.sort):
        there = [pair for pair in both if pair[1][sort.column] is not None]
        there.sort(key=lambda pair, name=sort.column: pair[1][name], reverse=sort.descending)  # type: ignore[misc]
        both = there + [pair for pair in both if pair[1][sort.column] is None]
    names = view.columns or tuple(kinds)
    return [{name: row[name] for name in names} for row, _ in both]
