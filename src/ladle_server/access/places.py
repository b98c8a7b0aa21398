"""How many may wait? Takes a client that wants to be told later, gives it a place until it leaves, or says why not.

Who follows a run, or waits for the end of a collection, keeps a connection open, and with it a file of this process
and some 30 KB. They are counted in this process, so several processes each grant as many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from ladle.errors import Busy, LadleError, SettingError

ALL, EACH = "LADLE_WAITING", "LADLE_WAITING_EACH"
MOST, MOST_EACH = 2_000, 100
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class TooMany(LadleError):
    """This client has as many places as one client may; others still find some."""


@dataclass(frozen=True, slots=True)
class Room:
    """Places for all, and for each client; None: as many as there are."""

    all: int
    each: int | None


def room(env: Mapping[str, str], *, login: bool) -> Room:
    """What is set; raises SettingError. Where nobody logs in, all are one client.

    >>> room({"LADLE_WAITING": "500"}, login=True)
    Room(all=500, each=100)
    """
    return Room(_number(env, ALL, MOST) or MOST, _number(env, EACH, MOST_EACH) or (MOST_EACH if login else None))


def _number(env: Mapping[str, str], name: str, like: int) -> int | None:
    text = env.get(name, "").strip()
    if text and not _NUMBER.fullmatch(text):
        raise SettingError(f'{name} is "{text[:60]}".', hint=f"Set it to a number, such as {like}.")
    return int(text) if text else None


class Places:
    """Those that are taken."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._all = 0
        self._lock = Lock()

    def take(self, client: str, given: Room) -> None:
        """One for a client, until it gives it back. Raises Busy where there is none, TooMany where it has its share."""
        with self._lock:
            if given.each is not None and self._taken[client] >= given.each:
                told = f"You have {given.each:,} connections that wait, streams of runs and POSTs together."
                raise TooMany(told, hint="End one of them, or ask for the run itself from time to time.")
            if self._all >= given.all:
                told = f"{given.all:,} connections wait already, streams of runs and POSTs together."
                raise Busy(told, hint="Come again in a few seconds, or ask for the run itself from time to time.")
            self._taken[client] += 1
            self._all += 1

    def give_back(self, client: str) -> None:
        """One that was taken."""
        with self._lock:
            self._all -= 1
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]

    @contextmanager
    def held(self, client: str, given: Room) -> Iterator[None]:
        """One for as long as the block takes; raises as `take` does."""
        self.take(client, given)
        try:
            yield
        finally:
            self.give_back(client)

    def __len__(self) -> int:
        return self._all


PLACES = Places()
"""Of this process."""
