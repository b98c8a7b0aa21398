"""Can a home lie there? Takes a store, tries on a small object what a home needs of it, says what it knows.

Reading, writing and removing can be allowed one by one, and a server may take the condition of a put and not heed it:
then two machines would each believe that a run is theirs.
"""

from __future__ import annotations

import secrets

from ladle.errors import SettingError
from ladle.storage.store import Store

FIRST, SECOND, OTHER = b"tried by Ladle", b"tried again", b"never to be seen"
_LACKS = "Ladle needs a server that knows conditional puts and ranged reads: Amazon's, SeaweedFS, MinIO, Ceph, R2."


def prove(store: Store) -> str:
    """What was found, in words; the object is gone afterwards. Raises SettingError, Unreachable."""
    key = f"tried/{secrets.token_hex(8)}"
    try:
        _prove(store, key)
    finally:
        store.delete(key)
    return "conditional puts and ranged reads"


def _prove(store: Store, key: str) -> None:
    if not store.put_new(key, FIRST) or store.put_new(key, OTHER):
        raise _lacks(store, "puts an object over another that it was told to leave (If-None-Match)")
    found = store.get(key)
    if found is None or found.data != FIRST:
        raise _lacks(store, "does not give what it was given")
    if not store.put_over(key, SECOND, tag=found.tag) or store.put_over(key, OTHER, tag=found.tag):
        raise _lacks(store, "puts an object in place of one that has changed meanwhile (If-Match)")
    if store.ranges(key, [(6, 11)]) != [SECOND[6:11]]:
        raise _lacks(store, "gives other bytes than those that were asked for (Range)")


def _lacks(store: Store, what: str) -> SettingError:
    where = store.bucket.where
    return SettingError(f"{where[0].upper()}{where[1:]} {what}.", hint=_LACKS)
