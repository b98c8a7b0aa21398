"""A journal that is not kept any longer: takes a run's folder, removes its segments, and says since when it has none.

The note comes first: a process that is killed halfway leaves a journal that says of itself that it is none any more.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ladle.collect.journal import segments
from ladle.home import write_whole

NOTE = "removed.json"


def removed_at(folder: Path) -> datetime | None:
    """When a run's journal was removed; None for one that is there."""
    with suppress(FileNotFoundError):
        try:
            return datetime.fromisoformat(orjson.loads((folder / NOTE).read_bytes())["at"])
        except (ValueError, KeyError, TypeError):
            return datetime.fromtimestamp((folder / NOTE).stat().st_mtime, UTC)
    return None


def remove_journal(folder: Path, *, now: datetime) -> None:
    """Remove it; to be called by who holds the run. What the run was asked for and came to stays."""
    if removed_at(folder) is None:
        write_whole(folder / NOTE, orjson.dumps({"at": now.isoformat()}))
    for segment in segments(folder):
        segment.unlink(missing_ok=True)
