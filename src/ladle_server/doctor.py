"""`ladle doctor`: takes the environment, tries everything that Ladle needs, gives a line for each with its remedy."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import django
from django.db import DatabaseError

import ladle
from ladle.errors import LadleError, SettingError
from ladle_server import database, environment
from ladle_server.ready import check_settings

WIDTH = 20
"""Of the column of names; the words follow."""


def main(words: Sequence[str] | None = None) -> int:
    """Try, say, and give the exit code: 1 where something failed."""
    parser = argparse.ArgumentParser(prog="ladle doctor", description="Try everything that Ladle needs.")
    parser.add_argument("--home", help="folder of runs and snapshots (default: LADLE_HOME, else ~/.ladle)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args(words)
    if asked.home:
        os.environ["LADLE_HOME"] = asked.home
    trials = []
    for trial in examine():
        trials.append(trial)
        if not asked.json:
            print(_line(trial), flush=True)
    healthy = all(trial.state != "failed" for trial in trials)
    if asked.json:
        print(json.dumps({"healthy": healthy, "trials": [asdict(trial) for trial in trials]}, indent=2))
    return 0 if healthy else 1


def examine() -> Iterator[ladle.Trial]:
    """Everything, one after the other."""
    yield ladle.tried("settings", _settings)
    yield from ladle.try_all()
    read = _read()
    if read is not None:
        yield ladle.tried("database", _database)
        yield _broker(read.broker)


def _settings() -> str:
    check_settings()
    if strange := environment.unknown(os.environ):
        raise SettingError(" ".join(strange), hint="See the reference of settings.")
    named = [name for name in (*environment.KNOWN, environment.DATABASE) if os.environ.get(name)]
    return f"{', '.join(named)} set" if named else "none: everything is as it is by itself"


def _read() -> environment.Environment | None:
    """The settings; None where they are wrong, which is told already."""
    try:
        return environment.read(os.environ)
    except LadleError:
        return None


def _database() -> str:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")
    django.setup()
    try:
        return database.version()
    except DatabaseError as error:
        raise database.unusable(error) from error


def _broker(url: str | None) -> ladle.Trial:
    if url is None:
        return ladle.Trial(what="broker", state="good", said="none: the site has a worker of its own")
    from ladle_server import broker  # an extra, needed here alone; it reads Django's settings

    return ladle.tried("broker", lambda: broker.examined(url))


def _line(trial: ladle.Trial) -> str:
    more = f"\n{' ' * (WIDTH + 9)}{trial.hint}" if trial.hint else ""
    return f"{trial.what:<{WIDTH}} {trial.state:<8}{trial.said}{more}"


if __name__ == "__main__":
    sys.exit(main())
