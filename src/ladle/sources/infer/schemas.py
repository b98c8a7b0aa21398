"""Schemas of an OpenAPI document: takes one with its references, gives where the records lie and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from ladle.sources.infer.envelope import simple
from ladle.sources.infer.fields import Columns
from ladle.sources.infer.findings import Field
from ladle.sources.infer.places import KNOWN

DEEPEST = 4
MOST_INSIDE = 12
"""Fields of an object that become columns of their own."""
MOST = 1_000
"""Places of one answer that are looked at: a schema that holds itself has no end of them."""
_SEVERAL = ("allOf", "oneOf", "anyOf")


class Listed(NamedTuple):
    """A list of records in a schema: its path, the records' schema, and what stands beside it by its path."""

    path: str
    record: Mapping[str, Any]
    beside: dict[str, Mapping[str, Any]]


class Schemas:
    """The document, by which `$ref` is followed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._known: dict[str, Mapping[str, Any]] = {}
        """What each `$ref` leads to: followed anew each time, twenty that name twenty each would never end."""

    def resolved(self, schema: Any, depth: int = 0) -> Mapping[str, Any]:
        """Without `$ref` and `allOf` at its top; empty where it leads nowhere or in a circle."""
        if not isinstance(schema, Mapping) or depth > 20:
            return {}
        ref = schema.get("$ref")
        if isinstance(ref, str):
            return self._referred(ref, depth + 1)
        several = next((name for name in _SEVERAL if isinstance(schema.get(name), list) and schema[name]), None)
        if several is None:
            return schema
        parts = [self.resolved(each, depth + 1) for each in schema[several][:20]]
        parts = [each for each in parts if each.get("type") != "null"]
        if several != "allOf":
            parts = parts[:1]
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != several}
        properties = dict(_properties(schema))
        for each in parts:
            properties |= _properties(each)
            merged = {**{key: value for key, value in each.items() if key != "properties"}, **merged}
        return {**merged, "properties": properties} if properties else merged

    def _referred(self, ref: str, depth: int) -> Mapping[str, Any]:
        if ref not in self._known:
            self._known[ref] = {}  # in a circle it holds nothing of itself
            self._known[ref] = self.resolved(self._pointed(ref), depth)
        return self._known[ref]

    def _pointed(self, ref: str) -> Any:
        value: Any = self._document
        if not ref.startswith("#/"):
            return None
        for part in ref[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def listed(self, schema: Any) -> Listed | None:
        """The list of records in an answer's schema."""
        top = self.resolved(schema)
        if "items" in top:
            record = self.resolved(top["items"])
            return Listed("", record, {}) if is_object(record) else None
        lists = dict(self._lists(top, "", 1))
        if not lists:
            return None
        path = min(lists, key=lambda each: (_rank(each), each.count(".")))
        return Listed(path, lists[path], dict(self._beside(top, path, "", 1)))

    def _lists(self, schema: Mapping[str, Any], path: str, depth: int) -> list[tuple[str, Mapping[str, Any]]]:
        found: list[tuple[str, Mapping[str, Any]]] = []
        for name, inner in _properties(schema).items():
            each, here = self.resolved(inner), f"{path}.{name}" if path else name
            if len(found) >= MOST:
                break
            if "." in name or "*" in name:
                continue
            if "items" in each and is_object(record := self.resolved(each["items"])):
                found.append((here, record))
            elif depth < 2 and _properties(each):
                found += self._lists(each, here, depth + 1)
        return found

    def _beside(
        self, schema: Mapping[str, Any], skip: str, path: str, depth: int
    ) -> list[tuple[str, Mapping[str, Any]]]:
        found: list[tuple[str, Mapping[str, Any]]] = []
        for name, inner in _properties(schema).items():
            each, here = self.resolved(inner), f"{path}.{name}" if path else name
            if len(found) >= MOST:
                break
            if here == skip:
                continue
            if _properties(each) and depth < DEEPEST:
                found += self._beside(each, skip, here, depth + 1)
            elif "items" not in each:
                found.append((here, each))
        return found

    def fields(self, record: Mapping[str, Any]) -> Columns:
        """Columns of a record's schema."""
        fields, flatten = [], False
        for name, inner in _properties(record).items():
            each = self.resolved(inner)
            if not name.strip() or not name.isprintable() or "*" in name:
                continue
            inside = {} if "." in name else _properties(each)
            some = islice((key for key in inside if key.isidentifier()), MOST_INSIDE + 1)
            plain = {key: self.resolved(inside[key]) for key in some}
            if plain and len(plain) <= MOST_INSIDE and not any(_properties(value) for value in plain.values()):
                flatten = True
                fields += [_field(f"{name}_{key}", f"{name}.{key}", value) for key, value in plain.items()]
            else:
                fields.append(_field(name, None, each))
        unique = {field.name: field for field in reversed(fields)}
        return Columns(tuple(field for field in fields if unique.get(field.name) is field), flatten=flatten)


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema's type as one word."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "")
    return kind if isinstance(kind, str) else ""


def is_object(schema: Mapping[str, Any]) -> bool:
    """Whether it is an object with named fields, or may be."""
    return bool(_properties(schema)) or kind_of(schema) == "object"


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _rank(path: str) -> int:
    name = path.rpartition(".")[2].casefold()
    return KNOWN.index(name) if name in KNOWN else (len(KNOWN) + (50 if simple(name) in ("links", "errors") else 0))


def _field(name: str, path: str | None, schema: Mapping[str, Any]) -> Field:
    kind, form = kind_of(schema), schema.get("format")
    told = schema.get("description")
    words = " ".join(told.split())[:80] if isinstance(told, str) else ""
    if kind == "string" and form == "date":
        return Field(name=name, path=path, more=(("type", "date"),), sure="likely", why="a date by the document")
    return Field(name=name, path=path, why=words or (f"{kind} by the document" if kind else ""))
