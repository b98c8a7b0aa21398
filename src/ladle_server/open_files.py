"""Files that a process may have open: takes how many clients may wait, raises the limit, or says that it is too low.

Each connection is a file. Systems give a process 1,024 of them to begin with, and as many as it asks for.
"""

from __future__ import annotations

import resource
from contextlib import suppress

BESIDES = 300
"""Files for all else: who asks meanwhile, the database on each lane, snapshots that are read."""
_MOST = 1 << 16
"""Nobody needs more, and some systems let nobody have as many as they say."""


def make_room(waiting: int) -> str:
    """Let this process and its children have as many as the system allows; a sentence where these are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if _is_less(soft, allowed):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return too_few(resource.getrlimit(resource.RLIMIT_NOFILE)[0], waiting=waiting)


def too_few(files: int, *, waiting: int) -> str:
    """What to say of a limit; nothing where it will do.

    >>> too_few(1024, waiting=2000).partition(". ")[2]
    'Raise the limit (ulimit -n 2300), or set LADLE_WAITING to 724.'
    """
    if not _is_less(files, waiting + BESIDES):
        return ""
    told = f"This process may have {files:,} files open, and LADLE_WAITING lets {waiting:,} clients wait."
    return f"{told} Raise the limit (ulimit -n {waiting + BESIDES}), or set LADLE_WAITING to {max(1, files - BESIDES)}."


def _is_less(files: int, than: int) -> bool:
    return files != resource.RLIM_INFINITY and files < than
