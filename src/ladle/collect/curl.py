"""libcurl in asyncio's loop: takes addresses, gives what came of each.

libcurl says which sockets it waits for and when it wants to be woken; they lie in one epoll of our own, which the loop
watches as a single file. Beside pycurl's own asyncio wrapper, which registers each socket with the loop anew for every
call, that takes three quarters of the time, and all answers that came together are taken in together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pycurl

from ladle.collect.line import LATE, Bounds, Came, Line
from ladle.collect.poll import IN, OUT, new_poll

_MASKS = {pycurl.POLL_NONE: 0, pycurl.POLL_IN: IN, pycurl.POLL_OUT: OUT, pycurl.POLL_INOUT: IN | OUT}
"""curl's wishes in epoll's words."""


class Wires:
    """Lines to one site, in the running loop. Connections are kept open for the next call.

    `allows` is asked of each address before a socket to it is opened; None: of none.
    """

    def __init__(
        self,
        options: Mapping[int, Any],
        *,
        connections: int,
        bounds: Bounds,
        allows: Callable[[str], bool] | None = None,
    ) -> None:
        self._options, self._bounds, self._allows = options, bounds, allows
        self._loop = asyncio.get_running_loop()
        self._flying: dict[pycurl.Curl, Line] = {}
        self._free: list[Line] = []
        self._poll, self._polled = new_poll(), set[int]()
        self._loop.add_reader(self._poll.fileno(), self._on_ready)
        self._kick: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._wake_at: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)

    async def send(
        self, url: bytes, *, headers: Sequence[bytes] = (), body: bytes | None = None, headed: Callable[[], None]
    ) -> Came:
        """One attempt; `headed` is called when its headers have come. Cancelled, it is taken off the wire.

        With a body it goes by POST, else by GET.
        """
        line = self._free.pop() if self._free else Line(self._options, self._bounds, self._allows)
        line.begin(self._loop.create_future(), headed)
        curl = line.curl
        curl.setopt(pycurl.URL, url)
        if headers or line.has_own_headers:
            curl.setopt(pycurl.HTTPHEADER, [*self._options[pycurl.HTTPHEADER], *headers])
            line.has_own_headers = bool(headers)
        if body is not None or line.has_body:
            line.carry(body)
        self._multi.add_handle(curl)
        self._flying[curl] = line
        if self._watch is None:
            self._watch = self._loop.call_later(min(self._bounds.silence, self._bounds.whole), self._look_round)
        try:
            return await line.came
        finally:
            if self._flying.pop(curl, None):
                self._multi.remove_handle(curl)
            self._free.append(line)

    def pin(self, host: str, *, ports: Iterable[int], addresses: Sequence[str]) -> None:
        """From the next line on the host is at these addresses, whatever a resolver says."""
        pinned = [f"{host}:{port}:{','.join(addresses)}" for port in ports]
        self._options = {**self._options, pycurl.RESOLVE: pinned}

    def close(self) -> None:
        """Hang up; what is still in flight comes to nothing."""
        for handle in (self._kick, self._timer, self._watch):
            if handle is not None:
                handle.cancel()
        for curl, line in self._flying.items():
            self._multi.remove_handle(curl)
            line.came.cancel()
        self._flying.clear()
        self._loop.remove_reader(self._poll.fileno())
        self._multi.close()
        for line in self._free:
            line.curl.close()
        self._poll.close()

    def _on_socket(self, what: int, fd: int, *_: object) -> None:
        """What curl waits for at a socket, from now on."""
        if what in _MASKS and fd not in self._polled:
            self._polled.add(fd)
            self._poll.register(fd, _MASKS[what])
        elif what in _MASKS:
            self._poll.modify(fd, _MASKS[what])
        elif fd in self._polled:
            self._polled.discard(fd)
            with suppress(OSError):  # closed already
                self._poll.unregister(fd)

    def _on_ready(self) -> None:
        act = self._multi.socket_action
        for fd, mask in self._poll.poll(0):
            # An error or the other side's end makes it both readable and writable: curl finds out which.
            act(fd, pycurl.CSELECT_IN * bool(mask & ~OUT) | pycurl.CSELECT_OUT * bool(mask & ~IN))
        self._settle()

    def _on_timer(self, milliseconds: int) -> None:
        """When curl wants to be called though nothing has come; none before if negative."""
        if milliseconds == 0:
            self._kick = self._kick or self._loop.call_soon(self._go_on)
            return
        self._wake_at = self._loop.time() + milliseconds / 1000 if milliseconds > 0 else None
        # A timer that goes off too early is cheaper than one that is set anew for each call.
        if self._wake_at is not None and (self._timer is None or self._timer.when() > self._wake_at):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._wake_at, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self._wake_at is not None and self._loop.time() < self._wake_at:
            self._timer = self._loop.call_at(self._wake_at, self._on_time)
        elif self._wake_at is not None and self._kick is None:
            self._go_on()

    def _go_on(self) -> None:
        self._kick = self._wake_at = None
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._settle()

    def _settle(self) -> None:
        """Give out what has come to its end."""
        more = 1
        while more:
            more, good, bad = self._multi.info_read()
            for curl in good:
                self._take_off(curl).end(0)
            for curl, code, told in bad:
                self._take_off(curl).end(code, told)

    def _take_off(self, curl: pycurl.Curl) -> Line:
        self._multi.remove_handle(curl)
        return self._flying.pop(curl)

    def _look_round(self) -> None:
        """Give up what has taken too long; one timer for all, since those that set out first run out first."""
        now, self._watch = time.monotonic(), None
        for curl, line in list(self._flying.items()):
            if line.runs_out <= now:
                self._take_off(curl).end(LATE)
        if self._flying:
            soonest = min(line.runs_out for line in self._flying.values())
            self._watch = self._loop.call_later(soonest - now, self._look_round)
