"""How things look as JSON: takes runs, snapshots and answers, gives documents, the same in command line and API.

Times are ISO 8601 in UTC; a value that is not known is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from ladle.collect.progress import Progress
from ladle.explore.bins import Bin
from ladle.explore.counts import Counts
from ladle.explore.diff import Diff, RowDiff
from ladle.explore.history import Moment
from ladle.explore.sandbox import Selected
from ladle.runs import RequestLine
from ladle.snapshots.manifest import Manifest

Shape = dict[str, Any]


def run_shape(progress: Progress) -> Shape:
    """A run, and under `progress` how far it is."""
    told = asdict(progress)
    times = {f"{name}_at": moment(told[name]) for name in ("created", "started", "ended")}
    for line in told["troubles"]:
        line["again_at"] = moment(line["again_at"])
    numbers = (
        "done",
        "total",
        "exact",
        "records",
        "claimed",
        "unchanged",
        "gaps",
        "troubles",
        "quota",
        "next_call_in",
        "seconds_left",
        "workers",
    )
    return {
        "id": progress.run,
        "dataset": progress.dataset,
        "state": progress.state,
        **times,
        "wake_at": moment(progress.wake_at),
        "snapshot": progress.snapshot,
        "reason": progress.reason,
        "progress": {name: told[name] for name in numbers},
    }


def request_shape(line: RequestLine) -> Shape:
    """One call of a run; `took` in seconds."""
    told = asdict(line)
    return {"started_at": moment(told.pop("started")), **told}


def snapshot_line(manifest: Manifest) -> Shape:
    """A snapshot in a list; `size_csv` in bytes."""
    return {
        "id": manifest.id,
        "dataset": manifest.name,
        "taken_at": moment(manifest.finished.timestamp()),
        "rows": manifest.rows,
        "columns": len(manifest.columns),
        "requests": manifest.requests,
        "complete": manifest.complete,
        "size_csv": manifest.files["data.csv"].size,
    }


def listed(results: list[Any], *, count: int | None = None) -> Shape:
    """A list in one piece: a page that is the whole."""
    return {"count": len(results) if count is None else count, "next": None, "previous": None, "results": results}


def row_shape(row: Mapping[str, Any]) -> Shape:
    """A row, its dates and times in ISO 8601."""
    return {name: cell(value) for name, value in row.items()}


def one_row_shape(manifest: Manifest, number: int, row: Mapping[str, Any]) -> Shape:
    """One row alone: its number in the table, from 1, how many there are, and its values."""
    return {"snapshot": manifest.id, "number": number, "rows": manifest.rows, "row": row_shape(row)}


def counts_shape(counts: Counts) -> Shape:
    """Counts of combinations; `count` is the number of combinations, `total_rows` of the rows counted."""
    results = [
        {
            "values": {name: cell(value) for name, value in zip(counts.columns, row.values, strict=True)},
            "count": row.count,
            "share": row.share,
        }
        for row in counts.rows
    ]
    return {
        "columns": list(counts.columns),
        "total_rows": counts.total_rows,
        "rest": asdict(counts.rest),
        **listed(results, count=counts.combinations),
    }


def diff_shape(diff: Diff) -> Shape:
    """How two snapshots differ, without the rows."""
    columns = [
        {"name": each.name, "before": each.before, "after": each.after, "fate": each.fate, "changed": each.cells}
        for each in diff.columns
    ]
    return {
        "dataset": diff.after.name,
        "before": snapshot_line(diff.before),
        "after": snapshot_line(diff.after),
        "key": list(diff.key),
        "key_from": diff.key_from,
        "unique": list(diff.unique),
        **{name: getattr(diff, name) for name in ("added", "removed", "changed", "same")},
        "columns": columns,
    }


def row_diff_shape(row: RowDiff) -> Shape:
    """A row that differs; `before` is null of an added one, `after` of a removed one."""
    return {
        "kind": row.kind,
        "changed": list(row.changed),
        "before": None if row.before is None else row_shape(row.before),
        "after": None if row.after is None else row_shape(row.after),
    }


def moment_shape(moment: Moment) -> Shape:
    """A record in one snapshot; `row` is null where it lacks, `before` where nothing has changed."""
    return {
        "snapshot": moment.snapshot.id,
        "taken_at": _taken_at(moment.snapshot),
        "fate": moment.fate,
        "changed": list(moment.changed),
        "row": None if moment.row is None else row_shape(moment.row),
        "before": None if moment.before is None else row_shape(moment.before),
        "note": moment.note,
    }


def _taken_at(manifest: Manifest) -> str | None:
    return moment(manifest.finished.timestamp())


def selected_shape(selected: Selected) -> Shape:
    """A page of a query's result; `count` is the number of its rows, or at least so many where it is not `exact`."""
    return {
        "columns": [asdict(column) for column in selected.columns],
        "exact": selected.exact,
        **listed([row_shape(row) for row in selected.rows], count=selected.total),
    }


def cell(value: Any) -> Any:
    """A cell's value as JSON has it; of a bin its edges and what people call it."""
    if isinstance(value, Bin):
        return {"low": cell(value.low), "high": cell(value.high), "text": value.text}
    if isinstance(value, datetime):
        return moment(value.timestamp())
    return value.isoformat() if isinstance(value, date) else value


def moment(seconds: float | None) -> str | None:
    """A time in seconds since 1970 as ISO 8601 in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
