"""Mistakes of a definition: takes a place and what is wrong there, gives all that were found, in the order of lines."""

from __future__ import annotations

import re

from ladle.errors import BadInput, Mistake
from ladle.sources.toml_lines import line_of

MOST_SHOWN = 500
"""Letters of what is said about one mistake."""


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
        self._missing: set[tuple[str, ...]] = set()

    @property
    def mistakes(self) -> list[Mistake]:
        """All of them, in the order of their lines."""
        return sorted(self._found.values(), key=lambda each: each.line or 0)

    def note(self, path: tuple[str, ...], what: str, *, hint: str, missing: bool = False) -> Mistake:
        """Keep a mistake; of one key the first is told."""
        line = line_of(self.text, path)
        mistake = Mistake(place=self.where, line=line, key=shown(".".join(path)), what=shown(what), hint=shown(hint))
        if missing and path not in self._found:
            self._missing.add(path)
        return self._found.setdefault(path, mistake)

    def meant(self, path: tuple[str, ...]) -> None:
        """A misspelt key stands for this one, which then isn't missing."""
        if path in self._missing:
            self._missing.remove(path)
            del self._found[path]

    def sound(self, path: tuple[str, ...]) -> bool:
        """No mistake lies at the key or within it."""
        return not any(found[: len(path)] == path for found in self._found)


def not_toml(error: Exception, text: str, *, where: str) -> Mistake:
    """A text that is no TOML, with the line where reading ended."""
    if isinstance(error, RecursionError):
        hint = "Such depth is more likely a slip than a wish."
        return Mistake(place=where, line=1, key="", what="holds lists or tables too deep in each other", hint=hint)
    if isinstance(error, UnicodeEncodeError):
        line = text.count("\n", 0, error.start) + 1
        return Mistake(place=where, line=line, key="", what=f"holds half a sign in line {line}, which is no Unicode")
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
