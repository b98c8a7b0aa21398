"""What records hold: takes some records, gives their table's columns, with types as seen, and what tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ladle.sources.infer.addresses import is_web
from ladle.sources.infer.envelope import simple
from ladle.sources.infer.findings import Field, Guess, Sure
from ladle.sources.infer.names import unique

Records = Sequence[dict[str, Any]]
Reading = tuple[tuple[tuple[str, Any], ...], Sure, str]
"""What the definition says of a column's values, how sure, and what was seen."""


class Columns(NamedTuple):
    """A table's columns, what of the records is none, and whether objects are taken apart."""

    fields: tuple[Field, ...]
    drop: tuple[str, ...] = ()
    flatten: bool = False


LOOKED_AT = 300
"""Records: what they hold is told by so many."""
MOST, MOST_INSIDE, DEEPEST = 150, 30, 3
"""Columns of a table, columns of one object, and levels: what is beyond stays together as JSON text."""
KEYS = ("id", "uid", "uuid", "guid", "_id", "key", "identifier", "url", "self", "href", "slug", "code", "sha", "isbn")
NAMES = ("name", "title", "label", "full_name", "display_name", "username", "login", "caption", "subject", "headline")
WRAPPERS = ("properties", "attributes")
"""Objects that hold all of a record: their fields need not bear their name."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?(Z|[+-]\d\d:?\d\d)?")
_TIMELY = re.compile(
    r"(?i)(?:^|_|\b)(?:time|date|timestamp|created|updated|modified|at|ts|dt|since|until)(?:$|_|\b)|[a-z](?:Time|Date|At)$|_(?:utc|time|ts|ms)$"
)
_WHOLE, _NUMBER = re.compile(r"0|-?[1-9]\d{0,17}"), re.compile(r"-?(?:0|[1-9]\d{0,14})\.\d{1,15}")
_SECONDS, _MILLISECONDS = (3e8, 5e9), (3e11, 5e12)
"""From 1979 to 2128."""


def key_of(records: Records, *, prefer: str | None = None) -> Guess | None:
    """The field that tells records apart: named as such, there in all of them, and never the same twice."""
    if not records:
        return None
    names = dict.fromkeys(name for record in records[:LOOKED_AT] for name in record)
    usual = [name for wanted in KEYS for name in names if name.casefold() == wanted]
    ending = [name for name in names if re.search(r"(?:_id|Id|ID|_key|Code)$", name) and _plain_name(name)]
    for name in ([prefer] if prefer else []) + usual + ending[:1]:
        values = [record.get(name) for record in records[:LOOKED_AT]]
        if not all(isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" for value in values):
            continue
        if len(set(values)) == len(values):
            sure: Sure = "certain" if len(values) > 1 and (name in usual or name == prefer) else "likely"
            return Guess(name, sure, f"there in all {len(values):,} records seen, and different in each")
    return None


def name_of(records: Records) -> str | None:
    """The field that is a record's name for people."""
    for wanted in NAMES:
        if records and all(isinstance(record.get(wanted), str) for record in records[:LOOKED_AT]):
            return wanted
    return None


def fields_of(records: Records) -> Columns:
    """The columns in the order of their first appearance."""
    found: list[Field] = []
    drop: list[str] = []
    flatten = False
    taken: set[str] = set()
    some = records[:LOOKED_AT]
    for name in dict.fromkeys(name for record in some for name in record):
        if name == "type" and _are_features(some):
            drop.append(name)
            continue
        if not _plain_name(name):
            continue  # left to "*", which takes whatever else there is
        values = [record.get(name) for record in some]
        inside = list(_inside(name, values, 1))
        # A name with a dot in it can't be the first step of a path.
        if 1 <= len(inside) <= MOST_INSIDE and len(found) + len(inside) <= MOST and "." not in name:
            flatten = True
            drop += dict.fromkeys(points for path, _ in inside if (points := _list_of(path)))
            found += [_field(path, values, taken) for path, values in inside]
        else:
            found.append(_field(name, values, taken))
    return Columns(tuple(found), tuple(drop), flatten)


def _list_of(path: str) -> str | None:
    """The list of which a path names a place, so that it isn't a column a second time."""
    above, _, last = path.rpartition(".")
    return above if last.isdigit() else None


def _are_features(records: Records) -> bool:
    """GeoJSON: every record's type is Feature, and says nothing."""
    return all(record.get("type") == "Feature" and "properties" in record for record in records)


