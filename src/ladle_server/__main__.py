"""`python -m ladle_server`: takes a port and a home, gives the site at http://127.0.0.1:8000/ until it is ended."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ladle.errors import LadleError
from ladle_server.parent import end_with_parent
from ladle_server.ready import make_ready
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
    """Serve, and give the exit code."""
    asked = _arguments(words)
    try:
        listener = bind(asked.port)
        set_ = make_ready(asked.home)
        if asked.attached:
            end_with_parent()
        serve(listener, with_worker=set_.broker is None, as_json=asked.json)
    except LadleError as error:
        print(f"ladle: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
