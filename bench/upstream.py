"""The API that all clients ask: takes a latency, gives a site on the loopback that is faster than any of them.

Without latency nginx serves pages from files, where there is nginx (`apt-get install nginx-light`); else the pages
come from `bench.generator`. With latency the clients mostly wait, and so does the generator.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = 10.0
"""Seconds in which nginx must listen."""
NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors; user {user};
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; etag off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  map $arg_page $number {{ "" 1; default $arg_page; }}
  server {{
    listen 127.0.0.1:{port};
    location ~ ^/([0-9]+x[0-9]+)/people$ {{ root {folder}; try_files /$1/$number.json =404; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server. `folder` is where it reads its pages from; None when it makes them."""

    name: str
    address: str
    folder: Path | None

    def collection(self, *, size: int, pages: int) -> str:
        """The base URL of a collection, whose pages are at `people?page=1` and so on."""
        base = f"{self.address}/{size}x{pages}/"
        if self.folder is not None and not (self.folder / f"{size}x{pages}").exists():
            # Written by a process of its own, so that the one that measures stays small.
            command = ("bench.people", str(self.folder / f"{size}x{pages}"), str(size), str(pages), f"{base}people")
            subprocess.run((sys.executable, "-m", *command), check=True)
        return base


@contextmanager
def serving(*, latency: int, folder: Path) -> Iterator[Site]:
    """The site for a latency in milliseconds, stopped at the block's end; `folder` is for its files."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    with _nginx(nginx, folder) if nginx and not latency else generating(latency=latency) as site:
        yield site


@contextmanager
def generating(*, latency: int = 0) -> Iterator[Site]:
    """The site that makes its pages, without a file."""
    command = (sys.executable, "-m", "bench.generator", str(latency))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Site("uvloop", f"http://127.0.0.1:{int(process.stdout.readline())}", None)
        finally:
            process.kill()


@contextmanager
def _nginx(command: str, folder: Path) -> Iterator[Site]:
    port, user = _free_port(), pwd.getpwuid(os.getuid()).pw_name
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, user=user), "utf-8")
    with subprocess.Popen((command, "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors"))) as process:
        try:
            _wait_for(port, process)
            yield Site("nginx", f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there; raises RuntimeError when the process ended or took too long."""
    until = time.monotonic() + READY
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("nginx doesn't listen: see its words above, or take it off the PATH to go on without it.")
