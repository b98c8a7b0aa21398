"""Servers that say whatever a test wants, byte by byte, and a door to them: takes bytes, gives what a call came to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ladle.collect.fetch import NONE, USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate
from ladle.collect.ledger import MemoryLedger
from ladle.collect.reach import Reach
from ladle.collect.request import Request
from ladle.sources.definition import parse
from ladle.sources.source import Quota, Source

DEFINITION = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
concurrency = 4
{more}
[resources.things]
path = "things"
[datasets.things]
resource = "things"
"""
PLENTY = Quota(limit=1000, seconds=60, text="1000 per minute")


def own(url: str, *, auth: str = "") -> Source:
    """A source at this address, with one quota that no test can use up."""
    return parse(DEFINITION.format(url=url, more=auth), where="own.toml", lists=lambda *_: ("", ""))


def to(url: str) -> Request:
    """A request for an address."""
    return Request(key="things", url=url, resource="things", role="page", position=1)


@dataclass
class Door:
    """A fetcher with its gate, which counts the permits that it gives."""

    fetcher: Fetcher
    gate: Gate

    @property
    def permits(self) -> int:
        """How many were given out so far."""
        return self.gate.use()[0].used


@asynccontextmanager
async def door(
    url: str,
    *,
    bounds: Bounds = USUAL,
    auth: str = "",
    secret: str | None = None,
    source: Source | None = None,
    reach: Reach | None = None,
    env: Mapping[str, str] = NONE,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Door]:
    """A fetcher for a source at this address, or for the one that is given."""
    gate, source = Gate(MemoryLedger(), "own", quotas=[PLENTY], pace="fast"), source or own(url, auth=auth)
    fetcher = Fetcher(source, gate=gate, secret=secret, agent="tests", bounds=bounds, reach=reach, env=env, clock=clock)
    async with fetcher:
        yield Door(fetcher, gate)
    await gate.aclose()


@dataclass
class Server:
    """What a server on loopback was asked, and by how many connections."""

    host: str = "127.0.0.1"
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}/"


Say = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(say: Say, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """A server that says what `say` writes after each head of a request, until that closes the connection."""
    found = Server(host)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                found.asked.append(head)
                await say(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, host, port)
    found.port = listening.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        listening.close()


def saying(*parts: bytes, close: bool = True) -> Say:
    """The same each time."""

    async def say(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.writelines(parts)
        if close:
            await writer.drain()
            writer.close()

    return say


def ok(body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer."""
    told = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"HTTP/1.1 200 OK\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode() + body
