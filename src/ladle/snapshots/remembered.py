"""What small files say, remembered: takes a path and what reads it, gives that; a file that is another is read again.

A snapshot's manifest and the head of its index never change while it is there. To read and check them anew for each
page of rows takes longer than to read the rows.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

MOST = 128
"""Of a table of 2,000 columns a manifest takes 300 KB."""
YOUNG = 2.0
"""Seconds in which a file may be written again without its time telling so: that of many file systems goes by ticks."""
T = TypeVar("T")
_lock = Lock()
_said: OrderedDict[tuple[str, Callable[[Path], Any]], tuple[tuple[int, ...], Any]] = OrderedDict()


def remembered(path: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of the file, which nobody may change; raises OSError where there is none, and what it raises.

    Who replaces, changes or removes the file is noticed by its inode, size and times.
    """
    name, stat = str(path), path.stat()
    stamp = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    with _lock:
        known = _said.get((name, read))
        if known is not None and known[0] == stamp:
            _said.move_to_end((name, read))
            value: T = known[1]
            return value
    value = read(path)
    if abs(time.time() - stat.st_mtime) > YOUNG:
        with _lock:
            _said[name, read] = stamp, value
            while len(_said) > MOST:
                _said.popitem(last=False)
    return value
