"""The script that people write: takes a job, gives a CSV file by aiohttp, orjson and csv.writer. No retry, no check."""

from __future__ import annotations

import asyncio
import csv
from typing import Any

import aiohttp
import orjson

from bench.peers.job import Job, perform


def collect(job: Job) -> None:
    """All pages into memory, then into the file."""
    pages = asyncio.run(fetch(job))
    with job.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(pages[0][0])
        for records in pages:
            writer.writerows(record.values() for record in records)


async def fetch(job: Job) -> list[list[dict[str, Any]]]:
    """Every page's records, in order; `concurrency` tasks share one line of numbers."""
    pages: list[list[dict[str, Any]]] = [[] for _ in range(job.pages)]
    numbers = iter(range(1, job.pages + 1))

    async def work(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            async with session.get(job.address(number)) as answer:
                pages[number - 1] = orjson.loads(await answer.read())["results"]

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(work(session) for _ in range(job.concurrency)))
    return pages


if __name__ == "__main__":
    perform(collect)
