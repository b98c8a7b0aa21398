"""How things look as JSON: takes runs, plans, sources and snapshots, gives documents, the same in command line and API.

Times are ISO 8601 in UTC; a value that is not known is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from ladle.collect.price import Plan
from ladle.collect.progress import Progress
from ladle.explore.counts import Counts
from ladle.runs import RequestLine
from ladle.snapshots.manifest import Manifest
from ladle.sources.source import Dataset, Source

Shape = dict[str, Any]


def source_shape(source: Source, *, env: Mapping[str, str]) -> Shape:
    """A source with its datasets; of its key only the variable's name and whether it is set."""
    auth = source.auth
    return {
        "name": source.name,
        "title": source.title,
        "homepage": source.homepage,
        "license": source.license,
        "base_url": source.base_url,
        "quotas": [quota.text for quota in source.quotas],
        "pace": source.pace,
        "key_setting": auth.env if auth else None,
        "key_present": auth is None or bool(env.get(auth.env, "").strip()),
        "definition_sha256": source.sha256,
        "datasets": [dataset_shape(source, dataset) for dataset in source.datasets.values()],
    }


def dataset_shape(source: Source, dataset: Dataset) -> Shape:
    """A dataset of a source."""
    columns = [column.name for column in dataset.columns]
    return {"name": f"{source.name}/{dataset.name}", "title": dataset.title, "columns": columns}


def plan_shape(plan: Plan) -> Shape:
    """The price of a run."""
    return asdict(plan)


def progress_shape(progress: Progress) -> Shape:
    """A run at this moment."""
    shape = asdict(progress)
    shape["id"] = shape.pop("run")
    for name in ("created", "started", "updated", "ended", "wake_at"):
        shape[name] = moment(shape[name])
    for line in shape["troubles"]:
        line["again_at"] = moment(line["again_at"])
    return {"id": shape.pop("id"), **shape}


def request_shape(line: RequestLine) -> Shape:
    """One call of a run."""
    return asdict(line) | {"started": moment(line.started), "took": round(line.took, 4)}


def snapshot_shape(manifest: Manifest) -> Shape:
    """A snapshot's manifest."""
    return manifest.to_json()


def row_shape(row: Mapping[str, Any]) -> Shape:
    """A row, its dates and times in ISO 8601."""
    return {name: cell(value) for name, value in row.items()}


def counts_shape(counts: Counts) -> Shape:
    """Counts of combinations; each row's `values` in the order of `columns`."""
    return {
        "columns": list(counts.columns),
        "total_rows": counts.total_rows,
        "combinations": counts.combinations,
        "results": [
            {"values": [cell(value) for value in row.values], "count": row.count, "share": row.share}
            for row in counts.rows
        ],
    }


def cell(value: Any) -> Any:
    """A cell's value as JSON has it."""
    if isinstance(value, datetime):
        return moment(value.timestamp())
    return value.isoformat() if isinstance(value, date) else value


def moment(seconds: float | None) -> str | None:
    """A time in seconds since 1970 as ISO 8601 in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
