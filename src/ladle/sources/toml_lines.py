"""Where a key is written: takes a TOML text that can be read, gives the line of each of its keys and items."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from functools import lru_cache

Path = tuple[str, ...]

_PARTS = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|"(?:\\.|[^"\\\n])*"'''
    r"""|'''.*?'{3,5}|'[^'\n]*'|\#[^\n]*|\n|[^\S\n]+|[\[\]{},=.]|[^\s\[\]{},=."'\#]+|.""",
    re.DOTALL,
)
"""What a TOML text is made of, as far as keys, brackets and lines matter."""


DEEPEST = 40
"""Keys of a path: what lies deeper goes by what it lies in. A dotted key of 100,000 parts would fill the memory."""


def line_of(text: str, path: Path) -> int | None:
    """The line of a key, from 1; for one that isn't there, of what it would lie in; None where that is the top.

    An item of a list goes by its number, from 1.

    >>> line_of("a = 1\\n[b.c]\\nd = 2", ("b", "c", "d"))
    3
    >>> line_of('a = [\\n  "x", # one, two\\n  "y",\\n]', ("a", "2"))
    3
    """
    lines = _lines(text)
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)


@lru_cache(maxsize=4)
def _lines(text: str) -> dict[Path, int]:
    scan = _Scan(text)
    with suppress(IndexError):  # the end, where something was to follow: what was found until there holds
        scan.document()
    return scan.lines


class _Scan:
    """Walks over a text once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._parts: list[tuple[str, int]] = []
        self._at = 0
        line = 1
        for part in _PARTS.findall(text.removeprefix("\ufeff")):
            if part == "\n" or not (part.isspace() or part.startswith("#")):
                self._parts.append((part, line))
            line += part.count("\n")

    def document(self) -> None:
        """Headers and pairs, to the end (an IndexError)."""
        table: Path = ()
        numbers: dict[Path, int] = {}
        while True:
            self._skip_lines()
            if self._see() == "[":
                table = self._header(numbers)
            else:
                self._pair(table)

    def _header(self, numbers: dict[Path, int]) -> Path:
        """`[a.b]`, or `[[a.b]]`, of which each is an item of a list: its number becomes part of the path."""
        line = self._line()
        self._take()
        if listed := self._see() == "[":
            self._take()
        path: Path = ()
        keys = self._keys()
        for depth, key in enumerate(keys[:DEEPEST], 1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if listed and depth == len(keys):
                numbers[path] = numbers.get(path, 0) + 1
            if path in numbers:
                path = (*path, str(numbers[path]))
                self.lines.setdefault(path, line)
        self._at += 2 if listed else 1
        return path

    def _pair(self, table: Path) -> None:
        """`a.b = value`."""
        line, path = self._line(), table
        for key in self._keys():
            path = (*path[:DEEPEST], key)
            self.lines.setdefault(path, line)
        self._take()
        self._value(path)

    def _keys(self) -> list[str]:
        keys = [_plain(self._take())]
        while self._see() == ".":
            self._take()
            keys.append(_plain(self._take()))
        return keys

    def _value(self, path: Path) -> None:
        if self._see() == "[":
            self._list(path)
        elif self._see() == "{":
            self._inline(path)
        else:
            while self._see() not in (",", "]", "}", "\n"):
                self._take()

    def _list(self, path: Path) -> None:
        self._take()
        number = 0
        while self._skip_lines() != "]":
            number += 1
            self.lines.setdefault((*path, str(number)), self._line())
            self._value((*path, str(number)))
            if self._skip_lines() == ",":
                self._take()
        self._take()

    def _inline(self, path: Path) -> None:
        self._take()
        while self._skip_lines() != "}":
            self._pair(path)
            if self._skip_lines() == ",":
                self._take()
        self._take()

    def _skip_lines(self) -> str:
        """What comes next but line ends."""
        while self._see() == "\n":
            self._take()
        return self._see()

    def _see(self) -> str:
        return self._parts[self._at][0]

    def _line(self) -> int:
        return self._parts[self._at][1]

    def _take(self) -> str:
        self._at += 1
        return self._parts[self._at - 1][0]


def _plain(key: str) -> str:
    """A key without its quotes."""
    return str(tomllib.loads(f"key = {key}")["key"]) if key[:1] in ("'", '"') else key
