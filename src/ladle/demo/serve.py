"""Takes ports, limits and a latency, gives both replicas listening on this machine, in a thread or a running loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from aiohttp import web

from ladle.demo.changes import Changing, changing
from ladle.demo.door import Answering, Latency, application
from ladle.demo.limits import Counts, SlidingLog
from ladle.demo.openweather import openweather
from ladle.demo.records import load_collections
from ladle.demo.swapi import swapi
from ladle.demo.weather import load_cities
from ladle.errors import Conflict

HOST = "127.0.0.1"
KEY = "demo"
DAY = 86_400.0
Windows = tuple[tuple[int, float], ...]
SWAPI_WINDOWS: Windows = ((10_000, DAY),)
OPENWEATHER_WINDOWS: Windows = ((60, 60.0), (1_000_000, 31 * DAY))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaOptions:
    """How the replicas run; as it stands: like the real APIs, without delay, on free ports."""

    swapi_port: int = 0
    """0 takes a free one."""
    openweather_port: int = 0
    latency: tuple[float, float] = (0.0, 0.0)
    """Least and most seconds that an answer takes."""
    swapi_windows: Windows = SWAPI_WINDOWS
    """(calls, seconds) for each address; empty for no limit."""
    openweather_windows: Windows = OPENWEATHER_WINDOWS
    """(calls, seconds) for each key; empty for no limit."""
    keys: tuple[str, ...] = (KEY,)
    """The API keys that OpenWeatherMap knows."""
    now: float | None = None
    """The weather's time in seconds since 1970; None: the time of each request."""
    seed: int = 0
    """Of the delays."""
    clock: Callable[[], float] = time.monotonic
    """Seconds for the limits."""


class Replicas:
    """Both replicas while they listen. Base URLs end in a slash and go where the real ones go in a definition."""

    def __init__(self, *, swapi_url: str, openweather_url: str, counts: dict[str, Counts]) -> None:
        self.swapi_url = swapi_url
        """`http://127.0.0.1:PORT/api/`"""
        self.openweather_url = openweather_url
        """`http://127.0.0.1:PORT/data/2.5/`"""
        self.counts = counts
        """By source: `swapi` and `openweather`."""
        self._end: Callable[[], None] = lambda: None

    def stop(self) -> None:
        """End both and wait until they have; more than once does no harm."""
        self._end()

    def __enter__(self) -> Replicas:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@asynccontextmanager
async def serving(options: ReplicaOptions) -> AsyncIterator[Replicas]:
    """Both replicas in the running loop, until the block ends.

    Raises Conflict when a port is taken.
    """
    swapi_counts, swapi_answer, change = _swapi(options)
    weather_counts, weather_answer = _openweather(options)
    async with (
        _listening(swapi_answer, swapi_counts, options.swapi_port, options, change=change) as swapi_address,
        _listening(weather_answer, weather_counts, options.openweather_port, options) as weather_address,
    ):
        yield Replicas(
            swapi_url=f"{swapi_address}/api/",
            openweather_url=f"{weather_address}/data/2.5/",
            counts={"swapi": swapi_counts, "openweather": weather_counts},
        )


def start_replicas(
    *,
    swapi_port: int = 0,
    openweather_port: int = 0,
    latency: tuple[float, float] = (0.0, 0.0),
    swapi_windows: Windows = SWAPI_WINDOWS,
    openweather_windows: Windows = OPENWEATHER_WINDOWS,
    keys: tuple[str, ...] = (KEY,),
    now: float | None = None,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Replicas:
    """Both replicas in a thread of their own, listening when this returns; the options are those of `ReplicaOptions`.

    Raises Conflict when a port is taken.
    """
    options = ReplicaOptions(
        swapi_port=swapi_port,
        openweather_port=openweather_port,
        latency=latency,
        swapi_windows=swapi_windows,
        openweather_windows=openweather_windows,
        keys=keys,
        now=now,
        seed=seed,
        clock=clock,
    )
    return _in_thread(options)


def _in_thread(options: ReplicaOptions) -> Replicas:
    started: list[Replicas | BaseException] = []
    ready = threading.Event()

    async def run() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def end() -> None:
            if thread.is_alive():
                loop.call_soon_threadsafe(over.set)
                thread.join()

        async with serving(options) as replicas:
            replicas._end = end
            started.append(replicas)
            ready.set()
            await over.wait()

    def run_and_tell() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            started.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run_and_tell, name="ladle-demo", daemon=True)
    thread.start()
    ready.wait()
    if isinstance(started[0], BaseException):
        raise started[0]
    return started[0]


def _swapi(options: ReplicaOptions) -> tuple[Counts, Answering, Changing]:
    limiter, records = SlidingLog(options.swapi_windows), load_collections()
    return Counts(limiter), swapi(records, limiter=limiter, clock=options.clock), changing(records)


def _openweather(options: ReplicaOptions) -> tuple[Counts, Answering]:
    limiter, fixed = SlidingLog(options.openweather_windows), options.now
    now = time.time if fixed is None else lambda: fixed
    return Counts(limiter), openweather(load_cities(), keys=options.keys, limiter=limiter, clock=options.clock, now=now)


@asynccontextmanager
async def _listening(
    answer: Answering, counts: Counts, port: int, options: ReplicaOptions, *, change: Changing | None = None
) -> AsyncIterator[str]:
    # Not for secrets: seeded, so that the same delays come again.
    random = Random(options.seed)
    app = application(answer, counts=counts, latency=Latency(*options.latency), random=random, change=change)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise Conflict(
                f"A replica can't listen on {HOST}:{port} ({error.strerror}).",
                hint="Take another port, or 0 for a free one.",
            ) from error
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
