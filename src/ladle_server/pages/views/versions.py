"""Takes a dataset's address and a column, gives its snapshots one after another as data, and what its page draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import NotFound, unknown
from ladle_server.catalog import runs
from ladle_server.pages.forms import SPAN_KEYS, SpanForm, check_keys
from ladle_server.pages.pictures.picture import plain
from ladle_server.pages.pictures.versions import Version, panels, versions
from ladle_server.pages.tables import csv_lines, csv_response, json_response
from ladle_server.pages.views.errors import told

KEYS = SPAN_KEYS | {"of"}


def followed(request: HttpRequest, dataset: str) -> dict[str, Any]:
    """What the page of a dataset draws of its snapshots; nothing where there are fewer than two."""
    manifests, of = ladle.all_snapshots(dataset, home=runs.home()), request.GET.get("of", "")
    if len(manifests) < 2:
        return {}
    found = versions(manifests, of=of, home=runs.home())
    names = [column.name for column in manifests[0].columns]
    return {
        "here": request.path,
        "versions": found,
        "panels": list(panels(found, of=of)),
        "of": of,
        "followed_columns": names,
    }


@require_safe
@told
def data(request: HttpRequest, *, source_name: str, name: str, kind: str) -> HttpResponseBase:
    """The snapshots of a dataset, oldest first, with the mean, missing and distinct values of a column."""
    if kind not in ("csv", "json"):
        raise Http404
    check_keys(request, known=KEYS)
    dataset, of = f"{source_name}/{name}", request.GET.get("of", "")
    manifests = ladle.all_snapshots(dataset, home=runs.home())
    if not manifests:
        known = {manifest.name for manifest in ladle.all_snapshots(home=runs.home())}
        raise NotFound(unknown("snapshot of", dataset, sorted(known)))
    records = [_record(version, of) for version in versions(manifests, of=of, home=runs.home())]
    span = replace(SpanForm(request.GET).span(total=0), total=len(records))
    part = records[span.offset : span.end]
    if kind == "json":
        return json_response(request, span, part, head={"dataset": dataset, "of": of})
    shown = part if SPAN_KEYS & set(request.GET) else records
    lines = csv_lines(list(records[0]), (list(record.values()) for record in shown))
    return csv_response(lines, name=f"{source_name}-{name}-snapshots.csv")


def _record(version: Version, of: str) -> dict[str, object]:
    told = {"id": version.id, "taken": plain(version.taken), "complete": version.complete, "rows": version.rows}
    facts = {"mean": version.mean, "missing": version.missing, "distinct": version.distinct}
    return told | (facts if of else {})
