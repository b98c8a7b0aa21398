"""A table of tones: takes counts of pairs and both axes' texts, gives cells with their tone; pure.

In pixels: it keeps its size, and is scrolled where it is wider than the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ladle_server.pages.charts.bars import cut

TONES = 6
_LEFT = 148.0
_LEAST_LEFT = 40.0
_HIGH = 28.0
_WIDE = 900.0
_LETTER = 6.6
_ROTATED = 92.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A pair with rows; `tone` is 1 to 6, by the root of its count: most tables have a few large cells."""

    row: int
    column: int
    x: float
    y: float
    tone: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The text of a row or a column, and where it stands."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The table; `turned`: the columns' labels are slanted."""

    width: float
    height: float
    cell_width: float
    cell_height: float
    left: float
    top: float
    cells: tuple[Cell, ...]
    down: tuple[Label, ...]
    across: tuple[Label, ...]
    turned: bool
    half: float
    table_width: float
    table_height: float
    bounds: tuple[tuple[int, int, int], ...]
    """The tones and the counts they stand for: tone, from, to."""


def heat(cells: Sequence[Sequence[int]], *, down: Sequence[str], across: Sequence[str]) -> Heat:
    """`cells[i][j]` stands in row i and column j."""
    wide = min(88.0, max(42.0, _WIDE / max(1, len(across)) // 1))
    texts = [cut(text, longest=16) for text in across]
    turned = any(len(text) * _LETTER > wide - 6 for text in texts)
    top, names = _ROTATED if turned else 28.0, [cut(text) for text in down]
    left = min(_LEFT, max([_LEAST_LEFT, *(len(name) * (_LETTER + 0.4) + 14 for name in names)]))
    most = max((count for row in cells for count in row), default=0)
    return Heat(
        width=left + wide * len(across) + (56 if turned else 4),
        height=top + _HIGH * len(down) + 4,
        cell_width=wide,
        cell_height=_HIGH,
        left=left,
        top=top,
        half=wide / 2,
        table_width=wide * len(across),
        table_height=_HIGH * len(down),
        cells=tuple(
            Cell(row=i, column=j, x=left + j * wide, y=top + i * _HIGH, tone=tone(count, most), text=_short(count))
            for i, row in enumerate(cells)
            for j, count in enumerate(row)
            if count
        ),
        down=tuple(Label(x=left - 8, y=top + i * _HIGH + 18.5, text=name) for i, name in enumerate(names)),
        across=tuple(Label(x=round(left + (j + 0.5) * wide, 1), y=top - 8, text=text) for j, text in enumerate(texts)),
        turned=turned,
        bounds=tuple(_bounds(most)),
    )


def tone(count: int, most: int) -> int:
    """1 to 6 for a count of 1 to `most`; 0 for none.

    >>> [tone(count, 100) for count in (0, 1, 10, 30, 100)]
    [0, 1, 2, 4, 6]
    """
    return min(TONES, math.ceil(TONES * math.sqrt(count / most) - 1e-9)) if count else 0


def _bounds(most: int) -> list[tuple[int, int, int]]:
    """Of each tone that occurs among 1 to `most`, its first and last count."""
    upper = [math.floor(most * (number / TONES) ** 2 + 1e-6) for number in range(TONES + 1)]
    return [
        (number, upper[number - 1] + 1, upper[number])
        for number in range(1, TONES + 1)
        if upper[number] > upper[number - 1]
    ]


def _short(count: int) -> str:
    """A count in at most five characters.

    >>> _short(950), _short(12_345), _short(7_200_000)
    ('950', '12k', '7.2M')
    """
    if count < 10_000:
        return f"{count:,}"
    value, unit = (count / 1e9, "G") if count >= 1e9 else (count / 1e6, "M") if count >= 1e6 else (count / 1e3, "k")
    return f"{value:.1f}".removesuffix(".0") + unit if value < 10 else f"{value:.0f}{unit}"
