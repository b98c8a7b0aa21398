"""Lanes: threads that do one thing after the other; takes what is to be done, gives its outcome when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Lane(ThreadPoolExecutor):
    """One thread that does one thing after the other, and knows how much it has to do."""

    def __init__(self, name: str) -> None:
        super().__init__(max_workers=1, thread_name_prefix=name)
        self.pending = 0
        self.last_used = 0
        self._lock = Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call, as any executor does."""
        self._add(1)
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _done: self._add(-1))
        return future

    def _add(self, number: int) -> None:
        with self._lock:
            self.pending += number


class QuickLane:
    """The same for an event loop alone, with a third of what an executor costs: for what takes a millisecond.

    What is asked for is done, whether or not anybody still waits for it. The thread ends with the process.
    """

    def __init__(self, name: str) -> None:
        self.pending = 0
        """Changed by the event loop's thread only."""
        self._asked: SimpleQueue[tuple[Callable[[Any], Any], Any, asyncio.Future[Any]]] = SimpleQueue()
        Thread(target=self._work, name=name, daemon=True).start()

    async def ask(self, made: Callable[[T], Any], of: T) -> Any:
        """What `made` makes of it; raises what it raises."""
        answer = asyncio.get_running_loop().create_future()
        self.pending += 1
        self._asked.put((made, of, answer))
        return await answer

    def _work(self) -> None:
        while True:
            made, of, answer = self._asked.get()
            try:
                value, error = made(of), None
            except BaseException as raised:  # whoever waits must hear of it
                value, error = None, raised
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                answer.get_loop().call_soon_threadsafe(self._tell, answer, value, error)

    def _tell(self, answer: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
        self.pending -= 1
        if answer.cancelled():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)
