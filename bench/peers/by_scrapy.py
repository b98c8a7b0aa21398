"""Scrapy: takes a job, gives a CSV file by its feed exports, with its own defaults or tuned.

Both are given every page's address at once, which is more than a spider that follows links can do. The defaults are the
library's (16 requests, 8 for a host, no delay; a project made by `scrapy startproject` waits a second between
requests). Tuned follows the advice for broad crawls: as many requests as the job allows, no cookies, no log of every
item; and uvloop, and orjson for the pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from bench.peers.job import Job, perform


class People(Spider):
    """Gives every record of every page."""

    name = "people"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job

    async def start(self) -> AsyncIterator[Request]:
        """All pages; none is looked for among those asked for before."""
        for number in range(1, self.job.pages + 1):
            yield Request(self.job.address(number), dont_filter=True)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        """The records of a page."""
        yield from orjson.loads(response.body)["results"] if self.job.tuned else response.json()["results"]


def collect(job: Job) -> None:
    """Crawl, and write the feed."""
    process = CrawlerProcess({"FEEDS": {str(job.csv): {"format": "csv"}}, **(tuned(job) if job.tuned else {})})
    process.crawl(People, job=job)
    process.start()


def tuned(job: Job) -> dict[str, object]:
    """Settings for speed that leave what a collection needs: retries stay on."""
    return {
        "CONCURRENT_REQUESTS": job.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": job.concurrency,
        "CONCURRENT_ITEMS": 16,  # for each page; 100, the default, is a little slower, 1,000 three times as slow
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
        "LOG_LEVEL": "WARNING",
        "COOKIES_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "DOWNLOADER_STATS": False,
        "REFERER_ENABLED": False,
    }


if __name__ == "__main__":
    perform(collect)
