"""What a download is called: takes a snapshot and a form, gives the file's name under which people keep it."""

from __future__ import annotations

import ladle

ENDINGS = {
    "csv": ".csv",
    "parquet": ".parquet",
    "csv-for-spreadsheets": "-for-spreadsheets.csv",
    "ndjson": ".ndjson",
    "xlsx": ".xlsx",
}


def whole_name(snapshot: ladle.Snapshot, kind: str) -> str:
    """Of the whole table: `swapi-people-20261121-120103-7f3a9c.csv`."""
    return f"{snapshot.dataset.replace('/', '-')}-{snapshot.id}{ENDINGS[kind]}"


def view_name(snapshot: ladle.Snapshot, kind: str) -> str:
    """Of a view: `people-2026-11-21-view.csv`."""
    return f"{snapshot.manifest.dataset}-{snapshot.manifest.finished:%Y-%m-%d}-view{ENDINGS[kind]}"
