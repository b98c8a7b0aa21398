"""Where a file goes that nobody keeps: takes what is written, gives it on; it can't seek, and that is the point."""

from __future__ import annotations

from io import RawIOBase
from typing import Any


class Sink(RawIOBase):
    """Takes what is written, gives what has come since it was last asked."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How much was written in all."""
        return self._size

    def write(self, piece: Any) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        self._size += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """What has come."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
