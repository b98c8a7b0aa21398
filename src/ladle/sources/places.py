"""Places in texts of a definition: takes `{name}` and the parameters' values, gives the text with the values put in.

What is left are places of a resource's `each`, for a request to put in: the text is then a template for `format_map`,
its other signs { and } doubled. A text of a resource without `each` has no places left, and a sign stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any
from urllib.parse import quote

from ladle.sources.toml import Table

_LOOSE = re.compile(r"\{\{([\w.@$-]+)\}\}|\{([\w.@$-]+)\}")
"""In a body, which may be GraphQL, braces around one word alone are a place; doubled, they are signs."""

ROOM = 1 << 20


@dataclass(slots=True)
class Filler:
    """Puts parameters in, and remembers which were used."""

    values: Mapping[str, str]
    """Every parameter by its name."""
    used: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    """Those that name a list's file."""
    room: int = ROOM
    """Letters that may still be put in: a long value in many places would else fill the memory."""

    def text(self, table: Table, key: str, text: str, *, columns: Columns | None = None, as_part: bool = False) -> str:
        """The text at `key`; `as_part`: of an address, so that a value can't lead elsewhere."""
        try:
            parts = list(_strict(text))
        except ValueError:
            hint = "Write { and } in pairs, around the name of a parameter or of a column of the list."
            table.refuse(key, f'is "{text}"', hint=hint)
            return ""
        return self._join(table, key, parts, columns=columns, as_part=as_part)

    def body(self, table: Table, key: str, value: Any, *, columns: Columns | None) -> Any:
        """A JSON value with every text in it filled."""
        if isinstance(value, dict):
            inside = table.inside(key, value)
            return {name: self.body(inside, name, each, columns=columns) for name, each in value.items()}
        if isinstance(value, list):
            inside = table.inside(key, {})
            return [self.body(inside, str(n), each, columns=columns) for n, each in enumerate(value, 1)]
        if isinstance(value, str):
            return self._join(table, key, list(_loose(value)), columns=columns, as_part=False)
        if not isinstance(value, (int, float)):
            table.refuse(key, f"is {value}", hint="JSON knows no dates and times: write it as a text.")
        elif not -(2.0**63) <= value < 2.0**63:  # as nan and inf too
            table.refuse(key, f"is {value}", hint="JSON can't tell such a number: write it as a text.")
        return value

    def _join(
        self, table: Table, key: str, parts: list[tuple[str, str | None]], *, columns: Columns | None, as_part: bool
    ) -> str:
        texts = []
        for signs, place in parts:
            texts.append(_doubled(signs) if columns else signs)
            if place is None:
                continue
            known = columns is not None and columns.has(place)
            if place in self.values and known and columns is not None and columns.names is not None:
                hint = "It is a parameter, and a column of the list: give one of them another name."
                table.refuse(key, f'has "{{{place}}}"', hint=hint)
            elif place in self.values:
                self.used.add(place)
                texts.append(self._put(table, key, place, columns=columns, as_part=as_part))
            elif known:
                texts.append(f"{{{place}}}")
            else:
                table.refuse(key, f'has "{{{place}}}"', hint=self._known(columns))
        return "".join(texts)

    def _put(self, table: Table, key: str, place: str, *, columns: Columns | None, as_part: bool) -> str:
        """A parameter's value, as long as there is room."""
        self.room -= len(self.values[place])
        if self.room < 0:
            table.refuse(key, "grows beyond all measure", hint=f'Give "{place}" a shorter value, or fewer places.')
            return ""
        value = quote(self.values[place], safe="") if as_part else self.values[place]
        return _doubled(value) if columns else value

    def _known(self, columns: Columns | None) -> str:
        names = ", ".join(sorted(columns.names or ())) if columns else 'none, since there is no "each"'
        others = f" Parameters: {', '.join(sorted(self.values))}." if self.values else ""
        return f"The list's columns are: {names}.{others}"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a resource's `each` has for places: columns of a list, or any path into a parent's record (None)."""

    names: Collection[str] | None

    def has(self, place: str) -> bool:
        """A parent's record has what the API gives it; a place with a form or conversion is none."""
        if self.names is None:
            return bool(place.strip()) and not re.search(r"[!:\[\]{}]", place)
        return place in self.names


def places(text: str) -> set[str]:
    """The places of a template as a resource holds it."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def letters(body: Any, values: Mapping[str, str]) -> int:
    """How many letters values take up in all the places of a text, or of all texts within a JSON value."""
    if isinstance(body, Mapping):
        body = list(body.values())
    if isinstance(body, (list, tuple)):
        return sum(letters(each, values) for each in body)
    found = [name for _, name, _, _ in Formatter().parse(body) if name] if isinstance(body, str) else []
    return sum(len(values.get(name, "")) for name in found)


def places_of(body: Any) -> set[str]:
    """The places of all texts within a JSON value."""
    if isinstance(body, Mapping):
        return set().union(*map(places_of, body.values()))
    if isinstance(body, (list, tuple)):
        return set().union(*map(places_of, body))
    return places(body) if isinstance(body, str) else set()


def _strict(text: str) -> Iterator[tuple[str, str | None]]:
    """Signs, each with the place that follows; ValueError where braces have no other half."""
    for signs, name, form, conversion in Formatter().parse(text):
        if name is not None:
            name += (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        yield signs, name


def _loose(text: str) -> Iterator[tuple[str, str | None]]:
    at = 0
    for found in _LOOSE.finditer(text):
        yield text[at : found.start()] + (f"{{{found[1]}}}" if found[1] else ""), found[2]
        at = found.end()
    yield text[at:], None


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
