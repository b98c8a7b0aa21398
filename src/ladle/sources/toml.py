"""Reading TOML strictly: takes a definition's text, gives its tables, and for every mistake the line, key and value.

A mistake is noted, not raised: reading goes on with a stand-in, so that all mistakes are told at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

from ladle.errors import BadInput, DefinitionError, unknown
from ladle.sources.notes import Notes, beyond_measure, bounded, not_toml
from ladle.sources.source import Scalar

_KINDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    float: "a number",
}


MOST = 10**12
"""Of any whole number: beyond it a definition is more likely a slip than a wish."""
MOST_TABLES = 100
"""Of a list of rules: each answer or record is held against all of them."""


class Table:
    """One table of a definition. Every key is taken once; `done` notes what was left over."""

    def __init__(self, values: dict[str, Any], *, path: tuple[str, ...], notes: Notes) -> None:
        self.notes = notes
        self._values = values
        self._path = path
        self._asked: list[str] = []

    @classmethod
    def read(cls, text: str, *, where: str) -> Table:
        """The whole document; a syntax error becomes a DefinitionError with its line."""
        if (beyond := beyond_measure(text, where=where)) is not None:
            raise DefinitionError.of([beyond])
        try:
            text.encode()
            values, notes = tomllib.loads(text.removeprefix("\ufeff")), Notes(text, where=where)
        except (ValueError, RecursionError) as error:  # ValueError: no TOML, no Unicode, a number that has no end
            raise DefinitionError.of([not_toml(error, text, where=where)]) from error
        bounded(values, notes)
        return cls(values, path=(), notes=notes)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        """Its keys as written, in order."""
        return list(self._values)

    def raw(self, key: str) -> Any:
        """What is written there, whatever it is; None where it lacks."""
        self._asked.append(key)
        return self._values.get(key)

    def text(self, key: str, default: str | None = None, *, choices: Iterable[str] = ()) -> str:
        """A text that must be there unless a default is given."""
        value: str = self._take(key, str, default)
        allowed = list(choices)
        if key not in self._values or not self.sound(key):
            return value
        if not value.strip() and default != "":
            self.refuse(key, "is empty", hint=f"It can be {one_of(allowed)}." if allowed else "Give it a text.")
        elif allowed and value not in allowed:
            self.refuse(key, f'is "{value}"', hint=f"It can be {one_of(allowed)}.")
        return value if self.sound(key) else default or ""

    def maybe(self, key: str, *, choices: Iterable[str] = ()) -> str | None:
        """A text or nothing."""
        self._asked.append(key)
        return self.text(key, choices=choices) or None if key in self._values else None

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int = MOST) -> int | None:
        """A whole number from `least` to `most`, or the default."""
        if key not in self._values:
            self._asked.append(key)
            return default
        value = self._take(key, int, default or least)
        if value < least:
            self.refuse(key, f"is {value}", hint=f"It must be {least} or more.")
        if value > most:
            self.refuse(key, f"is {value}", hint=f"It must be {most} or less.")
        return int(value) if self.sound(key) else default

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
            self.refuse(key, f"is {written(value)}", hint="It must be a table, or a list of tables.")
            return []
        if len(value) > MOST_TABLES:
            self.refuse(key, f"holds {len(value):,} tables", hint=f"Give {MOST_TABLES} at most.")
            return []
        inside = self.inside(key, {})
        return [inside.inside(f"{number}", each) for number, each in enumerate(value, 1)]

    def values(self, key: str) -> tuple[Scalar, ...] | None:
        """A text, number, true or false, or a list of such; None where it lacks."""
        self._asked.append(key)
        if key not in self._values:
            return None
        value = self._values[key]
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, (str, int, float)) for each in values):
            hint = "It must be a text, a number, true or false, or a list of such."
            self.refuse(key, f"is {written(value)}" if values else "is empty", hint=hint)
            return None
        return tuple(values)

    def listed(self, key: str) -> tuple[str, ...]:
        """A list of texts or numbers, each as a text and once; none where it lacks."""
        inside = self.inside(key, {})
        texts: dict[str, None] = {}
        for number, value in enumerate(self.entries(key), 1):
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                inside.refuse(str(number), f"is {written(value)}", hint="Give a text or a number.")
            elif str(value) in texts:
                inside.refuse(str(number), f"is {written(value)} a second time", hint="Leave one out.")
            else:
                texts[str(value)] = None
        return tuple(texts)

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; numbers are taken as they are written."""
        table, texts = self.table(key), {}
        for name, value in table._values.items():
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                table.refuse(name, f"is {written(value)}", hint="Give a text or a number.")
            else:
                texts[name] = str(value)
        return texts

    def inside(self, key: str, values: dict[str, Any]) -> Table:
        """A table whose place is told as under `key`."""
        return Table(values, path=(*self._path, key), notes=self.notes)

    def done(self) -> None:
        """Refuse keys that nobody asked for: a misspelt key would else be ignored."""
        self.notes.keys[self._path] = frozenset(self._asked)
        for key in self._values:
            if key not in self._asked:
                known = dict.fromkeys(self._asked)
                _, _, remedy = unknown("key", key, known, guess=self.notes.are_few).partition(f'"{key}". ')
                if meant := re.match(r'Did you mean "([^"]+)"', remedy):
                    self.notes.meant((*self._path, meant[1]))
                self.refuse(key, "is not a key here", hint=remedy)

    def sound(self, *keys: str) -> bool:
        """No mistake was found at any of these keys, or within."""
        return all(self.notes.sound((*self._path, key)) for key in keys)

    def refuse(self, key: str, what: str, *, hint: str, missing: bool = False) -> None:
        """Note a mistake at a key of this table."""
        self.notes.note((*self._path, key), what, hint=hint, missing=missing)

    def blame(self, key: str, error: BadInput) -> None:
        """Note an error that something outside the definition is to blame for, where the definition names it."""
        mistake = self.notes.note((*self._path, key), f"can't be used: {error.message.rstrip('.')}", hint=error.hint)
        self.notes.errors[mistake] = error

    def _take(self, key: str, kind: type, default: Any) -> Any:
        self._asked.append(key)
        value = self._values.get(key, default)
        if key not in self._values:
            if default is None:
                self.refuse(key, "is missing", hint=f"It must be {_KINDS[kind]}.", missing=True)
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.refuse(key, f"is {written(value)}", hint=f"It must be {_KINDS[kind]}.")
            value = default
        return kind() if value is None else value


def written(value: object) -> str:
    """A value as people would write or call it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return _KINDS[type(value)]
    return f'"{value}"' if isinstance(value, str) else str(value)


def one_of(names: Iterable[str]) -> str:
    """`"a", "b" or "c"`."""
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
