"""Paths into JSON: takes a decoded value and keys joined by dots, gives what lies there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def dig(value: object, path: str) -> Any:
    """The value at a path of keys joined by dots; the empty path is the whole; None where it lacks.

    A key that holds a dot itself is found too, since the whole path is tried first.

    >>> dig({"main": {"temp": 9.87}}, "main.temp")
    9.87
    """
    if not path:
        return value
    if (type(value) is dict or isinstance(value, Mapping)) and path in value:  # the first costs a tenth of the second
        return value[path]
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value
