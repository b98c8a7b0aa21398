"""The journals of a home: takes its runs' folders, gives those whose journals need not be kept, and removes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from ladle.collect.earlier import read_note
from ladle.collect.journal import segments
from ladle.collect.removed import remove_journal, removed_at
from ladle.errors import LadleError
from ladle.home import Home, is_id
from ladle.retention import Journaled, outdated
from ladle.runs import FINAL, open_run


def outdated_journals(home: Home, *, days: int | None, now: float) -> list[Path]:
    """The folders of the runs whose journals go; those of which a killed process left a part are among them."""
    half = [folder for folder in _folders(home) if removed_at(folder) is not None and segments(folder)]
    if days is None:
        return half
    gone = {home.runs / each for each in outdated(list(_journaled(home)), days=days, now=now)}
    return sorted({*half, *(folder for folder in gone if segments(folder))})


def remove_journal_of(home: Home, folder: Path, *, now: datetime) -> bool:
    """Remove it; False where somebody drives the run at this moment, or where it can't be read."""
    try:
        run = open_run(home, folder.name)
        with run.held() as ours:
            if not ours or run.state not in FINAL:
                return False
            remove_journal(folder, now=now)
            return True
    except LadleError:
        return False


def _folders(home: Home) -> Iterator[Path]:
    return (folder for folder in home.runs.iterdir() if is_id(folder.name))


def _journaled(home: Home) -> Iterator[Journaled]:
    """Every run. Definitions are not read: of ten thousand runs that would take minutes."""
    for folder in _folders(home):
        asked, progress, note = _read(folder / "run.json"), _read(folder / "progress.json"), read_note(folder)
        if asked:
            yield Journaled(
                id=folder.name,
                dataset=str(asked.get("dataset")),
                ended=progress.get("ended") if progress.get("state") in FINAL else None,
                continues=asked.get("continues"),
                requests=note.get("requests"),
                validated=note.get("validated") or 0,
            )


def _read(path: Path) -> dict[str, Any]:
    """What a file says; nothing where it is not there, or torn."""
    with suppress(OSError, ValueError):
        told = orjson.loads(path.read_bytes())
        return told if isinstance(told, dict) else {}
    return {}
