"""Takes options of the command line, gives both replicas until SIGTERM or SIGINT: `python -m ladle.demo`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from ladle.demo.serve import KEY, OPENWEATHER_WINDOWS, SWAPI_WINDOWS, ReplicaOptions, serving
from ladle.errors import LadleError


def parse(arguments: Sequence[str]) -> ReplicaOptions:
    """The options that the arguments ask for; ends the process with usage on wrong ones."""
    parser = argparse.ArgumentParser(prog="python -m ladle.demo", description="Both built-in APIs on this machine.")
    parser.add_argument("--swapi-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--openweather-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--latency-ms", type=latency, default=(0.0, 0.0), metavar="LEAST-MOST", help="as 20-170, or 50")
    parser.add_argument("--limit", type=int, default=60, help="OpenWeatherMap's calls in a window (default: 60)")
    parser.add_argument("--window", type=float, default=60.0, metavar="SECONDS", help="of that limit (default: 60)")
    parser.add_argument("--swapi-limit", type=int, default=10_000, help="the Star Wars API's calls a day (10000)")
    parser.add_argument("--key", action="append", metavar="KEY", help=f"known API key, may be repeated ({KEY})")
    parser.add_argument("--now", type=float, metavar="EPOCH", help="the weather's time (default: each request's)")
    given = parser.parse_args(arguments)
    return ReplicaOptions(
        swapi_port=given.swapi_port,
        openweather_port=given.openweather_port,
        latency=given.latency_ms,
        swapi_windows=((given.swapi_limit, SWAPI_WINDOWS[0][1]),),
        openweather_windows=((given.limit, given.window), OPENWEATHER_WINDOWS[1]),
        keys=tuple(given.key or (KEY,)),
        now=given.now,
    )


def latency(text: str) -> tuple[float, float]:
    """Seconds of a range in milliseconds.

    >>> latency("20-170")
    (0.02, 0.17)
    """
    least, _, most = text.partition("-")
    found = float(least) / 1000, float(most or least) / 1000
    if not 0 <= found[0] <= found[1]:
        raise ValueError(text)
    return found


async def run(options: ReplicaOptions) -> None:
    """Serve, print the base URLs as settings that `ladle` takes, and wait for a signal."""
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with serving(options) as replicas:
        print(f"LADLE_SWAPI_BASE_URL={replicas.swapi_url}")
        print(f"LADLE_OPENWEATHER_BASE_URL={replicas.openweather_url}")
        print(f"OPENWEATHER_API_KEY={options.keys[0]}", flush=True)
        await over.wait()


def main() -> int:
    """Exit code 0 after a signal, 1 when the replicas could not start."""
    try:
        asyncio.run(run(parse(sys.argv[1:])))
    except LadleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
