"""Paths into JSON: takes a decoded value and keys joined by dots, gives what lies there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ALL = "*"
"""Stands for every place of a list, or every value of an object."""


def dig(value: object, path: str) -> Any:
    """The value at a path of keys joined by dots; the empty path is the whole; None where it lacks.

    A key that holds a dot itself is found too, since the whole path is tried first. A number is a place in a list, from
    0, or from the end where it is negative; `*` is all of its places and gives one flat list, with None for a place
    where the rest of the path lacks.

    >>> dig({"main": {"temp": 9.87}}, "main.temp")
    9.87
    >>> dig({"types": [{"name": "grass"}, {"name": "poison"}]}, "types.-1.name")
    'poison'
    >>> dig({"types": [{"name": "grass"}, {"name": "poison"}]}, "types.*.name")
    ['grass', 'poison']
    """
    if not path:
        return value
    if (type(value) is dict or isinstance(value, Mapping)) and path in value:  # the first costs a tenth of the second
        return value[path]
    keys = path.split(".")
    for at, key in enumerate(keys):
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif key == ALL:
            return _everywhere(value, ".".join(keys[at + 1 :]))
        elif isinstance(value, list) and (place := _place(key, len(value))) is not None:
            value = value[place]
        else:
            return None
    return value


def has_all(path: str) -> bool:
    """Whether a path stands for several places.

    >>> has_all("groups.*.items"), has_all("a*b")
    (True, False)
    """
    return ALL in path and ALL in path.split(".")


def put(body: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """The body with a value at a path; the objects on the way are made where they lack, and the body stays as it is.

    >>> put({"query": "{…}", "page": {"size": 2}}, "page.after", "x")
    {'query': '{…}', 'page': {'size': 2, 'after': 'x'}}
    """
    key, dot, rest = path.partition(".")
    inner = body.get(key)
    return {**body, key: put(inner if isinstance(inner, Mapping) else {}, rest, value) if dot else value}


def _everywhere(value: object, rest: str) -> list[Any] | None:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return None
    found = [dig(each, rest) for each in value]
    return _flat(found) if has_all(rest) else found


def _flat(found: Sequence[Any]) -> list[Any]:
    return [each for inner in found if inner is not None for each in inner]


def _place(key: str, length: int) -> int | None:
    """A place in a list of that length."""
    digits = key.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    place = int(key)
    return place if -length <= place < length else None
