"""Asking what may be away for a while: takes calls, gives what they give, and after a failure for a minute nothing.

S3 that is away takes ten seconds to say so, and a scrape asks it for many things.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from ladle.errors import LadleError

log = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN = 60.0
"""Seconds after a failure in which nobody asks again."""


class Patience:
    """For everything that is away at the same time."""

    def __init__(self) -> None:
        self._until = 0.0

    def ask(self, call: Callable[[], T], otherwise: T) -> T:
        """What the call gives; `otherwise` where it raises a LadleError, or one did lately."""
        if time.monotonic() < self._until:
            return otherwise
        try:
            return call()
        except LadleError as error:
            if time.monotonic() >= self._until:  # of several that fail at once the first says so
                log.warning("Figures lack what the home can't tell at the moment: %s", error)
            self._until = time.monotonic() + AGAIN
            return otherwise


HOME = Patience()
