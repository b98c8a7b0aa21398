"""A picture of numbers: takes names with numbers, gives bars beside each other as an SVG of its own.

The card has a ground of its own, so that it reads the same on a light page and on a dark one, and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

WIDTH, LEFT, RIGHT, TOP, EACH, BAR = 720, 210, 110, 46, 24, 14
"""Pixels: of the card, of names, of numbers, above the first bar, from one bar to the next, of a bar."""
GROUND, INK, QUIET, MINE, THEIRS = "#ffffff", "#1d2433", "#5b6475", "#0b6e99", "#b8c0cc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One number, and how it is told; Ladle's own stands out."""

    name: str
    number: float
    told: str
    mine: bool = False


def drawn(title: str, bars: Sequence[Bar], *, logarithmic: bool = False) -> str:
    """The picture, with all numbers as text in it; each further mark of a logarithmic one is ten times as much."""
    height = TOP + EACH * len(bars) + (26 if logarithmic else 10)
    about = f"{title}: " + ", ".join(f"{bar.name} {bar.told}" for bar in bars)
    least, most = _ends(bars, logarithmic=logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(about)}" font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{GROUND}"/>',
        f'<text x="16" y="26" font-size="15" font-weight="600" fill="{INK}">{escape(title)}</text>',
    ]
    for place, bar in enumerate(bars):
        share = _share(bar.number, least, most, logarithmic=logarithmic)
        parts += _bar(bar, y=TOP + EACH * place, length=max(2.0, share * (WIDTH - LEFT - RIGHT)))
    if logarithmic:
        parts.append(
            f'<text x="{LEFT}" y="{height - 8}" font-size="11" fill="{QUIET}">'
            "logarithmic: a bar longer by the same again stands for as many times more</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _bar(bar: Bar, *, y: int, length: float) -> list[str]:
    weight = ' font-weight="600"' if bar.mine else ""
    middle, end = y + BAR - 3, LEFT + length
    return [
        f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end"{weight} fill="{INK}">{escape(bar.name)}</text>',
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{MINE if bar.mine else THEIRS}"/>',
        f'<text x="{end + 6:.1f}" y="{middle}"{weight} fill="{INK}">{escape(bar.told)}</text>',
    ]


def _ends(bars: Sequence[Bar], *, logarithmic: bool) -> tuple[float, float]:
    """Of the scale: from nothing, or from half of the least."""
    numbers = [bar.number for bar in bars if bar.number > 0] or [1.0]
    return (min(numbers) / 2 if logarithmic else 0.0), max(numbers)


def _share(number: float, least: float, most: float, *, logarithmic: bool) -> float:
    if number <= 0:
        return 0.0
    return (log10(number / least) / log10(most / least)) if logarithmic else number / most
