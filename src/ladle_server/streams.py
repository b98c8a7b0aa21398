"""Bodies in pieces: takes an iterator of bytes, gives it as the event loop reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator


async def stepwise(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks that are read in a thread one at a time: a slow client holds none while it takes its time."""
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
