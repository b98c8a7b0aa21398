"""petl: takes a job, gives a CSV file by fromdicts and tocsv over requests, which petl leaves to its user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import petl
import requests

from bench.peers.job import Job, perform


def collect(job: Job) -> None:
    """One page after the other, as a generator gives them to petl."""
    petl.tocsv(petl.fromdicts(records(job)), str(job.csv))


def records(job: Job) -> Iterator[dict[str, Any]]:
    """Every record, by the links from page to page."""
    address: str | None = job.address(1)
    with requests.Session() as session:
        while address:
            answer = session.get(address, timeout=60).json()
            yield from answer["results"]
            address = answer["next"]


if __name__ == "__main__":
    perform(collect)