def _inside(path: str, values: list[Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """The plain values and lists within objects, by their paths; nothing where a value is something else than one."""
    objects = [value for value in values if isinstance(value, dict)]
    if not objects or any(value is not None and not isinstance(value, dict) for value in values):
        return
    for name in dict.fromkeys(name for each in objects for name in each):
        if not _plain_name(name) or "." in name or name.isdigit():
            continue
        inner = [value.get(name) if isinstance(value, dict) else None for value in values]
        here = f"{path}.{name}"
        deeper = list(_inside(here, inner, depth + 1)) if depth < DEEPEST else []
        if here.endswith("geometry.coordinates") or (name == "coordinates" and _are_points(objects)):
            yield from _points(here, inner)
        elif deeper and len(deeper) <= MOST_INSIDE:
            yield from deeper
        else:
            yield here, inner


def _are_points(objects: list[dict[str, Any]]) -> bool:
    return all(each.get("type") == "Point" for each in objects)


def _points(path: str, values: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """GeoJSON's points: longitude, latitude, and what is third."""
    if not all(value is None or (isinstance(value, list) and 2 <= len(value) <= 3) for value in values):
        yield path, values
        return
    longest = max((len(value) for value in values if value), default=2)
    for place in range(longest):
        yield f"{path}.{place}", [value[place] if value and len(value) > place else None for value in values]


def _field(path: str, values: list[Any], taken: set[str]) -> Field:
    """One column: its name, and how its values read."""
    name = unique(_column_name(path), taken)
    taken.add(name)
    more, sure, why = _reading(path, [value for value in values if value is not None])
    return Field(name=name, path=None if name == path else path, more=more, sure=sure, why=why)


def _column_name(path: str) -> str:
    """A path as a name: `main.temp` is `main_temp`; of what wraps a whole record only the inner name counts."""
    parts = path.split(".") if not path.startswith(".") else [path]
    if parts[-2:-1] == ["coordinates"] and parts[-1].isdigit():
        return ("longitude", "latitude", "coordinate_3")[int(parts[-1])]
    if len(parts) > 1 and parts[0] in WRAPPERS:
        parts = parts[1:]
    if parts[0] == "relationships" and parts[-2:] == ["data", "id"]:
        parts = [*parts[1:-2], "id"]
    return "_".join(parts)


def _reading(path: str, values: list[Any]) -> Reading:
    """Type or time where the values leave no doubt, how sure, and what was seen."""
    if not values:
        return (), "guess", "null in every record seen"
    kinds = {type(value) for value in values}
    if kinds <= {dict, list}:
        return (), "certain", "lists, kept as JSON" if kinds == {list} else "objects, kept as JSON"
    if kinds == {str}:
        return _of_texts(values)
    if kinds == {int}:
        return _of_numbers(path, values)
    if kinds <= {int, float}:
        return (), "certain", "numbers"
    if kinds == {bool}:
        return (), "certain", "true or false"
    return (), "certain", "values of several kinds, kept as text"


def _of_texts(values: list[str]) -> Reading:
    if all(_DATE.fullmatch(value) for value in values) and all(map(_is_moment, values)):
        return (("type", "date"),), "certain" if len(values) > 2 else "likely", f"dates like {values[0]}"
    if all(_TIME.fullmatch(value) for value in values) and all(map(_is_moment, values)):
        whole = all((found := _TIME.fullmatch(value)) and found[3] and not found[2] for value in values)
        if whole:
            return (("type", "timestamp"),), "certain" if len(values) > 2 else "likely", f"times like {values[0]}"
        return (), "certain", f'times like {values[0]}, kept as written; date = "%Y-%m-%d" shows the day'
    if all(_WHOLE.fullmatch(value) for value in values):
        return (), "certain", f'texts like "{values[0]}"; type = "integer" makes them numbers'
    if all(_WHOLE.fullmatch(value) or _NUMBER.fullmatch(value) for value in values):
        return (), "certain", f'texts like "{values[0]}"; type = "number" makes them numbers'
    return (), "certain", "addresses" if all(map(is_web, values)) else "text"


def _of_numbers(path: str, values: list[int]) -> Reading:
    """Whole numbers, or times since 1970 where name and size say so."""
    name = path.rpartition(".")[2]
    low, high = min(values), max(values)
    timely = bool(_TIMELY.search(name)) or simple(name) in ("time", "updated", "created")
    if timely and _SECONDS[0] < low and high < _SECONDS[1]:
        return (("unix", "s"),), "likely", f"seconds since 1970, like {values[0]}"
    if timely and _MILLISECONDS[0] < low and high < _MILLISECONDS[1]:
        return (("unix", "ms"),), "likely", f"milliseconds since 1970, like {values[0]}"
    return (), "certain", "whole numbers"


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _plain_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and "*" not in name and len(name) < 200
