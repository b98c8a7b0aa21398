"""The site's database before it is used: takes Django's settings of it, gives one that answers and has its tables."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection

from ladle.errors import SettingError
from ladle_server.environment import DATABASE

_MIGRATING = 4_701_526_101
"""Number of the lock that a process holds in PostgreSQL while it migrates."""
_TROUBLES = (
    (("password authentication failed", "no password supplied"), "Set the right user and password in {setting}."),
    (('database "', "does not exist"), "Make it (createdb {name}), or name another in {setting}."),
    (('role "', "does not exist"), "Name a user that PostgreSQL knows in {setting}."),
    (
        ("invalid connection option", "invalid URI query"),
        "See what stands after the ? in {setting}.",
    ),
    (("connection refused", "timeout", "resolve", "unreachable"), "Is PostgreSQL running there? See {setting}."),
    (("permission denied",), "Let the user in {setting} create tables there: GRANT CREATE ON SCHEMA public TO …"),
)
"""Words of PostgreSQL's, any or (of a name that is missing) all of them, and what to do."""


_PLACE = re.compile(
    r"^connection failed: connection to server at .*? failed: (FATAL: +)?|\s*Is the server running on .*$"
)
"""What the client says of the place, which is said before."""


def prepare() -> None:
    """Bring the tables up to date, one process at a time. Raises SettingError when the database can't be used."""
    try:
        with _alone():
            call_command("migrate", verbosity=0)
    except DatabaseError as error:
        raise unusable(error) from error
    except OSError as error:
        raise unusable(DatabaseError(error.strerror)) from error
    finally:
        connection.close()


@contextmanager
def _alone() -> Iterator[None]:
    """Several processes start at once: the first makes the tables, the others then find them made."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])  # held to the end of the connection
        yield
        return
    path = Path(connection.settings_dict["NAME"])
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def unusable(error: DatabaseError) -> SettingError:
    """What is wrong with the database, with its remedy; no password is in it."""
    name = connection.settings_dict["NAME"]
    said = _PLACE.sub("", " ".join(str(error).split()))
    if connection.vendor != "postgresql":
        hint = "May you write to it and to its folder? It is made anew when it is moved away; runs and snapshots stay."
        return SettingError(f'"{name}" can\'t be used: {said}.', hint=hint)
    hint = next((hint for words, hint in _TROUBLES if _says(said, words)), "See {setting}, and PostgreSQL's log.")
    where = f'The database "{name}" at {_place()}'
    return SettingError(f"{where} can't be used: {said.rstrip('.')}.", hint=hint.format(setting=DATABASE, name=name))


def _says(said: str, words: tuple[str, ...]) -> bool:
    found = [word in said.lower() for word in words]
    return all(found) if words[-1] == "does not exist" else any(found)


def _place() -> str:
    told = connection.settings_dict
    return f"{told['HOST'] or 'this machine'}:{told['PORT'] or 5432}"


def version() -> str:
    """What the database is, for `ladle doctor`; raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        (number,) = cursor.fetchone()
    with suppress(DatabaseError):
        connection.close()
    kind = f"PostgreSQL {number.split()[0]} at {_place()}" if connection.vendor == "postgresql" else f"SQLite {number}"
    return f"{kind}, {connection.settings_dict['NAME']}"
