"""Long questions to a server: takes what asks, asks again until the answer is there, and tells how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ladle.explore.work import Meter, StillRunning, Work, settle
from ladle.remote.door import Pairs, get_either
from ladle.remote.server import Server

_PAUSE = 0.5
"""Seconds until a question is asked again, beside those that the server waits for the answer itself."""
Tell = Callable[["float | None"], None]


def answer(server: Server, path: str, pairs: Pairs, *, tell: Tell = lambda share: None) -> Any:
    """The document, however long it takes; `tell` hears how far it is, from 0 to 1."""
    asked = list(pairs)
    while True:
        status, told = get_either(server, path, asked)
        if status != HTTPStatus.ACCEPTED:
            return told
        tell(told["progress"])
        time.sleep(_PAUSE)


def answer_within(server: Server, path: str, pairs: Pairs, *, wait: float | None) -> Any:
    """The same; with `wait` raises StillRunning where the server has not answered when it was asked once."""
    if wait is None:
        return answer(server, path, pairs)
    status, told = get_either(server, path, pairs)
    if status == HTTPStatus.ACCEPTED:
        raise StillRunning(told["progress"])
    return told


def begun(ask: Callable[[Tell], int]) -> Work[int]:
    """The answer that `ask` gives, waited for in a thread of its own; nobody's end waits for that."""
    shares: list[float | None] = [None]
    meter = Meter()
    meter.watch(lambda: shares[-1])
    work: Work[int] = Work(meter)
    threading.Thread(target=settle, args=(work, lambda: ask(shares.append)), daemon=True).start()
    return work
