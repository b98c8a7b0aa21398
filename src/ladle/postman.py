"""A run's traffic with S3 while it is driven: takes its folder and lease, keeps both in step, and tells what it learns.

    journal ── finished segments ──→ S3         every two seconds or 8 MB
    progress ────────────────────────→ S3         once a second at most
    lease ── renewed ──────────────→ S3         every five seconds
    wish.json ←───────────────────── S3         once a second

All of it happens in a thread of its own, so that a slow server makes no request wait. While S3 is away, what is to be
put waits on this machine, and the run goes on for a minute; then it is asked to stop, to go on when S3 is back.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ladle.collect import shared
from ladle.collect.removed import removed_at
from ladle.collect.segment import of_drivers
from ladle.errors import LadleError, Unreachable
from ladle.storage.lease import RENEW, Lease
from ladle.storage.mirror import Mirror

STEP = 0.25
TELL_EVERY, LOOK_EVERY = 1.0, 1.0
"""Seconds between two puts of the progress, and two looks for a wish."""
OUTAGE = 60.0
"""Seconds without S3 after which the run is to wait: what is collected lies on this machine alone for so long."""


class Postman:
    """For one drive of one run: use it in a `with`. `stop` is called, from its thread, when the drive is to end."""

    def __init__(self, mirror: Mirror, folder: Path, lease: Lease, *, stop: Callable[[], None]) -> None:
        self._mirror, self._folder, self._lease, self._stop = mirror, folder, lease, stop
        self._finished: deque[IO[bytes]] = deque()
        self._over, self._dirty = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="ladle-postman", daemon=True)
        self._due: dict[str, float] = {}
        self._well, self._wished = time.monotonic(), False
        self.lost = False
        """Another machine drives the run by now."""
        self.away: LadleError | None = None
        """What was wrong with S3 when it was last tried."""

    def took(self, segment: IO[bytes]) -> None:
        """A segment is finished: it is synced, closed and put on S3."""
        self._finished.append(segment)

    def changed(self) -> None:
        """The run's progress is another."""
        self._dirty.set()

    def flush(self) -> None:
        """Put everything that is due now; raises Unreachable. Not while the thread is at it."""
        self._ship()
        self._tell()

    def __enter__(self) -> Postman:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()

    def rest(self) -> None:
        """End the thread; what it has not put yet is put by `flush`, or by the next drive."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(STEP):
            try:
                self._round()
            except LadleError as error:
                self.away = error
                if time.monotonic() - self._well > OUTAGE:
                    self._stop()
            except Exception as error:  # a full disk, say: without a postman the lease would run out unnoticed
                self.away = Unreachable(f"The run can't be kept in step with S3: {error!r}.", hint="Resume it.")
                self._stop()
                return
            else:
                self.away, self._well = None, time.monotonic()

    def _round(self) -> None:
        self._ship()
        now = time.monotonic()
        every: dict[Callable[[], None], float] = {self._renew: RENEW, self._tell: TELL_EVERY, self._look: LOOK_EVERY}
        for act, seconds in every.items():
            if now >= self._due.get(act.__name__, 0.0):
                act()
                self._due[act.__name__] = now + seconds

    def _ship(self) -> None:
        while self._finished:
            segment = self._finished[0]
            if not segment.closed:
                os.fsync(segment.fileno())
                segment.close()
            shared.ship(self._mirror, self._folder, [Path(segment.name)])
            self._finished.popleft()

    def _tell(self) -> None:
        if self._dirty.is_set():
            self._dirty.clear()
            try:
                shared.put(self._folder, shared.PROGRESS)
            except Unreachable:
                self._dirty.set()
                raise

    def _renew(self) -> None:
        if not self._lease.renew():
            self.lost = True
            self._stop()

    def _look(self) -> None:
        """A wish that was found is carried out by the driver, who removes it; it is not looked for again."""
        self._wished = self._wished or shared.fetch(self._folder, shared.WISH)


def bring_up(mirror: Mirror, folder: Path) -> None:
    """Before a drive: have what other machines have collected, and put there what this one could not. By who drives."""
    if removed_at(folder) is None:
        shared.fetch_journal(folder)
        shared.ship(mirror, folder, of_drivers(folder))  # a helper may still be writing
