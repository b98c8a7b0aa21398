"""People at a server, as a process of its own: takes a script of clicks, gives how many answers came, and how quickly.

    python -m bench.explore.load <script.json

Each has one kept connection and sends the next click when the answer to the last has come and they have thought about
it. Answers are taken from the socket and not read, so that this process is no measure of itself.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import Any

SOUGHT = b"Looking through"
"""In the page of a view that is still being worked out."""
GOOD = (b"200", b"302")
_END = b"\r\n\r\n"
_PATIENCE = 120.0
"""Seconds until an answer counts as an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is clicked: addresses of several kinds, each with its weight."""

    port: int
    people: int
    seconds: float
    thinking: tuple[float, float]
    """Seconds between an answer and the next click, at least and at most."""
    clicks: dict[str, tuple[float, list[str]]]
    seed: int = 0


@dataclass(slots=True)
class Seen:
    """Seconds of each kind of click, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    late: bool = False
    """Whether somebody's first answer came when the time was over."""
    seconds: float = 0.0


class Line(asyncio.Protocol):
    """One connection: a request, its whole answer, and so on."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self._size: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Until the answer is whole."""
        self._held += data
        if self._size is None and (at := self._held.find(_END)) >= 0:
            self._size = _size(bytes(self._held[:at]).lower(), at + len(_END))
        whole = self._held.endswith(b"0" + _END) if self._size == 0 else self._size and len(self._held) >= self._size
        if whole and self._answer is not None and not self._answer.done():
            self._answer.set_result(bytes(self._held))

    def connection_lost(self, _: Exception | None) -> None:
        """Whoever waits learns it."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("connection lost"))

    async def ask(self, path: str) -> bytes:
        """The whole answer; raises OSError or TimeoutError."""
        self._held.clear()
        self._size, self._answer = None, asyncio.get_running_loop().create_future()
        self.transport.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode())
        return await asyncio.wait_for(self._answer, _PATIENCE)


def _size(head: bytes, begin: int) -> int:
    """Bytes of the whole answer; 0 where it comes in chunks."""
    before, found, rest = head.partition(b"\r\ncontent-length:")
    if found:
        return begin + int(rest.partition(b"\r\n")[0])
    return 0 if b"\r\ntransfer-encoding: chunked" in before else begin


async def play(script: Script) -> Seen:
    """All people until the time is over and each has had an answer; later ones don't count."""
    begun, seen = time.perf_counter(), Seen()
    end = begun + script.seconds
    people = (_person(script, Random(f"{script.seed} {number}"), seen, end) for number in range(script.people))
    await asyncio.gather(*people)
    seen.seconds = max(script.seconds, time.perf_counter() - begun) if seen.late else script.seconds
    return seen


async def _person(script: Script, random: Random, seen: Seen, end: float) -> None:
    kinds = list(script.clicks)
    weights = [script.clicks[kind][0] for kind in kinds]
    await asyncio.sleep(random.uniform(0, script.thinking[1]))
    line: Line | None = None
    clicks = 0
    while not clicks or time.perf_counter() < end:
        clicks += 1
        kind = random.choices(kinds, weights)[0]
        path = random.choice(script.clicks[kind][1])
        begun = time.perf_counter()
        try:
            line = line or await _connected(script.port)
            answer = await line.ask(path)
        except (OSError, TimeoutError) as error:
            seen.errors[f"{kind}: {type(error).__name__}"] += 1
            line = None
            continue
        took = time.perf_counter() - begun
        if (status := answer[9:12]) not in GOOD:
            seen.errors[f"{kind}: {status.decode()}"] += 1
        seen.late |= (late := begun + took > end) and clicks == 1
        if not late or clicks == 1:
            seen.times[f"{kind}, looked for" if SOUGHT in answer else kind].append(took)
        if line.transport.is_closing():
            line = None
        if script.thinking[1]:
            await asyncio.sleep(random.uniform(*script.thinking))
    if line:
        line.transport.close()


async def _connected(port: int) -> Line:
    _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return line


def told(seen: Seen) -> dict[str, Any]:
    """The figures: seconds that 50, 95 and 99 of 100 answers stay within, of each kind, and answers a second."""
    kinds = {kind: _within(sorted(times)) for kind, times in sorted(seen.times.items())}
    answers = sum(len(times) for times in seen.times.values())
    use = resource.getrusage(resource.RUSAGE_SELF)
    busy = (use.ru_utime + use.ru_stime) / seen.seconds
    figures = {"per_second": answers / seen.seconds, "seconds": seen.seconds, "busy": busy}
    return {**figures, "errors": dict(seen.errors), "kinds": kinds}


def _within(times: list[float]) -> dict[str, float]:
    parts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return {"number": len(times), "p50": parts[49], "p95": parts[94], "p99": parts[98], "most": times[-1]}


def main() -> None:
    """Play the script on standard input; prints the figures as a line of JSON."""
    script = Script(**json.load(sys.stdin))
    print(json.dumps(told(asyncio.run(play(script)))), flush=True)


if __name__ == "__main__":
    main()
