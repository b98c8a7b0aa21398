"""What the site's commands have in common: takes what words ask for, has it done and said, gives the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ladle.errors import BadInput, LadleError, NotFound
from ladle_server.ready import make_ready

USAGE, FAILED = 2, 1
Told = dict[str, Any]
"""What came of it, shaped as the API's answers."""


def parser(prog: str, description: str) -> argparse.ArgumentParser:
    """One that knows the options of every command."""
    made = argparse.ArgumentParser(prog=prog, description=description)
    made.add_argument("--home", help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)")
    made.add_argument("--json", action="store_true", help="one JSON document")
    return made


def begun(asked: argparse.Namespace, carry_out: Callable[[argparse.Namespace], int]) -> int:
    """Make the site ready, and carry out what is asked for."""
    try:
        make_ready(asked.home)
    except LadleError as error:
        return _refused(error)
    return carry_out(asked)


def done(
    asked: argparse.Namespace,
    do: Callable[[argparse.Namespace], Told],
    say: Callable[[Told], str],
    *,
    failed: Callable[[Told], bool] = lambda _told: False,
) -> int:
    """Do it, and say what came of it: in JSON where that is asked for, else in the words that `say` has for it."""
    try:
        told = do(asked)
    except LadleError as error:
        return _refused(error)
    print(json.dumps(told, indent=2, default=iso) if asked.json else say(told))
    return FAILED if failed(told) else 0


def listed(found: Sequence[Told], *, count: int | None = None) -> Told:
    """A list as the API gives it."""
    return {"count": len(found) if count is None else count, "next": None, "previous": None, "results": list(found)}


def iso(value: Any) -> str:
    """A moment as the API writes it."""
    return str(value.isoformat()).replace("+00:00", "Z")


def _refused(error: LadleError) -> int:
    print(f"ladle: {error}", file=sys.stderr)
    return USAGE if isinstance(error, (BadInput, NotFound)) else FAILED
