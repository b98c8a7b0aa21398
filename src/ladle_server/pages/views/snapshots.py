"""Takes a snapshot's address and a part of its rows, gives the page of rows or columns, or the rows as CSV or JSON."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

import ladle
from ladle_server.catalog import runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.models import Snapshot
from ladle_server.pages.columns import described
from ladle_server.pages.forms import SPAN_KEYS, RowForm, SpanForm, check_keys
from ladle_server.pages.tables import csv_lines, csv_response, json_response
from ladle_server.pages.views.errors import told
from ladle_server.pages.views.parts import answer
from ladle_server.pages.words import size


@require_safe
@told
def index(request: HttpRequest) -> HttpResponse:
    """Every snapshot ever taken, newest first."""
    check_keys(request, known=SPAN_KEYS)
    discover()
    span = SpanForm(request.GET).span(total=Snapshot.objects.count())
    found = Snapshot.objects.all()[span.offset : span.offset + span.limit]
    context = {"section": "snapshots", "snapshots": found, "span": span}
    return answer(request, "pages/snapshots.html", "pages/_snapshots_more.html", context)


@require_safe
@told
def rows(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """Ten rows and ten more; `?_row=40` goes to that row."""
    check_keys(request, known=SPAN_KEYS | {"_row"})
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    problem = ""
    if "_row" in request.GET:
        form = RowForm(request.GET)
        problem = form.problem(total=snapshot.manifest.rows)
        if not problem:
            return redirect(_row_address(snapshot_id, form.cleaned_data["_row"]))
    span = SpanForm(request.GET).span(total=snapshot.manifest.rows)
    context = {
        **opened(snapshot, tab="rows"),
        "span": span,
        "rows": _numbered(snapshot, span),
        "columns": described(snapshot),
        "problem": problem,
        "typed": request.GET.get("_row", ""),
    }
    return answer(request, "pages/rows.html", "pages/_rows_more.html", context, status=400 if problem else 200)


@require_safe
@told
def rows_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """The same rows as data; CSV without a part asked for is the whole file as it is kept."""
    check_keys(request, known=SPAN_KEYS)
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    span = SpanForm(request.GET).span(total=snapshot.manifest.rows)
    if kind == "json":
        return json_response(request, span, snapshot.rows(offset=span.offset, limit=span.limit))
    if kind != "csv":
        raise Http404
    if not request.GET:
        return csv_response(snapshot.export("csv"), name=file_name(snapshot, "csv"))
    part = (list(row.values()) for row in snapshot.rows(offset=span.offset, limit=span.limit))
    return csv_response(
        csv_lines([column.name for column in snapshot.columns], part), name=file_name(snapshot, "rows.csv")
    )


@require_safe
@told
def columns(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """What is in each column: how many values, which, how they are spread."""
    check_keys(request, known=())
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    context = {**opened(snapshot, tab="columns"), "columns": described(snapshot)}
    return render(request, "pages/columns.html", context)


def opened(snapshot: ladle.Snapshot, *, tab: str) -> dict[str, Any]:
    """What the head of every page of a snapshot says."""
    kept = snapshot.manifest.files
    files = [
        {"kind": "csv", "title": "CSV", "note": size(kept["data.csv"].size)},
        {"kind": "parquet", "title": "Parquet", "note": size(kept["data.parquet"].size)},
        {"kind": "csv-for-spreadsheets", "title": "CSV for spreadsheets", "note": "formulas harmless"},
        {"kind": "ndjson", "title": "NDJSON", "note": "a row a line"},
        {"kind": "xlsx", "title": "Excel", "note": "up to 1,048,575 rows"},
    ]
    manifest = snapshot.manifest
    shown = {"section": "snapshots", "snapshot": snapshot, "manifest": manifest, "tab": tab, "files": files}
    shown["previous"] = snapshot.previous()
    return {**shown, "retriable": not manifest.complete and _can_retry(manifest.run)}


def _can_retry(run_id: str) -> bool:
    """Whether its run is there and has gaps: a snapshot may have been copied here without it."""
    try:
        return bool(ladle.open_run(runs.home(), run_id).progress().gaps)
    except ladle.LadleError:
        return False


def file_name(snapshot: ladle.Snapshot, ending: str) -> str:
    """The name that a download is kept under: `swapi-people-20261121-120103-7f3a9c.csv`."""
    return f"{snapshot.dataset.replace('/', '-')}-{snapshot.id}.{ending}"


def _numbered(snapshot: ladle.Snapshot, span: Any) -> list[tuple[int, list[object]]]:
    found = snapshot.rows(offset=span.offset, limit=span.limit)
    return [(span.offset + place, list(row.values())) for place, row in enumerate(found, start=1)]


def _row_address(snapshot_id: str, number: int) -> str:
    return f"{reverse('pages:snapshot', args=[snapshot_id])}?_offset={number - 1}#row-{number}"
