"""Which room holds each public name: takes nothing, gives what `import ladle` loads when a name is first asked for.

`tests/package/test_light.py` holds it against the imports that stand in `ladle/__init__.py` for type checkers.
"""

from __future__ import annotations

_ROOMS = {
    "ladle.alive": "dead_among sign_of_life",
    "ladle.asking": "Memory NotAsked",
    "ladle.clearing": "Cleared Going clear",
    "ladle.collect.hands": "Hands Share Shares Standing",
    "ladle.collect.posting": "Posted check_address post",
    "ladle.collect.price": "Plan",
    "ladle.collect.progress": "Progress",
    "ladle.collect.veil": "without_keys",
    "ladle.drive": "drive",
    "ladle.due": "clear_if_due",
    "ladle.errors": (
        "BadInput Busy Conflict Damaged DefinitionError Ending LadleError Mistake NotFound SettingError "
        "Stopped Unreachable UpstreamError"
    ),
    "ladle.explore.bins": "Bin",
    "ladle.explore.charting": "Bars Chart ChartRow Heat Histogram Line Points Slot",
    "ladle.explore.counts": "CountRow Counts Rest CountOrder=Order",
    "ladle.explore.csv_text": "csv_lines text_of",
    "ladle.explore.desk": "questions stop_question",
    "ladle.explore.diff": "ColumnDiff Diff RowDiff",
    "ladle.explore.history": "Moment",
    "ladle.explore.large": "Cut",
    "ladle.explore.look": "Look",
    "ladle.explore.running": "end_questions",
    "ladle.explore.sandbox": "Selected",
    "ladle.explore.saying": "OPERATORS=WORDS",
    "ladle.explore.series": "SeriesRow",
    "ladle.explore.snapshot": "Snapshot",
    "ladle.explore.view": "Filter Sort View",
    "ladle.explore.work": "StillRunning Work",
    "ladle.helping": "work_shares",
    "ladle.home": "Home",
    "ladle.importing": "import_file",
    "ladle.keeping": "Checked Version check",
    "ladle.previewing": "Preview",
    "ladle.public": (
        "IncompleteWarning all_snapshots all_sources collect gallery plan retry_gaps run_ids series "
        "snapshot snapshot_ids source unusable_sources"
    ),
    "ladle.public_runs": "cancel list_runs open_run pause resume retry start",
    "ladle.public_sources": "add_source infer preview remove_source source_versions",
    "ladle.remote.server": "Server",
    "ladle.runs": "RequestLine Run progress_of",
    "ladle.snapshots.manifest": "Imported Manifest TableColumn",
    "ladle.sources.infer": "Finding Inferred",
    "ladle.sources.source": "Auth Source",
    "ladle.standing": "QuotaLeft quotas_left",
    "ladle.trying": "Trial check_home tried try_all wrong_among wrong_settings",
}
"""Names by the room that they lie in; `Order` of `counts` goes by `CountOrder`."""

ROOMS: dict[str, tuple[str, str]] = {
    word.partition("=")[0]: (room, word.rpartition("=")[2]) for room, words in _ROOMS.items() for word in words.split()
}
"""For each public name its room, and what it is called there."""
