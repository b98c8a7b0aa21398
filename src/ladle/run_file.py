"""What a run was asked for, in its `run.json`: takes a Run, gives the file's bytes; takes the file, gives the Run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson

from ladle.home import Home
from ladle.run import Run
from ladle.sources.definition import parse
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Item

FORMAT = 1
FUNCTIONS = "functions"
"""Folder of the modules that the source's own Python functions are of, as they were when the run was started."""


def written(run: Run) -> bytes:
    """Everything that is needed to go on, on any day, whatever the settings are then. No credential is among it."""
    source = run.source
    lists = {
        name: _csv(resource.each.items)
        for name, resource in source.resources.items()
        if resource.each is not None and resource.each.csv
    }
    told = {
        "format": FORMAT,
        "id": run.id,
        "dataset": run.dataset,
        "continues": run.continues,
        "created": run.created.isoformat(),
        "base_url": source.base_url,
        "quota": ", ".join(quota.text for quota in source.quotas) or "none",
        "pace": source.pace,
        "afresh": run.afresh,
        "version": source.version,
        "trusted": source.trusted,
        "parameters": dict(source.values),
        "lists": lists,
        "definition": source.text,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def read(home: Home, path: Path) -> Run:
    """The run that `written` wrote to a file. Raises what reading, decoding and parsing raise."""
    told = orjson.loads(path.read_bytes())
    lists: dict[str, str] = told["lists"]
    source = parse(
        told["definition"],
        where=str(path),
        lists=lambda resource, file, _setting: (file, lists[resource]),
        values=told.get("parameters"),  # runs of the first Ladle don't say
        trusted=told.get("trusted", True) is True,
    )
    functions = path.parent / FUNCTIONS
    source = replace(
        source,
        base_url=told["base_url"],
        quotas=parse_quotas(told["quota"]),
        pace=told["pace"],
        version=told.get("version"),
        folder=str(functions) if functions.is_dir() else None,
    )
    definition = source.datasets[told["dataset"].partition("/")[2]]
    created = datetime.fromisoformat(told["created"])
    return Run(
        home=home,
        id=told["id"],
        created=created,
        source=source,
        dataset_definition=definition,
        afresh=bool(told.get("afresh")),
        continues=told.get("continues"),
    )


def _csv(items: tuple[Item, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(items[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue()
