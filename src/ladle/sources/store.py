"""Sources of one's own: takes a definition and the files beside it, keeps them in the home, gives any version back.

    sources/<name>/current.json     which version goes by the name; none where it was removed
    sources/<name>/<version>/       definition.toml, kept.json, and its lists and functions

A version never changes, and no number is given twice: what a run or a manifest says of it stays true. Of a home on S3
(`shared`) the folders are made of what lies there, when they are asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ladle.errors import Damaged, NotFound, unknown
from ladle.home import Home, publish_folder, write_whole
from ladle.sources import shared
from ladle.storage.store import Store

DEFINITION, KEPT, CURRENT = "definition.toml", "kept.json", "current.json"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PLAIN = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}/){0,8}[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a source of one's own, as it was kept."""

    name: str
    number: int
    """From 1."""
    made: datetime
    made_by: str
    """Who kept it: `command line`, `Python`, `site`, `API`."""
    trusted: bool
    """False: it came from a browser or the API."""
    sha256: str
    """Of the definition's text."""
    current: bool
    """It goes by the name; of a source that was removed no version does."""
    folder: Path
    files: Mapping[str, Path]
    """What it reads beside its definition, by the name that the definition gives it."""

    @property
    def text(self) -> str:
        """The definition. Raises Damaged where it is not the one that was kept."""
        path = self.folder / DEFINITION
        try:
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise Damaged(f'"{path}" can\'t be read: {error}.', hint="Add the source again.") from error
        if _sum(text) != self.sha256:
            hint = f"A version stays as it is: add what was changed as a new one, with: ladle sources add {path}"
            raise Damaged(f'"{path}" was changed after it was kept.', hint=hint)
        return text


def names(home: Home) -> list[str]:
    """The names that a version goes by, in order."""
    return [name for name in all_names(home) if _current(home, name) is not None]


def all_names(home: Home) -> list[str]:
    """Those of sources that were removed, too."""
    if home.mirror is not None:
        return shared.names(home.mirror.store)
    known = sorted(path.name for path in home.sources.iterdir()) if home.sources.is_dir() else []
    return [name for name in known if _numbers(home, name)]


def current(home: Home, name: str) -> Version | None:
    """The version that goes by a name; None where none does."""
    number = _current(home, name)
    return None if number is None else _read(home, name, number)


def versions(home: Home, name: str) -> list[Version]:
    """All versions of a source, newest first, also of one that was removed; raises NotFound where there was none."""
    found = [_read(home, name, number) for number in reversed(_numbers(home, name))]
    if not found:
        raise NotFound(unknown("source of your own", name, names(home)))
    return found


def keep(home: Home, name: str, *, text: str, files: Mapping[str, str], trusted: bool, made_by: str) -> Version:
    """Keep a definition as the newest version, which the name means from now on.

    `files` are the texts of what it reads, by the names it uses. What is kept as the current version already gives that
    one again.
    """
    with _alone(home):
        before = current(home, name)
        if before is not None and _same(before, text=text, files=files, trusted=trusted, made_by=made_by):
            return before
        told = {
            "format": 1,
            "made": datetime.now(UTC).isoformat(),
            "made_by": made_by,
            "trusted": trusted,
            "sha256": _sum(text),
            "files": _places(files),
        }
        return _read(home, name, _keep(home, name, told=told, text=text, files=files))


def _keep(home: Home, name: str, *, told: Mapping[str, Any], text: str, files: Mapping[str, str]) -> int:
    """The number under which a version is kept from now on."""
    if home.mirror is not None:
        return shared.put(home.mirror.store, name, told=told, text=text, files=files)
    number = max(_numbers(home, name), default=0) + 1
    _write(home.sources / name / str(number), text=text, files=files, told=told)
    _point(home, name, number)
    return number


def take(home: Home, version: Version) -> None:
    """Keep another home's version, as it is, as the newest of its name."""
    told = orjson.loads((version.folder / KEPT).read_bytes())
    files = {name: path.read_text("utf-8") for name, path in version.files.items()}
    with _alone(home):
        _keep(home, version.name, told=told, text=version.text, files=files)


