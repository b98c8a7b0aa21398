"""Mistakes of a definition: takes a place and what is wrong there, gives all that were found, in the order of lines."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ladle.errors import BadInput, Mistake
from ladle.sources.toml_lines import DEEPEST, line_of

MOST_SHOWN = 500
"""Letters of what is said about one mistake."""
LONGEST = 1 << 19
"""Letters of a definition."""
MOST_DOTS = 100
"""Parts of a dotted key: the time that Python takes for one grows with their square."""
_MANY_DOTS = re.compile(
    rf"""(?<![\w-])(?:(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)[ \t]*+\.[ \t]*+){{{MOST_DOTS}}}""", re.ASCII
)
FEW = 200
"""Mistakes of which each is looked at closely: beyond them something else is meant, or nothing good."""


class Notes:
    """The mistakes found so far in one text."""

    def __init__(self, text: str, *, where: str) -> None:
        self.text = text
        self.where = where
        self.errors: dict[Mistake, BadInput] = {}
        """Mistakes that the definition itself is not to blame for: a list, a parameter's value."""
        self.keys: dict[tuple[str, ...], frozenset[str]] = {}
        """Of each table that was read to its end, what it may hold."""
        self._found: dict[tuple[str, ...], Mistake] = {}
        self._at_or_within: Counter[tuple[str, ...]] = Counter()
        """How many mistakes lie at a place and within it."""
        self._missing: set[tuple[str, ...]] = set()

    @property
    def mistakes(self) -> list[Mistake]:
        """All of them, in the order of their lines."""
        return sorted(self._found.values(), key=lambda each: each.line or 0)

    def note(self, path: tuple[str, ...], what: str, *, hint: str, missing: bool = False) -> Mistake:
        """Keep a mistake; of one key the first is told."""
        line = line_of(self.text, path)
        mistake = Mistake(place=self.where, line=line, key=shown(".".join(path)), what=shown(what), hint=shown(hint))
        if path not in self._found:
            self._found[path] = mistake
            self._at_or_within.update(_above(path))
            if missing:
                self._missing.add(path)
        return self._found[path]

    def meant(self, path: tuple[str, ...]) -> None:
        """A misspelt key stands for this one, which then isn't missing."""
        if path in self._missing:
            self._missing.remove(path)
            del self._found[path]
            self._at_or_within.subtract(_above(path))

    def sound(self, path: tuple[str, ...]) -> bool:
        """No mistake lies at the key or within it."""
        return not self._at_or_within[path]

    @property
    def are_few(self) -> bool:
        """Whether there is time to think about what each was meant to be."""
        return len(self._found) < FEW


def _above(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The place itself, and all that it lies in."""
    return (path[:end] for end in range(len(path) + 1))


def beyond_measure(text: str, *, where: str) -> Mistake | None:
    """A text that nobody has written by hand, and that would take more time or memory to read than anybody has."""
    if len(text) > LONGEST:
        hint = "Put the values of a list into a CSV file."
        what = f"has {len(text):,} letters, and may have {LONGEST:,}"
        return Mistake(place=where, line=1, key="", what=what, hint=hint)
    if (dotted := _MANY_DOTS.search(text)) is None:
        return None
    line = text.count("\n", 0, dotted.start()) + 1
    return Mistake(place=where, line=line, key="", what=f"holds a key of more than {MOST_DOTS} parts in line {line}")


def bounded(values: dict[str, Any], notes: Notes) -> None:
    """Note whole numbers beyond 64 bits, which TOML doesn't know, and put 1 in their place."""
    due: list[tuple[tuple[str, ...], Any]] = [((), values)]
    while due:
        path, each = due.pop()
        places = each.items() if isinstance(each, dict) else enumerate(each)
        for key, value in list(places):
            at = (*path[:DEEPEST], key if isinstance(key, str) else str(key + 1))
            if type(value) is int and not -(1 << 63) <= value < 1 << 63:
                notes.note(at, "is a number of more than 64 bits", hint="Write it as a text, or a smaller one.")
                each[key] = 1
            elif isinstance(value, (dict, list)):
                due.append((at, value))


def not_toml(error: Exception, text: str, *, where: str) -> Mistake:
    """A text that is no TOML, with the line where reading ended."""
    if isinstance(error, RecursionError):
        hint = "Such depth is more likely a slip than a wish."
        return Mistake(place=where, line=1, key="", what="holds lists or tables too deep in each other", hint=hint)
    if isinstance(error, UnicodeEncodeError):
        line = text.count("\n", 0, error.start) + 1
        return Mistake(place=where, line=line, key="", what=f"holds half a sign in line {line}, which is no Unicode")
    if not isinstance(error, tomllib.TOMLDecodeError):
        digits = re.search(r"[0-9_]{1000}", text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        return Mistake(place=where, line=line, key="", what=f"holds a number of thousands of digits in line {line}")
    found = re.search(r"at line (\d+)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    return Mistake(place=where, line=line, key="", what=shown(f"is not valid TOML: {error}"))


def shown(words: str) -> str:
    """Words with what a terminal might obey, or a reader not see, by its number; no longer than anybody reads.

    >>> shown('is "a\\u202eb"')
    'is "a\\\\u202eb"'
    """
    plain = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in words[:MOST_SHOWN]
    )
    return plain + ("…" if len(words) > MOST_SHOWN else "")
