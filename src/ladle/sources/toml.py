"""Reading TOML strictly: takes a definition's text, gives its tables, and for every mistake the line, key and value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any, NoReturn

from ladle.errors import DefinitionError, unknown

_KINDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    float: "a number",
}

_PARTS = re.compile(
    r'''"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"'''
    r"""|'''(?:.|\n)*?'''|'[^'\n]*'|#[^\n]*|[\[\]{},]|\s+|[^\s\[\]{},"'#]+|."""
)
"""What a TOML value is made of, as far as brackets and commas matter: texts, comments, brackets, space, the rest."""


class Table:
    """One table of a definition. Every key is taken once; `done` refuses what was left over."""

    def __init__(self, values: dict[str, Any], *, path: tuple[str, ...], text: str, where: str) -> None:
        self._values = values
        self._path = path
        self._text = text
        self._where = where
        self._asked: list[str] = []

    @classmethod
    def read(cls, text: str, *, where: str) -> Table:
        """The whole document; a syntax error becomes a DefinitionError with its line."""
        try:
            return cls(tomllib.loads(text), path=(), text=text, where=where)
        except tomllib.TOMLDecodeError as error:
            raise DefinitionError(f"{where} is not valid TOML: {error}.") from error

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        """Its keys as written, in order."""
        return list(self._values)

    def text(self, key: str, default: str | None = None, *, choices: Iterable[str] = ()) -> str:
        """A text that must be there unless a default is given."""
        value: str = self._take(key, str, default)
        allowed = list(choices)
        if key in self._values and not value.strip() and default != "":
            self.refuse(key, "is empty", hint=f"It can be {_or(allowed)}." if allowed else "Give it a text.")
        if allowed and value not in allowed:
            self.refuse(key, f'is "{value}"', hint=f"It can be {_or(allowed)}.")
        return value

    def maybe(self, key: str, *, choices: Iterable[str] = ()) -> str | None:
        """A text or nothing."""
        self._asked.append(key)
        return self.text(key, choices=choices) if key in self._values else None

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int | None = None) -> int | None:
        """A whole number from `least` to `most`, or the default."""
        if key not in self._values:
            self._asked.append(key)
            return default
        value: int = self._take(key, int, None)
        if value < least:
            self.refuse(key, f"is {value}", hint=f"It must be {least} or more.")
        if most is not None and value > most:
            self.refuse(key, f"is {value}", hint=f"It must be {most} or less.")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where it lacks."""
        return bool(self._take(key, bool, False))

    def entries(self, key: str) -> list[Any]:
        """A list; empty where it lacks."""
        return list(self._take(key, list, []))

    def table(self, key: str, *, needed: bool = False) -> Table:
        """A table within; empty where it lacks and isn't needed."""
        return self.inside(key, self._take(key, dict, None if needed else {}))

    def tables(self, key: str) -> list[Table]:
        """A table, or a list of tables; none where it lacks."""
        self._asked.append(key)
        value = self._values.get(key, [])
        if isinstance(value, dict):
            return [self.inside(key, value)]
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.refuse(key, f"is {_written(value)}", hint="It must be a table, or a list of tables.")
        inside = self.inside(key, {})
        return [inside.inside(f"{number}", each) for number, each in enumerate(value, 1)]

    def values(self, key: str) -> tuple[str | int | float | bool, ...] | None:
        """A text, number, true or false, or a list of such; None where it lacks."""
        self._asked.append(key)
        if key not in self._values:
            return None
        value = self._values[key]
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, (str, int, float)) for each in values):
            hint = "It must be a text, a number, true or false, or a list of such."
            self.refuse(key, f"is {_written(value)}" if values else "is empty", hint=hint)
        return tuple(values)

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; numbers are taken as they are written."""
        table = self.table(key)
        for name, value in table._values.items():
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                table.refuse(name, f"is {_written(value)}", hint="Give a text or a number.")
        return {name: str(value) for name, value in table._values.items()}

    def inside(self, key: str, values: dict[str, Any]) -> Table:
        """A table whose place is told as under `key`."""
        return Table(values, path=(*self._path, key), text=self._text, where=self._where)

    def done(self) -> None:
        """Refuse keys that nobody asked for: a misspelt key would else be ignored."""
        for key in self._values:
            if key not in self._asked:
                _, _, remedy = unknown("key", key, dict.fromkeys(self._asked)).partition('". ')
                self.refuse(key, "is not a key here", hint=remedy)

    def refuse(self, key: str, what: str, *, hint: str) -> NoReturn:
        """Raise the error for a key of this table."""
        path = (*self._path, key)
        line = line_of(self._text, path)
        place = f"{self._where}, line {line}" if line else self._where
        raise DefinitionError(f'{place}: "{".".join(path)}" {what}.', hint=hint)

    def _take(self, key: str, kind: type, default: Any) -> Any:
        self._asked.append(key)
        if key not in self._values:
            if default is None:
                self.refuse(key, "is missing", hint=f"It must be {_KINDS[kind]}.")
            return default
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.refuse(key, f"is {_written(value)}", hint=f"It must be {_KINDS[kind]}.")
        return value


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key, by following table headers; for one that isn't there, of the nearest table around it.

    An item of a list goes by its number, from 1.

    >>> line_of("a = 1\\n[b.c]\\nd = 2", ("b", "c", "d"))
    3
    >>> line_of('a = [\\n  "x", # one, two\\n  "y",\\n]', ("a", "2"))
    3
    """
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]+", line):
            table = _keys(header[1])
            here = table
        elif assignment := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            here = (*table, *_keys(assignment[1]))
        else:
            continue
        # A header may lead through the key: [resources.people] is where "resources" is written.
        depth = min(len(here), len(path))
        if here[:depth] == path[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    if best and best[0] < len(path) and path[best[0]].isdigit():
        return _line_of_item(text, best[1], number=int(path[best[0]]))
    return best[1] if best else None


def _line_of_item(text: str, line: int, *, number: int) -> int:
    """The line of an item of the list that is opened on `line`; that line where the list has no such item."""
    rest = "".join(text.splitlines(keepends=True)[line - 1 :]).partition("=")[2]
    at, depth, items, between = line, 0, 0, True
    for part in _PARTS.findall(rest):
        if depth == 1 and part == ",":
            between = True
        elif not part.isspace() and not part.startswith("#"):
            if depth == 1 and between:
                items, between = items + 1, False
                if items == number:
                    return at
            depth += (part in ("[", "{")) - (part in ("]", "}"))
            if depth == 0:
                break
        at += part.count("\n")
    return line


def _written(value: object) -> str:
    """A value as people would write or call it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return _KINDS[type(value)]
    return f'"{value}"' if isinstance(value, str) else str(value)


def _keys(written: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in written.split("."))


def _or(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
