"""A server that does nothing: takes any request, gives the same 3 KB, to see how fast those who ask can be.

python -m bench.explore.trivial PORT
"""

from __future__ import annotations

import asyncio
import sys

BODY = b"x" * 3000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


class Same(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A request is one piece here: nobody sends a second before the answer."""
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    """Until it is ended."""
    server = await asyncio.get_running_loop().create_server(Same, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