def remove(home: Home, name: str) -> None:
    """Let nothing go by a name any more; its versions stay, for the runs that name them. Raises NotFound."""
    with _alone(home):
        if _current(home, name) is None:
            raise NotFound(unknown("source of your own", name, names(home)))
        _point(home, name, None)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Inside the block no other process changes the home's sources."""
    home.sources.mkdir(parents=True, exist_ok=True)
    with (home.sources / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(folder: Path, *, text: str, files: Mapping[str, str], told: Mapping[str, Any]) -> None:
    """The version's folder, whole or not at all."""
    temporary = folder.with_name(f".{folder.name}")
    shutil.rmtree(temporary, ignore_errors=True)  # of a process that ended while it wrote
    temporary.mkdir(parents=True)
    (temporary / DEFINITION).write_text(text, "utf-8", newline="")
    for name, place in told["files"].items():
        (temporary / place).parent.mkdir(parents=True, exist_ok=True)
        (temporary / place).write_text(files[name], "utf-8", newline="")
    (temporary / KEPT).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    publish_folder(temporary, folder)


def _places(files: Mapping[str, str]) -> dict[str, str]:
    """Where each file lies in the folder: under its own name where that is a plain one."""
    taken = {DEFINITION, KEPT}
    places = {}
    for number, name in enumerate(files, start=1):
        places[name] = name if _PLAIN.fullmatch(name) and name not in taken else f".file-{number}"
    return places


def _same(before: Version, *, text: str, files: Mapping[str, str], trusted: bool, made_by: str) -> bool:
    """Whether a version is the same to the last sign, and trusted as much."""
    if (before.sha256, before.trusted, before.made_by) != (_sum(text), trusted, made_by):
        return False
    if set(before.files) != set(files):
        return False
    return all(path.read_bytes() == files[name].encode() for name, path in before.files.items())


def _read(home: Home, name: str, number: int) -> Version:
    folder = home.sources / name / str(number)
    if home.mirror is not None and not folder.exists():
        _fetch(home.mirror.store, name, number, folder)
    try:
        told = orjson.loads((folder / KEPT).read_bytes())
        return Version(
            name=name,
            number=number,
            made=datetime.fromisoformat(told["made"]),
            made_by=told["made_by"],
            trusted=told["trusted"] is True,
            sha256=told["sha256"],
            current=_current(home, name) == number,
            folder=folder,
            files={each: folder / place for each, place in told["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f'"{folder}" can\'t be read: {error!r}.', hint="Add the source again.") from error


def _current(home: Home, name: str) -> int | None:
    if not _NAME.fullmatch(name):  # nothing else may become part of a path
        return None
    if home.mirror is not None:
        return shared.state(home.mirror.store, name).current
    try:
        number = orjson.loads((home.sources / name / CURRENT).read_bytes())["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return number if type(number) is int else None


def _numbers(home: Home, name: str) -> list[int]:
    folder = home.sources / name
    if home.mirror is not None and _NAME.fullmatch(name):
        return list(range(1, shared.state(home.mirror.store, name).last + 1))
    if not _NAME.fullmatch(name) or not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isascii() and path.name.isdigit())


def _fetch(store: Store, name: str, number: int, folder: Path) -> None:
    """Make a version's folder of what lies on S3; another process may do so at the same time."""
    told, text, files = shared.version(store, name, number)
    with tempfile.TemporaryDirectory(dir=_made(folder.parent), prefix=".") as temporary:
        made = Path(temporary) / folder.name
        _write(made, text=text, files=files, told=told)
        with suppress(OSError):  # there by now
            made.rename(folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _point(home: Home, name: str, number: int | None) -> None:
    if home.mirror is not None:
        shared.point(home.mirror.store, name, number)
        return
    write_whole(home.sources / name / CURRENT, orjson.dumps({"version": number}))


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
