"""Small answers of late: takes bytes under a name, gives them back as long as there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Recent:
    """At most so many bytes in this process's memory; what was not asked for for longest goes first."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, None where they are not kept (any more)."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: str, raw: bytes) -> None:
        """Keep bytes under a name, for as long as there is room."""
        with self._lock:
            self._size += len(raw) - len(self._kept.pop(name, b""))
            self._kept[name] = raw
            while self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone)
