"""Bodies in pieces: takes an iterator of bytes, gives it as the event loop reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from django.http import StreamingHttpResponse

OURS, CUT = "ladle", "cut"
"""Where an ASGI scope's extensions have what cuts the request's connection (`sending`)."""


async def stepwise(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks that are read in a thread one at a time: a slow client holds none while it takes its time."""
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


class Live(StreamingHttpResponse):
    """An answer that goes on for as long as its client stays: it costs a task on the event loop, and nothing else.

    `ended` is called once, when it is over or was never begun.
    """

    def __init__(self, pieces: AsyncIterator[bytes], *, ended: Callable[[], None], **more: Any) -> None:
        super().__init__(pieces, **more)
        self._ended = ended

    def close(self) -> None:
        """It is over."""
        ended, self._ended = self._ended, do_nothing
        super().close()
        ended()


def cutter(scope: Mapping[str, Any]) -> Callable[[], None]:
    """What cuts the connection at once: to close it would wait until its client has taken all that it was sent."""
    cut: Callable[[], None] = scope.get("extensions", {}).get(OURS, {}).get(CUT, do_nothing)
    return cut


def do_nothing() -> None:
    """Of a server that can't."""
