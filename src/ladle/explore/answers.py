"""Answers of late: takes a question's key and what answers it, gives its answer to come, kept in memory for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from ladle.explore.desk import Desk
from ladle.explore.work import Meter, Work, answered

T = TypeVar("T")


class Answers:
    """At most so many answers in this process's memory; what was not asked for for longest goes first."""

    def __init__(self, desk: Desk, *, most: int) -> None:
        self._desk = desk
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def ask(self, key: str, answer: Callable[[Meter], T], *, at_once: bool) -> Work[T]:
        """Kept, or worked out: in the thread that asks where `at_once`, else in one of the desk's for all who ask."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return answered(self._kept[key])
        if at_once:
            return answered(self._keep(key, answer(Meter())))
        return self._desk.ask(key, lambda meter: self._keep(key, answer(meter)))

    def _keep(self, key: str, value: T) -> T:
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
