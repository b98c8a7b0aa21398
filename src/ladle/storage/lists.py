"""Names that many machines add to: takes a key, gives the names in the object there, changed by one at a time.

What an S3 server lists may lag behind, and costs a request for every thousand keys. So what there is, is written down;
a change is put on the condition that nobody else has made one since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import orjson

from ladle.errors import Damaged, Unreachable
from ladle.storage.store import Found, Store

TRIES = 200
"""Each that fails means that somebody else's has succeeded."""


def names_in(store: Store, key: str) -> list[str]:
    """The names, in order; none where nothing was ever added."""
    return _names(store.get(key), key)


def add_name(store: Store, key: str, name: str) -> None:
    """Add a name, once."""
    _change(store, key, lambda names: {*names, name})


def remove_name(store: Store, key: str, name: str) -> None:
    """Take a name out, if it is there."""
    _change(store, key, lambda names: set(names) - {name})


def _change(store: Store, key: str, changed: Callable[[list[str]], Iterable[str]]) -> None:
    for _ in range(TRIES):
        found = store.get(key)
        before = _names(found, key)
        after = sorted(changed(before))
        if after == before:
            return
        data = orjson.dumps({"format": 1, "names": after})
        if store.put_new(key, data) if found is None else store.put_over(key, data, tag=found.tag):
            return
    raise Unreachable(f"{store.bucket.address}/{key} is changed by others all the time.", hint="Try again.")


def _names(found: Found | None, key: str) -> list[str]:
    if found is None:
        return []
    try:
        names = orjson.loads(found.data)["names"]
        return sorted(str(name) for name in names)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{key} on S3 can't be read: {error!r}.", hint="Take it from a backup.") from error
