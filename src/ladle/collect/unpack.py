"""Compressed bodies: takes bytes as they come, gives what they hold, never more than there is room for.

Not left to curl, which takes a stream that lacks its end for a whole one.
"""

from __future__ import annotations

import zlib
from typing import Protocol

ASKED_FOR = "gzip, deflate"
_GZIP = b"\x1f\x8b"


class DamagedError(Exception):
    """The bytes are not compressed as was said, or in a way that was not asked for."""


class Unpacker:
    """One body, packed as its Content-Encoding says.

    >>> unpacker = Unpacker("gzip")
    >>> unpacker.feed(__import__("gzip").compress(b"Alderaan"), room=100), unpacker.is_whole
    (b'Alderaan', True)
    """

    def __init__(self, encoding: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise DamagedError(encoding)
        self._gzip, self._begun = encoding != "deflate", False
        self._stream: _Stream = zlib.decompressobj(zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS)

    @property
    def is_whole(self) -> bool:
        """Whether its end has come. An empty body is whole too."""
        return self._stream.eof or not self._begun

    def feed(self, part: bytes, *, room: int) -> bytes:
        """What the next bytes hold; a byte more than `room` where they hold more than that. Raises DamagedError."""
        if not self._begun and not self._gzip and part[0] & 0x0F != zlib.DEFLATED:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers leave zlib's own frame away
        self._begun = True
        try:
            found = self._stream.decompress(part, room + 1)
            while self._stream.eof and self._gzip and self._stream.unused_data.startswith(_GZIP):
                part, self._stream = self._stream.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 16)
                found += self._stream.decompress(part, max(1, room + 1 - len(found)))
        except zlib.error as error:
            raise DamagedError from error
        return found


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...
