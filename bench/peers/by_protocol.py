"""As little as will do: takes a job, gives a CSV file by an asyncio protocol over httptools, orjson and csv.writer.

It knows the server: no redirects, no compression, no time-outs, no connection that is closed under way.
"""

from __future__ import annotations

import asyncio
import csv
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

from bench.peers.job import Job, perform


class Client(asyncio.Protocol):
    """One connection; one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._loop = cast(asyncio.Transport, transport), asyncio.get_running_loop()
        self._parser, self._body = httptools.HttpResponseParser(self), bytearray()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        body, self._body = self._body, bytearray()
        self._answer.set_result(body)

    def get(self, target: str, host: str) -> asyncio.Future[bytearray]:
        """The body of the answer."""
        self._answer: asyncio.Future[bytearray] = self._loop.create_future()
        self._transport.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return self._answer


def collect(job: Job) -> None:
    """All pages into memory, then into the file; on uvloop where the job is tuned."""
    pages = uvloop.run(fetch(job)) if job.tuned else asyncio.run(fetch(job))
    with job.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(pages[0][0])
        for records in pages:
            writer.writerows(record.values() for record in records)


async def fetch(job: Job) -> list[list[dict[str, Any]]]:
    """Every page's records, in order."""
    at = urlsplit(job.base_url)
    host, port = at.hostname or "", at.port or 80
    pages: list[list[dict[str, Any]]] = [[] for _ in range(job.pages)]
    numbers = iter(range(1, job.pages + 1))

    async def work() -> None:
        transport, client = await asyncio.get_running_loop().create_connection(Client, host, port)
        for number in numbers:
            body = await client.get(f"{at.path}people?page={number}", at.netloc)
            pages[number - 1] = orjson.loads(body)["results"]
        transport.close()

    await asyncio.gather(*(work() for _ in range(job.concurrency)))
    return pages


if __name__ == "__main__":
    perform(collect)
