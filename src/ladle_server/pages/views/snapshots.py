"""Takes a snapshot's address and a part of its rows, gives the page of rows or columns, or the rows as CSV or JSON."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

import ladle
from ladle.errors import BadInput
from ladle_server.catalog import runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.models import Snapshot
from ladle_server.for_now import for_now
from ladle_server.naming import view_name, whole_name
from ladle_server.pages import viewing
from ladle_server.pages.carrying import along
from ladle_server.pages.columns import described, holding_numbers
from ladle_server.pages.downloads import offers
from ladle_server.pages.forms import SPAN_KEYS, RowForm, SpanForm, check_keys, span_of
from ladle_server.pages.kept import kept
from ladle_server.pages.patience import known_by_now, meanwhile
from ladle_server.pages.pictures.asking import drawn_query
from ladle_server.pages.pictures.choosing import mapped
from ladle_server.pages.span import Span
from ladle_server.pages.tables import KINDS, csv_of, csv_response, json_response
from ladle_server.pages.templatetags.ladle_pages import MOST_OF_CELL
from ladle_server.pages.views.errors import status_of, told
from ladle_server.pages.views.parts import answer

CARDS = 50
"""Columns that their page shows at once."""
_WHOLE = ladle.View()
_PLACES = ("_offset", "_limit", "_row")


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
    """Ten rows and ten more, of all or of those asked for; `?_row=40` goes to that row."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    view = viewing.asked(request, snapshot)
    holding = kept(snapshot, "holding numbers", lambda: holding_numbers(snapshot.profile()))
    shown = viewing.shown_names(snapshot, view)
    problem = wrong = ""
    try:
        if (wanted := viewing.with_form(request, snapshot, view, holding=holding)) is not None:
            return redirect(_address(snapshot, urlencode([*snapshot.pairs(wanted), *_place(request)])))
    except BadInput as error:
        wrong = str(error)
    columns = described(snapshot, names=shown)
    context = {
        **opened(snapshot, tab="rows", view=view),
        **viewing.bar(request, snapshot, view, columns, holding=bool(holding)),
    }
    try:
        total = known_by_now(snapshot, view)
        if total is None:
            return render(request, "pages/rows_sought.html", context | meanwhile(request, snapshot.prepare(view)))
    except (ladle.Busy, ladle.Stopped) as error:
        return for_now(render(request, "pages/rows_not.html", context | {"problem": error}, status=status_of(error)))
    if "_row" in request.GET:
        form = RowForm(request.GET)
        problem = form.problem(total=total)
        if not problem:
            return redirect(_row_address(snapshot, context["kept_query"], form.cleaned_data["_row"]))
    span = span_of(request.GET, total=total)
    context["offers"] = offers(snapshot, query=context["query"], rows=total)
    context |= {"span": span, "problem": problem, "wrong": wrong, "typed": request.GET.get("_row", "")}
    context["rows"] = _numbered(snapshot, replace(view, columns=shown), span)
    context["data_address"] = data_address("snapshot-data", snapshot, context["kept_query"])
    status = 400 if problem or wrong else 200
    depends = _depends(request, context) if status == 200 else None
    return answer(request, "pages/rows.html", "pages/_view_rows_more.html", context, status=status, depends=depends)


def _depends(request: HttpRequest, context: dict[str, Any]) -> Hashable | None:
    """What the page depends on besides the snapshot, but for its rows; None where it has a form with a token."""
    if viewing.FORM_KEYS & set(request.GET) or context["retriable"]:
        return None
    span, previous = context["span"], context["previous"]
    return context["query"], span.total, span.empty, previous and previous.id


