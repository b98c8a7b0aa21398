"""A child's bond: takes standard input, whose other end the parent holds, ends the child when that closes."""

from __future__ import annotations

import os
import threading

PARENT_DIED = 4
"""Exit code of a process whose parent is gone."""


def end_with_parent() -> None:
    """End this process the moment that its standard input closes, busy or not: journals bear that by design."""

    def wait() -> None:
        while os.read(0, 1):  # not sys.stdin: its lock would be in the way of an orderly end
            pass
        os._exit(PARENT_DIED)

    threading.Thread(target=wait, daemon=True, name="parent").start()
