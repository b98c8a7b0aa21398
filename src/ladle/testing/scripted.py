"""Takes a script of answers, gives a server on loopback that follows it and remembers every request that came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from ladle.testing.answers import Answer
from ladle.testing.routes import Request, Route, Routes, Script, answered, names_of
from ladle.testing.wire import send

HOST = "127.0.0.1"


class ScriptedApi:
    """A real HTTP server for a `with` block, in a thread of its own.

    The script is a function of requests, or routes by `"/path?query"` (as on the wire), `"/path"` or `"*"`, the
    exactest first; what has no route is a 404. A route is a function, one `Answer`, or a list of them: each request
    takes the next and the last one stays. A function gives an `Answer`, or a value to be sent as JSON; it runs in the
    server's thread.
    """

    def __init__(self, script: Script, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._routes = Routes(script)
        self._clock = clock
        self._failing: dict[str, deque[Answer]] = {}
        self._requests: list[Request] = []
        self._arrival = threading.Condition()
        self._server = _Server(self._handle)

    def __enter__(self) -> ScriptedApi:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/`"""
        return f"http://{HOST}:{self._server.port}/"

    @property
    def requests(self) -> list[Request]:
        """All that have arrived, in their order."""
        with self._arrival:
            return list(self._requests)

    @property
    def arrivals(self) -> list[float]:
        """When they arrived, in seconds of the clock."""
        return [request.arrived for request in self.requests]

    def fail(self, target: str, *answers: Answer) -> None:
        """The next requests for `target` (`"/path?query"`, `"/path"` or `"*"`) get these answers first, one each."""
        with self._arrival:
            self._failing.setdefault(target, deque()).extend(answers)

    def release(self) -> None:
        """Let go all requests that hang, and those that would from now on."""
        self._server.release()

    def hold(self) -> None:
        """From now on let hang what hangs, until the next `release()`."""
        self._server.hold()

    def wait_for(self, requests: int = 1, *, seconds: float = 10.0) -> list[Request]:
        """Block until so many requests have arrived in all, and give them; in a loop, call it in a thread.

        Raises TimeoutError after `seconds`, saying how many there were.
        """
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._requests) >= requests, timeout=seconds):
                raise TimeoutError(f"{len(self._requests)} of {requests} requests arrived within {seconds} seconds.")
            return list(self._requests)

    async def _handle(self, raw: web.Request) -> web.StreamResponse:
        request = Request(
            method=raw.method,
            path=raw.path,
            query=dict(raw.query),
            target=raw.raw_path,
            headers=raw.headers,
            body=await raw.read(),
            arrived=self._clock(),
        )
        with self._arrival:
            self._requests.append(request)
            chosen = self._choose(request)
            self._arrival.notify_all()
        return await send(raw, answered(chosen, request), released=self._server.released)

    def _choose(self, request: Request) -> Route:
        for name in names_of(request):
            if self._failing.get(name):
                return self._failing[name].popleft()
        return self._routes.choose(request)


def fullest(arrivals: Iterable[float], *, seconds: float) -> int:
    """The most arrivals that any stretch of so many seconds holds: what a server with a sliding log would have counted.

    >>> fullest([0.0, 0.5, 0.9, 1.0], seconds=1)
    3
    """
    held: deque[float] = deque()
    most = 0
    for arrived in sorted(arrivals):
        held.append(arrived)
        while held[0] <= arrived - seconds:
            held.popleft()
        most = max(most, len(held))
    return most


class _Server:
    """An aiohttp server in a thread: starts, lets go and stops from outside."""

    def __init__(self, handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        self._handle = handle
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-api", daemon=True)
        self.released = asyncio.Event()
        self.port = 0

    def start(self) -> None:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self.released.set)

    def hold(self) -> None:
        self._loop.call_soon_threadsafe(self.released.clear)

    def stop(self) -> None:
        self.release()
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.port = runner.addresses[0][1]
        return runner
