"""The script with threads: takes a job, gives a CSV file by requests in a pool of threads and csv.writer."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bench.peers.job import Job, perform


def collect(job: Job) -> None:
    """Pages are written in order as they come."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=job.concurrency))

    def fetch(number: int) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = session.get(job.address(number), timeout=60).json()["results"]
        return records

    with ThreadPoolExecutor(job.concurrency) as pool, job.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for number, records in enumerate(pool.map(fetch, range(1, job.pages + 1)), start=1):
            if number == 1:
                writer.writerow(records[0])
            writer.writerows(record.values() for record in records)


if __name__ == "__main__":
    perform(collect)
