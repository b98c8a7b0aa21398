"""Which earlier answers a run may ask about: takes a folder of runs, gives that of the newest with the same requests.

A run that has ended leaves a note beside its journal: its dataset, a fingerprint of everything that decides where its
requests go, and how many answers can be asked about. So a journal without any is never opened, and answers from
another site, or to other parameters, are never mistaken for these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from string import Formatter
from typing import Any

import orjson

from ladle.home import is_id, write_whole
from ladle.sources.leads import headers_read
from ladle.sources.source import Resource, Source

NOTE = "answers.json"
_ONLY_READ = (
    *("records", "record", "columnar", "transform", "where", "count", "pages", "next", "key", "expected"),
    *("verify", "errors", "each", "folder"),
)
"""How an answer is read, how often, or what is expected of it; all else of a resource decides where requests go."""


def note(folder: Path, *, dataset: str, source: Source, validated: int) -> None:
    """Say of a run that has ended how many of its answers can be asked about."""
    told = {"dataset": dataset, "requests": fingerprint(source), "validated": validated}
    write_whole(folder / NOTE, orjson.dumps(told, option=orjson.OPT_INDENT_2))


def newest(runs: Path, *, dataset: str, source: Source, besides: str) -> Path | None:
    """The folder of the dataset's newest ended run with the same requests; None where there is nothing to ask about."""
    wanted = fingerprint(source)
    for name in sorted((path.name for path in runs.iterdir() if is_id(path.name)), reverse=True):
        told = read_note(runs / name) if name != besides else {}
        if told.get("dataset") == dataset and told.get("requests") == wanted:
            return runs / name if told.get("validated") else None
    return None


def fingerprint(source: Source) -> str:
    """The same for two sources where one key means one request: base URL, paths, parameters, headers, paging, batches.

    What was set for a run stands in these already.
    """
    resources = {name: _addressed(resource) for name, resource in source.resources.items()}
    told: dict[str, Any] = {"base_url": source.base_url, "resources": resources}
    told |= {"headers": dict(source.headers)} if source.headers else {}
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _addressed(resource: Resource) -> dict[str, Any]:
    told = asdict(replace(resource, each=None))
    told = {name: value for name, value in told.items() if name not in _ONLY_READ}
    # A 304 need not tell again what headers told: an answer without them must not stand for one with them.
    return told | {"items": _unnamed(resource), "told_by": headers_read(resource)}


def _unnamed(resource: Resource) -> str | None:
    """A sum over the list, where its addresses hold columns that the requests' keys don't name; else any list will do.

    A key names the columns in the parameters if the list's own key is among them, and else that key alone.
    """
    each = resource.each
    if each is None:
        return None
    in_params = {place for template in resource.params.values() for place in _places(template)}
    named = in_params if f"{{{each.key}}}" in resource.params.values() else {each.key}
    if in_params | _places(resource.path) <= named:
        return None
    return hashlib.sha256(orjson.dumps([dict(item) for item in each.items])).hexdigest()


def _places(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field}


def read_note(folder: Path) -> Mapping[str, Any]:
    """A run's note; empty where it has none (not ended, or older than notes are), or where it can't be read."""
    with suppress(OSError, ValueError):
        told = orjson.loads((folder / NOTE).read_bytes())
        return told if isinstance(told, dict) else {}
    return {}
