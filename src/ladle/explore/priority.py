"""Who goes first? Takes the thread that calls, lets all others of the machine go before it.

A question over a hundred million rows keeps every core busy for seconds; a page of ten rows needs half a millisecond
of one, and must not wait in line for it.
"""

from __future__ import annotations

import os
import sys
import threading

NICE = 10
"""Beside a thread of the usual priority it has a ninth of that one's share, and a whole core where nobody wants it."""


def step_back() -> None:
    """Give this thread, and those that it begins, a low priority; where threads have none of their own, do nothing."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
