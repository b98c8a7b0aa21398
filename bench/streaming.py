"""Clients that wait, as a process of its own: takes a script, gives what those who follow and those who wait were told.

    python -m bench.streaming <script.json

Each stream is one connection that reads the events of a run, each waiting client one `POST /collection-request/` whose
answer is not there yet. It says `{"open": …}` when every stream has had its first event and every POST has been sent
and taken up, and the rest when a line comes on standard input. Events are counted and not read, so that this process
is no measure of itself.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, cast

import uvloop

EVENT = b"event: run\n"
AT_ONCE = 50
"""Connections that are opened side by side."""
PATIENCE = 120.0
"""Seconds for all to be open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Who waits for what."""

    port: int
    run: str
    streams: int
    posts: int
    first: int
    """The id of the first collection request; the others follow."""


@dataclass(slots=True)
class Told:
    """What came of all of them."""

    events: list[float] = field(default_factory=list)
    """Seconds, of this process's clock, at which an event came."""
    answers: Counter[str] = field(default_factory=Counter)
    """Statuses of streams and POSTs."""
    bytes: int = 0
    cut: int = 0
    """Connections that the server closed."""


class Line(asyncio.Protocol):
    """One connection: what is sent is sent, what comes is counted."""

    def __init__(self, told: Told, request: bytes) -> None:
        self._told, self._request, self._tail = told, request, b""
        self.events = 0
        self.status = ""
        self.began: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the first event is there, or another answer than a stream."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        self._told.bytes += len(data)
        if not self.status:
            self.status = data[9:12].decode("latin-1")
            self._told.answers[self.status] += 1
        number = (self._tail + data).count(EVENT)
        self._tail = data[1 - len(EVENT) :]
        self._told.events += [time.perf_counter()] * number
        self.events += number
        if (number or self.status != "200") and not self.began.done():
            self.began.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        """The server has closed it, or we have."""
        self._told.cut += 1
        if not self.began.done():
            self.began.set_exception(ConnectionResetError("connection lost"))


class Waiting:
    """All of them."""

    def __init__(self, script: Script) -> None:
        self._script, self.told = script, Told()
        self.streams: list[Line] = []
        self.posts: list[Line] = []

    async def open(self) -> None:
        """Streams first, then POSTs; returns when each stream has had an event."""
        script, places = self._script, asyncio.Semaphore(AT_ONCE)
        follow = _head("GET", f"/api/v1/runs/{script.run}/events") + b"\r\n"

        async def one(request: bytes, *, among: list[Line], begins: bool) -> None:
            async with places:
                _, line = await asyncio.get_running_loop().create_connection(
                    lambda: Line(self.told, request), "127.0.0.1", script.port
                )
                among.append(line)
                if begins:
                    await asyncio.wait_for(line.began, PATIENCE)

        await asyncio.gather(*(one(follow, among=self.streams, begins=True) for _ in range(script.streams)))
        numbers = range(script.first, script.first + script.posts)
        await asyncio.gather(*(one(_post(number), among=self.posts, begins=False) for number in numbers))

    def close(self) -> None:
        """Hang up."""
        for line in (*self.streams, *self.posts):
            line.transport.abort()


def _head(method: str, path: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()


def _post(number: int) -> bytes:
    body = json.dumps({"id": number}).encode()
    head = _head("POST", "/collection-request/") + b"Content-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _used() -> float:
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


async def play(script: Script) -> None:
    """Open all, say so, and on a line of standard input tell what came since."""
    waiting, begun = Waiting(script), time.perf_counter()
    await waiting.open()
    print(json.dumps({"open": len(waiting.streams), "seconds": time.perf_counter() - begun}), flush=True)
    since, used = time.perf_counter(), _used()
    before = [line.events for line in waiting.streams]
    at, size = len(waiting.told.events), waiting.told.bytes
    await asyncio.to_thread(sys.stdin.readline)
    seconds = time.perf_counter() - since
    came = [line.events - first for line, first in zip(waiting.streams, before, strict=True)]
    told = {
        "seconds": seconds,
        "busy": (_used() - used) / seconds,
        "events": sum(came),
        "least": min(came, default=0),
        "most": max(came, default=0),
        "spread": _spread(waiting.told.events[at:]),
        "bytes": waiting.told.bytes - size,
        "answers": dict(waiting.told.answers),
        "waiting": sum(not line.status for line in waiting.posts),
        "cut": waiting.told.cut,
    }
    print(json.dumps(told), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    waiting.close()


def _spread(times: list[float], *, pause: float = 0.1) -> float:
    """Seconds from the first to the last event of one look: the median of what comes with no longer pause between."""
    bursts: list[float] = []
    begun = before = times[0] if times else 0.0
    for at in times:
        if at - before > pause:
            bursts.append(before - begun)
            begun = at
        before = at
    parts: list[float] = quantiles(bursts, n=2) if len(bursts) > 1 else bursts
    return parts[0] if parts else 0.0


def main() -> None:
    """Play the script of the first line of standard input; prints lines of JSON."""
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    uvloop.run(play(Script(**given)))


if __name__ == "__main__":
    main()
