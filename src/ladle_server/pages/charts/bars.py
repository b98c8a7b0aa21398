"""Bars one below the other: takes texts and counts, gives each its length; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 26.0
_LONGEST = 20
_ROOM = 84.0
"""Percent that the longest bar takes: its count stands beside it."""
_LEAST = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A bar: `y` down, `width` in percent; its text is cut where it is long."""

    y: float
    text: str
    width: float
    count: int

    @property
    def middle(self) -> float:
        """Where its texts stand."""
        return self.y + ROW / 2 + 4.5

    @property
    def beside(self) -> float:
        """Where its count begins, in percent."""
        return self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All bars and the height that they take."""

    rows: tuple[Row, ...]
    height: float


def rows(texts: Sequence[str], counts: Sequence[int]) -> Rows:
    """A bar for each count; one that is not 0 is always to be seen.

    >>> [(row.text, row.width) for row in rows(["male", "a name that is longer than that"], [62, 31]).rows]
    [('male', 84.0), ('a name that is long…', 42.0)]
    """
    largest = max(counts, default=0)
    drawn = [
        Row(
            y=place * ROW,
            text=cut(text),
            width=max(_LEAST, round(_ROOM * count / largest, 2)) if count else 0.0,
            count=count,
        )
        for place, (text, count) in enumerate(zip(texts, counts, strict=True))
    ]
    return Rows(rows=tuple(drawn), height=len(drawn) * ROW)


def cut(text: str, *, longest: int = _LONGEST) -> str:
    """A text in at most so many characters; what can't be seen is named."""
    told = " ".join(text.split()) or ("(empty)" if text == "" else "(blank)")
    return told if len(told) <= longest else told[: longest - 1].rstrip() + "…"
