"""Where things lie: takes LADLE_HOME, gives the paths in it and the one way to write a file whole.

A home on S3 has a folder on this machine that stands before it: what is in the making lies there, and what was fetched.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ladle.errors import SettingError, Unreachable
from ladle.storage.mirror import Mirror, make_folder, mirror
from ladle.storage.settings import is_address, read_bucket, read_cache

DEFAULT = "~/.ladle"
SERVER_SETTING = "LADLE_URL"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that holds everything Ladle keeps: journals of runs, snapshots, sources of one's own, the quota ledger.

    Every process that names the same home shares its quotas and sees its snapshots.
    """

    path: Path
    """Of a home on S3: its folder on this machine."""
    mirror: Mirror | None = None
    """What keeps that folder and S3 together; None for a home that is a folder."""

    @classmethod
    def open(cls, path: str | Path | None = None, *, env: Mapping[str, str] = os.environ) -> Home:
        """The home at `path`, else at LADLE_HOME, else at ~/.ladle; its folders are made where they lack.

        A path like `s3://bucket/prefix` leads to a bucket, whose server is asked once. Raises SettingError.
        """
        wanted = _wanted(path, env)
        home = cls._of(wanted, env)
        if home.mirror is not None:
            make_folder(home.path)
            _look_in(home.mirror)
        try:
            home.runs.mkdir(parents=True, exist_ok=True)
            home.snapshots.mkdir(exist_ok=True)
        except (OSError, ValueError) as error:  # ValueError: a zero byte
            raise _unusable(wanted, error) from error
        return home

    @classmethod
    def at(cls, path: str | Path | None = None, *, env: Mapping[str, str] = os.environ) -> Home:
        """The same home, only to be looked into: nothing is made, and nothing need be there."""
        return cls._of(_wanted(path, env), env)

    @classmethod
    def _of(cls, wanted: str, env: Mapping[str, str]) -> Home:
        if is_address(wanted):
            there = mirror(read_bucket(wanted, env), read_cache(env))
            return cls(there.root, there)
        try:
            return cls(Path(wanted).expanduser().absolute())
        except (OSError, RuntimeError) as error:  # RuntimeError: ~ of nobody
            raise _unusable(wanted, error) from error

    @property
    def address(self) -> str:
        """What opens this home again: its path, or `s3://bucket/prefix`."""
        return str(self.path) if self.mirror is None else self.mirror.store.bucket.address

    @property
    def runs(self) -> Path:
        """Folder of all runs, one folder each."""
        return self.path / "runs"

    @property
    def snapshots(self) -> Path:
        """Folder of all snapshots: `<source>/<dataset>/<snapshot>/`."""
        return self.path / "snapshots"

    @property
    def sources(self) -> Path:
        """Folder of the sources of one's own: `<source>/<version>/`."""
        return self.path / "sources"

    @property
    def alive(self) -> Path:
        """Folder of the signs of life of this machine's processes."""
        return self.path / "alive"

    @property
    def ledger(self) -> Path:
        """File of the quota ledger, shared by every process of the home."""
        return self.path / "ledger.sqlite3"


def home_in(home: Home | str | Path | None, *, env: Mapping[str, str] = os.environ) -> Home:
    """A home, by itself or by its path, to be used."""
    return home if isinstance(home, Home) else Home.open(home, env=env)


def home_at(home: Home | str | Path | None, *, env: Mapping[str, str] = os.environ) -> Home:
    """A home, by itself or by its path, only to be looked into."""
    return home if isinstance(home, Home) else Home.at(home, env=env)


def is_server(path: str) -> bool:
    """Whether what stands in a home's place is the address of a server."""
    return path.lower().startswith(("http://", "https://"))


def _wanted(path: str | Path | None, env: Mapping[str, str]) -> str:
    """The home that is meant; raises SettingError where that is a server, whose home this process can't open."""
    wanted = str(path or env.get("LADLE_HOME") or DEFAULT)
    server = "" if path else env.get(SERVER_SETTING, "").strip()
    if server or is_server(str(path or "")):
        named = f"{SERVER_SETTING} names a server" if server else "what is named as the home is a server"
        hint = f"Do it where the server runs; or name a folder with --home, and leave {SERVER_SETTING} unset."
        raise SettingError(f"This is done in a home itself, and {named}.", hint=hint)
    return wanted


def _look_in(there: Mirror) -> None:
    """See that the bucket can be used, when it is opened first: what can't be reached then is most likely set wrong."""
    try:
        there.check()
    except Unreachable as error:
        raise SettingError(error.message, hint=error.hint) from error


def _unusable(wanted: str, error: Exception) -> SettingError:
    told = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    hint = "Set LADLE_HOME to a folder that you may write to."
    return SettingError(f'The home "{wanted}" can\'t be used: {told}.', hint=hint)


def new_id(now: datetime) -> str:
    """An id that sorts by time and can be read aloud: `20261121-120103-7f3a9c` (UTC).

    The last six digits are the second's fraction in 4096ths, so that ids of one second sort too, and a random number.
    """
    fraction = now.microsecond * 4096 // 1_000_000
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{fraction:03x}{secrets.randbelow(4096):03x}"


def write_whole(path: Path, data: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Put `data` at `path` whole or not at all: temporary name, fsync, rename, fsync of the folder.

    Data may come piece by piece, so that a file can be larger than the memory. `durable=False` leaves the fsyncs out,
    for views that can be made again (a run's progress).
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        with temporary.open("wb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def publish_folder(temporary: Path, final: Path) -> None:
    """Make a finished folder appear under its name in one step; every file in it is on disk before."""
    for path in temporary.rglob("*"):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    sync_folder(temporary)
    temporary.rename(final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: a rename lives in the folder, not in the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_id(text: str) -> bool:
    """Whether a text has an id's form; nothing else may become part of a path."""
    return _ID.fullmatch(text) is not None
