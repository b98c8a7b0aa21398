"""A server that makes pages as they are asked for: takes a latency in milliseconds, says its port, serves until killed.

    python -m bench.generator 50        GET /100x1000/people?page=7 → page 7 of 1,000 pages of 100 people

uvloop and as little Python as will do, so that the clients are what is measured: it reads the first line of a request
and the end of its headers, and nothing else.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import cast

import uvloop

from bench.people import page

LINE = re.compile(rb"GET (/(\d+)x(\d+)/people)(?:\?page=(\d+))? ")
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Connection(asyncio.Protocol):
    """One client's connection; requests come one after the other, without a body."""

    def __init__(self, latency: float) -> None:
        self._latency, self._loop = latency, asyncio.get_running_loop()
        self._rest, self._host = b"", ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("sockname")
        self._host = f"http://{host}:{port}"

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            if self._latency:
                self._loop.call_later(self._latency, self._answer, request)
            else:
                self._answer(request)

    def _answer(self, request: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.writelines(self._pieces(request))

    def _pieces(self, request: bytes) -> tuple[bytes, ...]:
        asked = LINE.match(request)
        if asked is None or not 1 <= int(asked[4] or 1) <= int(asked[3]):
            return (MISSING,)
        address = self._host + asked[1].decode()
        body = page(int(asked[4] or 1), size=int(asked[2]), pages=int(asked[3]), address=address)
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body), body


async def serve(latency: float) -> None:
    """Serve on a free port of the loopback, for ever; `latency` in seconds."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(latency), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(float(sys.argv[1]) / 1000))
