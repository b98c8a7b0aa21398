"""`ladle worker`: takes a home, drives the home's runs until it is ended, by Celery where a broker is set."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence

from ladle.errors import LadleError
from ladle_server.environment import BROKER, hidden
from ladle_server.parent import end_with_parent
from ladle_server.ready import make_ready, say_unknown

log = logging.getLogger(__name__)


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise ValueError
    return number


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ladle worker", description="Drive the runs of a home until ended.")
    parser.add_argument("--home", help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)")
    parser.add_argument("--runs", type=_number, help="runs that go on at once (default: 8; 4 where a broker is set)")
    parser.add_argument("--json", action="store_true", help="say what it does as JSON")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes: its holder is gone")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Work, and give the exit code."""
    asked = _arguments(words)
    try:
        set_ = make_ready(asked.home, forks=bool(os.environ.get(BROKER)))
    except LadleError as error:
        print(f"ladle: {error}", file=sys.stderr)
        return 1
    if asked.attached:
        end_with_parent()
    else:
        say_unknown()
        _say(str(set_.home), hidden(set_.broker or ""), as_json=asked.json)
    if set_.broker is None:
        _poll(asked.runs)
    else:
        _serve_broker(asked.runs)
    return 0


def _poll(places: int | None) -> None:
    from ladle_server.catalog import polling, worker

    asyncio.run(worker.main(places=places or polling.PLACES))


def _serve_broker(places: int | None) -> None:
    from ladle_server import celery

    celery.work(processes=places or celery.PROCESSES)


def _say(home: str, broker: str, *, as_json: bool) -> None:
    told = {"home": home, "broker": broker or None}
    words = f"The worker drives the runs of {home}" + (f", given out by {broker}" if broker else "")
    print(json.dumps(told) if as_json else words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
