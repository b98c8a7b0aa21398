"""`make stack`: takes a folder, gives the servers, the site, two workers and Flower of the Procfile until Ctrl-C."""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from honcho import environ, manager

from stack.kept import FLOWER, passwords, user_of_flower, write_private
from stack.servers import running, unreachable

ROOT = Path(__file__).parents[1]
SETTINGS = "settings.sh"
manager.KILL_WAIT = 20  # honcho's 5 seconds are too few for a worker that hands its runs back


def main(words: Sequence[str] | None = None) -> int:
    """Run it all, and give the exit code: 0 where somebody ended it."""
    asked = _arguments(words)
    folder: Path = asked.folder.resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if closed := unreachable(folder):
        print(f"stack: PostgreSQL, which root may not run, may not enter {closed}.", file=sys.stderr)
        print(
            'Run this as another user, or choose another folder: make stack WITH="--folder /srv/ladle"', file=sys.stderr
        )
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with _alone(folder):
            return _run(asked, folder)
    except KeyboardInterrupt:
        return 0
    except (AssertionError, pytest.skip.Exception, pytest.fail.Exception) as error:  # as the tests' servers say it
        print(f"stack: {error}", file=sys.stderr)
        return 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m stack", description="Ladle and all that it stands on, until Ctrl-C."
    )
    parser.add_argument("--port", type=int, default=8000, help="the site's (default: 8000)")
    parser.add_argument("--flower-port", type=int, default=5555, help="Flower's (default: 5555)")
    parser.add_argument("--workers", type=int, default=2, help="how many (default: 2)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".stack", help="what is kept (default: .stack)")
    return parser.parse_args(words)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Inside the block, the folder is nobody else's; ends the process where it is."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(f"stack: another one runs on {folder}. End it, or choose another folder with --folder.")
        yield


def _run(asked: argparse.Namespace, folder: Path) -> int:
    made, new = passwords(folder)
    print(f"Starting PostgreSQL, Valkey and S3 in {folder} ...", flush=True)
    with running(folder, made) as settings:
        settings |= {"LADLE_SECRET_KEY": made.site, FLOWER: user_of_flower(os.environ, made)}
        write_private(folder / SETTINGS, "".join(f"export {k}={shlex.quote(v)}\n" for k, v in settings.items()))
        print(_told(asked, folder, settings, password=made.flower if new else None), flush=True)
        ports = {"PORT": str(asked.port), "FLOWER_PORT": str(asked.flower_port)}
        return _processes({**os.environ, **settings, **ports}, workers=asked.workers)


def _told(asked: argparse.Namespace, folder: Path, settings: Mapping[str, str], *, password: str | None) -> str:
    user = settings[FLOWER].partition(":")[0]
    if FLOWER in os.environ:
        secret = f"user {user}, password as in {FLOWER}"
    else:
        secret = (
            f"user {user}, password {password}" if password else f"user {user}, password in {folder}/passwords.json"
        )
    return f"""
  Ladle    http://127.0.0.1:{asked.port}/
  Flower   http://127.0.0.1:{asked.flower_port}/   {secret}

What leads to the servers is in {folder / SETTINGS}: with it, `ladle doctor` and every other command use them.
Ctrl-C ends everything; what was collected stays.
"""


def _processes(env: Mapping[str, str], *, workers: int) -> int:
    """Those of the Procfile, until one ends or somebody ends them."""
    known = environ.parse_procfile((ROOT / "Procfile").read_text("utf-8"))
    # The programs of this environment go before others of their name, and the tree needs no installing.
    found = {"PATH": os.pathsep.join((str(Path(sys.executable).parent), env["PATH"])), "PYTHONPATH": str(ROOT / "src")}
    together = manager.Manager()
    for each in environ.expand_processes(known.processes, concurrency={"worker": workers}, env={**env, **found}):
        together.add_process(each.name, each.cmd, env=each.env, cwd=str(ROOT))
    together.loop()
    asked_for = together.returncode in (130, 143)
    return 0 if asked_for else together.returncode or 1


if __name__ == "__main__":
    sys.exit(main())
