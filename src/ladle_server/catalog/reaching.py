"""A database that may be away for a while: takes calls that ask it, gives what they give, on connections that are good.

Django looks after the connections of requests; those of other threads (a worker's, the one that waits for runs) would
stay broken after PostgreSQL was away.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")
AWAY = (OperationalError, InterfaceError)
"""What is raised where the database can't be reached, or is gone in the middle of a question."""


def fresh(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the call gives, on a connection that is good; raises one of AWAY. For threads that serve no request."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    except AWAY:
        close_old_connections()
        raise


def one_at_a_time(what: str) -> None:
    """Let one transaction at a time, on all machines, do `what` (a name); the others wait for its end.

    To be called in a transaction. One of SQLite's has the whole database for itself anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LADLE, zlib.crc32(what.encode()) - 2**31])


def storable(text: str) -> str:
    """The text without what PostgreSQL keeps in none: zero bytes and halves of surrogate pairs.

    >>> storable("a\\0b\\ud83d")
    'a�b?'
    """
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


_LADLE = 47_015
"""Tells our locks from those of others in the same database."""
