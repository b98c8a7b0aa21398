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
from ladle.errors import LadleError
from ladle_server import database, environment
from ladle_server.guarding import Guarding, guarding
from ladle_server.listening import Listening, listening
from ladle_server.operations import reach
from ladle_server.ready import wrong_settings

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
    wrong = wrong_settings(os.environ)
    yield from _settings(wrong)
    yield from ladle.try_all()
    yield from _site()
    if wrong:
        said = "not tried, since the site does not start with these settings"
        yield ladle.Trial(what="database, broker", state="failed", said=said, hint="See above.")
        return
    yield ladle.tried("database", _database)
    yield _broker(environment.read(os.environ).broker)


def _settings(wrong: Sequence[LadleError]) -> Iterator[ladle.Trial]:
    """Each mistake, and each name that looks like a setting and is none."""
    for error in wrong:
        yield ladle.Trial(what="settings", state="failed", said=error.message, hint=error.hint)
    for sentence in environment.unknown(os.environ):
        yield ladle.Trial(what="settings", state="failed", said=sentence, hint="See the reference of settings.")
    if not wrong and not environment.unknown(os.environ):
        named = [name for name in (*environment.KNOWN, environment.DATABASE) if os.environ.get(name)]
        said = f"{', '.join(named)} set" if named else "none: everything is as it is by itself"
        yield ladle.Trial(what="settings", state="good", said=said)


def _site() -> Iterator[ladle.Trial]:
    """Where it listens and to whom, by which time its schedules go, who reads its metrics."""
    yield ladle.tried("listens", lambda: _listens(listening(os.environ)))
    yield ladle.tried("logins", lambda: _logins(guarding(os.environ, at=listening(os.environ))))
    zone = os.environ.get(environment.ZONE, "").strip()
    yield ladle.tried("time zone", lambda: f"{environment.time_zone(zone)}, of schedules that name none")
    yield ladle.tried("metrics", _metrics)


def _listens(at: Listening) -> str:
    return f"at {at.host}, to the names {', '.join(at.names)}"


def _logins(set_: Guarding) -> str:
    return f"everybody logs in: {set_.why}" if set_.why else "nobody logs in: this machine alone reaches the site"


def _metrics() -> str:
    listed = reach.networks(os.environ.get(reach.SETTING, ""))
    readers = "".join(f", {network}" for network in listed)
    folder = reach.shared_folder(os.environ)
    return f"for this machine{readers}" + (f"; added up in {folder}" if folder else "")


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
