"""The journals of a home: takes its runs' folders, gives those whose journals need not be kept, and removes them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from ladle.collect.earlier import NOTE, read_note
from ladle.collect.journal import segments
from ladle.collect.last_word import last_word
from ladle.collect.progress import FINAL
from ladle.collect.removed import is_there, remove_journal, removed_at
from ladle.collect.shared import RUN, fetch, size_of_journal
from ladle.errors import LadleError
from ladle.home import Home, is_id
from ladle.retention import Journaled, outdated
from ladle.runs import AT_ONCE, open_run, run_folders


def half_removed(home: Home) -> list[Path]:
    """The folders of the runs on this machine of whose journals a killed process, or another machine, left a part."""
    folders = (folder for folder in home.runs.iterdir() if is_id(folder.name))
    return [folder for folder in folders if segments(folder) and removed_at(folder) is not None]


def outdated_journals(home: Home, *, days: int | None, now: float) -> list[Path]:
    """The folders of the runs whose journals go, by age."""
    if days is None:
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:  # of a home on S3 each asks for a few small objects
        runs = [run for run in pool.map(_journaled, run_folders(home)) if run is not None]
        gone = [home.runs / each for each in outdated(runs, days=days, now=now)]
        there = pool.map(is_there, gone)
        return sorted(folder for folder, left in zip(gone, there, strict=True) if left)


def size_of(folder: Path) -> int:
    """Bytes that are freed with a run's journal: those on S3 for a home there, else those of its segments here.

    A run that continues another has the same segments by links.
    """
    here = 0
    for segment in segments(folder):
        with suppress(OSError):
            told = segment.stat()
            here += told.st_size // told.st_nlink
    return size_of_journal(folder) or here


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


def _journaled(folder: Path) -> Journaled | None:
    """What matters of a run. Its definition is not read: of ten thousand runs that would take minutes."""
    asked, progress, note = _asked(folder), last_word(folder), _note(folder)
    if not asked:
        return None
    return Journaled(
        id=folder.name,
        dataset=str(asked.get("dataset")),
        ended=progress.ended if progress is not None and progress.state in FINAL else None,
        continues=asked.get("continues"),
        requests=note.get("requests"),
        validated=note.get("validated") or 0,
    )


def _note(folder: Path) -> Mapping[str, Any]:
    if not (folder / NOTE).exists():
        fetch(folder, NOTE)  # of a run that another machine has driven
    return read_note(folder)


def _asked(folder: Path) -> dict[str, Any]:
    """What a run was asked for; nothing where that is not there, or torn."""
    with suppress(OSError, ValueError):
        told = orjson.loads((folder / RUN).read_bytes())
        return told if isinstance(told, dict) else {}
    return {}
