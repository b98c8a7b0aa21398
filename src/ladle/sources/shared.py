"""Sources of one's own in a home on S3: takes and gives versions, each one object, and which of them goes by the name.

    sources/names.json              the names that were ever given
    sources/<name>/source.json      which version goes by the name, and the last one's number
    sources/<name>/<version>.json   a version with all its files; put only where there is none

So two machines that keep a version at once get two numbers, and neither is seen in part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ladle.errors import Damaged, Unreachable
from ladle.storage.lists import TRIES, add_name, names_in
from ladle.storage.store import Store

NAMES = "sources/names.json"


@dataclass(frozen=True, slots=True)
class State:
    """Of a source's versions: which goes by the name, None where none does, and how many there are."""

    current: int | None = None
    last: int = 0


def names(store: Store) -> list[str]:
    """The names that were ever given, in order."""
    return names_in(store, NAMES)


def state(store: Store, name: str) -> State:
    """Nothing of both where there never was such a source."""
    found = store.get(_key(name))
    return State() if found is None else _state(found.data, name)


def put(store: Store, name: str, *, told: Mapping[str, Any], text: str, files: Mapping[str, str]) -> int:
    """Keep a version under the next number that nobody has; it goes by the name from then on. Its number."""
    data = orjson.dumps({**told, "text": text, "texts": dict(files)})
    number = state(store, name).last + 1
    while not store.put_new(_key(name, number), data):
        number += 1
    _change(store, name, lambda before: State(number, max(before.last, number)))
    add_name(store, NAMES, name)
    return number


def point(store: Store, name: str, number: int | None) -> None:
    """Let another version go by the name, or none."""
    _change(store, name, lambda before: replace(before, current=number))


def version(store: Store, name: str, number: int) -> tuple[dict[str, Any], str, dict[str, str]]:
    """What is told of a version, its definition's text and the texts of its files. Raises Damaged."""
    found = store.get(_key(name, number))
    try:
        told = orjson.loads(found.data if found is not None else b"")
        return told, told.pop("text"), told.pop("texts")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{_key(name, number)} on S3 can't be read: {error!r}.", hint="Add the source again.") from error


def _change(store: Store, name: str, changed: Callable[[State], State]) -> None:
    for _ in range(TRIES):
        found = store.get(_key(name))
        after = changed(State() if found is None else _state(found.data, name))
        data = orjson.dumps({"format": 1, "current": after.current, "last": after.last})
        if store.put_new(_key(name), data) if found is None else store.put_over(_key(name), data, tag=found.tag):
            return
    raise Unreachable(f"The source {name} is changed by others all the time.", hint="Try again.")


def _state(data: bytes, name: str) -> State:
    try:
        told = orjson.loads(data)
        return State(told["current"], int(told["last"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{_key(name)} on S3 can't be read: {error!r}.", hint="Add the source again.") from error


def _key(name: str, number: int | None = None) -> str:
    return f"sources/{name}/source.json" if number is None else f"sources/{name}/{number}.json"
