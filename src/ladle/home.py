"""Where things lie: takes LADLE_HOME, gives the paths in it and the one way to write a file whole."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ladle.errors import SettingError

DEFAULT = "~/.ladle"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that holds everything Ladle keeps: journals of runs, snapshots, sources of one's own, the quota ledger.

    Every process that names the same home shares its quotas and sees its snapshots.
    """

    path: Path

    @classmethod
    def open(cls, path: str | Path | None = None, *, env: Mapping[str, str] = os.environ) -> Home:
        """The home at `path`, else at LADLE_HOME, else at ~/.ladle; its folders are made where they lack."""
        wanted = str(path or env.get("LADLE_HOME") or DEFAULT)
        home = cls.at(wanted)
        try:
            home.runs.mkdir(parents=True, exist_ok=True)
            home.snapshots.mkdir(exist_ok=True)
        except (OSError, ValueError) as error:  # ValueError: a zero byte
            raise _unusable(wanted, error) from error
        return home

    @classmethod
    def at(cls, path: str | Path | None = None, *, env: Mapping[str, str] = os.environ) -> Home:
        """The same home, only to be looked into: nothing is made, and nothing need be there."""
        wanted = str(path or env.get("LADLE_HOME") or DEFAULT)
        if "://" in wanted:
            raise SettingError(f'LADLE_HOME is "{wanted}".', hint="Give the path of a folder on this machine.")
        try:
            return cls(Path(wanted).expanduser().absolute())
        except (OSError, RuntimeError) as error:  # RuntimeError: ~ of nobody
            raise _unusable(wanted, error) from error

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
    def ledger(self) -> Path:
        """File of the quota ledger, shared by every process of the home."""
        return self.path / "ledger.sqlite3"


def home_at(home: Home | str | Path | None, *, env: Mapping[str, str] = os.environ) -> Home:
    """A home, by itself or by its path, only to be looked into."""
    return home if isinstance(home, Home) else Home.at(home, env=env)


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
