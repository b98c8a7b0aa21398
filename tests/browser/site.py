"""Takes a home and settings, gives a running `python -m ladle_server` on a free port, as people start it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import ladle


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that serves; `url` ends without a slash."""

    url: str
    home: Path

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers in small letters, and text of an answer, whatever the status."""
        return _answer(Request(self.url + path, headers=headers))

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, str]:
        """Status and text of the answer to a POST."""
        status, _, text = _answer(Request(self.url + path, data=body, headers=headers))
        return status, text

    def snapshot(self, dataset: str) -> ladle.Snapshot:
        """The latest snapshot of a dataset in the site's home."""
        return ladle.snapshot(dataset, home=self.home)


def _answer(request: Request) -> tuple[int, dict[str, str], str]:
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode()
    except HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode()


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Site]:
    """Start it, wait until it says where it is, and end it as Ctrl-C does."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LADLE_", "OPENWEATHER_"))}
    with (home.parent / f"{home.name}.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ladle_server", "--port", "0", "--home", str(home)],
            env={**env, **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                raise RuntimeError(f"The site did not start:\n{log.read()}")
            yield Site(url=line.split()[-1].rstrip("/"), home=home)
        finally:
            process.terminate()
            process.wait(timeout=30)
