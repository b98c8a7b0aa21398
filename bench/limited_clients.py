"""One process of a client: takes its name, the API's address and its calls, makes them within the quota as it can.

Each is set up as its documentation advises. Those that share a quota among processes with what is at hand (a file) do;
the others get their part of it, which is the most that they can know.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

WORKERS = 8
REDIS = "redis"
"""The file that says where the cell's Redis is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one process has to do."""

    url: str
    """`http://127.0.0.1:PORT/data/2.5/`"""
    first: int
    calls: int
    limit: int
    window: float
    processes: int
    folder: Path
    """Shared by the processes."""

    @property
    def part(self) -> int:
        """The calls of one window that are this process's where the quota can't be shared."""
        return max(1, self.limit // self.processes)

    @property
    def addresses(self) -> list[str]:
        """The calls to be made."""
        return [f"{self.url}weather?id={number}" for number in range(self.first, self.first + self.calls)]


def ladle(work: Work, *, pace: str, **settings: str) -> None:
    """A run through the front door; all processes share a home."""
    import ladle

    cities = work.folder / f"cities-{work.first}.csv"
    cities.write_text(
        "city_id,name\n" + "".join(f"{n},City {n}\n" for n in range(work.first, work.first + work.calls)), "utf-8"
    )
    env = {"OPENWEATHER_CITIES": str(cities), "OPENWEATHER_API_KEY": "not-a-secret", **settings}
    quota = f"{work.limit} per {work.window:g} seconds"
    run = ladle.start(
        ladle.Home.open(work.folder / "home"), "openweather/cities", base_url=work.url, quota=quota, pace=pace, env=env
    )
    end = asyncio.run(ladle.drive(run, env=env))
    assert end.state == "complete", end.reason


def ladle_safe(work: Work) -> None:
    """As it comes."""
    ladle(work, pace="safe")


def ladle_fast(work: Work) -> None:
    """With `pace = "fast"`."""
    ladle(work, pace="fast")


def ladle_redis(work: Work) -> None:
    """The same, with the ledger in a Redis, as several machines have it."""
    ladle(work, pace="fast", LADLE_QUOTA_URL=(work.folder / REDIS).read_text("utf-8"))


async def _drain(addresses: Iterable[str], permit: Callable[[], Awaitable[object]]) -> None:
    """Make every call with a permit; one that is refused is made again with another."""
    import aiohttp

    left = iter(addresses)

    async def worker(session: aiohttp.ClientSession) -> None:
        for address in left:
            status = 429
            while status == 429:
                await permit()
                async with session.get(address) as answer:
                    await answer.read()
                    status = answer.status

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(WORKERS)))


def aiolimiter(work: Work) -> None:
    """In one process only, so each has its part."""
    from aiolimiter import AsyncLimiter

    async def main() -> None:
        limiter = AsyncLimiter(work.part, work.window)
        await _drain(work.addresses, limiter.acquire)

    asyncio.run(main())


def limits(work: Work) -> None:
    """Its moving window, in memory; sharing needs a server."""
    from limits import RateLimitItemPerSecond
    from limits.aio.storage import MemoryStorage
    from limits.aio.strategies import MovingWindowRateLimiter

    async def main() -> None:
        limiter, item = MovingWindowRateLimiter(MemoryStorage()), RateLimitItemPerSecond(work.part, int(work.window))

        async def permit() -> None:
            while not await limiter.hit(item, "api"):  # noqa: ASYNC110 - its own wait blocks the loop
                await asyncio.sleep(0.01)

        await _drain(work.addresses, permit)

    asyncio.run(main())


def pyrate_limiter(work: Work) -> None:
    """Its SQLite bucket, which processes share."""
    from pyrate_limiter import Limiter, Rate, SQLiteBucket

    async def main() -> None:
        rates = [Rate(work.limit, int(work.window * 1000))]
        path = str(work.folder / "pyrate.sqlite")
        limiter = Limiter(SQLiteBucket.init_from_file(rates, db_path=path))

        async def permit() -> None:
            while not await asyncio.to_thread(limiter.try_acquire, "api", blocking=False):  # noqa: ASYNC110 - its own wait blocks the loop
                await asyncio.sleep(0.02)

        await _drain(work.addresses, permit)

    asyncio.run(main())


def throttled_py(work: Work) -> None:
    """Its default, a token bucket, in memory; sharing needs a server."""
    from datetime import timedelta

    from throttled.asyncio import Throttled, rate_limiter

    async def main() -> None:
        quota = rate_limiter.per_duration(timedelta(seconds=work.window), work.part)
        throttle = Throttled(key="api", quota=quota, timeout=work.window * 10)

        async def permit() -> None:
            while (await throttle.limit()).limited:  # noqa: ASYNC110 - its own wait blocks the loop
                await asyncio.sleep(0.01)

        await _drain(work.addresses, permit)

    asyncio.run(main())


def dlt(work: Work) -> None:
    """Its helper for requests, which asks again after a 429; it has no limiter."""
    from dlt.sources.helpers import requests

    client = requests.Client(request_max_attempts=50)
    for address in work.addresses:
        client.get(address)


def scrapy(work: Work) -> None:
    """A delay of the quota's share between calls, AutoThrottle on top, 429 tried again."""
    import scrapy as library
    from scrapy.crawler import CrawlerProcess

    class Spider(library.Spider):  # type: ignore[misc, name-defined, unused-ignore]
        name = "bench"

        async def start(self):  # type: ignore[no-untyped-def]
            for address in work.addresses:
                yield library.Request(address)

        def parse(self, response):  # type: ignore[no-untyped-def]
            assert response.status == 200

    delay = work.window / work.part
    settings = {
        "LOG_ENABLED": False,
        "DOWNLOAD_DELAY": delay,
        "RANDOMIZE_DOWNLOAD_DELAY": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": WORKERS,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(WORKERS),
        "RETRY_TIMES": 50,
        "TELNETCONSOLE_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    process.crawl(Spider)
    process.start()


CLIENTS: dict[str, Callable[[Work], None]] = {
    "ladle safe": ladle_safe,
    "ladle fast": ladle_fast,
    "ladle redis": ladle_redis,
    "aiolimiter": aiolimiter,
    "limits": limits,
    "pyrate-limiter": pyrate_limiter,
    "throttled-py": throttled_py,
    "dlt": dlt,
    "scrapy": scrapy,
}

if __name__ == "__main__":
    name, url, first, calls, limit, window, processes, folder = sys.argv[1:]
    CLIENTS[name](
        Work(
            url=url,
            first=int(first),
            calls=int(calls),
            limit=int(limit),
            window=float(window),
            processes=int(processes),
            folder=Path(folder),
        )
    )
