"""A journal that is not kept any longer: takes a run's folder, removes its segments, and says since when it has none.

The note comes first: a process that is killed halfway leaves a journal that says of itself that it is none any more.
Of a home on S3 the note stands there first, and on a machine only when the segments on S3 are gone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ladle.collect import shared
from ladle.collect.journal import segments
from ladle.collect.last_word import last_word
from ladle.collect.progress import FINAL
from ladle.errors import Unreachable
from ladle.home import write_whole
from ladle.storage.mirror import mirror_of

NOTE = "removed.json"


def removed_at(folder: Path) -> datetime | None:
    """When a run's journal was removed; None for one that is there. Of a run on S3 that has ended a request."""
    with suppress(FileNotFoundError):
        changed = (folder / NOTE).stat().st_mtime
        return _time((folder / NOTE).read_bytes()) or datetime.fromtimestamp(changed, UTC)
    told = _told_there(folder)
    return None if told is None else _time(told)


def _told_there(folder: Path) -> bytes | None:
    """The note on S3; only journals of runs that have ended are removed, so of others it is not asked for."""
    if mirror_of(folder) is None:
        return None
    try:
        told = last_word(folder)
        return shared.ask(folder, NOTE) if told is not None and told.state in FINAL else None
    except Unreachable:
        return None


def _time(note: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(orjson.loads(note)["at"])
    except (ValueError, KeyError, TypeError):
        return None


def is_there(folder: Path) -> bool:
    """Whether anything is left of a run's journal, here or on S3."""
    if segments(folder) or mirror_of(folder) is None or (folder / NOTE).exists():
        return bool(segments(folder))
    if shared.has_journal(folder):
        return True
    shared.fetch(folder, NOTE)  # another machine has removed it, and nobody need ask again
    return False


def remove_journal(folder: Path, *, now: datetime) -> None:
    """Remove it; to be called by who holds the run. What the run was asked for and came to stays."""
    note = orjson.dumps({"at": (removed_at(folder) or now).isoformat()})
    mirror = mirror_of(folder)
    if mirror is not None:
        mirror.store.put(mirror.key(folder / NOTE), note)
        shared.forget_journal(folder)
    if not (folder / NOTE).exists():
        write_whole(folder / NOTE, note)
    for segment in segments(folder):
        segment.unlink(missing_ok=True)
