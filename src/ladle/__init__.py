"""Ladle takes complete, versioned datasets from rate-limited web APIs, and lets people look into them at once.

import ladle

snapshot = ladle.collect("swapi/people")
snapshot.rows(offset=40, limit=10)
snapshot.count("date", "homeworld")
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ladle.names import ROOMS
from ladle.version import VERSION

if TYPE_CHECKING:  # for who reads the types; what runs finds each name by ladle/names.py
    from ladle.alive import dead_among, sign_of_life
    from ladle.asking import Memory, NotAsked
    from ladle.clearing import Cleared, Going, clear
    from ladle.collect.hands import Hands, Share, Shares, Standing
    from ladle.collect.posting import Posted, check_address, post
    from ladle.collect.price import Plan
    from ladle.collect.progress import Progress
    from ladle.collect.veil import without_keys
    from ladle.drive import drive
    from ladle.due import clear_if_due
    from ladle.errors import (
        BadInput,
        Busy,
        Conflict,
        Damaged,
        DefinitionError,
        Ending,
        LadleError,
        Mistake,
        NotFound,
        SettingError,
        Stopped,
        Unreachable,
        UpstreamError,
    )
    from ladle.explore.bins import Bin
    from ladle.explore.charting import Bars, Chart, ChartRow, Heat, Histogram, Line, Points, Slot
    from ladle.explore.counts import CountRow, Counts, Rest
    from ladle.explore.counts import Order as CountOrder
    from ladle.explore.csv_text import csv_lines, text_of
    from ladle.explore.desk import questions, stop_question
    from ladle.explore.diff import ColumnDiff, Diff, RowDiff
    from ladle.explore.history import Moment
    from ladle.explore.large import Cut
    from ladle.explore.look import Look
    from ladle.explore.running import end_questions
    from ladle.explore.sandbox import Selected
    from ladle.explore.saying import WORDS as OPERATORS
    from ladle.explore.series import SeriesRow
    from ladle.explore.snapshot import Snapshot
    from ladle.explore.view import Filter, Sort, View
    from ladle.explore.work import StillRunning, Work
    from ladle.helping import work_shares
    from ladle.home import Home
    from ladle.importing import import_file
    from ladle.keeping import Checked, Version, check
    from ladle.previewing import Preview
    from ladle.public import (
        IncompleteWarning,
        all_snapshots,
        all_sources,
        collect,
        gallery,
        plan,
        retry_gaps,
        run_ids,
        series,
        snapshot,
        snapshot_ids,
        source,
        unusable_sources,
    )
    from ladle.public_runs import cancel, list_runs, open_run, pause, resume, retry, start
    from ladle.public_sources import add_source, infer, preview, remove_source, source_versions
    from ladle.remote.server import Server
    from ladle.runs import RequestLine, Run, progress_of
    from ladle.snapshots.manifest import Imported, Manifest, TableColumn
    from ladle.sources.infer import Finding, Inferred
    from ladle.sources.source import Auth, Source
    from ladle.standing import QuotaLeft, quotas_left
    from ladle.trying import Trial, check_home, tried, try_all, wrong_among, wrong_settings

__version__ = VERSION

__all__ = [
    "OPERATORS",
    "Auth",
    "BadInput",
    "Bars",
    "Bin",
    "Busy",
    "Chart",
    "ChartRow",
    "Checked",
    "Cleared",
    "ColumnDiff",
    "Conflict",
    "CountOrder",
    "CountRow",
    "Counts",
    "Cut",
    "Damaged",
    "DefinitionError",
    "Diff",
    "Ending",
    "Filter",
    "Finding",
    "Going",
    "Hands",
    "Heat",
    "Histogram",
    "Home",
    "Imported",
    "IncompleteWarning",
    "Inferred",
    "LadleError",
    "Line",
    "Look",
    "Manifest",
    "Memory",
    "Mistake",
    "Moment",
    "NotAsked",
    "NotFound",
    "Plan",
    "Points",
    "Posted",
    "Preview",
    "Progress",
    "QuotaLeft",
    "RequestLine",
    "Rest",
    "RowDiff",
    "Run",
    "Selected",
    "SeriesRow",
    "Server",
    "SettingError",
    "Share",
    "Shares",
    "Slot",
    "Snapshot",
    "Sort",
    "Source",
    "Standing",
    "StillRunning",
    "Stopped",
    "TableColumn",
    "Trial",
    "Unreachable",
    "UpstreamError",
    "Version",
    "View",
    "Work",
    "__version__",
    "add_source",
    "all_snapshots",
    "all_sources",
    "cancel",
    "check",
    "check_address",
    "check_home",
    "clear",
    "clear_if_due",
    "collect",
    "csv_lines",
    "dead_among",
    "drive",
    "end_questions",
    "gallery",
    "import_file",
    "infer",
    "list_runs",
    "open_run",
    "pause",
    "plan",
    "post",
    "preview",
    "progress_of",
    "questions",
    "quotas_left",
    "remove_source",
    "resume",
    "retry",
    "retry_gaps",
    "run_ids",
    "series",
    "sign_of_life",
    "snapshot",
    "snapshot_ids",
    "source",
    "source_versions",
    "start",
    "stop_question",
    "text_of",
    "tried",
    "try_all",
    "unusable_sources",
    "without_keys",
    "work_shares",
    "wrong_among",
    "wrong_settings",
]


if not TYPE_CHECKING:  # to a type checker this would say that there is any name

    def __getattr__(name: str) -> Any:
        """A public name, whose room is loaded when it is first asked for: `import ladle` alone loads none."""
        if name not in ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        room, called = ROOMS[name]
        found = globals()[name] = getattr(import_module(room), called)  # the next time it is simply there
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Public(ModuleType):
    """This module. `ladle.collect` is the function, though Python would name a room so when it loads it."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in ROOMS or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Public
