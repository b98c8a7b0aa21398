"""Rows of many bytes: takes a part of a CSV and which of its rows are wanted, gives the bytes of those, one at a time.

A hundred rows with cells of a megabyte are never in memory at once, nor are more of them together than a page may hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ladle.errors import BadInput

MOST_TEXT = 32_000_000
"""Characters that the rows of one answer may have together."""
WATCHED, LARGE = 1 << 16, 1 << 20
"""Bytes of rows that lie between two offsets of the index: of more, it is reckoned what they hold; of more yet, one row
is read after the other."""
_PIECE = 1 << 20
_PLAIN = 20
"""Characters that a value is taken for that is no text."""
_TO_ITS_END = re.compile(rb'(?:[^"\n]*+"[^"]*+")*+[^"\n]*+\n')
"""The rest of a row from a place that is not between quotes; it takes all that it can, and gives nothing back."""
Read = Callable[[int, int], bytes]


class Cut(str):
    """The beginning of a text that is longer."""

    __slots__ = ("length",)
    length: int
    """Characters of all of it."""


def cut(value: Any, longest: int) -> Any:
    """A value; of a text that is longer only so many characters, as a Cut."""
    if not isinstance(value, str) or len(value) <= longest:
        return value
    beginning = Cut(value[:longest])
    beginning.length = len(value)
    return beginning


class Room:
    """What the rows of one answer may still hold; a single row is given whatever it holds."""

    def __init__(self, rows: int) -> None:
        self._rows, self._left = rows, MOST_TEXT

    def taken(self, rows: Iterable[tuple[Any, ...]], *, longest: int | None) -> Iterator[tuple[Any, ...]]:
        """The rows, their texts cut; raises BadInput where not all have room."""
        for row in rows:
            shown = row if longest is None else tuple([cut(value, longest) for value in row])
            self._take(shown)
            yield shown

    def _take(self, row: Iterable[Any]) -> None:
        self._left -= sum(len(value) if isinstance(value, str) else _PLAIN for value in row)
        if self._left < 0 and self._rows > 1:
            raise BadInput(
                f"These {self._rows:,} rows hold more than {MOST_TEXT:,} characters.",
                hint="Ask for fewer rows (limit; _limit in an address), or for fewer columns (_col in an address).",
            )


def lines_of(read: Read, start: int, end: int, wanted: Sequence[int]) -> Iterator[bytes]:
    """The bytes of the rows with the numbers `wanted`, which rise from 0 on; `read` gives bytes `start` to `end`.

    Raises ValueError where there are not that many rows. Within a row, a line end stands between quotes.
    """
    left, kept = list(reversed(wanted)), bytearray()
    for number, piece, ends in _parts(_pieces(read, start, end)):
        if number != left[-1]:
            continue
        kept += piece
        if ends:
            yield bytes(kept)
            kept.clear()
            left.pop()
            if not left:
                return
    raise ValueError("its rows are not where the index has them")


def _pieces(read: Read, start: int, end: int) -> Iterator[bytes]:
    return (read(place, min(_PIECE, end - place)) for place in range(start, end, _PIECE))


def _parts(pieces: Iterable[bytes]) -> Iterator[tuple[int, memoryview, bool]]:
    """Parts of rows: the row's number, the bytes, and whether it ends there."""
    number, quoted = 0, False
    for piece in pieces:
        first, whole = 0, memoryview(piece)
        place = 0 if not quoted else piece.find(b'"') + 1 or len(piece)
        while (found := _TO_ITS_END.match(piece, place)) is not None:
            yield number, whole[first : found.end()], True
            number, first = number + 1, found.end()
            place = first
        yield number, whole[first:], False
        quoted = (quoted and not first) ^ (piece.count(b'"', first) % 2 == 1)
