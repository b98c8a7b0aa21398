"""Tables and pictures on the page: takes cells or a picture's name, gives lines of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.published.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page: its heading, its lines, what is held to a promise, where others are quicker, pictures."""

    title: str
    lines: Sequence[str]
    claims: Sequence[Claim] = ()
    slower: Sequence[str] = ()
    """Each a sentence on something that others do better."""
    pictures: dict[str, str] = field(default_factory=dict)
    """SVG by file name."""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, all others to the right."""
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    return ["", *(f"| {' | '.join(_cell(each) for each in row)} |" for row in (heads, ruler, *rows)), ""]


def picture(name: str, told: str) -> str:
    """One that stands in the folder of images."""
    return f"![{told}](images/{name})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
