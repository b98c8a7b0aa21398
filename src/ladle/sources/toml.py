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
        if allowed and value not in allowed:
            self.refuse(key, f'is "{value}"', hint=f"It can be {_or(allowed)}.")
        if key in self._values and not value.strip() and default is None:
            self.refuse(key, "is empty", hint="Give it a text.")
        return value

    def maybe(self, key: str) -> str | None:
        """A text or nothing."""
        self._asked.append(key)
        return self.text(key) if key in self._values else None

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int | None:
        """A whole number of at least `least`, or the default."""
        if key not in self._values:
            self._asked.append(key)
            return default
        value: int = self._take(key, int, None)
        if value < least:
            self.refuse(key, f"is {value}", hint=f"It must be {least} or more.")
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

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; numbers are taken as they are written."""
        table = self.table(key)
        for name, value in table._values.items():
            if isinstance(value, (dict, list)):
                table.refuse(name, "is not a text", hint="Give a text or a number.")
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
            self.refuse(key, f"is {value!r}", hint=f"It must be {_KINDS[kind]}.")
        return value


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key, by following table headers; for one that isn't there, of the nearest table around it.

    >>> line_of("a = 1\\n[b.c]\\nd = 2", ("b", "c", "d"))
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
        depth = len(here)
        if here == path[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _keys(written: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in written.split("."))


def _or(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
