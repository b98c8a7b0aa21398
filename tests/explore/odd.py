"""Tables that no one would draw up and every API sends: takes pytest's folders, gives a snapshot and its true rows.

Each is made once for all tests of a process.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ladle.explore.snapshot import Snapshot
from ladle.importing import import_file
from tests.explore.plain import Row
from tests.servers.stack import home_of
from tests.snapshots.kit import ODD_NAMES, field, from_records

WIDTH = 2_000
LIKE_KEYS = [
    *["a__gt", "height__gte", "a__exact", "__", "a_", "_sort", "_col", "_search", "_limit", "_offset", "_from", "_row"],
    *[
        "_filter",
        "_op",
        "_value",
        "_by",
        "_down",
        "_order",
        "_number",
        "_place",
        "_key",
        "by",
        "q",
        "created:year",
        ":",
    ],
]
LIKE_SIGNS = [
    *["-a", "a,b", "x=y", "a=b&c", '"', "'", "%", "+", "#", "a%b", "%41", "?", "/", "\\", "`", ";", "--", "/*", "*"],
    *[
        "{{ 7 }}",
        "{% x %}",
        "<script>alert(1)</script>",
        "</select><b>",
        " ",
        " a",
        "a ",
        "\t",
        "\r\n",
        "a\u2028b",
        "\0",
    ],
]
LIKE_WORDS = [
    "data",
    "snapshot",
    "row",
    "rowid",
    "t",
    "c1",
    "$path",
    "null",
    "true",
    "1",
    "__proto__",
    "é" * 50,
    "x" * 500,
]
NAMES = [*ODD_NAMES, *LIKE_KEYS, *LIKE_SIGNS, *LIKE_WORDS]
"""Of columns: keys of our own addresses, signs of ours, of HTML and of SQL, and words that mean something somewhere."""
SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
CELLS = [
    *[
        "",
        "  ",
        "\n",
        "\r",
        "\r\n",
        "a\nb",
        "a\r\nb",
        '"',
        SCRIPT,
        '""',
        "'",
        'a"b,c',
        "a,b",
        "-a",
        "%",
        "_",
        "*",
        "\\",
        "#",
    ],
    *["&amp;", "{{ 7 }}", "javascript:alert(1)", "http://x.example/?a=b&c", "=1+1", "@x", "+1", "\t=1"],
    *["\0", "a\0b", "\x01\x1b[31m\x1b]0;x\x07", "\x7f", "\u2028", "\u202eabc", "\ufeff", "\U0010ffff", "🦆" * 60],
    *[
        "NULL",
        "null",
        "nan",
        "true",
        "007",
        "1,358",
        "1e5",
        "2014-12-20",
        "İ",
        "ß",
        "ς",
        "x" * 1_000_000,
        "<b>\n" * 250_000,
    ],
]
"""Texts: line ends, quotes, HTML, formulas, signs that steer a terminal, and a million characters."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A snapshot, and its rows as they were put in."""

    snapshot: Snapshot
    rows: list[Row]


def _wide(folder: Path) -> Odd:
    """Two thousand columns."""
    rows: list[Row] = [
        {f"column {n}": (row if n == 0 else row * n % 97 if n % 3 else f"text {row % 7} of {n}") for n in range(WIDTH)}
        for row in range(20)
    ]
    with (folder / "wide.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(rows[0])
        lines.writerows(row.values() for row in rows)
    return Odd(import_file(folder / "wide.csv", home=home_of(folder / "home")), rows)


def _named(folder: Path) -> Odd:
    """Columns that are called anything, each with a value of its own in each row."""
    rows: list[Row] = [
        {name: f"v{place}-{row}" if place % 2 else place * 100 + row for place, name in enumerate(NAMES)}
        for row in range(12)
    ]
    return Odd(from_records(folder, rows), rows)


def _filled(folder: Path) -> Odd:
    """Cells that hold anything."""
    rows: list[Row] = [{"n": number, "text": cell} for number, cell in enumerate(CELLS)]
    return Odd(from_records(folder, rows), rows)


def _empty(folder: Path) -> Odd:
    """Columns and no row."""
    fields = (field("name"), field("n", type="integer"), field("at", type="timestamp"))
    return Odd(from_records(folder, [], *fields), [])


def _narrow(folder: Path) -> Odd:
    """One column and one row."""
    return Odd(from_records(folder, [{"only": "x"}]), [{"only": "x"}])


_MAKERS: dict[str, Callable[[Path], Odd]] = {
    "wide": _wide,
    "named": _named,
    "filled": _filled,
    "empty": _empty,
    "narrow": _narrow,
}
TABLES = tuple(_MAKERS)
_made: dict[str, Odd] = {}


def table(name: str, folders: pytest.TempPathFactory) -> Odd:
    """One of the tables, in a home that holds nothing else; to be read only."""
    if name not in _made:
        _made[name] = _MAKERS[name](folders.mktemp(name))
    return _made[name]
