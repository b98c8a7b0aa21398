"""`python -m ladle_server`: takes a port and a home, gives the site at http://127.0.0.1:8000/ until it is ended."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command

import ladle
from ladle.errors import LadleError
from ladle_server.serving import bind, serve


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ladle serve", description="Serve Ladle's pages and API on this machine.")
    parser.add_argument("--port", type=_port, default=8000, help="0 takes a free one (default: 8000)")
    parser.add_argument(
        "--home",
        help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)",
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Migrate, serve, and give the exit code."""
    asked = _arguments(words)
    try:
        os.environ["LADLE_HOME"] = str(ladle.Home.open(asked.home).path)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
        listener = bind(asked.port)
        django.setup()
        call_command("migrate", verbosity=0)
        serve(listener)
    except LadleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
