"""A process beside one that forks: takes what is to be done, gives a child that does it, started again should it die.

A process that has used a home on S3 can't be forked any more: the client's threads would be missing in the child
(`ladle.storage.store`). Celery's main process forks those that drive runs, also later, when one of them has died. So
whatever touches the home is done beside it.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Self

log = logging.getLogger(__name__)
_FORK = multiprocessing.get_context("fork")
PATIENCE = 2.0
"""Seconds that the child has to end."""


class Beside:
    """The child, for a `with` block."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._child: multiprocessing.process.BaseProcess | None = None

    def keep(self) -> None:
        """Start it where it does not run."""
        if self._child is not None:
            if self._child.is_alive():
                return
            log.error("The process that looks for runs ended with %s; starting another.", self._child.exitcode)
        self._child = _FORK.Process(target=self._begin, name="looks", daemon=True)
        self._child.start()

    def _begin(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # not what the worker does at them
        self._work()

    def __enter__(self) -> Self:
        self.keep()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.join(PATIENCE)


def done_beside(work: Callable[[], None]) -> None:
    """Do it in a child; raises what it raises."""
    heard, told = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_tell, args=(work, told))
    child.start()
    told.close()
    try:
        error = heard.recv()
    except EOFError:
        child.join()
        error = RuntimeError(f"the child ended with {child.exitcode}")
    finally:
        child.join()
    if error is not None:
        raise error


def _tell(work: Callable[[], None], told: Connection) -> None:
    try:
        work()
    except Exception as error:
        told.send(error)
    else:
        told.send(None)
