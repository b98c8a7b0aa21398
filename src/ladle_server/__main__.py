"""`python -m ladle_server`: takes a port and a home, gives the site at http://127.0.0.1:8000/ until it is ended."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.db import DatabaseError, connection

import ladle
from ladle.errors import LadleError, SettingError
from ladle_server.parent import end_with_parent
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
    parser.add_argument("--json", action="store_true", help='say the address as JSON: {"url": "http://…/"}')
    parser.add_argument("--attached", action="store_true", help="end when standard input closes: its holder is gone")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Migrate, serve, and give the exit code."""
    asked = _arguments(words)
    try:
        os.environ["LADLE_HOME"] = ladle.Home.open(asked.home).address
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
        listener = bind(asked.port)
        django.setup()
        _migrate()
        if asked.attached:
            end_with_parent()
        serve(listener, as_json=asked.json)
    except LadleError as error:
        print(f"ladle: {error}", file=sys.stderr)
        return 1
    return 0


def _migrate() -> None:
    """Raises SettingError when the home's database can't be read or written."""
    try:
        call_command("migrate", verbosity=0)
    except DatabaseError as error:
        path = connection.settings_dict["NAME"]
        hint = "May you write to it and to its folder? It is made anew when it is moved away; runs and snapshots stay."
        raise SettingError(f'"{path}" can\'t be used: {error}.', hint=hint) from error


if __name__ == "__main__":
    sys.exit(main())
