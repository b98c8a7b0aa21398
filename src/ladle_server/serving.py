"""The server process: takes a port, gives the site on 127.0.0.1 or another address, with one worker child beside it.

Web and worker are two processes, so that a build never makes a page wait, and share nothing but home and database.
Where Celery gives the runs out, workers are started by themselves, on whatever machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import uvicorn

import ladle
from ladle.errors import Conflict, SettingError
from ladle_server.arriving import patient
from ladle_server.catalog import following, watch
from ladle_server.listening import HOST, LOOPBACK, Listening
from ladle_server.sending import cut_stalled

log = logging.getLogger(__name__)
SOON, GRACE = 1, 5
"""Seconds that answers under way have when the server ends: after the first, DuckDB is interrupted at its questions."""
PATIENCE = 5
"""Seconds that the worker has to end what is in flight; what it is killed at is asked for again later."""


def bind(port: int, *, at: Listening) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises Conflict when the port is in use."""
    listener = socket.socket(socket.AF_INET6 if ":" in at.host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((at.host, port))
        listener.listen(2048)  # a rush of clients waits here, not in front of a refused connection
    except OSError as error:
        listener.close()
        hint = f"End the other program, or choose another port: --port {port + 1}."
        if error.errno == errno.EADDRINUSE:
            raise Conflict(f"Port {port} is in use.", hint=hint) from error
        if error.errno == errno.EADDRNOTAVAIL:
            told = f'{HOST} is "{at.host}", which is no address of this machine.'
            raise SettingError(told, hint=f"{LOOPBACK} is for this machine alone, 0.0.0.0 for all.") from error
        raise SettingError(f"Port {port} can't be used: {error.strerror}.", hint=hint) from error
    return listener


class Worker:
    """One worker child, started again should it die; it ends when this process does, however that ends."""

    # -P: no module of the folder that somebody happens to work in.
    COMMAND = (sys.executable, "-P", "-m", "ladle_server.worker", "--attached")

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start it, and keep one running."""
        self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while not self._stopping:
            # A session of its own: Ctrl-C in the terminal is for `serve`, which then ends its worker in order.
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(*self.COMMAND, stdin=pipe, start_new_session=True)
            code = await self._process.wait()
            if not self._stopping:
                log.error("The worker ended with %d; starting another.", code)
                await asyncio.sleep(1)

    async def stop(self) -> None:
        """End it: first asked, then forced."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), PATIENCE)
            except TimeoutError:
                self._process.kill()
        if self._keeping is not None:
            self._keeping.cancel()


class Server(uvicorn.Server):
    """Uvicorn that starts and ends the worker, says where it is, and leaves with exit code 0 when asked to end."""

    def __init__(
        self, config: uvicorn.Config, *, worker: Worker | None, ready: Callable[[], None], send: float
    ) -> None:
        super().__init__(config)
        self._worker = worker
        self._ready = ready
        self._send = send

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the worker beside the site, which both take a second for, and serve until asked to end."""
        if self._worker is not None:
            self._worker.start()
        await asyncio.sleep(0)  # it is begun before the site is imported, which lets nothing else happen
        cutting = asyncio.create_task(cut_stalled(self.server_state.connections, seconds=self._send))
        try:
            await super().serve(sockets)
        finally:
            cutting.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the worker while the last answers are given; clients that wait for a run are told where to ask."""
        watch.let_go()
        following.let_go()
        worker = () if self._worker is None else (self._worker.stop(),)
        await asyncio.gather(*worker, self._last_answers(super().shutdown(sockets)))

    async def _last_answers(self, given: Coroutine[Any, Any, None]) -> None:
        """Give those under way, and give up what takes longer while who waits for it can still be told."""
        answers = asyncio.ensure_future(given)
        await asyncio.wait({answers}, timeout=SOON)
        await asyncio.to_thread(ladle.end_questions)
        await answers

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask the server to end. Uvicorn's own would raise them again at the end and die of them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(
    listener: socket.socket,
    *,
    at: Listening,
    proxies: Sequence[str] = (),
    request: float,
    send: float,
    with_worker: bool = True,
    as_json: bool = False,
) -> None:
    """Serve the site on a bound socket until SIGINT or SIGTERM; prints the address when it is ready.

    `proxies`: addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    `request`: seconds that a request may be on its way; `send`: after which a client is cut that takes nothing of its
    answer.
    """
    address = at.url(listener.getsockname()[1])
    line = json.dumps({"url": address}) if as_json else f"Ladle is at {address}"
    sys.setswitchinterval(0.001)  # an answer crosses threads: one that computes lets the others in after 1 ms, not 5
    config = uvicorn.Config(
        "ladle_server.asgi:application",
        access_log=False,
        log_config=None,
        http=patient(request),
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    Server(
        config,
        worker=Worker() if with_worker else None,
        ready=lambda: print(line, flush=True),
        send=send,
    ).run([listener])
