"""Takes a page of the documents, gives its fenced blocks in order, and of a console each command with its answer.

In what a page shows, `…` stands for whatever may differ: within a line for some of it, alone for any number of lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, and under which heading of its page it stands."""

    language: str
    text: str
    heading: str


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed after `$ `, and the lines that are shown below it."""

    text: str
    shown: tuple[str, ...]


def blocks(page: str, *languages: str) -> list[Block]:
    """The page's blocks in these languages, in their order."""
    headings = [(found.start(), found[1]) for found in re.finditer(r"^#+ (.*)", _without_fences(page), re.M)]
    return [
        Block(found[1], found[2], next((name for start, name in reversed(headings) if start < found.start()), ""))
        for found in FENCE.finditer(page)
        if found[1] in languages
    ]


def _without_fences(page: str) -> str:
    """The page with blanks where blocks stand: a comment of a shell is no heading."""
    return FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), page)


def commands(block: Block) -> list[Command]:
    """The commands of a console's block; those of a `shell` block, which shows no answers, are its lines."""
    lines = block.text.splitlines() if block.language == "console" else _prompted(block.text)
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (f"{found[-1][0][:-1]} {line.strip()}", [])
        elif found:
            found[-1][1].append(line)
    return [Command(text, tuple(shown)) for text, shown in found]


def _prompted(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    return [f"$ {line}" for line in joined.splitlines() if line.strip()]


def differing(shown: Sequence[str], came: str) -> str | None:
    """The first shown line that came not, or not where it should; None where all is as shown.

    Blank lines and blanks at a line's end say nothing. What came after the last shown line may be more.
    """
    lines, at, anywhere = [line.rstrip() for line in came.splitlines() if line.strip()], 0, False
    for line in (line.rstrip() for line in shown if line.strip()):
        if line == "…":
            anywhere = True
            continue
        places = range(at, len(lines)) if anywhere else range(at, min(at + 1, len(lines)))
        place = next((place for place in places if _like(line, lines[place])), None)
        if place is None:
            return line
        at, anywhere = place + 1, False
    return None


def _like(shown: str, came: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, came) is not None
