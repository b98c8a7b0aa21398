"""`python -m ladle_server`: takes a port, an address and a home, gives the site until it is ended."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ladle.errors import LadleError
from ladle_server.guarding import Guarding
from ladle_server.listening import HOST, listening
from ladle_server.open_files import make_room
from ladle_server.parent import end_with_parent
from ladle_server.ready import make_ready, say_unknown
from ladle_server.serving import bind, serve


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ladle serve", description="Serve Ladle's pages and API.")
    parser.add_argument("--port", type=_port, default=8000, help="0 takes a free one (default: 8000)")
    parser.add_argument("--host", help="address to listen on (default: LADLE_HOST, else 127.0.0.1: this machine alone)")
    parser.add_argument(
        "--home",
        help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)",
    )
    parser.add_argument("--json", action="store_true", help='say the address as JSON: {"url": "http://…/"}')
    parser.add_argument("--attached", action="store_true", help="end when standard input closes: its holder is gone")
    return parser.parse_args(words)


def _let_somebody_in(set_: Guarding) -> None:
    """Make the first user where the settings name one; raises SettingError where people log in and nobody can."""
    from django.db import connection  # what needs Django is loaded when Django is set up

    from ladle_server.access import audit, people

    if (made := people.make_first(set_.first, why=set_.why)) is not None:
        audit.write("settings", "add a user", f"{made.name}, {made.kind}")
    connection.close()


def main(words: Sequence[str] | None = None) -> int:
    """Serve, and give the exit code."""
    asked = _arguments(words)
    if asked.host is not None:
        os.environ[HOST] = asked.host
    try:
        at = listening(os.environ)
        listener = bind(asked.port, at=at)
        set_ = make_ready(asked.home)
        say_unknown()
        if too_few := make_room(set_.guarding.room.all):
            print(f"ladle: {too_few}", file=sys.stderr)
        if asked.attached:
            end_with_parent()
        _let_somebody_in(set_.guarding)
        serve(
            listener,
            at=at,
            proxies=set_.guarding.proxies,
            request=set_.request,
            send=set_.send,
            with_worker=set_.broker is None,
            as_json=asked.json,
        )
    except LadleError as error:
        print(f"ladle: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