@require_safe
@told
def rows_data(request: HttpRequest, *, snapshot_id: str, kind: str) -> HttpResponseBase:
    """The same rows as data; CSV without a part asked for is all of them, written as in the whole file."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    view = viewing.asked(request, snapshot)
    if kind not in KINDS:
        raise Http404
    if kind != "json" and not SPAN_KEYS & set(request.GET):
        name = whole_name if view == ladle.View() else view_name
        return csv_response(snapshot.export(kind, view=view), name=name(snapshot, kind))
    span = SpanForm(request.GET).span(total=0)
    looked = snapshot.look(view, offset=span.offset, limit=span.limit)
    if kind == "json":
        return json_response(request, replace(span, total=looked.total), looked.rows)
    part = (list(row.values()) for row in looked.rows)
    return csv_of(view.columns or viewing.names_of(snapshot), part, kind=kind, name=file_name(snapshot, "rows"))


@require_safe
@told
def columns(request: HttpRequest, *, snapshot_id: str) -> HttpResponse:
    """What is in each column: how many values, which, how they are spread. A view is kept for the other tabs."""
    snapshot = ladle.snapshot(snapshot_id, home=runs.home())
    view = viewing.asked(request, snapshot)
    names = viewing.names_of(snapshot)
    span = SpanForm(request.GET).span(total=len(names), step=CARDS)
    found = described(snapshot, names=names[span.offset : span.offset + span.limit])
    head, query = opened(snapshot, tab="columns", view=view), viewing.query_of(snapshot, view)
    context = {**head, "span": span, "cards": list(enumerate(found, start=span.offset + 1))}
    context |= {"query": query, "kept_query": f"{query}&" if query else "", "words": snapshot.words(view), "view": view}
    context["to"] = f"{_address(snapshot, '')}?"
    return answer(request, "pages/columns.html", "pages/_columns_more.html", context)


def opened(snapshot: ladle.Snapshot, *, tab: str, view: ladle.View = _WHOLE) -> dict[str, Any]:
    """What the head of every page of a snapshot says; its tabs keep the view."""
    manifest = snapshot.manifest
    shown = {"section": "snapshots", "snapshot": snapshot, "manifest": manifest, "tab": tab, "offers": offers(snapshot)}
    shown["previous"] = snapshot.previous()
    shown["mapped"] = kept(snapshot, "mapped", lambda: mapped(snapshot))
    shown["view_query"] = viewing.query_of(snapshot, viewing.tidy(view))
    shown["along"] = along(snapshot, view)
    unsorted = viewing.tidy(replace(view, sort=(), columns=()))
    shown["counts_query"] = urlencode(viewing.counts_pairs(snapshot, unsorted))
    shown["drawn_query"] = drawn_query(snapshot, unsorted)
    return {**shown, "retriable": not manifest.complete and _can_retry(manifest.run)}


def _can_retry(run_id: str) -> bool:
    """Whether its run is there and has gaps: a snapshot may have been copied here without it."""
    try:
        return bool(ladle.open_run(runs.home(), run_id).progress().gaps)
    except ladle.LadleError:
        return False


def data_address(route: str, snapshot: ladle.Snapshot, kept_query: str) -> str:
    """Where what a page shows is JSON, up to the part that is asked for."""
    return f"{reverse(f'pages:{route}', args=[snapshot.id, 'json'])}?{kept_query}"


def file_name(snapshot: ladle.Snapshot, ending: str) -> str:
    """The name that a download is kept under: `swapi-people-20261121-120103-7f3a9c.csv`."""
    return f"{snapshot.dataset.replace('/', '-')}-{snapshot.id}.{ending}"


def _numbered(snapshot: ladle.Snapshot, view: ladle.View, span: Span) -> list[tuple[int, int, list[object]]]:
    """Each row's place in the view and its number in the table, both from 1, and its values."""
    found = snapshot.look(view, offset=span.offset, limit=span.limit, longest=MOST_OF_CELL)
    places = enumerate(zip(found.numbers, found.rows, strict=True), start=span.offset + 1)
    return [(place, number, list(row.values())) for place, (number, row) in places]


def _place(request: HttpRequest) -> list[tuple[str, str]]:
    """Which part of the rows an address asks for; a form that asks for other rows begins at the first."""
    sent = request.GET
    return [] if viewing.FORM_KEYS & set(sent) else [(key, sent[key]) for key in _PLACES if key in sent]


def _address(snapshot: ladle.Snapshot, query: str) -> str:
    return reverse("pages:snapshot", args=[snapshot.id]) + (f"?{query}" if query else "")


def _row_address(snapshot: ladle.Snapshot, kept_query: str, number: int) -> str:
    return f"{_address(snapshot, f'{kept_query}_offset={number - 1}')}#row-{number}"
