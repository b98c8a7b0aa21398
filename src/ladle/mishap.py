"""What this machine refused: takes an error of the system, gives the sentence that people read, with the remedy."""

from __future__ import annotations

import errno
import os
import sqlite3

Mishap = (OSError, sqlite3.Error)
"""Errors of disk, memory and files; what an API does is told by `collect.retry`."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_TOLD = ("no space left on device", "disk is full", "disk quota exceeded")


def in_words(error: BaseException, *, resume: str) -> str:
    """What happened, to which file, and how to go on: `resume` is the command for it.

    >>> in_words(OSError(errno.ENOSPC, "No space left on device", "/x/1.seg"), resume="ladle resume 7")
    'The disk is full: /x/1.seg could not be written. Free some room, then: ladle resume 7'
    >>> in_words(OSError(errno.EACCES, "Permission denied", "/x/lock"), resume="ladle resume 7")
    'Permission denied: /x/lock. When that is mended: ladle resume 7'
    """
    name = getattr(error, "filename", None)
    file = os.fsdecode(name) if isinstance(name, str | bytes) else ""
    if is_full(error):
        what = f"{file} could not be written" if file else "the run could not be written down"
        return f"The disk is full: {what}. Free some room, then: {resume}"
    told = (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
    return f"{told}{f': {file}' if file else ''}. When that is mended: {resume}"


def is_full(error: BaseException) -> bool:
    """Whether there was no room; Arrow and SQLite say it in words alone."""
    text = str(error).lower()
    return getattr(error, "errno", None) in _FULL or any(told in text for told in _FULL_TOLD)
