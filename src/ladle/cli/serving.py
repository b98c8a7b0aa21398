"""Commands of the site's processes: serve, worker, doctor; and demo with both APIs on this machine."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from ladle.cli.collecting import collect_with_bar
from ladle.cli.face import home_option, json_option, out, say_json, say_rows
from ladle.cli.looking import say_counts
from ladle.cli.refused import refuse_server
from ladle.collect.reach import SETTING as ALLOW
from ladle.errors import BadInput, UpstreamError
from ladle.explore.finding import find
from ladle.explore.snapshot import Snapshot
from ladle.home import SERVER_SETTING, Home
from ladle.remote.server import TOKEN
from ladle.runs import start
from ladle.shapes import counts_shape, row_shape

KEY = "demo"
SITE = ("ladle_server", "django", "rest_framework", "uvicorn")
"""What is there where the extra `server` is, of which another program may have brought a part."""


@click.command(short_help="Serve the site and its API, with a worker.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option(
    "--host", metavar="ADDRESS", help="Where to listen.  [default: LADLE_HOST, or 127.0.0.1: this machine alone]"
)
@home_option
@json_option
def serve(port: int, host: str | None, home: Home, as_json: bool) -> None:
    """Serve the site and its API, with one worker that drives runs where no broker is set.

    Other machines reach it with --host 0.0.0.0, once LADLE_ALLOWED_HOSTS and LADLE_SECRET_KEY are set and there is a
    first user (`ladle users add NAME --staff`). People log in then; on this machine alone, nobody does.
    """
    # This process becomes the site: whoever ends or kills it, ends or kills the site, and the port is free again.
    os.execve(sys.executable, _command(home, port, host=host, as_json=as_json), site_environment())  # noqa: S606 - our own Python, no shell


@click.command(short_help="Drive runs of the home until Ctrl-C.")
@click.option("--runs", type=click.IntRange(1, 1000), help="Runs that go on at once.  [default: 8; 4 with a broker]")
@home_option
@json_option
def worker(runs: int | None, home: Home, as_json: bool) -> None:
    """Drive runs of the home until Ctrl-C: by Celery where LADLE_BROKER_URL is set.

    `ladle serve` starts one of its own where no broker is set. With PostgreSQL any number of workers share the runs.
    """
    words = ["--home", home.address, *(("--runs", str(runs)) if runs else ())]
    os.execve(sys.executable, site_command("ladle_server.worker", words, as_json=as_json), site_environment())  # noqa: S606 - as above


@click.command(short_help="Try all that is set, and say what to do where it fails.")
@click.option("--home", metavar="FOLDER", help="Where runs and snapshots are kept.  [default: LADLE_HOME, or ~/.ladle]")
@json_option
def doctor(home: str | None, as_json: bool) -> None:
    """Try every setting, home, database, broker, quota ledger and each source, and say what to do where one fails."""
    refuse_server(click.get_current_context(), home)
    words = ["--home", home] if home else []
    os.execve(sys.executable, site_command("ladle_server.doctor", words, as_json=as_json), site_environment())  # noqa: S606 - as above


@click.command()
@click.option("--once", is_flag=True, help="End after the counts, without the site.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The site's port; 0 takes a free one.",
)
@click.option(
    "--swapi-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The Star Wars API's replica's port.  [default: a free one]",
)
@click.option(
    "--home",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Keep what is collected there.  [default: a folder that is gone afterwards]",
)
@json_option
def demo(once: bool, port: int, swapi_port: int, home: Path | None, as_json: bool) -> None:
    """Show everything at once, on real data and without the network.

    Starts replicas of the Star Wars API and OpenWeatherMap on this machine, collects swapi/people, shows its first
    rows and counts, and serves the site until Ctrl-C.
    """
    from ladle.demo.serve import start_replicas  # here, since its server takes a quarter of a second to load

    if not once:
        check_site(hint="; or have the rows and counts without it: ladle demo --once")
    with _demo_home(home) as place, start_replicas(swapi_port=swapi_port, keys=(KEY,)) as replicas:
        settings = {
            "LADLE_HOME": place.address,
            "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
            "LADLE_OPENWEATHER_BASE_URL": replicas.openweather_url,
            "OPENWEATHER_API_KEY": KEY,
        }
        # So that "Add a source" can be tried with the replica's address; what the operator allows stays as it is.
        env = {ALLOW: "127.0.0.1", **site_environment(), **settings}
        run = start(place, "swapi/people", env=env)
        progress = collect_with_bar(run)
        if progress.snapshot is None:
            raise UpstreamError(progress.reason or "The demo was stopped.")
        taken = find(place, progress.snapshot)
        shown = _shown(taken) if as_json else None
        if shown is None:
            _say(taken)
        elif once:
            say_json(shown)
        if not once:
            if shown is None:
                if home is None:
                    out.print("\nKept until Ctrl-C; --home FOLDER keeps it.")
                out.print(f"\nThe Star Wars API's replica is at {replicas.swapi_url}")
            sys.exit(_serve(place, port, env=env, beside=shown))


@contextmanager
def _demo_home(chosen: Path | None) -> Iterator[Home]:
    if chosen is not None:
        yield Home.open(chosen)
        return
    with tempfile.TemporaryDirectory(prefix="ladle-demo-", ignore_cleanup_errors=True) as folder:
        yield Home.open(folder)


def _say(taken: Snapshot) -> None:
    manifest = taken.manifest
    state = "complete" if manifest.complete else "incomplete"
    out.print(
        f"\nswapi/people: {manifest.rows} characters in {manifest.requests} requests, {state}. The first ten:\n",
        style="bold",
    )
    say_rows(taken.columns, taken.rows())
    out.print("\nCounts by date and homeworld, the ten largest:\n", style="bold")
    say_counts(taken.count("date", "homeworld", limit=10))


def _shown(taken: Snapshot) -> dict[str, object]:
    rows = [row_shape(row) for row in taken.rows()]
    counts = counts_shape(taken.count("date", "homeworld", limit=10))
    return {"snapshot": taken.manifest.to_json(), "rows": rows, "counts": counts}


def _command(home: Home, port: int, *, host: str | None = None, as_json: bool) -> list[str]:
    words = ["--home", home.address, "--port", str(port), *(("--host", host) if host else ())]
    return site_command("ladle_server", words, as_json=as_json)


def site_command(module: str, words: Sequence[str], *, as_json: bool) -> list[str]:
    """What starts a process of the site, of which the library knows no more than its name. Raises BadInput."""
    check_site()
    # -P: no module of the folder that somebody happens to work in.
    return [sys.executable, "-P", "-m", module, *words, *(("--json",) if as_json else ())]


def check_site(*, hint: str = "") -> None:
    """Raises BadInput where the site, or what it stands on, is not installed; `hint` is what can be done else."""
    if any(importlib.util.find_spec(package) is None for package in SITE):
        raise BadInput("The site is not installed.", hint=f"Install it with: pip install 'ladle[server]'{hint}.")


def site_environment() -> dict[str, str]:
    """What a process of the site starts with: it serves a home, whichever server this terminal usually asks."""
    return {name: value for name, value in os.environ.items() if name not in (SERVER_SETTING, TOKEN)}


def become_site(module: str, home: Home, words: Sequence[str], *, as_json: bool) -> NoReturn:
    """Become a process of the site: the library knows neither Django nor the site's database."""
    sys.stdout.flush()
    before = ["--home", home.address, *(("--json",) if as_json else ())]
    command = site_command(module, [*before, *words], as_json=False)
    os.execve(sys.executable, command, site_environment())  # noqa: S606 - our own Python, no shell


def _serve(home: Home, port: int, *, env: Mapping[str, str], beside: Mapping[str, object] | None) -> int:
    """Run the site as a child until it ends; its exit code. Its address is said with `beside`, as one JSON document.

    Should this process be killed, the site's standard input closes and it ends as well.
    """
    command = [*_command(home, port, as_json=beside is not None), "--attached"]
    told = None if beside is None else subprocess.PIPE
    server = subprocess.Popen(command, env=dict(env), stdin=subprocess.PIPE, stdout=told, text=True)
    # Ctrl-C reaches the site as well, from the terminal; SIGTERM has to be passed on.
    previous = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if server.stdout is not None and (address := server.stdout.readline()):
            say_json({**(beside or {}), **json.loads(address)})
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()
    finally:
        signal.signal(signal.SIGTERM, previous)
